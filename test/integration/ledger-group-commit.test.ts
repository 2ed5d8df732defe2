import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLedger } from '../../daemon/custody/check.js';
import { Database } from '../../daemon/custody/database.js';
import type { Fact } from '../../daemon/custody/entry.js';
import { type CommitListener, GroupCommit } from '../../daemon/custody/group-commit.js';
import { emptyTreeHash } from '../../daemon/custody/leaf.js';
import type { LedgerHead } from '../../daemon/custody/ledger.js';
import { openLedger } from '../../daemon/custody/open.js';
import { statement } from '../../daemon/custody/sql.js';
import { checkFact } from '../../daemon/custody/stored-entry.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import { docked, type LedgerFolder, ledgerFolder, offloaded, stopped, tamper } from '../support/ledger-rig.js';
import { VirtualClock } from '../support/virtual-clock.js';

let rig: LedgerFolder;
let writer: Database;
let commits: GroupCommit;
let announced: LedgerHead[];
let failures: DockError[];
const listener: CommitListener = {
  committed: (grown) => announced.push(grown),
  failed: (error) => failures.push(error),
};

beforeEach(async () => {
  rig = await ledgerFolder();
  await (await openLedger(rig.options)).ledger.close();
  announced = [];
  writer = await Database.open(rig.options.file, 'write');
  const head = { epoch: 1, seq: 0, leaf: emptyTreeHash };
  failures = [];
  commits = new GroupCommit(writer, 'dock-1', head, systemClock, listener);
});
afterEach(async () => {
  await writer.close();
  await rig.remove();
});

const checked = (...facts: readonly Fact[]): ReturnType<typeof checkFact>[] =>
  facts.map((fact) => checkFact(fact, rig.options.entryClock()));

const countEntries = async (): Promise<number> =>
  (await writer.first<{ n: number }>('SELECT count(*) AS n FROM entries'))?.n ?? -1;

describe('group commit', () => {
  it('commits what is asked for together in few transactions, in the order of asking', async () => {
    const asked = Array.from({ length: 400 }, (_, index) => commits.write(checked(stopped(String(index)))));
    const stored = await Promise.all(asked);
    expect(stored.map(([entry]) => entry?.entry.body)).toEqual(
      Array.from({ length: 400 }, (_, index) => ({ reason: String(index) })),
    );
    expect(stored.map(([entry]) => entry?.seq)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    expect(announced.length).toBeLessThanOrEqual(3);
    expect(commits.head.seq).toBe(400);
  });

  it('lets one bad append fail alone: none of its facts is there, all of the others are (I4)', async () => {
    const bad = statement('INSERT INTO cursors (name, seq) VALUES (?, NULL)', 'bad');
    const outcomes = await Promise.allSettled([
      commits.write(checked(docked('d1'), offloaded('d1', 'a.mp4'))),
      commits.write(checked(stopped('of the bad one'), stopped('too')), [bad]),
      commits.write(checked(offloaded('d1', 'b.mp4'))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'DOCK_LEDGER_REFUSED' } });
    expect(commits.head.seq).toBe(3);
    expect(await countEntries()).toBe(3);
    // The next one goes on where the good ones ended.
    await commits.write(checked(stopped('after')));
    expect(failures).toEqual([]);
    const check = await checkLedger({ file: rig.options.file, depth: 'full', clock: systemClock });
    expect(check).toMatchObject({ seq: 4, entries: 4, problem: null });
  });

  it('enters nothing while the disk is full, says so, and goes on when there is room again', async () => {
    await commits.write(checked(stopped('before')));
    const pages = await writer.first<{ page_count: number }>('PRAGMA page_count');
    await writer.exec(`PRAGMA max_page_count = ${pages?.page_count ?? 0}`);
    const big = (): ReturnType<typeof checked> => checked(stopped('x'.repeat(100_000)));
    const outcomes = await Promise.allSettled([commits.write(big()), commits.write(big())]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DOCK_LEDGER_FULL', retry: 'now' } });
    }
    expect(await countEntries()).toBe(1);
    await writer.exec('PRAGMA max_page_count = 1000000');
    expect((await commits.write(big()))[0]?.seq).toBe(2);
    expect(failures).toEqual([]);
  });

  it('waits no longer than SQLite does for another program that holds the lock, and goes on after it', async () => {
    await writer.exec('PRAGMA busy_timeout = 20');
    const other = await Database.open(rig.options.file, 'write');
    await other.exec('BEGIN IMMEDIATE');
    await expect(commits.write(checked(stopped('a')))).rejects.toMatchObject({
      code: 'DOCK_LEDGER_LOCKED',
      retry: 'now',
    });
    await other.exec('ROLLBACK');
    expect((await commits.write(checked(stopped('b'))))[0]?.seq).toBe(1);
    await other.close();
  });

  it('cannot fork a ledger that another writer has continued: the sequence is taken (I5)', async () => {
    await commits.write(checked(stopped('ours')));
    const leaf = `x'${'00'.repeat(32)}'`;
    await tamper(rig.options.file, `INSERT INTO entries VALUES (2, ${leaf}, x'7b7d')`);
    await expect(commits.write(checked(stopped('second')))).rejects.toMatchObject({ code: 'DOCK_LEDGER_REFUSED' });
    expect(commits.head.seq).toBe(1);
  });

  it('takes nothing more after a failure that leaves the file in doubt, and says so once: the daemon has to start anew (I4)', async () => {
    await tamper(rig.options.file, 'DROP TABLE head');
    const outcomes = await Promise.allSettled([1, 2].map(() => commits.write(checked(stopped('x')))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'DOCK_LEDGER_CORRUPT' } });
    await expect(commits.write(checked(stopped('y')))).rejects.toMatchObject({
      code: 'DOCK_LEDGER_CORRUPT',
      retry: 'never',
    });
    expect(await countEntries()).toBe(0);
    expect(failures.map(({ code }) => code)).toEqual(['DOCK_LEDGER_CORRUPT']);
  });

  it('takes a disk that does not answer in time for dead, and keeps nobody waiting', async () => {
    const clock = new VirtualClock();
    const slow = new GroupCommit(writer, 'dock-1', commits.head, clock, listener);
    // A lock that SQLite waits for on its own thread stands for the disk.
    const other = await Database.open(rig.options.file, 'write');
    await other.exec('BEGIN IMMEDIATE');
    const asked = slow.write(checked(stopped('x')));
    const alsoAsked = slow.write(checked(stopped('y')));
    const outcomes = Promise.allSettled([asked, alsoAsked]);
    await clock.advance(60_000);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'DOCK_LEDGER_STALLED' } });
    await expect(slow.write(checked(stopped('z')))).rejects.toMatchObject({ code: 'DOCK_LEDGER_STALLED' });
    expect(announced).toEqual([]);
    expect(failures.map(({ code }) => code)).toEqual(['DOCK_LEDGER_STALLED']);
    await other.exec('ROLLBACK');
    await other.close();
  });

  it('refuses more than may wait, at once', async () => {
    const other = await Database.open(rig.options.file, 'write');
    await other.exec('BEGIN IMMEDIATE');
    const fact = checkFact(stopped('x'), rig.options.entryClock());
    const asked = Array.from({ length: 20 }, () => commits.write(Array.from({ length: 1_000 }, () => fact)));
    const one = commits.write([fact]);
    await expect(one).rejects.toMatchObject({ code: 'DOCK_LEDGER_OVERLOADED', retry: 'now' });
    await other.exec('ROLLBACK');
    await other.close();
    await Promise.all(asked);
    expect(commits.head.seq).toBe(20_000);
  });
});
