/**
 * Offload of all bays: what `offload.ts` promises, wired from plan, queue, copier, archive and ledger.
 */
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { Archive } from '../archive/archive.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import { clearCamera } from './clear.js';
import type { Copier } from './copier.js';
import { FailureEntries } from './failure-entries.js';
import type { OffloadMeter } from './meter.js';
import type { Offload } from './offload.js';
import { OffloadRun } from './offload-run.js';
import { CopyQueue } from './queue.js';

export interface OffloadOptions {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly config: Pick<Config, 'offload'>;
  readonly clock: Clock;
  /** IANA zone that the cameras keep local time in. */
  readonly timeZone: string;
  readonly copier: Copier;
  /** Whether the ledger was checked since the start and found in order: before that nothing is erased (I3). */
  readonly mayErase: () => boolean;
  readonly log: Log;
}

/** What the offloads of all bays have in common. */
export interface SharedOffload extends OffloadOptions {
  readonly queue: CopyQueue;
  /** Of all offloads under way: they share the disk, so their ends are told together. */
  readonly meters: Set<OffloadMeter>;
  /** Parts being written: the same recording is never copied twice at once. */
  readonly busyParts: Set<string>;
  readonly failureEntries: FailureEntries;
}

export function createOffload(options: OffloadOptions): Offload {
  const shared: SharedOffload = {
    ...options,
    queue: new CopyQueue(options.config.offload.copiesAtOnce),
    meters: new Set(),
    busyParts: new Set(),
    failureEntries: new FailureEntries(options.ledger),
  };
  return {
    run: (request, progress, signal) => new OffloadRun(shared, request, progress, signal).run(),
    clear: (request, signal) => clearCamera(options, request, signal),
  };
}
