/**
 * The check of a whole ledger, at start and by command. Only reads: a ledger that is broken is evidence of how it was broken.
 *
 * Safe beside a daemon that goes on entering: it looks at what was there when it began.
 */
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import { ChainFollower, checkDocument, type LedgerProblem, problem } from './chain.js';
import { corrupt, Database } from './database.js';
import { entryTurns } from './entry-turns.js';
import { emptyTreeHash } from './leaf.js';
import { isOfRegisters, registersAreOurs, replayEntries } from './rebuild.js';
import { createRegisters, registerTables } from './registers.js';
import { createLedger, layoutOf } from './schema.js';

/**
 * `end`: layout, protection and the last entries; milliseconds, whatever the size.
 * `chain`: also every leaf hash and the chain from the first entry to the head.
 * `full`: also every document against its canonical form and its schema, SQLite's own check of the file, and the registers
 * against registers built anew.
 */
export type CheckDepth = 'end' | 'chain' | 'full';

export interface CheckOptions {
  readonly file: string;
  readonly depth: CheckDepth;
  readonly clock: Clock;
  /** Ends the check between two turns; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface LedgerCheck {
  readonly depth: CheckDepth;
  readonly dock: string;
  readonly epoch: number;
  /** The head that was checked. */
  readonly seq: number;
  readonly leaf: string;
  /** Entries that were looked at: with `end` only the last ones. */
  readonly entries: number;
  /** Entries of kinds that a newer version added: in the chain, but not judged. Counted with `full` only. */
  readonly unknownKinds: number;
  /** The first that was found; null: clean. */
  readonly problem: LedgerProblem | null;
  readonly elapsedMs: number;
  readonly entriesPerSecond: number;
}

/** How many entries before the head the check at the end looks at: what the last seconds before a crash can have written. */
const entriesAtEnd = 256;
/** Characters of a register's row in the finding: what is wrong with it stands behind. */
const longestRowShown = 180;

/** What the file says of itself, all of one moment. */
interface LedgerEnd {
  readonly dock: string;
  readonly epoch: number;
  readonly seq: number;
  readonly leaf: Buffer;
  readonly lastSeq: number | null;
  readonly lastMentioned: number | null;
}

/** Throws only where no check is possible: DOCK_LEDGER_UNREACHABLE, …_NEWER, …_LOCKED, …_FAILED. What is wrong is returned. */
export async function checkLedger({ file, depth, clock, signal }: CheckOptions): Promise<LedgerCheck> {
  const startedMs = clock.monotonicMs();
  const counts = { entries: 0, unknownKinds: 0 };
  let end: LedgerEnd | undefined;
  let found: LedgerProblem | undefined;
  const database = await Database.open(file, 'read');
  try {
    await database.exec('PRAGMA trusted_schema = OFF');
    await layoutOf(database);
    found = await checkLayout(database);
    if (found === undefined) {
      end = await readEnd(database);
      found =
        checkEnd(end) ??
        (await checkEntries(database, end, depth, counts, signal)) ??
        (depth === 'full' ? ((await checkFile(database)) ?? (await checkRegisters(database))) : undefined);
    }
  } catch (error) {
    if (!(error instanceof DockError)) throw error;
    if (error.code === 'DOCK_LEDGER_CORRUPT') found = problem('file', null, error.expected, error.found);
    else if (error.code === 'DOCK_LEDGER_BROKEN') found = problem('edited', null, error.expected, error.found);
    else throw error;
  } finally {
    await database.close();
  }
  const elapsedMs = clock.monotonicMs() - startedMs;
  return {
    depth,
    dock: end?.dock ?? '',
    epoch: end?.epoch ?? 0,
    seq: end?.seq ?? 0,
    leaf: end?.leaf.toString('hex') ?? '',
    ...counts,
    problem: found ?? null,
    elapsedMs,
    entriesPerSecond: elapsedMs > 0 ? Math.round((counts.entries * 1_000) / elapsedMs) : 0,
  };
}

/** The quick check on a connection that is open already: what a start does before it builds on the ledger. */
export async function checkBeforeUse(database: Database): Promise<LedgerProblem | undefined> {
  const unprotected = await checkLayout(database);
  if (unprotected !== undefined) return unprotected;
  const end = await readEnd(database);
  return checkEnd(end) ?? (await checkEntries(database, end, 'end', { entries: 0, unknownKinds: 0 }, undefined));
}

async function readEnd(database: Database): Promise<LedgerEnd> {
  // Only keys and the starts of indexes are read: this has to be quick however long the ledger is.
  const end = await database.first<LedgerEnd>(`
    SELECT dock, epoch, seq, leaf, (SELECT max(seq) FROM entries) AS lastSeq,
      (SELECT max(seq) FROM (SELECT max(seq) AS seq FROM recordings UNION ALL SELECT max(seq) FROM dockings
        UNION ALL SELECT max(seq) FROM cursors)) AS lastMentioned
    FROM head`);
  if (end === undefined) throw corrupt(database.file, phrase`no head`);
  return end;
}

function checkEnd({ seq, lastSeq, lastMentioned }: LedgerEnd): LedgerProblem | undefined {
  const last = lastSeq ?? 0;
  if (last < seq)
    return problem(
      'truncated',
      last + 1,
      phrase`entries up to ${seq}, where the head is`,
      phrase`entries up to ${last}`,
    );
  if (last > seq)
    return problem('added', seq + 1, phrase`entries up to ${seq}, where the head is`, phrase`entries up to ${last}`);
  if (lastMentioned !== null && lastMentioned > last) {
    return problem(
      'truncated',
      last + 1,
      phrase`entries up to ${lastMentioned}, as a register says`,
      phrase`entries up to ${last}`,
    );
  }
  return undefined;
}

/** Tables, indexes and triggers, held against those of a ledger that is made on the spot; the registers' own are not evidence. */
async function checkLayout(database: Database): Promise<LedgerProblem | undefined> {
  const fresh = await Database.scratch();
  try {
    await fresh.transact(createLedger('', 1));
    const [expected, found] = await Promise.all([layoutTexts(fresh), layoutTexts(database)]);
    for (const [name, text] of expected) {
      const actual = found.get(name);
      if (actual !== text)
        return problem('unprotected', null, verbatim(name), actual === undefined ? phrase`nothing` : phrase`another`);
    }
    for (const name of found.keys()) {
      if (!expected.has(name)) return problem('unprotected', null, phrase`nothing beside the ledger`, printable(name));
    }
    return undefined;
  } finally {
    await fresh.close();
  }
}

async function layoutTexts(database: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await database.all<{ name: string; sql: string }>(
    `SELECT type || ' ' || name AS name, ifnull(sql, '') AS sql FROM sqlite_schema 
      WHERE name NOT LIKE 'sqlite_stat%' AND NOT (${isOfRegisters})`,
  );
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

async function checkEntries(
  database: Database,
  end: LedgerEnd,
  depth: CheckDepth,
  counts: { entries: number; unknownKinds: number },
  signal: AbortSignal | undefined,
): Promise<LedgerProblem | undefined> {
  const before = depth === 'end' ? Math.max(0, end.seq - entriesAtEnd) : 0;
  const chain = new ChainFollower(before, before === 0 ? emptyTreeHash : await leafAt(database, before));
  for await (const turn of entryTurns(database, before, end.seq)) {
    signal?.throwIfAborted();
    for (const raw of turn) {
      const wrong = chain.next(raw);
      if (wrong !== undefined) return wrong;
      const judged = depth === 'full' ? checkDocument(raw.seq, raw.prefixed.subarray(1), end.dock, end.epoch) : 'known';
      if (typeof judged !== 'string') return judged;
      counts.entries += 1;
      if (judged === 'unknown') counts.unknownKinds += 1;
    }
  }
  const { seq, leaf } = chain.last;
  if (seq !== end.seq) return problem('deleted', seq + 1, phrase`entry ${seq + 1}`, phrase`nothing`);
  const headLeaf = end.leaf.toString('hex');
  if (leaf !== headLeaf)
    return problem('edited', seq, phrase`leaf hash ${headLeaf}, as the head says`, phrase`leaf hash ${leaf}`);
  return undefined;
}

async function leafAt(database: Database, seq: number): Promise<string> {
  const row = await database.first<{ leaf: Buffer }>('SELECT leaf FROM entries WHERE seq = ?', seq);
  return row?.leaf.toString('hex') ?? '';
}

async function checkFile(database: Database): Promise<LedgerProblem | undefined> {
  const row = await database.first<{ quick_check: string }>('PRAGMA quick_check(1)');
  if (row?.quick_check === 'ok') return undefined;
  return problem('file', null, phrase`a sound SQLite file`, printable(row?.quick_check ?? phrase`no answer`));
}

/** Builds the registers anew from the entries and compares. One moment of the ledger, held by a read transaction. */
async function checkRegisters(database: Database): Promise<LedgerProblem | undefined> {
  if (!(await registersAreOurs(database))) {
    return problem(
      'register',
      null,
      phrase`the tables and indexes of this version`,
      phrase`others: the next start of the dock builds them again`,
    );
  }
  const scratch = await Database.scratch();
  try {
    // Nothing here has to survive anything.
    await scratch.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF');
    // Before the ledger is attached: from then on a name that the scratch database lacks means the ledger's own table.
    await scratch.exec(createRegisters);
    await scratch.all('ATTACH ? AS ledger', `${pathToFileURL(database.file).href}?mode=ro`);
    return await scratch.reading(async () => {
      await replayEntries(scratch);
      for (const table of registerTables) {
        for (const [these, those] of [
          ['main', 'ledger'],
          ['ledger', 'main'],
        ] as const) {
          const row = await scratch.first<Record<string, unknown>>(
            `SELECT * FROM (SELECT * FROM ${these}.${table} EXCEPT SELECT * FROM ${those}.${table}) LIMIT 1`,
          );
          if (row !== undefined) {
            const seq = typeof row['seq'] === 'number' ? row['seq'] : null;
            const shown = printable(JSON.stringify(row), longestRowShown);
            return problem(
              'register',
              seq,
              phrase`${table} as the entries say`,
              these === 'main' ? phrase`${shown} is missing` : phrase`${shown} does not follow from the entries`,
            );
          }
        }
      }
      return undefined;
    });
  } finally {
    await scratch.close();
  }
}
