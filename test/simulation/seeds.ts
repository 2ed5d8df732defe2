/** Runs many seeds on all processors, each in a process of its own, and collects what they tell. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { removeScratch } from './scratch.js';
import type { SeedReport } from './worker.js';

export interface SeedsOptions {
  readonly from: number;
  readonly count: number;
  /** Folder with the compiled project; default: this one's. */
  readonly dist?: string;
  /** Called for each seed as it ends. True: that is enough. */
  readonly ended?: (report: SeedReport) => boolean;
}

/** Each seed may take so long in real time before it counts as hanging, ms. */
const seedWithinMs = 120_000;

export async function runSeeds({
  from,
  count,
  dist,
  ended = () => false,
}: SeedsOptions): Promise<readonly SeedReport[]> {
  const workers = Math.max(1, Math.min(count, availableParallelism()));
  const reports: SeedReport[] = [];
  const children: ChildProcess[] = [];
  /** What the caller wanted to see has been seen: the others were ended for it. */
  let enough = false;
  const one = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const share = Math.floor((count - index - 1) / workers) + 1;
      let next = from + index;
      const child = start(dist, [`${next}`, `${workers}`, `${share}`]);
      children.push(child);
      let overdue = setTimeout(() => child.kill('SIGKILL'), seedWithinMs);
      child.on('message', (message) => {
        const report = message as SeedReport;
        reports.push(report);
        next += workers;
        clearTimeout(overdue);
        overdue = setTimeout(() => child.kill('SIGKILL'), seedWithinMs);
        if (!ended(report)) return;
        enough = true;
        for (const other of children) other.kill('SIGKILL');
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        clearTimeout(overdue);
        if (child.pid !== undefined) removeScratch(child.pid);
        if (code !== 0 && !enough) {
          const seed = Math.min(next, from + count - 1);
          const report = hung(seed, `the process ended with ${signal ?? code}`);
          reports.push(report);
          ended(report);
        }
        resolve();
      });
    });
  await Promise.all(Array.from({ length: workers }, (_, index) => one(index)));
  return reports.sort((a, b) => a.seed - b.seed);
}

/** One seed, every step on the terminal. */
export function traceSeed(seed: number): Promise<number> {
  return new Promise((resolve) => {
    const child = start(undefined, [`${seed}`, '1', '1', 'trace']);
    let broken = true;
    child.on('message', (message) => {
      const report = message as SeedReport;
      broken = report.broken !== null;
      console.log(broken ? `${report.broken}\n${report.what}` : `clean, ends with leaf ${report.leaf}`);
    });
    child.on('exit', (code) => resolve(code === 0 && !broken ? 0 : 1));
  });
}

function start(dist: string | undefined, parameters: readonly string[]): ChildProcess {
  const worker =
    dist === undefined ? new URL('worker.js', import.meta.url) : new URL(`file://${dist}/test/simulation/worker.js`);
  // One thread in the pool: file operations end in the order in which they began.
  return fork(fileURLToPath(worker), parameters, { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
}

function hung(seed: number, what: string): SeedReport {
  return { seed, broken: 'defect', what, steps: 0, virtualMs: 0, taken: [], kinds: [], leaf: '' };
}
