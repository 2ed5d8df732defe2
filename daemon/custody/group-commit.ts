/**
 * The one writer of the ledger: what is asked for while a transaction runs is committed together in the next one.
 *
 * Answerable for order and for I4: nobody hears of an entry before it is on the medium, and each append is there as a whole
 * or not at all, whatever happens to its neighbours. Must never go on after a failure that leaves the file in doubt.
 */
import type { Clock } from '../../drivers/contract/clock.js';
import { within } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { Mutex } from '../runtime/mutex.js';
import type { Database } from './database.js';
import type { StoredEntry } from './entry.js';
import type { LedgerHead } from './ledger.js';
import { project } from './registers.js';
import { type Statement, statement } from './sql.js';
import { type CheckedFact, sealEntry } from './stored-entry.js';

/** What one transaction takes at most; a longer one would keep its first callers waiting for its last. */
const longestGroup = { facts: 500, bytes: 4 * 1_048_576 };

/** What may wait at most. Sixteen bays ask for a few at a time: a longer queue means that the disk stands still. */
const longestQueue = { facts: 20_000, bytes: 64 * 1_048_576 };

/** A transaction takes milliseconds; a disk that has not answered after this long is taken for dead. */
const deadlineMs = 30_000;

/** After these the file is as it was before, and the next append may well succeed. Anything else leaves it in doubt. */
const harmless: readonly string[] = ['DOCK_LEDGER_FULL', 'DOCK_LEDGER_LOCKED', 'DOCK_LEDGER_REFUSED'];

/** One caller's wish: its facts, and what else must hold from the same moment on. */
interface Wish {
  readonly facts: readonly CheckedFact[];
  readonly beside: readonly Statement[];
  readonly sizeBytes: number;
  readonly resolve: (stored: readonly StoredEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface CommitListener {
  /** Something is on the medium; must not throw. */
  committed(head: LedgerHead): void;
  /** It cannot be told any more what is on the medium: from now on nothing is written. Once at most. */
  failed(error: DockError): void;
}

export class GroupCommit {
  readonly #database: Database;
  readonly #dock: string;
  readonly #clock: Clock;
  readonly #listener: CommitListener;
  readonly #mutex = new Mutex();
  #head: LedgerHead;
  #queue: Wish[] = [];
  #queuedFacts = 0;
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;
  /** Why nothing new is taken; and why nothing that waits is written any more. */
  #refusal: DockError | undefined;
  #failure: DockError | undefined;

  constructor(database: Database, dock: string, head: LedgerHead, clock: Clock, listener: CommitListener) {
    this.#database = database;
    this.#dock = dock;
    this.#head = head;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** The last entry that is on the medium. */
  get head(): LedgerHead {
    return this.#head;
  }

  /** Resolves when all of it is on the medium. */
  write(facts: readonly CheckedFact[], beside: readonly Statement[] = []): Promise<readonly StoredEntry[]> {
    const sizeBytes = facts.reduce((sum, fact) => sum + fact.sizeBytes, 0);
    return new Promise((resolve, reject) => {
      if (this.#refusal !== undefined) {
        reject(this.#refusal);
        return;
      }
      if (this.#queuedFacts + facts.length > longestQueue.facts || this.#queuedBytes + sizeBytes > longestQueue.bytes) {
        reject(overloaded(this.#queuedFacts, this.#queuedBytes));
        return;
      }
      this.#queue.push({ facts, beside, sizeBytes, resolve, reject });
      this.#queuedFacts += facts.length;
      this.#queuedBytes += sizeBytes;
      this.#draining ??= this.#drain();
    });
  }

  /** Runs `work` on the writer's connection between two transactions. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(work);
  }

  /** Refuses everything from now on; resolves when what was asked for before is settled. */
  async stop(refusal: DockError): Promise<void> {
    this.#refusal ??= refusal;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // A turn of the loop, so that what is asked for in the same tick shares the first transaction.
    await undefined;
    while (this.#queue.length > 0) {
      const group = this.#nextGroup();
      await this.#mutex.run(() => this.#commit(group));
    }
    this.#draining = undefined;
  }

  #nextGroup(): readonly Wish[] {
    let facts = 0;
    let bytes = 0;
    let count = 0;
    for (const wish of this.#queue) {
      facts += wish.facts.length;
      bytes += wish.sizeBytes;
      // The first is taken whatever its size: an append is never cut in two.
      if (count > 0 && (facts > longestGroup.facts || bytes > longestGroup.bytes)) break;
      count += 1;
    }
    const group = this.#queue.splice(0, count);
    for (const wish of group) {
      this.#queuedFacts -= wish.facts.length;
      this.#queuedBytes -= wish.sizeBytes;
    }
    return group;
  }

  /** Never throws: each wish hears its own outcome. */
  async #commit(group: readonly Wish[]): Promise<void> {
    if (this.#failure !== undefined) {
      for (const wish of group) wish.reject(this.#failure);
      return;
    }
    const { head, stored, statements } = this.#compose(group);
    try {
      await within(this.#clock, 'ledger.commit', deadlineMs, this.#database.transact(statements), stalled);
    } catch (error) {
      if (error instanceof DockError && error.code === 'DOCK_LEDGER_REFUSED' && group.length > 1) {
        // One of them does not fit; alone, each of the others still does.
        for (const wish of group) await this.#commit([wish]);
        return;
      }
      if (!(error instanceof DockError && harmless.includes(error.code))) this.#fail(error);
      for (const wish of group) wish.reject(error);
      return;
    }
    const grown = head.seq > this.#head.seq;
    this.#head = head;
    group.forEach((wish, index) => {
      wish.resolve(stored[index] ?? []);
    });
    if (grown) this.#listener.committed(head);
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof DockError ? error : doubtful(error);
    this.#refusal ??= this.#failure;
    this.#listener.failed(this.#failure);
  }

  #compose(group: readonly Wish[]): {
    readonly head: LedgerHead;
    readonly stored: readonly (readonly StoredEntry[])[];
    readonly statements: readonly Statement[];
  } {
    let head = this.#head;
    const statements: Statement[] = [];
    const stored = group.map(({ facts, beside }) => {
      const entries = facts.map((fact) => {
        const entry = sealEntry(this.#dock, head, fact);
        head = { epoch: head.epoch, seq: entry.seq, leaf: entry.leaf };
        statements.push(
          statement(
            'INSERT INTO entries (seq, leaf, bytes) VALUES (?, ?, ?)',
            entry.seq,
            leafBytes(entry),
            entry.bytes,
          ),
          ...project(entry),
        );
        return entry;
      });
      statements.push(...beside);
      return entries;
    });
    if (head.seq > this.#head.seq) {
      statements.push(statement('UPDATE head SET seq = ?, leaf = ?', head.seq, leafBytes(head)));
    }
    return { head, stored, statements };
  }
}

function leafBytes({ leaf }: { readonly leaf: string }): Uint8Array {
  return Buffer.from(leaf, 'hex');
}

function overloaded(facts: number, bytes: number): DockError {
  return new DockError('DOCK_LEDGER_OVERLOADED', {
    expected: phrase`at most ${longestQueue.facts} facts and ${longestQueue.bytes} bytes waiting`,
    found: phrase`${facts} facts and ${bytes} bytes`,
    todo: phrase`Check the disk that holds the ledger: it does not keep up`,
    retry: 'now',
  });
}

function stalled(): DockError {
  return new DockError('DOCK_LEDGER_STALLED', {
    expected: phrase`a commit within ${deadlineMs} ms`,
    found: phrase`no answer from the disk`,
    todo: phrase`Check the disk that holds the ledger, then restart the service`,
    retry: 'never',
  });
}

function doubtful(error: unknown): DockError {
  return new DockError('DOCK_LEDGER_FAILED', {
    expected: phrase`a transaction that succeeds or fails as a whole`,
    found: messageOf(error),
    todo: phrase`Check the disk that holds the ledger, then restart the service`,
    retry: 'never',
    cause: error,
  });
}
