/** One command, one answer, over the two bulk pipes. An answer may come in pieces, late, or belong to a command before. */
import type { Clock } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import type { UsbConnection } from '../../contract/usb.js';
import { bulkPair } from '../standard/family.js';
import {
  type Answer,
  type Command,
  decodeAnswer,
  encodeCommand,
  invalid,
  isComplete,
  longestAnswerBytes,
} from './protocol.js';

/** The kit gives it as long. */
const answerWithinMs = 3_000;
/** Pieces of one answer, and answers to earlier commands, that are read before it is given up. */
const mostPieces = 64;
const mostStale = 4;
/** Nothing for so long: there is nothing more to come. */
const silenceMs = 100;

export class AmbarellaWire {
  readonly #usb: UsbConnection;
  readonly #pair: NonNullable<ReturnType<typeof bulkPair>>;

  readonly #clock: Clock;

  constructor(usb: UsbConnection, clock: Clock) {
    const pair = bulkPair(usb.interface);
    if (pair === undefined) throw new Error('an interface without its two bulk endpoints');
    this.#usb = usb;
    this.#clock = clock;
    this.#pair = pair;
  }

  async ask(command: Command, payload: string, announced?: number): Promise<Answer> {
    try {
      await this.#unstalled(this.#pair.out, () =>
        this.#usb.transferOut(this.#pair.out, encodeCommand(command, payload, announced), false, answerWithinMs),
      );
      return await this.#answerTo(command);
    } catch (error) {
      if (error instanceof DockError && error.code !== 'DOCK_USB_GONE') await this.#drain();
      throw error;
    }
  }

  async #answerTo(command: Command): Promise<Answer> {
    // One deadline for all of it: a camera that never ends its answer is one that does not answer.
    const byMs = this.#clock.monotonicMs() + answerWithinMs;
    for (let stale = 0; stale <= mostStale; stale++) {
      const answer = decodeAnswer(await this.#read(byMs));
      if (answer.command === command) return answer;
    }
    throw invalid(phrase`an answer to ${command}`, phrase`${mostStale + 1} answers to something else`);
  }

  /** After trouble: what is still on its way is no answer to the next command. One that does not fall silent is reset. */
  async #drain(): Promise<void> {
    try {
      for (let pieces = 0; pieces < mostPieces; pieces++) {
        await this.#usb.transferIn(this.#pair.in, this.#roomForAnAnswer(), silenceMs);
      }
      await this.#usb.reset();
    } catch (error) {
      // Silence is what was wanted; whatever else is wrong the next command meets too, and says so.
      if (!(error instanceof DockError)) throw error;
    }
  }

  async #read(byMs: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let read = 0; pieces.length < mostPieces && read < longestAnswerBytes; ) {
      const piece = await this.#unstalled(this.#pair.in, () =>
        this.#usb.transferIn(this.#pair.in, this.#roomForAnAnswer(), Math.max(1, byMs - this.#clock.monotonicMs())),
      );
      pieces.push(piece);
      read += piece.length;
      if (isComplete(Buffer.concat(pieces))) break;
    }
    return Buffer.concat(pieces);
  }

  #roomForAnAnswer(): Uint8Array<ArrayBuffer> {
    const { packetBytes } = this.#pair;
    return new Uint8Array(Math.ceil(longestAnswerBytes / packetBytes) * packetBytes);
  }

  /** A pipe that stalled is cleared, so that the next command finds it open; this one has failed. */
  async #unstalled<T>(endpoint: number, transfer: () => Promise<T>): Promise<T> {
    try {
      return await transfer();
    } catch (error) {
      if (error instanceof DockError && error.code === 'DOCK_USB_STALL') await this.#usb.clearHalt(endpoint);
      throw error;
    }
  }
}
