/** The state of the dock as the console, the status page and the retained MQTT topics show it: plain data. */
import type { BayStatus, CradleStatus } from './bay/status.js';

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
  readonly cradles: readonly CradleStatus[];
  readonly bays: readonly BayStatus[];
}
