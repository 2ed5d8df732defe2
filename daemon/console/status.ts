/** The state of the dock as the console, the status page and the retained MQTT topics show it: plain data. */
import type { LightPattern } from '../../drivers/contract/cradle.js';
import type { BayState } from '../bay/lifecycle.js';
import type { Reason } from '../bay/readiness.js';
import type { OffloadProgress } from '../offload/offload.js';

export interface BayStatus {
  readonly bay: string;
  readonly state: BayState['name'];
  readonly sinceUtc: string;
  readonly light: LightPattern;
  readonly docking: string | null;
  readonly camera: string | null;
  readonly holder: string | null;
  readonly batteryPercent: number | null;
  readonly recordingMinutes: number | null;
  /** Camera minus dock, ms, as last measured. */
  readonly clockOffsetMs: number | null;
  readonly reasons: readonly Reason[];
  readonly progress: OffloadProgress | null;
  /** Code, expected, found and what to do, when the bay is refused or faulty. */
  readonly error: {
    readonly code: string;
    readonly expected: string;
    readonly found: string;
    readonly todo: string;
  } | null;
}

export interface DockStatus {
  readonly dock: string;
  readonly bureau: string;
  readonly version: string;
  readonly language: 'zh-CN' | 'en';
  readonly startedUtc: string;
  readonly clock: {
    readonly trusted: boolean;
    readonly source: string;
    readonly errorMs: number | null;
    readonly detail: string;
  };
  readonly ledger: {
    readonly epoch: number;
    readonly seq: number;
    readonly leaf: string;
    readonly check: 'running' | 'clean' | 'broken';
  };
  readonly centre: {
    readonly state: 'off' | 'connecting' | 'connected' | 'refused';
    /** Entries that the centre has not been told yet. */
    readonly waiting: number;
    readonly error: string | null;
  };
  readonly archive: {
    readonly path: string;
    readonly state: 'ok' | 'full' | 'read-only' | 'gone';
    readonly freeBytes: number;
    readonly capacityBytes: number;
  };
  readonly cradles: readonly {
    readonly cradle: string;
    readonly state: 'unknown' | 'answering' | 'trouble';
    readonly error: string | null;
  }[];
  readonly bays: readonly BayStatus[];
}
