import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../daemon/custody/database.js';
import type { Fact } from '../../daemon/custody/entry.js';
import { openLedger } from '../../daemon/custody/open.js';
import { registerTables } from '../../daemon/custody/registers.js';
import {
  clockSet,
  docked,
  erased,
  type LedgerFolder,
  ledgerFolder,
  offloaded,
  ready,
  refused,
  stopped,
  undocked,
} from '../support/ledger-rig.js';

let rig: LedgerFolder;
beforeEach(async () => {
  rig = await ledgerFolder();
});
afterEach(() => rig.remove());

/** Few names, so that the same docking, camera and recording come again in every order, sensible or not. */
const docking = fc.constantFrom('d1', 'd2', 'd3');
const camera = fc.constantFrom('H1', 'H2');
const bay = fc.constantFrom('1-1', '1-2');
const name = fc.constantFrom('a.mp4', 'b.mp4', '音像.mp4');
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.tuple(docking, camera, bay).map(([d, c, b]) => docked(d, c, b)),
  fc.tuple(docking, bay).map(([d, b]) => refused(d, b)),
  fc
    .tuple(docking, camera, fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }))
    .map(([d, c, ms]) => clockSet(d, ms, c)),
  fc.tuple(docking, camera, bay, name, fc.boolean(), fc.nat(2 ** 53 - 1)).map(([d, c, b, n, important, size]) => {
    return offloaded(d, n, { camera: c, bay: b, important, sizeBytes: Math.floor(size / 2 ** 10) });
  }),
  fc.tuple(docking, name, fc.integer({ min: 1, max: 30 }), camera).map(([d, n, seq, c]) => erased(d, n, seq, c)),
  fc.tuple(docking, camera).map(([d, c]) => ready(d, c)),
  fc
    .tuple(docking, fc.option(camera), fc.constantFrom('ready' as const, 'not-ready' as const, 'none' as const))
    .map(([d, c, verdict]) => undocked(d, c, verdict)),
  fc.constant(stopped('x')),
);

describe('the registers (D10)', () => {
  it('are the same when they are built again from the entries, whatever happened in whatever order', async () => {
    const opened = await openLedger(rig.options);
    const look = await Database.open(rig.options.file, 'read');
    const contents = async (): Promise<unknown[]> => {
      const tables: unknown[] = [];
      for (const table of registerTables) tables.push(await look.all(`SELECT * FROM ${table} ORDER BY 1`));
      return tables;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fact, { maxLength: 6 }), { maxLength: 8 }), async (appends) => {
        await Promise.all(appends.map((facts) => opened.ledger.append(...facts)));
        const before = await contents();
        expect(await opened.rebuildRegisters()).toBe(opened.ledger.head().seq);
        expect(await contents()).toEqual(before);
      }),
      { numRuns: 40 },
    );
    expect(opened.ledger.head().seq).toBeGreaterThan(100);
    await look.close();
    await opened.ledger.close();
  });

  it('let appends wait while they are built again, and lose none', async () => {
    const opened = await openLedger(rig.options);
    await opened.ledger.append(...Array.from({ length: 300 }, (_, index) => offloaded('d1', `${index}.mp4`)));
    const [, appended] = await Promise.all([
      opened.rebuildRegisters(),
      opened.ledger.append(offloaded('d1', 'meanwhile.mp4')),
    ]);
    expect(appended[0]?.seq).toBe(301);
    expect((await opened.ledger.recordingAt('2026/01/02/H1/meanwhile.mp4'))?.seq).toBe(301);
    expect((await opened.ledger.recordings({ limit: 1_000 })).length).toBe(301);
    await opened.ledger.close();
  });

  it('answer from an index, never by going through all recordings', async () => {
    await (await openLedger(rig.options)).ledger.close();
    const look = await Database.open(rig.options.file, 'read');
    for (const [condition, index] of [
      ['camera = 1 AND seq > 5 ORDER BY seq', 'recordings_by_camera'],
      ['bay = 1 AND seq > 5 ORDER BY seq', 'recordings_by_bay'],
      ['archive_path = 1 ORDER BY seq DESC', 'recordings_by_archive_path'],
      ['important = 1 AND seq > 5 ORDER BY seq', 'recordings_important'],
    ]) {
      const plan = await look.all<{ detail: string }>(
        `EXPLAIN QUERY PLAN SELECT seq FROM recordings WHERE ${condition}`,
      );
      expect(plan.map(({ detail }) => detail).join()).toMatch(new RegExp(`SEARCH .*${index}`));
      expect(plan.map(({ detail }) => detail).join()).not.toMatch(/TEMP B-TREE/);
    }
    await look.close();
  });
});
