/** The ledger in SQLite (D10): puts the writer and the queries together. What each promises stands with them. */
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Database } from './database.js';
import type { Fact, StoredEntry } from './entry.js';
import { GroupCommit } from './group-commit.js';
import type { EntryClock, Ledger, LedgerHead, RecordingQuery } from './ledger.js';
import type { LedgerLock } from './lock.js';
import { LedgerQueries } from './queries.js';
import { rebuildRegisters } from './rebuild.js';
import { statement } from './sql.js';
import { checkFact } from './stored-entry.js';

export interface SqliteLedgerParts {
  readonly writer: Database;
  readonly reader: Database;
  readonly lock: LedgerLock;
  readonly dock: string;
  readonly head: LedgerHead;
  readonly entryClock: EntryClock;
  /** For the deadlines of commits and reads, which is real time even where the rest is simulated. */
  readonly clock: Clock;
  /** As `LedgerOptions.onFailed`. */
  readonly onFailed: (error: DockError) => void;
}

export class SqliteLedger implements Ledger {
  readonly #writer: Database;
  readonly #reader: Database;
  readonly #lock: LedgerLock;
  readonly #entryClock: EntryClock;
  readonly #commits: GroupCommit;
  readonly #queries: LedgerQueries;
  readonly #listeners = new Set<(head: LedgerHead) => void>();
  #closed: Promise<void> | undefined;

  constructor({ writer, reader, lock, dock, head, entryClock, clock, onFailed }: SqliteLedgerParts) {
    this.#writer = writer;
    this.#reader = reader;
    this.#lock = lock;
    this.#entryClock = entryClock;
    this.#commits = new GroupCommit(writer, dock, head, clock, {
      committed: (grown) => this.#announce(grown),
      failed: onFailed,
    });
    this.#queries = new LedgerQueries(reader, clock);
  }

  head(): LedgerHead {
    return this.#commits.head;
  }

  async append(...facts: readonly Fact[]): Promise<readonly StoredEntry[]> {
    if (facts.length === 0) return [];
    return this.#commits.write(facts.map((fact) => checkFact(fact, this.#entryClock())));
  }

  onAppended(listener: (head: LedgerHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async moveCursor(name: string, seq: number): Promise<void> {
    const { seq: last } = this.head();
    if (!Number.isInteger(seq) || seq < 0 || seq > last) {
      throw new DockError('DOCK_LEDGER_QUERY_INVALID', {
        expected: phrase`a position between 0 and ${last}`,
        found: phrase`${seq} as the position of ${name}`,
        todo: phrase`Compare the ledger with the centre: one of them knows entries that the other does not`,
        retry: 'never',
      });
    }
    await this.#commits.write(
      [],
      [
        statement(
          `INSERT INTO cursors (name, seq) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > cursors.seq`,
          name,
          seq,
        ),
      ],
    );
  }

  async read(fromSeq: number, limit: number): ReturnType<Ledger['read']> {
    return this.#queries.entries(fromSeq, limit);
  }

  async knownRecordings(camera: string): ReturnType<Ledger['knownRecordings']> {
    return this.#queries.knownRecordings(camera);
  }

  async recordings(query: RecordingQuery): ReturnType<Ledger['recordings']> {
    return this.#queries.recordings(query);
  }

  async recordingAt(archivePath: string): ReturnType<Ledger['recordingAt']> {
    return this.#queries.recordingAt(archivePath);
  }

  async camera(camera: string): ReturnType<Ledger['camera']> {
    return this.#queries.camera(camera);
  }

  async dockingAccount(docking: string): ReturnType<Ledger['dockingAccount']> {
    return this.#queries.dockingAccount(docking);
  }

  async dockings(limit: number): ReturnType<Ledger['dockings']> {
    return this.#queries.dockings(limit);
  }

  async openDockings(): ReturnType<Ledger['openDockings']> {
    return this.#queries.openDockings();
  }

  async cursor(name: string): Promise<number> {
    return this.#queries.cursor(name);
  }

  /** As `OpenedLedger.rebuildRegisters`. */
  rebuildRegisters(): Promise<number> {
    return this.#commits.exclusively(() => this.#writer.transaction(() => rebuildRegisters(this.#writer)));
  }

  /** Settles what was asked for, then lets go of the file. The second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#commits.stop(
      new DockError('DOCK_LEDGER_CLOSED', {
        expected: phrase`an open ledger`,
        found: phrase`a ledger that was closed`,
        todo: phrase`Report this as a defect: something was entered after the stop`,
        retry: 'never',
      }),
    );
    await this.#reader.close();
    await this.#writer.close();
    await this.#lock.release();
  }

  #announce(head: LedgerHead): void {
    for (const listener of this.#listeners) {
      try {
        listener(head);
      } catch (error) {
        // A listener that throws is a defect; it must end the process, not the append that it heard of.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
