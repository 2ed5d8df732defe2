/**
 * The ledger's tables, and the way from one layout to the next.
 *
 * `entries` is the evidence; everything else can be lost without losing evidence. Tree nodes, checkpoints and
 * cosignatures come as further tables by a further step (decision 0034): `leaf` stands before `bytes` for them, so that
 * the leaves are read without their entries.
 */
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { corrupt, type Database } from './database.js';
import { emptyTreeHash } from './leaf.js';
import { rebuildRegisters } from './rebuild.js';
import { createRegisters } from './registers.js';
import { type Statement, statement } from './sql.js';

/** 'Cdok' as a big-endian integer: tells a ledger from any other SQLite file (PRAGMA application_id). */
export const applicationId = 0x43646f6b;

/** From one layout to the next. Steps are only ever added, and none touches what is in `entries`. */
export interface LayoutStep {
  readonly sql: string;
  /** The registers have other columns or another meaning from here on: they are built again from the entries. */
  readonly registersChanged: boolean;
}

export const layoutSteps: readonly LayoutStep[] = [
  {
    registersChanged: true,
    sql: `
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  bytes BLOB NOT NULL
) STRICT;
-- I5. REPLACE deletes without firing a trigger, but it has to insert the same sequence again, which the third one refuses.
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries
  WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM entries)
  BEGIN SELECT RAISE(ABORT, 'entries follow each other without gaps'); END;

-- Written in the transaction of the entries it speaks of, so that a tail that was cut off leaves it ahead.
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  dock TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  leaf BLOB NOT NULL CHECK (length(leaf) = 32)
) STRICT;
CREATE TRIGGER head_never_goes_back BEFORE UPDATE ON head WHEN NEW.seq < OLD.seq
  BEGIN SELECT RAISE(ABORT, 'the head never goes back'); END;

CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
`,
  },
  // recordings.erasing_seq
  { registersChanged: true, sql: '' },
  // dockings.family, identified_by, battery_percent, volume_uuid
  { registersChanged: true, sql: '' },
];

/** Layout that this version writes (PRAGMA user_version): the number of steps taken. */
export const layoutVersion = layoutSteps.length;

/** An empty ledger of `dock`. */
export function createLedger(dock: string, epoch: number): readonly Statement[] {
  return [
    ...layoutSteps.map(({ sql }) => statement(sql)),
    statement(createRegisters),
    statement(`INSERT INTO head (one, dock, epoch, seq, leaf) VALUES (1, ?, ?, 0, x'${emptyTreeHash}')`, dock, epoch),
    statement(`PRAGMA application_id = ${applicationId}`),
    statement(`PRAGMA user_version = ${layoutVersion}`),
  ];
}

/** The layout of the file, found to be one that this version can use or bring up to date. Changes nothing. */
export async function layoutOf(database: Database, steps: readonly LayoutStep[] = layoutSteps): Promise<number> {
  const id = await database.first<{ application_id: number }>('PRAGMA application_id');
  if (id?.application_id !== applicationId) {
    throw corrupt(database.file, phrase`a database of another program, or an empty one`);
  }
  const version = await database.first<{ user_version: number }>('PRAGMA user_version');
  const found = version?.user_version ?? 0;
  if (found > steps.length) {
    throw new DockError('DOCK_LEDGER_NEWER', {
      expected: phrase`a ledger of layout ${steps.length} or older`,
      found: phrase`layout ${found} (${database.file})`,
      todo: phrase`Install the version of the software that wrote this ledger, or a newer one`,
      retry: 'never',
    });
  }
  if (found < 1) throw corrupt(database.file, phrase`layout ${found}, which there has never been`);
  return found;
}

/** Takes the steps that are missing, all in one transaction: a crash in between leaves the old layout. */
export async function migrate(database: Database, steps: readonly LayoutStep[] = layoutSteps): Promise<void> {
  const missing = steps.slice(await layoutOf(database, steps));
  if (missing.length === 0) return;
  await database.transaction(async () => {
    for (const { sql } of missing) await database.exec(sql);
    if (missing.some(({ registersChanged }) => registersChanged)) await rebuildRegisters(database);
    await database.exec(`PRAGMA user_version = ${steps.length}`);
  });
}
