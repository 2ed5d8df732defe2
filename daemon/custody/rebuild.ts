/** The registers, built again from the entries alone (D10). Runs inside its caller's transaction. */
import { isDeepStrictEqual } from 'node:util';
import { Database } from './database.js';
import { createRegisters, dropRegisters, project, registerTables } from './registers.js';
import { inlined } from './sql.js';
import { openEntry } from './stored-entry.js';

/** Entries of one turn: a few milliseconds of the event loop, a few megabytes. */
const entriesPerTurn = 500;

/** Returns the number of entries. Throws DOCK_LEDGER_BROKEN when one of them is not what was written. */
export async function rebuildRegisters(database: Database): Promise<number> {
  await database.exec(dropRegisters + createRegisters);
  return replayEntries(database);
}

/** What tells a table or an index of the registers from all else in a ledger. */
export const isOfRegisters = `type IN ('table', 'index') AND tbl_name IN (${registerTables.map((table) => `'${table}'`).join()})`;

/** Are the tables and indexes of the registers those that this version makes? Whatever wrote others, entries say what belongs in them. */
export async function registersAreOurs(database: Database): Promise<boolean> {
  const fresh = await Database.scratch();
  try {
    await fresh.exec(createRegisters);
    const layout = (of: Database): Promise<unknown> =>
      of.all(`SELECT type, name, sql FROM sqlite_schema WHERE ${isOfRegisters} ORDER BY name`);
    const [ours, theirs] = await Promise.all([layout(fresh), layout(database)]);
    return isDeepStrictEqual(ours, theirs);
  } finally {
    await fresh.close();
  }
}

/** Feeds every entry to registers that are empty. */
export async function replayEntries(database: Database): Promise<number> {
  let last = 0;
  for (;;) {
    const rows = await database.all<{ seq: number; leaf: Buffer; bytes: Buffer }>(
      'SELECT seq, leaf, bytes FROM entries WHERE seq > ? ORDER BY seq LIMIT ?',
      last,
      entriesPerTurn,
    );
    const statements = rows.flatMap(({ seq, leaf, bytes }) => project(openEntry(seq, bytes, leaf.toString('hex'))));
    if (statements.length > 0) await database.exec(statements.map(inlined).join(';'));
    last = rows.at(-1)?.seq ?? last;
    if (rows.length < entriesPerTurn) return last;
  }
}
