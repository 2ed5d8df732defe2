/**
 * From a path to a ledger that may be written: lock, create or recognise, look at its end, connect.
 *
 * Must never create a ledger where there is anything that could have been one, and never repair.
 */
import { constants } from 'node:fs';
import { access, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { checkBeforeUse } from './check.js';
import { corrupt, Database } from './database.js';
import type { EntryClock, Ledger, LedgerHead } from './ledger.js';
import { lockLedger } from './lock.js';
import { rebuildRegisters, registersAreOurs } from './rebuild.js';
import { createLedger, layoutOf, migrate } from './schema.js';
import { SqliteLedger } from './sqlite-ledger.js';
import { broken, openEntry } from './stored-entry.js';

export interface LedgerOptions {
  /** Absolute path of the ledger. Beside it stand `-wal`, `-shm` and `.lock`. Its folder must exist, on a local disk. */
  readonly file: string;
  /** Name of this dock; part of every entry. A ledger of another dock is refused. */
  readonly dock: string;
  /** Time of entries. */
  readonly entryClock: EntryClock;
  /** Real time, for deadlines. */
  readonly clock: Clock;
  /** The ledger has failed and refuses everything until it is opened anew (`Ledger.append`). Called once at most; must not throw. */
  readonly onFailed?: (error: DockError) => void;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  /** For the `dock.started` entry. */
  readonly previousStop: 'first-start' | 'clean' | 'unclean';
  /** From how many entries the registers were built again, because another version had made them; null: they were not. */
  readonly registersRebuilt: number | null;
  /**
   * Drops the registers and builds them again from the entries, for when a check finds only them wrong. Appends wait
   * meanwhile. Returns the number of entries.
   */
  rebuildRegisters(): Promise<number>;
}

/** Every write is on the medium before COMMIT returns. The log is kept short, so that a start after a crash is quick. */
const writerSettings = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA trusted_schema = OFF;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = 8388608;
`;

/**
 * Throws DOCK_LEDGER_LOCKED, …_CORRUPT, …_NEWER, …_BROKEN, …_OTHER_DOCK, …_UNREACHABLE, …_FULL or …_FAILED; then nothing
 * is held and nothing was changed.
 */
export async function openLedger({
  file,
  dock,
  entryClock,
  clock,
  onFailed = () => undefined,
}: LedgerOptions): Promise<OpenedLedger> {
  await assertFolder(file);
  const lock = await lockLedger(file);
  const opened: Database[] = [];
  try {
    const firstStart = !(await exists(file));
    if (firstStart) await create(file, dock);
    const writer = await Database.open(file, 'write');
    opened.push(writer);
    await layoutOf(writer);
    await writer.exec(writerSettings);
    await migrate(writer);
    const registersRebuilt = await proveAndRenew(writer);
    const { head, lastKind } = await readHead(writer, dock);
    const reader = await Database.open(file, 'read');
    opened.push(reader);
    const ledger = new SqliteLedger({ writer, reader, lock, dock, head, entryClock, clock, onFailed });
    const previousStop = firstStart ? 'first-start' : lastKind === 'dock.stopped' ? 'clean' : 'unclean';
    return { ledger, previousStop, registersRebuilt, rebuildRegisters: () => ledger.rebuildRegisters() };
  } catch (error) {
    for (const database of opened) await database.close();
    await lock.release();
    throw error;
  }
}

/**
 * The check before use, and registers of this version's layout. Of a ledger that is found broken nothing is changed.
 * Returns from how many entries the registers were built again; null: they were not.
 */
async function proveAndRenew(writer: Database): Promise<number | null> {
  const prove = async (): Promise<void> => {
    const wrong = await checkBeforeUse(writer);
    if (wrong !== undefined) throw broken(wrong.expected, phrase`${wrong.found} (${wrong.kind}, file ${writer.file})`);
  };
  if (!(await registersAreOurs(writer))) {
    return writer.transaction(async () => {
      // Before the check, which asks the registers too; what it finds takes this back.
      const entries = await rebuildRegisters(writer);
      await prove();
      return entries;
    });
  }
  await prove();
  return null;
}

/**
 * Made whole under another name first: a crash in between leaves no half ledger that later starts would have to judge.
 * Whatever bears that other name has never been a ledger.
 */
async function create(file: string, dock: string): Promise<void> {
  // A write-ahead file without its ledger holds entries of one that was taken away.
  if (await exists(`${file}-wal`)) throw corrupt(file, phrase`a write-ahead file, but no ledger`);
  const unborn = `${file}.new`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${unborn}${suffix}`, { force: true });
  const database = await Database.open(unborn, 'create');
  try {
    await database.exec('PRAGMA synchronous = FULL');
    await database.transact(createLedger(dock, 1));
  } finally {
    await database.close();
  }
  const folder = await open(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await rename(unborn, file);
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The head, which the check has just held against the entries, and what the last entry was about. */
async function readHead(
  database: Database,
  dock: string,
): Promise<{ readonly head: LedgerHead; readonly lastKind: string | undefined }> {
  const row = await database.first<{ dock: string; epoch: number; seq: number; leaf: Buffer; bytes: Buffer | null }>(
    'SELECT dock, epoch, head.seq AS seq, head.leaf AS leaf, bytes FROM head LEFT JOIN entries ON entries.seq = head.seq',
  );
  if (row === undefined) throw corrupt(database.file, phrase`no head`);
  if (row.dock !== dock) {
    throw new DockError('DOCK_LEDGER_OTHER_DOCK', {
      expected: phrase`the ledger of dock ${dock}`,
      found: phrase`that of dock ${row.dock} (${database.file})`,
      todo: phrase`Set the name of the dock in the configuration as it was, or give this dock a ledger of its own`,
      retry: 'never',
    });
  }
  const leaf = row.leaf.toString('hex');
  return {
    head: { epoch: row.epoch, seq: row.seq, leaf },
    lastKind: row.bytes === null ? undefined : openEntry(row.seq, row.bytes, leaf).entry.kind,
  };
}

async function assertFolder(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DockError('DOCK_LEDGER_UNREACHABLE', {
      expected: phrase`a folder ${dirname(file)} that can be written`,
      found: errnoOf(error) ?? messageOf(error),
      todo: phrase`Check that the folder of the ledger exists, is mounted read-write and belongs to the user of the daemon`,
      retry: 'never',
      cause: error,
    });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw new DockError('DOCK_LEDGER_UNREACHABLE', {
      expected: phrase`to look at ${file}`,
      found: errnoOf(error) ?? messageOf(error),
      todo: phrase`Check the disk that holds the ledger`,
      retry: 'never',
      cause: error,
    });
  }
}
