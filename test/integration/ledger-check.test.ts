import { copyFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalBytes, type JsonValue } from '../../daemon/custody/canonical.js';
import type { LedgerProblemKind } from '../../daemon/custody/chain.js';
import { type CheckDepth, checkLedger, type LedgerCheck } from '../../daemon/custody/check.js';
import { leafHash } from '../../daemon/custody/leaf.js';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import {
  clockSet,
  docked,
  type LedgerFolder,
  ledgerFolder,
  offloaded,
  ready,
  stopped,
  tamper,
  tamperUnseen,
  undocked,
} from '../support/ledger-rig.js';

/** More than the check at the end looks at, so that it can be seen what only the others find. */
const length = 600;

let original: LedgerFolder;
let rig: LedgerFolder;
let file: string;

beforeAll(async () => {
  original = await ledgerFolder();
  const { ledger } = await openLedger(original.options);
  await ledger.append(docked('d1'), clockSet('d1', 0.25), ready('d1'));
  await ledger.append(...Array.from({ length: length - 5 }, (_, index) => offloaded('d1', `${index}.mp4`)));
  await ledger.append(undocked('d1'), stopped('test'));
  await ledger.moveCursor('centre', length);
  await ledger.close();
});
afterAll(() => original.remove());
beforeEach(async () => {
  rig = await ledgerFolder();
  file = rig.options.file;
  await copyFile(original.options.file, file);
});
afterEach(() => rig.remove());

const check = (depth: CheckDepth): Promise<LedgerCheck> => checkLedger({ file, depth, clock: systemClock });
const blob = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;

async function entryOf(seq: number): Promise<{ readonly [name: string]: JsonValue }> {
  const { ledger } = await openLedger(rig.options);
  const [stored] = await ledger.read(seq, 1);
  await ledger.close();
  return JSON.parse(Buffer.from(stored?.bytes ?? []).toString('utf8'));
}

/** Puts other bytes in the place of an entry, with the leaf hash that belongs to them. */
const replace = (seq: number, bytes: Uint8Array, beside = ''): Promise<void> =>
  tamperUnseen(
    file,
    `UPDATE entries SET bytes = ${blob(bytes)}, leaf = x'${leafHash(bytes)}' WHERE seq = ${seq};
     UPDATE head SET leaf = (SELECT leaf FROM entries WHERE entries.seq = head.seq);${beside}`,
  );

describe('the check of a ledger (I5)', () => {
  it.each<[CheckDepth, number]>([
    ['end', 256],
    ['chain', length],
    ['full', length],
  ])('finds nothing in a sound one, to depth %s', async (depth, entries) => {
    expect(await check(depth)).toMatchObject({
      depth,
      dock: 'dock-1',
      epoch: 1,
      seq: length,
      entries,
      unknownKinds: 0,
      problem: null,
    });
  });

  it('looks at an empty one too', async () => {
    const empty = await ledgerFolder();
    await (await openLedger(empty.options)).ledger.close();
    expect(await checkLedger({ file: empty.options.file, depth: 'full', clock: systemClock })).toMatchObject({
      seq: 0,
      entries: 0,
      problem: null,
    });
    await empty.remove();
  });

  const cases: [string, (at: number) => string, LedgerProblemKind, (at: number) => number][] = [
    [
      'an edited byte',
      (at) => `UPDATE entries SET bytes = CAST(bytes || ' ' AS BLOB) WHERE seq = ${at}`,
      'edited',
      (at) => at,
    ],
    ['an edited hash', (at) => `UPDATE entries SET leaf = zeroblob(32) WHERE seq = ${at}`, 'edited', (at) => at],
    ['an entry taken out', (at) => `DELETE FROM entries WHERE seq = ${at}`, 'deleted', (at) => at],
    [
      'two entries that changed places',
      (at) =>
        `UPDATE entries SET seq = 9999 WHERE seq = ${at}; UPDATE entries SET seq = ${at} WHERE seq = ${at + 1};
         UPDATE entries SET seq = ${at + 1} WHERE seq = 9999`,
      'reordered',
      (at) => at,
    ],
    [
      'an entry taken out and the others moved up',
      (at) => `DELETE FROM entries WHERE seq = ${at};
        UPDATE entries SET seq = -seq WHERE seq > ${at}; UPDATE entries SET seq = -seq - 1 WHERE seq < 0;
        UPDATE head SET seq = seq - 1, leaf = (SELECT leaf FROM entries ORDER BY seq DESC LIMIT 1);
        DELETE FROM cursors; DELETE FROM recordings WHERE seq = ${length}`,
      'reordered',
      (at) => at,
    ],
  ];
  it.each(cases)('names %s, and where', async (_what, sql, kind, seq) => {
    await tamperUnseen(file, sql(100));
    expect((await check('chain')).problem).toMatchObject({ kind, seq: seq(100) });
    expect((await check('full')).problem).toMatchObject({ kind, seq: seq(100) });
  });
  it.each(cases)('names %s near the end at once, before the ledger is used', async (_what, sql, kind, seq) => {
    await tamperUnseen(file, sql(length - 10));
    expect((await check('end')).problem).toMatchObject({ kind, seq: seq(length - 10) });
    await expect(openLedger(rig.options)).rejects.toMatchObject({ code: 'DOCK_LEDGER_BROKEN' });
  });

  it.each<[string, string, LedgerProblemKind, number]>([
    ['a tail cut off', 'DELETE FROM entries WHERE seq > 590', 'truncated', 591],
    [
      'a tail cut off with the head set back',
      `DELETE FROM entries WHERE seq > 590;
       UPDATE head SET seq = 590, leaf = (SELECT leaf FROM entries WHERE seq = 590)`,
      'truncated',
      591,
    ],
    [
      'a tail cut off with head and registers set back, while the centre knows more',
      `DELETE FROM entries WHERE seq > 590; DELETE FROM recordings WHERE seq > 590; UPDATE dockings SET seq = 1;
       UPDATE head SET seq = 590, leaf = (SELECT leaf FROM entries WHERE seq = 590)`,
      'truncated',
      591,
    ],
    ['an entry put behind the head', `INSERT INTO entries VALUES (601, zeroblob(32), x'7b7d')`, 'added', 601],
    ['all entries gone', 'DELETE FROM entries', 'truncated', 1],
    ['another head', 'UPDATE head SET leaf = zeroblob(32)', 'edited', length],
  ])('notices %s at once', async (_what, sql, kind, seq) => {
    await tamperUnseen(file, sql);
    for (const depth of ['end', 'chain', 'full'] as const) {
      expect((await check(depth)).problem, depth).toMatchObject({ kind, seq });
    }
  });

  it.each([
    ['a missing trigger', 'DROP TRIGGER entries_are_never_changed'],
    [
      'a trigger that lets everything pass',
      `DROP TRIGGER entries_are_never_deleted;
       CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries BEGIN SELECT 1; END`,
    ],
    ['a trigger too many', 'CREATE TRIGGER also AFTER INSERT ON entries BEGIN DELETE FROM recordings; END'],
    ['a trigger on a register', 'CREATE TRIGGER also AFTER INSERT ON recordings BEGIN DELETE FROM cursors; END'],
    [
      'a view in the place of a table',
      'ALTER TABLE cursors RENAME TO hidden; CREATE VIEW cursors AS SELECT * FROM hidden',
    ],
  ])('notices %s at once', async (_what, sql) => {
    await tamper(file, sql);
    expect((await check('end')).problem).toMatchObject({ kind: 'unprotected' });
  });

  it('notices an entry written anew with a proper hash by the one that follows it', async () => {
    const entry = await entryOf(100);
    await replace(100, canonicalBytes({ ...entry, body: { ...(entry['body'] as object), sizeBytes: 1 } }));
    expect((await check('chain')).problem).toMatchObject({ kind: 'edited', seq: 101 });
  });

  it.each<[string, LedgerProblemKind, (entry: { readonly [name: string]: JsonValue }) => Uint8Array]>([
    ['in another form', 'not-canonical', (entry) => Buffer.from(`${JSON.stringify(entry)} `)],
    [
      'with members in another order',
      'not-canonical',
      ({ v, ...entry }) => Buffer.from(JSON.stringify({ v: v ?? 1, ...entry })),
    ],
    [
      'with bytes that are no UTF-8',
      'not-canonical',
      (entry) => {
        const bytes = Buffer.from(canonicalBytes({ ...entry, body: { reason: 'te?t' } }));
        return bytes.fill(0xff, bytes.indexOf('?'), bytes.indexOf('?') + 1);
      },
    ],
    ['of another dock', 'foreign', (entry) => canonicalBytes({ ...entry, dock: 'dock-2' })],
    ['of another epoch', 'foreign', (entry) => canonicalBytes({ ...entry, epoch: 2 })],
    ['with a body that is none of its kind', 'not-an-entry', (entry) => canonicalBytes({ ...entry, body: {} })],
    ['with a field beside its envelope', 'not-an-entry', (entry) => canonicalBytes({ ...entry, w: 1 })],
    ['that is no document', 'not-an-entry', () => Buffer.from('nothing')],
  ])('names a last entry %s', async (_what, kind, forge) => {
    await replace(length, forge(await entryOf(length)));
    expect((await check('full')).problem).toMatchObject({ kind, seq: length });
  });

  it('takes kinds and fields that only a newer version knows for what they are', async () => {
    const entry = await entryOf(length);
    await replace(length, canonicalBytes({ ...entry, body: { reason: 'x', mood: 'good' } }));
    expect(await check('full')).toMatchObject({ problem: null, unknownKinds: 0 });
    await replace(length, canonicalBytes({ ...entry, kind: 'dock.moved', body: { to: 'Hall 2' } }));
    expect(await check('full')).toMatchObject({ problem: null, unknownKinds: 1 });
  });

  it.each([
    ['a recording', `UPDATE recordings SET archive_path = 'elsewhere' WHERE seq = 50`],
    ['a recording too few', 'DELETE FROM recordings WHERE seq = 50'],
    ['a recording said to be erased', 'UPDATE recordings SET erased_seq = 60 WHERE seq = 50'],
    ['who took a camera', `UPDATE dockings SET taken_by = '0001'`],
    ['a camera that never was', `INSERT INTO cameras (camera) VALUES ('H7')`],
  ])('notices a register that was altered: %s; and only the register is wrong', async (_what, sql) => {
    await tamper(file, sql);
    expect((await check('chain')).problem).toBeNull();
    expect((await check('full')).problem).toMatchObject({ kind: 'register' });
    const opened = await openLedger(rig.options);
    expect(await opened.rebuildRegisters()).toBe(length);
    await opened.ledger.close();
    expect((await check('full')).problem).toBeNull();
  });

  it.each([
    ['of another layout', 'ALTER TABLE cameras DROP COLUMN holder'],
    ['without its index', 'DROP INDEX recordings_by_bay'],
  ])('says of a register %s that only the register is wrong', async (_what, sql) => {
    await tamper(file, sql);
    expect((await check('chain')).problem).toBeNull();
    expect((await check('full')).problem).toMatchObject({ kind: 'register' });
  });

  it('reports a damaged file as a finding, not as a failure of the check', async () => {
    await tamper(file, 'PRAGMA application_id = 7');
    expect((await check('end')).problem).toMatchObject({ kind: 'file' });
  });

  it('fails where there is nothing to check, and makes nothing', async () => {
    const none = checkLedger({ file: `${file}.none`, depth: 'end', clock: systemClock });
    await expect(none).rejects.toMatchObject({ code: 'DOCK_LEDGER_UNREACHABLE' });
  });

  it('runs beside a daemon that goes on entering', async () => {
    const { ledger } = await openLedger(rig.options);
    let going = true;
    const entering = (async () => {
      for (let index = 0; going; index += 1) await ledger.append(offloaded('d2', `more-${index}.mp4`));
    })();
    for (let round = 0; round < 5; round += 1) expect((await check('full')).problem).toBeNull();
    going = false;
    await entering;
    await ledger.close();
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    const ended = checkLedger({ file, depth: 'full', clock: systemClock, signal: stop.signal });
    await expect(ended).rejects.toThrow('enough');
  });
});
