/** What the steps of one copy share. */
import type { Clock } from '../../drivers/contract/clock.js';
import type { DurableFiles } from '../archive/durable-files.js';
import type { BlockPool, BlockRing } from './blocks.js';
import type { ArchiveJob, CopyJob, CopyProgress } from './copier.js';
import type { ArchiveStep } from './owned-files.js';
import type { SalvageLimits } from './salvage.js';
import type { SourceFiles } from './source-files.js';

export interface CopyTools {
  readonly files: DurableFiles;
  readonly sources: SourceFiles;
  readonly blocks: BlockPool;
  readonly clock: Clock;
  readonly salvage: SalvageLimits;
}

export interface CopyControl {
  readonly signal: AbortSignal;
  /** Refuses once nobody waits for this copy any more: another may have begun on the same part. */
  readonly archiveStep: ArchiveStep;
  /** Called for each block: shows life to whoever watches for a stall. */
  progress(now: CopyProgress): void;
  /** A read ended, well or not: shows life where no block comes. */
  alive(): void;
  /** A promise while the copy has to wait for another bay. */
  paused(): Promise<void> | undefined;
}

export interface Copying<J extends ArchiveJob = CopyJob> {
  readonly job: J;
  readonly tools: CopyTools;
  readonly control: CopyControl;
  readonly ring: BlockRing;
  readonly partPath: string;
  readonly notesPath: string;
  readonly announcementPath: string;
}
