/**
 * Offload of all bays: what `offload.ts` promises, wired from plan, queue, copier, archive and ledger.
 */
import { clearCamera } from './clear.js';
import { EndEntries } from './end-entries.js';
import type { Offload } from './offload.js';
import { OffloadRun } from './offload-run.js';
import { CopyQueue } from './queue.js';
import type { OffloadOptions, SharedOffload } from './shared-offload.js';

export function createOffload(options: OffloadOptions): Offload {
  const shared: SharedOffload = {
    ...options,
    queue: new CopyQueue(options.config.offload.copiesAtOnce, options.clock),
    meters: new Set(),
    busyParts: new Set(),
    unprovedParts: new Set(),
    endEntries: new EndEntries(options.ledger),
  };
  return {
    run: (request, progress, signal) => new OffloadRun(shared, request, progress, signal).run(),
    clear: (request, signal) => clearCamera(options, request, signal),
    mayErase: options.mayErase,
  };
}
