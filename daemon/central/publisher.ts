/**
 * Tells the centre every ledger entry, in order, from the persisted cursor on. The ledger is the outbox: nothing is kept here
 * but a window (I4, I8).
 *
 * Never skips an entry, never sends a later one before an earlier one within a connection, never moves the cursor over an
 * entry that was not acknowledged, and never makes the ledger wait.
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { StoredEntry } from '../custody/entry.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { BrokerConnection } from './broker.js';
import { closed } from './broker-trouble.js';
import { Delivery, type Receipt } from './delivery.js';
import { eventContentType, eventPayload } from './event.js';
import { AcknowledgementCheck, silent } from './receipt.js';

/** Name of the cursor in the ledger. */
export const CENTRE_CURSOR = 'centre';

export interface PublisherTimings {
  /** Longest wait until an acknowledged position is kept durably, ms: what is sent again after a crash. */
  readonly keepCursorMs: number;
  /** How long the centre may acknowledge nothing before its events are sent again, ms; doubles up to sixteen times that. */
  readonly receiptMs: number;
  /** Wait after the ledger could not be read, ms. */
  readonly pauseMs: number;
}

export const publisherTimings: PublisherTimings = { keepCursorMs: 200, receiptMs: 30_000, pauseMs: 10_000 };

/** Entries read from the ledger at once: bounds the memory, at most 1 MiB each, whatever the window is. */
const READ_AHEAD = 64;

/**
 * How far to go back when the broker has lost its session, entries: what a broker may have acknowledged and still kept in
 * memory for a slow receiver (mosquitto's `max_queued_messages`, 1000). Repeats are allowed, gaps are not.
 */
export const LOST_SESSION_REWIND = 1_000;

export interface PublisherOptions {
  readonly bureau: string;
  readonly topic: string;
  readonly window: number;
  readonly receipt: Receipt;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly timings?: PublisherTimings;
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #timings: PublisherTimings;
  #delivery: Delivery | undefined;
  #connection: BrokerConnection | undefined;
  #unsubscribe: () => void = () => undefined;
  #buffer: readonly StoredEntry[] = [];
  #reading = false;
  #pause: Timer | undefined;
  #receiptTimer: Timer | undefined;
  #receiptWaitMs: number;
  #cursorTimer: Timer | undefined;
  /**
   * The broker may have lost what it had acknowledged, and not all of that is sent again yet. Owed until it is, over any
   * number of connections, and from the start: the process before may have died while it owed it.
   */
  #rewindOwed = true;
  #keptCursor = 0;
  #cursorFailed = false;
  #keeping: Promise<void> = Promise.resolve();
  readonly #acknowledgements: AcknowledgementCheck;
  #drainedWaiters: (() => void)[] = [];
  #trouble: DockError | undefined;
  #unheard = false;
  #stopped = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#timings = options.timings ?? publisherTimings;
    this.#receiptWaitMs = this.#timings.receiptMs;
    this.#acknowledgements = new AcknowledgementCheck(
      options.ledger,
      (seq) => this.#centreAcknowledged(seq),
      (thrown) => this.#report(thrown),
    );
  }

  /** Entries that the centre has not been told yet. */
  get waiting(): number {
    return this.#options.ledger.head().seq - (this.#delivery?.told ?? this.#keptCursor);
  }

  /** What keeps events from being told although there is a connection, or what is wrong with the centre's history. */
  get trouble(): DockError | undefined {
    return this.#trouble;
  }

  /** Throws what the ledger throws when its cursor cannot be read. */
  async start(): Promise<void> {
    const { ledger, receipt, window } = this.#options;
    this.#keptCursor = await ledger.cursor(CENTRE_CURSOR);
    this.#delivery = new Delivery(receipt, window, this.#keptCursor);
    this.#unsubscribe = ledger.onAppended(() => this.#pump());
    this.#pump();
  }

  up(connection: BrokerConnection): void {
    this.#connection = connection;
    if (!connection.resumed) this.#rewindOwed = true;
    this.#restart();
  }

  down(): void {
    this.#connection = undefined;
    this.#receiptTimer?.cancel();
    this.#receiptTimer = undefined;
    for (const waiter of this.#drainedWaiters.splice(0)) waiter();
  }

  /** A message on the ack topic. */
  acknowledge(payload: Buffer): void {
    if (this.#options.receipt === 'centre') this.#acknowledgements.take(payload);
  }

  /** Resolves when nothing waits any more, when there is no connection, or after `deadlineMs`. */
  drained(deadlineMs: number): Promise<void> {
    if (this.waiting === 0 || this.#connection === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.timer('centre.drain', deadlineMs, () => done());
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      this.#drainedWaiters.push(done);
    });
  }

  /** Sends nothing more and keeps the cursor where it stands. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.down();
    this.#pause?.cancel();
    this.#cursorTimer?.cancel();
    await this.#keeping;
    await this.#keepCursor();
  }

  #restart(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#delivery?.restart(this.#options.receipt === 'broker' && this.#rewindOwed ? LOST_SESSION_REWIND : 0);
    this.#settleRewind();
    this.#pump();
  }

  #settleRewind(): void {
    const delivery = this.#delivery;
    if (delivery !== undefined && delivery.acknowledged >= delivery.told) this.#rewindOwed = false;
  }

  /** Sends what may be sent. Called whenever something changed; does nothing when nothing may be sent. */
  #pump(): void {
    const delivery = this.#delivery;
    const connection = this.#connection;
    if (delivery === undefined || connection === undefined || this.#pause !== undefined || this.#stopped) return;
    const head = this.#options.ledger.head().seq;
    while (delivery.maySend(head)) {
      const stored = this.#buffered(delivery.next);
      if (stored === undefined) {
        if (!this.#reading) void this.#read(delivery.next);
        return;
      }
      delivery.sent();
      this.#awaitReceipt();
      void this.#publish(connection, stored);
    }
  }

  #buffered(seq: number): StoredEntry | undefined {
    const first = this.#buffer[0];
    return first === undefined ? undefined : this.#buffer[seq - first.seq];
  }

  async #read(fromSeq: number): Promise<void> {
    this.#reading = true;
    try {
      const entries = await this.#options.ledger.read(fromSeq, READ_AHEAD);
      if (entries[0]?.seq !== fromSeq) throw notThere(fromSeq, entries[0]?.seq);
      this.#buffer = entries;
      this.#resolved('DOCK_CENTRE_UNREADABLE');
    } catch (thrown) {
      this.#buffer = [];
      this.#wait(thrown);
    } finally {
      this.#reading = false;
    }
    this.#pump();
  }

  async #publish(connection: BrokerConnection, stored: StoredEntry): Promise<void> {
    const payload = eventPayload(this.#options.bureau, stored);
    try {
      const { heard } = await connection.publish(this.#options.topic, payload, {
        retain: false,
        contentType: eventContentType,
      });
      if (connection !== this.#connection) return;
      this.#delivery?.brokerAcknowledged(stored.seq);
      this.#settleRewind();
      this.#heard(heard);
      this.#progressed();
    } catch (thrown) {
      // Whatever comes after an event that was refused must not be taken either: the link ends the connection, says why
      // and tries again later, from the lowest that is not told. Nothing happens when it was over already.
      connection.cut(thrown instanceof DockError ? thrown : closed(this.#options.topic, messageOf(thrown)));
    }
  }

  /** The ledger cannot be read: nothing goes out for a while. */
  #wait(why: unknown): void {
    if (this.#pause !== undefined || this.#stopped) return;
    this.#report(why);
    this.#pause = this.#options.clock.timer('centre.pause', this.#timings.pauseMs, () => this.#restart());
  }

  #heard(heard: boolean): void {
    if (heard === !this.#unheard) return;
    this.#unheard = !heard;
    if (!heard) this.#options.log.warn('centre.nobody-listening', { topic: this.#options.topic });
  }

  #progressed(): void {
    const delivery = this.#delivery;
    if (delivery === undefined) return;
    if (delivery.told > this.#keptCursor && !this.#stopped) {
      this.#cursorTimer ??= this.#options.clock.timer('centre.cursor', this.#timings.keepCursorMs, () => {
        this.#keeping = this.#keepCursor().finally(() => {
          this.#cursorTimer = undefined;
          if (this.#keptCursor < delivery.told) this.#progressed();
        });
      });
    }
    if (this.waiting === 0) for (const waiter of this.#drainedWaiters.splice(0)) waiter();
    this.#pump();
  }

  async #keepCursor(): Promise<void> {
    const told = this.#delivery?.told ?? 0;
    if (told <= this.#keptCursor) return;
    try {
      await this.#options.ledger.moveCursor(CENTRE_CURSOR, told);
      this.#keptCursor = told;
      this.#cursorFailed = false;
    } catch (thrown) {
      // Only means repeats after a crash, and it is tried again: said once.
      if (!this.#cursorFailed) this.#options.log.warn('centre.cursor-not-kept', { seq: told }, thrown);
      this.#cursorFailed = true;
    }
  }

  /** With `receipt: centre`: a deadline for the centre, while something that it has been sent is not acknowledged. */
  #awaitReceipt(): void {
    if (this.#options.receipt !== 'centre' || this.#receiptTimer !== undefined) return;
    const waitMs = this.#receiptWaitMs;
    this.#receiptTimer = this.#options.clock.timer('centre.receipt', waitMs, () => {
      this.#receiptTimer = undefined;
      const delivery = this.#delivery;
      if (delivery === undefined || delivery.next - 1 <= delivery.told) return;
      this.#receiptWaitMs = Math.min(waitMs * 2, this.#timings.receiptMs * 16);
      this.#report(silent(delivery.told + 1, waitMs));
      this.#restart();
    });
  }

  #centreAcknowledged(seq: number): void {
    const delivery = this.#delivery;
    this.#resolved('DOCK_CENTRE_BAD_ACK');
    this.#resolved('DOCK_CENTRE_UNREADABLE');
    if (delivery === undefined || seq <= delivery.told) return;
    delivery.centreAcknowledged(seq);
    this.#receiptTimer?.cancel();
    this.#receiptTimer = undefined;
    this.#receiptWaitMs = this.#timings.receiptMs;
    this.#resolved('DOCK_CENTRE_SILENT');
    if (delivery.next - 1 > delivery.told) this.#awaitReceipt();
    this.#progressed();
  }

  /** Logged when it is another trouble than the one that stands already; a fork stays the trouble whatever comes after. */
  #report(thrown: unknown): void {
    const ours = thrown instanceof DockError && thrown.code.startsWith('DOCK_CENTRE_');
    const error = ours ? thrown : notReadable(thrown);
    if (this.#trouble?.code === error.code) return;
    if (error.code === 'DOCK_CENTRE_FORKED') this.#options.log.error('centre.forked', {}, error);
    else this.#options.log.warn('centre.trouble', {}, error);
    if (this.#trouble?.code !== 'DOCK_CENTRE_FORKED') this.#trouble = error;
  }

  #resolved(code: DockError['code']): void {
    if (this.#trouble?.code === code) this.#trouble = undefined;
  }
}

function notThere(wanted: number, found: number | undefined): DockError {
  return new DockError('DOCK_CENTRE_UNREADABLE', {
    expected: phrase`entry ${wanted} in the ledger`,
    found: found === undefined ? phrase`no entry` : phrase`entry ${found}`,
    todo: phrase`Run custodock ledger check`,
    retry: 'now',
  });
}

function notReadable(thrown: unknown): DockError {
  return new DockError('DOCK_CENTRE_UNREADABLE', {
    expected: phrase`the ledger to be readable`,
    found: messageOf(thrown),
    todo: phrase`Check the disk of the dock and run custodock ledger check`,
    retry: 'now',
    cause: thrown,
  });
}
