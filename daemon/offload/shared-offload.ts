/** What the offloads of all bays have in common. */
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { Archive } from '../archive/archive.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { Copier } from './copier.js';
import type { EndEntries } from './end-entries.js';
import type { OffloadMeter } from './meter.js';
import type { CopyQueue } from './queue.js';

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

export interface SharedOffload extends OffloadOptions {
  readonly queue: CopyQueue;
  /** Of all offloads under way: they share the disk, so their ends are told together. */
  readonly meters: Set<OffloadMeter>;
  /** Parts being written: the same recording is never copied twice at once. */
  readonly busyParts: Set<string>;
  /** Parts that were found to prove nothing, and said to. */
  readonly unprovedParts: Set<string>;
  readonly endEntries: EndEntries;
}
