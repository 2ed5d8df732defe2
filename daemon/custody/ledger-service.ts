/**
 * The ledger as a service of the dock: opened first, closed last, its chain followed after each start, and what a check found said in the
 * operator's language.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../drivers/contract/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import { type Language, say } from '../language/messages.js';
import type { Log } from '../runtime/log.js';
import { Mutex } from '../runtime/mutex.js';
import type { Service } from '../runtime/service.js';
import type { CheckDepth, LedgerCheck } from './check.js';
import type { EntryTime } from './entry.js';
import type { EntryClock, Ledger, LedgerHead } from './ledger.js';
import { type OpenedLedger, openLedger } from './open.js';
import { broken } from './stored-entry.js';

/** Reads a whole ledger, off the event loop, until the signal ends it. */
export type CheckLedger = (file: string, depth: CheckDepth, signal: AbortSignal) => Promise<LedgerCheck>;

export interface LedgerServiceOptions {
  readonly stateDir: string;
  readonly dock: string;
  readonly entryClock: EntryClock;
  readonly clock: Clock;
  readonly log: Log;
  readonly language: () => Language;
  readonly checkLedger: CheckLedger;
  /** As `LedgerOptions.onFailed`. */
  readonly onFailed: (error: DockError) => void;
}

/** Where a dock keeps its ledger. */
export function ledgerPath(stateDir: string): string {
  return path.join(stateDir, 'ledger.db');
}

export class LedgerService implements Service {
  readonly name = 'ledger';
  readonly stopWithinMs = 5_000;
  readonly #options: LedgerServiceOptions;
  readonly #file: string;
  readonly #stopping = new AbortController();
  readonly #checks = new Map<CheckDepth, Promise<LedgerCheck>>();
  readonly #oneCheck = new Mutex();
  #opened: OpenedLedger | undefined;
  #lastEntryTime: EntryTime | undefined;
  #finding: 'running' | 'clean' | 'broken' = 'running';

  constructor(options: LedgerServiceOptions) {
    this.#options = options;
    this.#file = ledgerPath(options.stateDir);
  }

  get ledger(): Ledger {
    return this.#open.ledger;
  }

  get previousStop(): OpenedLedger['previousStop'] {
    return this.#open.previousStop;
  }

  /** The time of the last entry before this start; undefined: there was none. */
  get lastEntryTime(): EntryTime | undefined {
    return this.#lastEntryTime;
  }

  /** Head and finding for the status; before the start an empty one. */
  status(): LedgerHead & { readonly check: 'running' | 'clean' | 'broken' } {
    const head = this.#opened?.ledger.head() ?? { epoch: 0, seq: 0, leaf: '' };
    return { ...head, check: this.#finding };
  }

  async start(): Promise<void> {
    const { stateDir, dock, entryClock, clock, log, onFailed } = this.#options;
    await mkdir(stateDir, { recursive: true, mode: 0o750 });
    this.#opened = await openLedger({ file: this.#file, dock, entryClock, clock, onFailed });
    const { ledger, previousStop, registersRebuilt } = this.#opened;
    const { seq, epoch } = ledger.head();
    const [last] = seq === 0 ? [] : await ledger.read(seq, 1);
    this.#lastEntryTime = last?.entry.time;
    if (previousStop === 'first-start') log.info('ledger.created');
    else log.info('ledger.opened', { seq, epoch });
    if (registersRebuilt !== null) log.warn('ledger.registers-rebuilt', { entries: registersRebuilt });
  }

  async stop(): Promise<void> {
    this.endCheck();
    await this.#opened?.ledger.close();
  }

  /** A check that runs is given up: nobody waits for its finding any more. */
  endCheck(): void {
    this.#stopping.abort(new Error('the dock stops'));
  }

  /** One check at a time: each has a thread with room for the longest entries. Who asks for what is asked for already shares it. */
  check(depth: CheckDepth): Promise<LedgerCheck> {
    const asked = this.#checks.get(depth);
    if (asked !== undefined) return asked;
    const check = this.#oneCheck.run(() => this.#check(depth)).finally(() => this.#checks.delete(depth));
    this.#checks.set(depth, check);
    return check;
  }

  async #check(depth: CheckDepth): Promise<LedgerCheck> {
    const { checkLedger, log, language } = this.#options;
    const check = await checkLedger(this.#file, depth, this.#stopping.signal);
    const { entries, entriesPerSecond, problem } = check;
    this.#finding = problem === null ? 'clean' : 'broken';
    if (problem === null) {
      log.info('ledger.checked', { entries, entriesPerSecond: Math.round(entriesPerSecond) });
    } else {
      const what = say(language(), `ledger.problem.${problem.kind}`, { seq: problem.seq });
      log.error('ledger.broken', { problem: what, seq: problem.seq }, broken(problem.expected, problem.found));
    }
    return check;
  }

  get #open(): OpenedLedger {
    if (this.#opened === undefined) throw new Error('the ledger is not open');
    return this.#opened;
  }
}
