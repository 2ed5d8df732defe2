/**
 * One request at a time over one connection: sends, waits with a deadline, and takes only the answer that belongs to it.
 *
 * Must never: have two requests on the line, keep bytes without bound, or hand out an answer that another request asked for.
 * RTU has no transaction number, so an answer to function 23 must echo the head that its own request wrote (`belongs`).
 * Exceptions echo nothing: while a unit is `unsettled` (a request to it went unanswered and no echo has come since) one is
 * taken only at the deadline. A unit answers in order, so with the first echo everything older is off the line; until then
 * nothing but polls goes to it, for which a wrong exception means no more than one connection too many.
 */
import type { ByteLine } from '../../contract/byte-line.js';
import { type Clock, sleep, type Timer } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import type { Asked, Framing } from './framing.js';
import { decodeReply, encodeRequest, type Reply, type Request, replyLength, requestLength } from './pdu.js';
import type { Registers } from './registers.js';
import { unanswered } from './trouble.js';

/** A unit begins its answer within 20 ms (REGISTERS.md); the rest is for adapters, networks and schedulers, ms. */
export const answerMs = { serial: 70, network: 150 } as const;
/** After a deadline the program may be the late one: bytes that are already here get one more turn of the event loop, ms. */
export const secondLookMs = 10;
/** Silence that shows that nothing more of a disturbed exchange is coming, and how long it is waited for at most, ms. */
export const quietMs = 20;
const longestQuietMs = 200;
/** Four times the longest frame: more in one exchange is babble. */
const mostBytes = 1_024;

export type Answer = Reply & {
  /** Bounds of the exchange on our monotonic clock: the last byte of the request left no earlier, the answer began no later. */
  readonly sentMs: number;
  readonly receivedMs: number;
};

interface Waiting {
  readonly asked: Asked;
  readonly belongs: ((registers: Registers) => boolean) | undefined;
  readonly settle: (outcome: Reply | DockError) => void;
  exceptionSeen: number | undefined;
  strangerSeen: boolean;
}

export class Wire {
  readonly #line: ByteLine;
  readonly #framing: Framing;
  readonly #clock: Clock;
  readonly #unsettled = new Set<number>();
  #bytes: Uint8Array = new Uint8Array(0);
  #waiting: Waiting | undefined;
  #transaction = 0;
  #lastByteMs: number;
  #lastAnswerMs: number;
  #closed: DockError | undefined;

  /** `onClosed` runs once, when the line is gone or can no longer be understood. */
  constructor(line: ByteLine, framing: Framing, clock: Clock, onClosed: (error: DockError) => void) {
    this.#line = line;
    this.#framing = framing;
    this.#clock = clock;
    this.#lastByteMs = clock.monotonicMs();
    this.#lastAnswerMs = this.#lastByteMs;
    const close = (error: DockError): void => {
      if (this.#closed !== undefined) return;
      this.#closed = error;
      this.#waiting?.settle(error);
      onClosed(error);
    };
    line.listen({
      bytes: (chunk) => {
        this.#take(chunk);
        if (framing.broken(this.#bytes)) close(unanswered('babble', this.#waiting?.asked.unit ?? 0, 0, this.#bytes));
      },
      closed: close,
    });
  }

  /** When something on this line last answered, else when it was opened; monotonic ms. */
  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** A request to the unit is unanswered, so an answer may still be on its way. */
  unsettled(unit: number): boolean {
    return this.#unsettled.has(unit);
  }

  /** Time that both frames take on the wire, ms. */
  transmissionMs(request: Request): number {
    const bytes = requestLength(request) + replyLength(request) + 2 * this.#framing.overheadBytes;
    return bytes * this.#line.characterMs;
  }

  /** Time that the request alone takes on the wire, ms. */
  requestMs(request: Request): number {
    return (requestLength(request) + this.#framing.overheadBytes) * this.#line.characterMs;
  }

  /**
   * Sends what `make` returns and waits for its answer. `make` gets the moment of sending (monotonic ms) and may throw to
   * send nothing. Fails with a DockError when no answer came: the request may still have been carried out.
   */
  async ask(
    unit: number,
    make: (nowMs: number) => Request,
    belongs?: (registers: Registers) => boolean,
  ): Promise<Answer> {
    if (this.#waiting !== undefined) throw new Error('two requests on one line');
    await this.#gap();
    if (this.#closed !== undefined) throw this.#closed;
    const request = make(this.#clock.monotonicMs());
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const asked = { unit, transaction: this.#transaction, request };
    try {
      return await this.#exchange(asked, belongs);
    } catch (error) {
      this.#unsettled.add(unit);
      await this.#quiet();
      throw error;
    }
  }

  async #exchange(asked: Asked, belongs: Waiting['belongs']): Promise<Answer> {
    const { request, unit } = asked;
    const deadlineMs =
      this.transmissionMs(request) + (this.#framing.separatedBySilence ? answerMs.serial : answerMs.network);
    this.#bytes = this.#framing.leftover(this.#bytes);
    const leftMs = this.#clock.monotonicMs();
    let timer: Timer | undefined;
    const outcome = await new Promise<Reply | DockError>((settle) => {
      const waiting: Waiting = { asked, belongs, settle, exceptionSeen: undefined, strangerSeen: false };
      this.#waiting = waiting;
      timer = this.#clock.timer('cradle answer', deadlineMs, () => {
        timer = this.#clock.timer('cradle second look', secondLookMs, () => settle(this.#verdict(waiting, deadlineMs)));
      });
      this.#line.write(this.#framing.encode(asked, encodeRequest(request))).catch((error: unknown) => {
        settle(error instanceof DockError ? error : unanswered('silent', unit, deadlineMs, this.#bytes));
      });
    });
    timer?.cancel();
    this.#waiting = undefined;
    if (outcome instanceof DockError) throw outcome;
    const arrivedMs = this.#clock.monotonicMs();
    this.#lastAnswerMs = arrivedMs;
    if (belongs !== undefined && outcome.kind === 'registers') this.#unsettled.delete(unit);
    // A frame cannot pass faster than the wire carries it: that narrows the window in which the unit looked at anything.
    const sentMs = leftMs + this.requestMs(request);
    const receivedMs = arrivedMs - (replyLength(request) + this.#framing.overheadBytes) * this.#line.characterMs;
    return {
      ...outcome,
      ...(receivedMs >= sentMs ? { sentMs, receivedMs } : { sentMs: leftMs, receivedMs: arrivedMs }),
    };
  }

  #take(chunk: Uint8Array): void {
    this.#lastByteMs = this.#clock.monotonicMs();
    const kept = this.#bytes.length + chunk.length > mostBytes ? new Uint8Array(0) : this.#bytes;
    const bytes = new Uint8Array(kept.length + Math.min(chunk.length, mostBytes));
    bytes.set(kept);
    bytes.set(chunk.subarray(-mostBytes), kept.length);
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#bytes = this.#framing.leftover(bytes);
      return;
    }
    this.#bytes = bytes;
    for (const pdu of this.#framing.answers(bytes, waiting.asked)) {
      const reply = decodeReply(pdu, waiting.asked.request);
      if (reply === undefined) continue;
      if (reply.kind === 'exception' && this.#unsettled.has(waiting.asked.unit)) waiting.exceptionSeen = reply.code;
      else if (reply.kind === 'registers' && waiting.belongs?.(reply.registers) === false) waiting.strangerSeen = true;
      else waiting.settle(reply);
    }
  }

  /** An exception that may have been meant for an older request is an answer only when nothing better came. */
  #verdict(waiting: Waiting, deadlineMs: number): Reply | DockError {
    const { unit } = waiting.asked;
    if (waiting.exceptionSeen !== undefined) return { kind: 'exception', code: waiting.exceptionSeen };
    const mishap = waiting.strangerSeen ? 'out-of-turn' : this.#framing.diagnose(this.#bytes, waiting.asked);
    return unanswered(mishap, unit, deadlineMs, this.#bytes);
  }

  /** 3.5 characters, and 1.75 ms from 19200 baud on (Modbus over Serial Line, section 2.5.1.1). */
  async #gap(): Promise<void> {
    const { characterMs } = this.#line;
    if (!this.#framing.separatedBySilence || characterMs === 0) return;
    await this.#silence(Math.max(1.75, 3.5 * characterMs), longestQuietMs, Number.NEGATIVE_INFINITY);
  }

  /** Lets the remains of a disturbed exchange pass. */
  async #quiet(): Promise<void> {
    if (this.#framing.separatedBySilence) await this.#silence(quietMs, longestQuietMs, this.#clock.monotonicMs());
  }

  /** Waits until nothing has come for `silenceMs`, counted from `fromMs` at the earliest, and never longer than `mostMs`. */
  async #silence(silenceMs: number, mostMs: number, fromMs: number): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const restMs = Math.max(this.#lastByteMs, fromMs) + silenceMs - nowMs;
      if (restMs <= 0 || this.#closed !== undefined || nowMs - startMs >= mostMs) return;
      await sleep(this.#clock, 'cradle silence', restMs);
    }
  }
}
