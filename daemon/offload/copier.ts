/** What copies recordings, wherever it runs: in worker threads for service, in the same thread for tests and simulation. */

import type { CameraRecording, FileSource, SessionSource } from '../../drivers/contract/camera.js';
import type { EntryBody } from '../custody/entry.js';
import type { Checkpoint } from './checkpoints.js';

/** Where a part becomes a recording of the archive. Plain data, so that it can cross to a thread. */
export interface ArchiveJob {
  /** Of the recording. */
  readonly sizeBytes: number;
  /** Absolute path of the archive. */
  readonly archive: string;
  /** Name of the part, `partKey`: the same for this recording in every bay. */
  readonly part: string;
  /** Relative to the archive; its folder exists. No entry has this name. */
  readonly finalPath: string;
  /** Taken instead when a file of other content has the first name. */
  readonly alternatePath: string;
}

/** One recording to copy. All but a session's source is plain data. */
export interface CopyJob extends ArchiveJob {
  readonly source: FileSource | SessionSource;
  readonly camera: string;
  /** As it was listed: a file that differs now is refused. */
  readonly recording: CameraRecording;
}

/** A part whose recording is not on its camera any more. */
export interface PartJob extends ArchiveJob {
  /** What was noted of the camera's bytes while they came, in rising order. */
  readonly checkpoints: readonly Checkpoint[];
  /** Where it was about to be published when the dock stopped; null: nowhere. */
  readonly announced: string | null;
  /** Recordings in the archive that may have the same bytes. */
  readonly perhapsIn: readonly string[];
}

type Offloaded = EntryBody<'recording.offloaded'>;

/** What is known of a copy that is published and proved. */
export type CopyResult = Readonly<
  Pick<Offloaded, 'archivePath' | 'sha256' | 'label' | 'missing' | 'sourceRead' | 'readBack' | 'resumedBytes'>
> & {
  /** The file was there already, published before a crash that came before its entry. */
  readonly adopted: boolean;
};

/** What became of a part. */
export type PartResult =
  /** Not one of its bytes can be proved to be the camera's: it stays as it is. */
  | { readonly outcome: 'unproved' }
  /** This recording of the archive begins with all of its bytes. */
  | { readonly outcome: 'held'; readonly archivePath: string }
  | { readonly outcome: 'published'; readonly result: CopyResult };

export interface CopyProgress {
  readonly copiedBytes: number;
  readonly verifiedBytes: number;
}

export interface RunningCopy<R = CopyResult> {
  /** Rejects with a DockError, or with the reason given to `cancel`. */
  readonly result: Promise<R>;
  /**
   * Resolves when this copy cannot touch its part any more: before `result` settles, unless the copy was given up while the
   * archive's disk held a step of it. Until then no other copy may begin on the part.
   */
  readonly released: Promise<void>;
  /** Ends soon: what was copied stays for the next time. */
  cancel(reason: unknown): void;
  /** Lets another bay go ahead: no new read begins until `resume`. */
  pause(): void;
  resume(): void;
}

export interface Copier {
  /** Begins at once. `progress` comes at most four times a second, and at once when the camera has given all bytes. */
  start(job: CopyJob, progress: (now: CopyProgress) => void): RunningCopy;
  /** Makes a recording of what an interrupted copy had got. */
  takeIn(job: PartJob, progress: (now: CopyProgress) => void): RunningCopy<PartResult>;
  /** Cancels what runs and lets the threads go. */
  stop(): Promise<void>;
}
