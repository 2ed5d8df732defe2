/** The registers, built again from the entries alone (D10). Runs inside its caller's transaction. */
import type { Database } from './database.js';
import { createRegisters, dropRegisters, project } from './registers.js';
import { inlined } from './sql.js';
import { openEntry } from './stored-entry.js';

/** Entries of one turn: a few milliseconds of the event loop, a few megabytes. */
const entriesPerTurn = 500;

/** Returns the number of entries. Throws DOCK_LEDGER_BROKEN when one of them is not what was written. */
export async function rebuildRegisters(database: Database): Promise<number> {
  await database.exec(dropRegisters + createRegisters);
  return replayEntries(database);
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
