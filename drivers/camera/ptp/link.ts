/**
 * One transaction after the other over bulk pipes: command, perhaps data, response (PIMA 15740, annex D).
 *
 * Answerable for: an answer is of the transaction that was asked; header and payload may come apart, the response glued to the data,
 * an empty packet before it, a late reply of an earlier transaction first. Every wait has a deadline, every length a limit.
 * Must never: guess where a container begins. Whatever does not fit is thrown, and whoever holds the link brings it back in step.
 */

import type { Clock } from '../../contract/clock.js';
import { phrase } from '../../contract/phrase.js';
import type { UsbConnection } from '../../contract/usb.js';
import { hex4, operations } from './codes.js';
import {
  decodeHeader,
  decodeParameters,
  encodeData,
  encodeShort,
  type Header,
  headerBytes,
  longestShort,
} from './container.js';
import { noAnswer, outOfTurn, tooMuch } from './faults.js';

export interface Pipes {
  readonly bulkIn: number;
  readonly bulkOut: number;
  readonly interruptIn: number | undefined;
  /** Of the bulk IN endpoint, and of the interrupt endpoint. */
  readonly packetBytes: number;
  readonly interruptBytes: number;
}

export interface Transaction {
  readonly operation: number;
  readonly parameters: readonly number[];
  readonly dataOut?: Uint8Array;
  /** Most bytes of payload that the device may send; more is an error. */
  readonly mostBytes: number;
  /** Where the payload goes, each filled before the next; what they have no room for is only counted. Else it is in the answer. */
  readonly into?: readonly Uint8Array[];
  /** Takes the payload as it comes, in order. Awaited before more is read; then what it was given is written over. */
  readonly sink?: Sink;
  /** Longest silence, and longest time in all, ms. */
  readonly silenceMs: number;
  readonly wholeMs: number;
}

type Sink = (bytes: Uint8Array) => Promise<void>;

interface Payload {
  /** How many bytes of payload came. */
  readonly bytes: number;
  /** They themselves, where they were to go nowhere else. */
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface Answer extends Payload {
  readonly code: number;
  readonly parameters: readonly number[];
}

/**
 * Largest transfer asked of the pipe at once, bytes: a block of a copy with its header, and a response glued to it, in one. Sixteen cameras at
 * once stay within what the kernel has for the transfers of all programs (usbfs_memory_mb, 16 by default).
 */
const largestTransfer = (1 << 19) + 4096;
/** Containers that are not the answer: late replies, events on the wrong pipe, empty packets. More is a device that talks for ever. */
const mostStray = 8;
/** A late reply longer than this is not read to its end; resetting is quicker. */
const mostDrainedBytes = 16 << 20;

const nothing = new Uint8Array(0);
const noPayload: Payload = { bytes: 0, data: nothing };

export class PtpLink {
  readonly connection: UsbConnection;
  readonly pipes: Pipes;
  readonly #clock: Clock;
  /** All that comes in is read into it: made for each transfer, such memory would lie about by the dozens of MB until it is collected. */
  readonly #memory: Uint8Array<ArrayBuffer>;
  /** Part of it that came with the last transfer and belongs to the next container. */
  #held: Uint8Array<ArrayBuffer> = nothing;
  /** The last transfer ended with a short packet. */
  #short = false;
  #last = 0;
  /** Something was answered here: from now on no number above our own can be anybody's. */
  #answered = false;

  constructor(connection: UsbConnection, pipes: Pipes, clock: Clock) {
    this.connection = connection;
    this.pipes = pipes;
    this.#clock = clock;
    this.#memory = new Uint8Array(wholePackets(largestTransfer, pipes));
  }

  /** Number of the transaction that was begun last. */
  get lastTransaction(): number {
    return this.#last;
  }

  /** Nothing that came before counts any more. */
  forget(): void {
    this.#held = nothing;
    this.#short = false;
  }

  async transact(asked: Transaction): Promise<Answer> {
    const { operation, parameters, dataOut } = asked;
    const untilMs = this.#clock.monotonicMs() + asked.wholeMs;
    const transaction = this.#next(operation);
    const { bulkOut } = this.pipes;
    const left = (): number => this.#left(untilMs, asked);
    const command = encodeShort('command', operation, transaction, parameters);
    await this.connection.transferOut(bulkOut, command, true, left());
    if (dataOut !== undefined) {
      await this.connection.transferOut(bulkOut, encodeData(operation, transaction, dataOut), true, left());
    }
    return this.#answer(asked, transaction, left);
  }

  /** OpenSession has number 0 and begins the count anew. */
  #next(operation: number): number {
    this.#last = operation === operations.openSession || this.#last >= 0xffff_fffe ? 0 : this.#last + 1;
    return this.#last;
  }

  async #answer(asked: Transaction, transaction: number, left: () => number): Promise<Answer> {
    let payload: Payload | undefined;
    const sink = asked.into === undefined ? asked.sink : fill(asked.into);
    for (let stray = 0; stray <= mostStray; ) {
      const header = await this.#header(asked, left);
      const found = phrase`${header.type} ${hex4(header.code)} of transaction ${header.transaction}`;
      if (header.type === 'event' || (header.transaction !== transaction && isReply(header))) {
        // Whoever spoke to the device before may have left replies, and counted further than we have.
        if (this.#answered && header.transaction > transaction && transaction !== 0 && header.type !== 'event') {
          throw outOfTurn(phrase`an answer to transaction ${transaction}`, found);
        }
        stray += 1;
        await this.#payload(header, mostDrainedBytes, left, () => Promise.resolve());
        continue;
      }
      if (header.type === 'data' && payload === undefined && header.code === asked.operation) {
        payload = await this.#payload(header, asked.mostBytes, left, sink);
        continue;
      }
      if (header.type !== 'response') throw outOfTurn(phrase`a response to ${hex4(asked.operation)}`, found);
      const rest = await this.#payload(header, longestShort, left, undefined);
      this.#answered = true;
      return { code: header.code, parameters: decodeParameters(rest.data), ...(payload ?? noPayload) };
    }
    throw outOfTurn(phrase`an answer to transaction ${transaction}`, phrase`${mostStray} containers that are none`);
  }

  /** The next header; what came behind it stays held. */
  async #header(asked: Transaction, left: () => number): Promise<Header> {
    // Room for the answer as a whole, so that a payload with its header is one transfer.
    const room = headerBytes + (asked.sink === undefined ? asked.mostBytes : largestTransfer);
    for (let empty = 0; this.#held.length < headerBytes; ) {
      const before = this.#held.slice();
      const chunk = await this.#receive(Math.min(room, largestTransfer), left);
      // The end of a data phase that filled its last packet may still be in the pipe.
      if (chunk.length === 0 && ++empty > mostStray) throw outOfTurn(phrase`a container`, phrase`empty packets`);
      this.#held = before.length === 0 ? chunk : concat(before, chunk);
    }
    return decodeHeader(this.#fromHeld(headerBytes));
  }

  /** The rest of a container, to the sink or as one piece. */
  async #payload(
    { restBytes, code }: Header,
    mostBytes: number,
    left: () => number,
    sink: Sink | undefined,
  ): Promise<Payload> {
    if (restBytes !== undefined && restBytes > mostBytes) {
      throw tooMuch(mostBytes, phrase`a container of ${restBytes} bytes for ${hex4(code)}`);
    }
    if (restBytes === undefined) return this.#toShortPacket(mostBytes, left, sink);
    const whole = sink === undefined ? new Uint8Array(restBytes) : nothing;
    for (let got = 0, empty = 0; got < restBytes; ) {
      if (this.#held.length === 0) {
        this.#held = await this.#receive(Math.min(restBytes - got, largestTransfer), left);
        if (this.#held.length === 0 && ++empty > mostStray) throw outOfTurn(phrase`a payload`, phrase`empty packets`);
        continue;
      }
      const piece = this.#fromHeld(Math.min(this.#held.length, restBytes - got));
      if (sink === undefined) whole.set(piece, got);
      else await sink(piece);
      got += piece.length;
    }
    return { bytes: restBytes, data: whole };
  }

  /** A payload of unknown length. */
  async #toShortPacket(mostBytes: number, left: () => number, sink: Sink | undefined): Promise<Payload> {
    const pieces: Uint8Array[] = [];
    let got = 0;
    // A header that came alone ended with a short packet too.
    for (let ended = this.#short && this.#held.length > 0; ; ended = this.#short) {
      const piece = this.#fromHeld(this.#held.length);
      got += piece.length;
      if (got > mostBytes) throw tooMuch(mostBytes, phrase`${got} bytes and no end`);
      if (sink !== undefined) {
        if (piece.length > 0) await sink(piece);
      } else pieces.push(piece.slice());
      if (ended) break;
      this.#held = await this.#receive(largestTransfer, left);
    }
    return { bytes: got, data: concat(...pieces) };
  }

  /** Good until more is received. */
  #fromHeld(bytes: number): Uint8Array {
    const piece = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return piece;
  }

  async #receive(wantedBytes: number, left: () => number): Promise<Uint8Array<ArrayBuffer>> {
    const memory = this.#memory.subarray(0, wholePackets(Math.max(wantedBytes, longestShort), this.pipes));
    const chunk = await this.connection.transferIn(this.pipes.bulkIn, memory, left());
    this.#short = chunk.length < memory.length;
    return chunk;
  }

  #left(untilMs: number, { operation, silenceMs, wholeMs }: Transaction): number {
    const leftMs = untilMs - this.#clock.monotonicMs();
    if (leftMs <= 0) throw noAnswer(phrase`the end of ${hex4(operation)} within ${wholeMs} ms`);
    return Math.min(silenceMs, leftMs);
  }
}

function isReply({ type }: Header): boolean {
  return type === 'data' || type === 'response';
}

function wholePackets(bytes: number, { packetBytes }: Pipes): number {
  return Math.ceil(bytes / packetBytes) * packetBytes;
}

function fill(into: readonly Uint8Array[]): Sink {
  const [...rooms] = into;
  return async (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const [room] = rooms;
      if (room === undefined) return;
      const piece = bytes.subarray(at, at + room.length);
      room.set(piece);
      at += piece.length;
      if (piece.length === room.length) rooms.shift();
      else rooms[0] = room.subarray(piece.length);
    }
  };
}

function concat(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
