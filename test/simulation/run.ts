/**
 * `npm run simulate -- --seeds 500 [--from N]`, `--seed N --trace` for one seed step by step, `--mutations` for what the
 * simulation finds when the daemon is broken on purpose. Exit status 1 when an invariant is broken.
 */
import { parseArgs } from 'node:util';
import { actions } from './actions.js';
import { tryMutations } from './mutations.js';
import { runSeeds, traceSeed } from './seeds.js';
import type { SeedReport } from './worker.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    mutations: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

function whole(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  console.error(`--${name}: expected a whole number, found ${text}`);
  return process.exit(64);
}

function sum(reports: readonly SeedReport[], of: 'taken' | 'kinds'): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const report of reports) for (const [name, count] of report[of]) total.set(name, (total.get(name) ?? 0) + count);
  return total;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

async function many(from: number, count: number): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  const reports = await runSeeds({
    from,
    count,
    ended(report) {
      done += 1;
      if (report.broken !== null) {
        console.log(`seed ${report.seed}: ${report.what}\n  again: npm run simulate -- --seed ${report.seed} --trace`);
      }
      if (done % 50 === 0) console.log(`${done} seeds`);
      return false;
    },
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const broken = reports.filter((report) => report.broken !== null);
  const steps = reports.reduce((all, report) => all + report.steps, 0);
  const hours = reports.reduce((all, { virtualMs }) => all + virtualMs, 0) / 3_600_000;
  console.log(
    `${reports.length} seeds in ${seconds.toFixed(0)} s (${(reports.length / seconds).toFixed(1)}/s), ${steps} steps, ${hours.toFixed(0)} h of virtual time`,
  );
  console.log(`actions: ${listed(sum(reports, 'taken'))}`);
  console.log(`entries: ${listed(sum(reports, 'kinds'))}`);
  const never = actions.filter(({ name }) => !sum(reports, 'taken').has(name)).map(({ name }) => name);
  if (never.length > 0) console.log(`never taken: ${never.join(', ')}`);
  console.log(
    broken.length === 0
      ? 'clean'
      : `${broken.length} seeds are not clean: ${broken.map(({ seed }) => seed).join(', ')}`,
  );
  return broken.length === 0 && reports.length === count ? 0 : 1;
}

if (values.mutations) process.exitCode = await tryMutations(values.only);
else if (values.seed !== undefined && values.trace) process.exitCode = await traceSeed(whole('seed', values.seed));
else if (values.seed !== undefined) process.exitCode = await many(whole('seed', values.seed), 1);
else process.exitCode = await many(whole('from', values.from), whole('seeds', values.seeds));
