/**
 * Lists the disks in a process of its own and says the list over its channel: the only importer of node-disk-info.
 *
 * A process, not a thread: the package waits for `df` without an end, a mount that does not answer makes `df` wait for ever,
 * and neither a thread in such a wait nor the process around it can be ended (decision 0062).
 */
import { getDiskInfoSync } from 'node-disk-info';

const disks = getDiskInfoSync().map(({ filesystem, mounted, capacity }) => ({
  device: filesystem,
  mounted,
  usedPercent: Number.parseInt(capacity, 10) || 0,
}));
process.send?.(disks);
process.disconnect();
