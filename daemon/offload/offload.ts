/** What the bay asks of offload, and what it hears back. */
import type { CameraSession } from '../../drivers/contract/camera.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { ClockCorrection } from '../clock/correction.js';

/** One camera in one bay, ready to be offloaded. */
export interface OffloadRequest {
  readonly bay: string;
  readonly docking: string;
  readonly camera: string;
  readonly session: CameraSession;
  /** Goes ahead of the other bays. */
  readonly priority: boolean;
  /** How to correct the times of what this camera recorded since its clock was last set; null: not known. */
  readonly correction: ClockCorrection | null;
}

export interface OffloadProgress {
  /** Recordings that have to be copied this time; `done`: those that are safe. */
  readonly recordings: { readonly total: number; readonly done: number; readonly failed: number };
  readonly bytes: { readonly total: number; readonly done: number };
  /** Measured over the last seconds; 0 when nothing moved. */
  readonly bytesPerSecond: number;
  /** Until the last byte is verified, from measured throughput; null while it cannot be told. */
  readonly etaMs: number | null;
  /** Displayable path of what is being copied. */
  readonly current: string | null;
}

export interface OffloadSummary {
  /** Recordings on the camera. */
  readonly found: number;
  readonly alreadySafe: number;
  readonly offloaded: number;
  readonly failed: readonly { readonly path: string; readonly error: DockError }[];
  readonly skipped: number;
  /** Places that may hold recordings and could not be listed: such a camera is not safe. */
  readonly unread: number;
  /** Copied this time. */
  readonly bytes: number;
  /** Recordings on the camera with times before 2000 or more than a day ahead: an entry says so, nothing is refused for it. */
  readonly absurdTimes: number;
}

/** Numbers of recordings. */
export interface Cleared {
  readonly erased: number;
  readonly kept: number;
  /** Of those kept: only because the ledger is not checked yet. They go when `mayErase` says so, in the same docking (decision 0044). */
  readonly waiting: number;
}

export interface Offload {
  /**
   * Lists, plans, copies, verifies and enters every recording of the camera that the ledger does not have.
   * One recording's trouble is in the summary; only what stops all of them is thrown: no room in the archive
   * (DOCK_ARCHIVE_FULL), archive gone, ledger gone, card unreadable. After an abort it resolves its files and throws the signal's reason.
   */
  run(request: OffloadRequest, progress: (now: OffloadProgress) => void, signal: AbortSignal): Promise<OffloadSummary>;
  /** Erases from the camera what the policy allows, with proof (I3). */
  clear(request: OffloadRequest, signal: AbortSignal): Promise<Cleared>;
  /** Whether anything may be erased at all: not before the ledger was checked and found in order. */
  mayErase(): boolean;
}
