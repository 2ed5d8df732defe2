/**
 * Runs seeds and tells the parent of each: `node worker.js <first> <step> <count>`, or with `trace` one seed in full.
 *
 * A process of its own, because only a pool of one thread ends file operations in the order in which they began, and its
 * size is fixed when a process starts.
 */
import { Violation } from './invariants/violation.js';
import { simulate } from './simulate.js';

/** What the parent hears of one seed. */
export interface SeedReport {
  readonly seed: number;
  /** Name of the broken invariant, `defect` for any other error, null: clean. */
  readonly broken: string | null;
  readonly what: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly taken: readonly (readonly [string, number])[];
  readonly kinds: readonly (readonly [string, number])[];
  readonly leaf: string;
}

async function report(seed: number, trace?: (line: string) => void): Promise<SeedReport> {
  const nothing = { steps: 0, virtualMs: 0, taken: [], kinds: [], leaf: '' };
  try {
    const { taken, kinds, ...rest } = await simulate(seed, trace === undefined ? {} : { trace });
    return { seed, broken: null, what: '', ...rest, taken: [...taken], kinds: [...kinds] };
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, broken: error instanceof Violation ? error.invariant : 'defect', what, ...nothing };
  }
}

const [first = 1, step = 1, count = 1] = process.argv.slice(2, 5).map(Number);
const trace = process.argv[5] === 'trace' ? (line: string) => console.log(line) : undefined;
for (let done = 0; done < count; done += 1) {
  const told = await report(first + done * step, trace);
  await new Promise<void>((resolve, reject) => {
    if (process.send === undefined) resolve(console.log(told.broken ?? 'clean', told.what));
    else process.send(told, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
process.disconnect?.();
