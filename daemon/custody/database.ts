/**
 * The only place that touches `sqlite3`: one connection, promises instead of callbacks, DockErrors instead of result codes.
 *
 * Statements of a connection run one after the other, each to its last row: SQLite locks the connection for that long
 * anyway, and whoever waits for the lock would hold one of the four threads that all file access of the process shares.
 * Must never retry, and never leave a transaction or a statement open: the next read would see the past.
 */
import sqlite3 from 'sqlite3';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import { inlined, type SqlValue, type Statement } from './sql.js';

const openFlags = {
  /** Must exist; never written. */
  read: sqlite3.OPEN_READONLY,
  /** Must exist. */
  write: sqlite3.OPEN_READWRITE,
  create: sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE,
  /** May attach others by `file:` address, which is the only way to attach one read-only. */
  scratch: sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE | sqlite3.OPEN_URI,
} as const;

/** How long SQLite itself waits for a lock of another process (a backup, a reader that recovers the log). */
const busyTimeoutMs = 2_000;

export class Database {
  readonly #connection: sqlite3.Database;
  readonly file: string;

  private constructor(connection: sqlite3.Database, file: string) {
    this.#connection = connection;
    this.file = file;
  }

  /** An empty database that is gone when it is closed; what does not fit in memory goes to the folder for temporary files. */
  static scratch(): Promise<Database> {
    return Database.open('', 'scratch');
  }

  static open(file: string, access: keyof typeof openFlags): Promise<Database> {
    return new Promise((resolve, reject) => {
      const connection = new sqlite3.Database(file, openFlags[access], (error) => {
        if (error !== null) {
          reject(ledgerError(error, file));
          return;
        }
        connection.serialize();
        connection.configure('busyTimeout', busyTimeoutMs);
        resolve(new Database(connection, file));
      });
    });
  }

  /** Runs all statements of `sql`; stops at the first that fails. */
  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.exec(sql, (error) => (error === null ? resolve() : reject(ledgerError(error, this.file))));
    });
  }

  /** All statements in one transaction, or none: one call, so nothing else on this connection can get in between. */
  async transact(statements: readonly Statement[]): Promise<void> {
    try {
      await this.exec(`BEGIN IMMEDIATE;${statements.map(inlined).join(';')};COMMIT`);
    } catch (error) {
      await this.#rollback();
      throw error;
    }
  }

  /**
   * A transaction of several calls, for work that needs to read in between. Only where nobody else uses this connection
   * meanwhile: whatever they did would be part of it, and vanish with it.
   */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.#inside('BEGIN IMMEDIATE', work);
  }

  /** As `transaction`, but takes no lock for writing: what is read in it is of one moment, also in attached databases. */
  reading<T>(work: () => Promise<T>): Promise<T> {
    return this.#inside('BEGIN DEFERRED', work);
  }

  async #inside<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.exec(begin);
    try {
      const result = await work();
      await this.exec('COMMIT');
      return result;
    } catch (error) {
      await this.#rollback();
      throw error;
    }
  }

  /** Ends a transaction that failed, where SQLite has not done so itself (it does after a full disk or an I/O error). */
  async #rollback(): Promise<void> {
    try {
      await this.exec('ROLLBACK');
    } catch (error) {
      if (!messageOf(error).includes('no transaction is active')) throw error;
    }
  }

  /** The rows of one query. `Row` is the caller's promise about its own columns, which the STRICT tables keep. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#connection.all<Row>(sql, values, (error, rows) =>
        error === null ? resolve(rows) : reject(ledgerError(error, this.file)),
      );
    });
  }

  /** The first row of one query. */
  async first<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.all<Row>(sql, ...values))[0];
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.close((error) => (error === null ? resolve() : reject(ledgerError(error, this.file))));
    });
  }
}

/** What went wrong, by SQLite's result code (https://sqlite.org/rescode.html). */
function ledgerError(error: Error, file: string): DockError {
  const result = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const found = verbatim(`${error.message} (${file})`);
  const cause = error;
  switch (result) {
    case 'SQLITE_FULL':
      return new DockError('DOCK_LEDGER_FULL', {
        expected: phrase`room for the ledger on its disk`,
        found,
        todo: phrase`Free some space on the disk that holds the ledger`,
        retry: 'now',
        cause,
      });
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new DockError('DOCK_LEDGER_LOCKED', {
        expected: phrase`a ledger that no other program uses`,
        found,
        todo: phrase`Stop the other program that holds the ledger open`,
        retry: 'now',
        cause,
      });
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
    // A table or column that is not there: SQLite is content with the file, but it is no ledger.
    case 'SQLITE_ERROR':
      return corrupt(file, messageOf(error), cause);
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
    case 'SQLITE_CANTOPEN':
      return new DockError('DOCK_LEDGER_UNREACHABLE', {
        expected: phrase`a ledger that can be opened and written`,
        found,
        todo: phrase`Check that the folder of the ledger exists, is mounted read-write and belongs to the user of the daemon`,
        retry: 'never',
        cause,
      });
    case 'SQLITE_CONSTRAINT':
      return new DockError('DOCK_LEDGER_REFUSED', {
        expected: phrase`an entry that fits the ledger`,
        found,
        todo: phrase`Report this as a defect: the ledger refused a change that would break it`,
        retry: 'never',
        cause,
      });
    default:
      // SQLITE_IOERR above all. What a failed write or fsync left behind is unknown until the file is opened anew.
      return new DockError('DOCK_LEDGER_FAILED', {
        expected: phrase`a disk that keeps what is written`,
        found,
        todo: phrase`Check the disk that holds the ledger, then restart the service`,
        retry: 'never',
        cause,
      });
  }
}

/** The file is not a sound ledger. It is evidence even so: never repaired, never replaced. */
export function corrupt(file: string, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_LEDGER_CORRUPT', {
    expected: phrase`a sound ledger`,
    found: phrase`${found} (file ${file})`,
    todo: phrase`Keep the file as evidence, do not repair it; restore the disk or move the ledger away and tell the custodian`,
    retry: 'never',
    cause,
  });
}
