/** What this thread holds in memory once all that nobody needs is collected: for tests of what may not grow. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** On the heap and in buffers, bytes. */
export function heldBytes(): number {
  // Memory of buffers is swept beside what goes on; the second collection waits for the sweep of the first.
  collect();
  collect();
  return usedBytes();
}

/** With what is still to be collected. */
export function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
