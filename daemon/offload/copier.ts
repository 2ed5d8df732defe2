/** What copies recordings, wherever it runs: in worker threads for service, in the same thread for tests and simulation. */

import type { FileSource, SessionSource } from '../../drivers/contract/camera.js';
import type { EntryBody } from '../custody/entry.js';

/** One recording to copy. All but a session's source is plain data, so that it can cross to a thread. */
export interface CopyJob {
  readonly source: FileSource | SessionSource;
  /** As it was listed: a file that differs now is refused. */
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Absolute path of the archive. */
  readonly archive: string;
  /** Name of the part, `partKey`: the same for this recording in every bay. */
  readonly part: string;
  /** Relative to the archive; its folder exists. No entry has this name. */
  readonly finalPath: string;
  /** Taken instead when a file of other content has the first name. */
  readonly alternatePath: string;
}

type Offloaded = EntryBody<'recording.offloaded'>;

/** What is known of a copy that is published and proved. */
export type CopyResult = Readonly<
  Pick<Offloaded, 'archivePath' | 'sha256' | 'label' | 'missing' | 'sourceRead' | 'readBack' | 'resumedBytes'>
> & {
  /** The file was there already, published before a crash that came before its entry. */
  readonly adopted: boolean;
};

export interface CopyProgress {
  readonly copiedBytes: number;
  readonly verifiedBytes: number;
}

export interface RunningCopy {
  /** Rejects with a DockError, or with the reason given to `cancel`. */
  readonly result: Promise<CopyResult>;
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
  /** Begins at once. `progress` comes at most four times a second. */
  start(job: CopyJob, progress: (now: CopyProgress) => void): RunningCopy;
  /** Cancels what runs and lets the threads go. */
  stop(): Promise<void>;
}
