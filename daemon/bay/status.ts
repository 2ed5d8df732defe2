/** What a bay and a cradle show of themselves: plain data. */
import type { LightPattern } from '../../drivers/contract/cradle.js';
import type { OffloadProgress } from '../offload/offload.js';
import type { BayState } from './lifecycle.js';
import type { Reason } from './readiness.js';

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

export interface CradleStatus {
  readonly cradle: string;
  readonly state: 'unknown' | 'answering' | 'trouble';
  readonly error: string | null;
}
