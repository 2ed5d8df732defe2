/**
 * One daemon to a ledger. The lock is the operating system's, held through SQLite on a file of its own, and is gone with
 * the process however it ends; the ledger itself stays readable for `custodock ledger` and backups.
 */
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { Database } from './database.js';

export interface LedgerLock {
  release(): Promise<void>;
}

/** Throws DOCK_LEDGER_LOCKED when another process, or this one, has it. */
export async function lockLedger(file: string): Promise<LedgerLock> {
  const database = await Database.open(`${file}.lock`, 'create');
  try {
    await database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    await database.close();
    if (error instanceof DockError && error.code === 'DOCK_LEDGER_LOCKED') {
      throw new DockError('DOCK_LEDGER_LOCKED', {
        expected: phrase`a ledger that no other daemon uses`,
        found: phrase`another process holds ${file}`,
        todo: phrase`Stop the other daemon, or give this one a state folder of its own`,
        retry: 'now',
        cause: error,
      });
    }
    throw error;
  }
  return { release: () => database.close() };
}
