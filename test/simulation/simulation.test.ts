/** The simulation as part of every test run: some seeds that are always the same, and a fresh one. */

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { misplaced } from './mutations.js';
import { runSeeds } from './seeds.js';

/** The built project: the seeds run in processes of their own, as `npm run simulate` runs them. */
const dist = fileURLToPath(new URL('../../dist', import.meta.url));
/** Always the same ones: one cradle and two, on one line and on two, both receipts, with and without a priority bay and erasing. */
const fixed = { from: 3, count: 4 };
const replayed = 5;

function brokenOf(reports: Awaited<ReturnType<typeof runSeeds>>): readonly string[] {
  return reports.flatMap(({ seed, broken, what }) => (broken === null ? [] : [`seed ${seed}: ${what}`]));
}

/** Not a budget: a machine at a third of the usual speed is slow, and nothing hangs. */
const slowestMs = 180_000;

describe('the simulated dock', () => {
  let began: ReturnType<typeof runSeeds> | undefined;
  const fixedOnes = (): ReturnType<typeof runSeeds> => {
    began ??= runSeeds({ ...fixed, dist });
    return began;
  };

  it('keeps all invariants through fixed seeds (I1–I12)', { timeout: slowestMs }, async () => {
    const reports = await fixedOnes();
    expect(brokenOf(reports)).toEqual([]);
    expect(reports).toHaveLength(fixed.count);
  });

  it('keeps all invariants through a seed that nobody has seen before (I1–I12)', { timeout: slowestMs }, async () => {
    const seed = Date.now() % 1_000_000_000;
    console.log(`fresh seed ${seed}; again: npm run simulate -- --seed ${seed} --trace`);
    expect(brokenOf(await runSeeds({ from: seed, count: 1, dist }))).toEqual([]);
  });

  it('replays a seed to the same last entry', { timeout: slowestMs }, async () => {
    const one = (await fixedOnes()).find(({ seed }) => seed === replayed);
    const [again] = await runSeeds({ from: replayed, count: 1, dist });
    expect(one?.leaf).toMatch(/^[0-9a-f]{64}$/);
    expect(again?.leaf).toBe(one?.leaf);
  });

  it('can still be tried against every bug that is planted for it (I1–I12)', () => {
    expect(misplaced(dist)).toEqual([]);
  });
});
