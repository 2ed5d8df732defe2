import { spawn } from 'node:child_process';
import { readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../daemon/custody/database.js';
import type { Fact } from '../../daemon/custody/entry.js';
import { openLedger } from '../../daemon/custody/open.js';
import { registerTables } from '../../daemon/custody/registers.js';
import { layoutSteps, layoutVersion, migrate } from '../../daemon/custody/schema.js';
import {
  clockSet,
  docked,
  type LedgerFolder,
  ledgerFolder,
  offloaded,
  stopped,
  tamper,
} from '../support/ledger-rig.js';

let rig: LedgerFolder;
let file: string;
beforeEach(async () => {
  rig = await ledgerFolder();
  file = rig.options.file;
});
afterEach(() => rig.remove());

async function fill(...facts: readonly Fact[]): Promise<void> {
  const { ledger } = await openLedger(rig.options);
  await ledger.append(...facts);
  await ledger.close();
}

const opening = (): Promise<unknown> => openLedger(rig.options);
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('opening a ledger', () => {
  it('refuses a second daemon, in the same process too, until the first has let go', async () => {
    const { ledger } = await openLedger(rig.options);
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_LOCKED' });
    // The refused attempt has not taken the lock away from the one that holds it.
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_LOCKED' });
    await ledger.append(stopped('still here'));
    await ledger.close();
    const second = await openLedger(rig.options);
    await second.ledger.close();
  });

  it('finds the lock gone with a process that was killed', async () => {
    const holder = spawn(process.execPath, [
      '-e',
      `const s = require('sqlite3'); const d = new s.Database(${JSON.stringify(`${file}.lock`)}, () =>
        d.exec('BEGIN EXCLUSIVE', () => process.stdout.write('held'))); setInterval(() => {}, 1000);`,
    ]);
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_LOCKED' });
    holder.kill('SIGKILL');
    await gone;
    const { ledger } = await openLedger(rig.options);
    await ledger.close();
  });

  it('leaves a ledger of a newer version untouched', async () => {
    await fill(stopped('x'));
    await tamper(file, `PRAGMA user_version = ${layoutVersion + 1}`);
    const before = await readFile(file);
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_NEWER', retry: 'never' });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it.each<[string, () => Promise<void>]>([
    ['is empty', () => writeFile(file, '')],
    ['is something else', () => writeFile(file, 'not a database, whatever its name says '.repeat(200))],
    ['belongs to another program', () => tamper(file, 'CREATE TABLE things (a)')],
    [
      'was overwritten in its middle',
      async () => {
        await fill(...Array.from({ length: 40 }, (_, index) => offloaded('d1', `${index}.mp4`)));
        const bytes = await readFile(file);
        await writeFile(file, bytes.fill(0xa5, 4_096, 4_096 * 4));
      },
    ],
    [
      'was cut short',
      async () => {
        await fill(...Array.from({ length: 200 }, (_, index) => offloaded('d1', `${index}.mp4`)));
        await truncate(file, 5 * 4_096);
      },
    ],
    [
      'is gone, but not its write-ahead file',
      async () => {
        await writeFile(`${file}-wal`, 'entries that were not yet in the file');
      },
    ],
  ])('never replaces or repairs a file that %s', async (_what, damage) => {
    await damage();
    const before = (await exists(file)) ? await readFile(file) : undefined;
    await expect(opening()).rejects.toMatchObject({
      code: expect.stringMatching(/^DOCK_LEDGER_(CORRUPT|BROKEN)$/),
      retry: 'never',
    });
    const after = (await exists(file)) ? await readFile(file) : undefined;
    expect(after).toEqual(before);
    // Nor is anything held: the next attempt meets the same trouble, not a lock.
    await expect(opening()).rejects.toMatchObject({ code: expect.not.stringMatching(/LOCKED/) });
  });

  it('refuses the ledger of another dock', async () => {
    await fill(stopped('x'));
    await expect(openLedger({ ...rig.options, dock: 'dock-2' })).rejects.toMatchObject({
      code: 'DOCK_LEDGER_OTHER_DOCK',
      expected: expect.stringContaining('dock-2'),
      found: expect.stringContaining('dock-1'),
    });
  });

  it('says so when there is no place that it may write to', async () => {
    await expect(openLedger({ ...rig.options, file: join(rig.folder, 'none', 'l') })).rejects.toMatchObject({
      code: 'DOCK_LEDGER_UNREACHABLE',
      found: 'ENOENT',
    });
    await expect(openLedger({ ...rig.options, file: '/proc/ledger' })).rejects.toMatchObject({
      code: 'DOCK_LEDGER_UNREACHABLE',
    });
  });

  it('starts over a creation that a crash had interrupted', async () => {
    await writeFile(`${file}.new`, 'half a ledger');
    await writeFile(`${file}.new-journal`, 'and its journal');
    await fill(stopped('x'));
    expect(await exists(`${file}.new`)).toBe(false);
    expect(await exists(`${file}.new-journal`)).toBe(false);
  });

  it('refuses to go on with a ledger that has lost its end (I5)', async () => {
    await fill(docked('d1'), stopped('x'));
    await tamper(file, 'DROP TRIGGER entries_are_never_deleted; DELETE FROM entries WHERE seq = 2');
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_BROKEN' });
    // Made readable again by hand, it is not taken for another ledger either.
    await unlink(`${file}.lock`);
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_BROKEN' });
  });
});

describe('registers that another version made (D10)', () => {
  const elsewise = `ALTER TABLE cameras DROP COLUMN previous_clock_set_seq; ALTER TABLE recordings ADD COLUMN mood TEXT;
    DROP INDEX dockings_open`;

  it('are built again from the entries when the ledger is opened, once', async () => {
    await fill(docked('d1'), clockSet('d1', 1), clockSet('d1', 2), offloaded('d1', 'a.mp4'));
    const before = await registers();
    await tamper(file, elsewise);
    const { ledger, registersRebuilt } = await openLedger(rig.options);
    expect(registersRebuilt).toBe(4);
    expect((await ledger.camera('H1'))?.previousClockSet?.after).toMatchObject({ offsetMs: 1 });
    await ledger.append(offloaded('d1', 'b.mp4'));
    await ledger.close();
    const again = await openLedger(rig.options);
    expect(again.registersRebuilt).toBeNull();
    await again.ledger.close();
    await tamper(file, `DELETE FROM recordings WHERE seq = 5; UPDATE dockings SET recordings = 1, bytes = 5000000000`);
    expect(await registers()).toEqual(before);
  });

  it('are built even where a whole one is missing', async () => {
    await fill(docked('d1'), offloaded('d1', 'a.mp4'));
    const before = await registers();
    await tamper(file, 'DROP TABLE recordings; DROP TABLE dockings');
    await fill();
    expect(await registers()).toEqual(before);
  });

  it('stay as they are in a ledger that is broken: it is evidence (I5)', async () => {
    await fill(docked('d1'), stopped('x'));
    await tamper(file, `${elsewise}; DROP TRIGGER entries_are_never_changed`);
    const before = await registers();
    await expect(opening()).rejects.toMatchObject({ code: 'DOCK_LEDGER_BROKEN' });
    expect(await registers()).toEqual(before);
  });

  async function registers(): Promise<unknown> {
    const database = await Database.open(file, 'read');
    try {
      const tables = [];
      for (const table of registerTables) tables.push(await database.all(`SELECT * FROM ${table}`));
      const layout = await database.all(
        `SELECT name, sql FROM sqlite_schema WHERE tbl_name IN ('recordings', 'cameras', 'dockings')`,
      );
      return { tables, layout };
    } finally {
      await database.close();
    }
  }
});

describe('the layout of a ledger', () => {
  it('is brought up to date step by step, in one transaction, with registers built anew', async () => {
    await fill(docked('d1'), offloaded('d1', 'a.mp4'));
    await tamper(file, 'DROP TABLE recordings');
    const database = await Database.open(file, 'write');
    const added = { sql: 'CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY) STRICT', registersChanged: false };
    const changed = { sql: 'CREATE TABLE others (a) STRICT', registersChanged: true };
    // The last step fails: nothing of those before it stays.
    await expect(migrate(database, [...layoutSteps, added, changed])).rejects.toThrow(/DOCK_LEDGER_/);
    const version = async (): Promise<unknown> => database.first('PRAGMA user_version');
    expect(await version()).toEqual({ user_version: layoutVersion });
    await expect(database.all('SELECT * FROM checkpoints')).rejects.toThrow(/no such table/);
    await migrate(database, [...layoutSteps, added, { ...changed, sql: 'CREATE TABLE others (a ANY) STRICT' }]);
    expect(await version()).toEqual({ user_version: layoutVersion + 2 });
    expect(await database.all('SELECT seq FROM recordings')).toEqual([{ seq: 2 }]);
    await database.close();
  });

  it('keeps entries from being changed, deleted, replaced or skipped by any statement (I5)', async () => {
    await fill(docked('d1'), stopped('x'));
    const leaf = `x'${'00'.repeat(32)}'`;
    for (const sql of [
      `UPDATE entries SET bytes = x'00' WHERE seq = 1`,
      'UPDATE entries SET seq = 7 WHERE seq = 2',
      'DELETE FROM entries',
      `INSERT OR REPLACE INTO entries VALUES (2, ${leaf}, x'00')`,
      `INSERT INTO entries VALUES (4, ${leaf}, x'00')`,
      'UPDATE head SET seq = 1',
    ]) {
      await expect(tamper(file, sql), sql).rejects.toThrow(/SQLITE_CONSTRAINT/);
    }
    const { ledger } = await openLedger(rig.options);
    expect(ledger.head().seq).toBe(2);
    await ledger.close();
  });
});
