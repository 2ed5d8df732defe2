/**
 * Reading an object of a device that gives objects only whole (GetObject): one long data phase, taken piece by piece as it is asked for.
 *
 * The device belongs to this object meanwhile. Whoever goes on elsewhere in it, or leaves it alone for a while, begins anew: the
 * bytes before are then read and dropped.
 */

import { type Clock, sleep } from '../../contract/clock.js';
import { phrase } from '../../contract/phrase.js';
import { operations, responses } from './codes.js';
import type { PtpDevice } from './device.js';
import { gone, refused } from './faults.js';

/** A copy that does not go on for so long loses the device, at once where somebody else waits for it, ms. */
const idleMs = 15_000;
const yieldAfterMs = 500;
/** Slowest device that is waited for, bytes/ms. */
const slowestRate = 100;

export class WholeObject {
  readonly #device: PtpDevice;
  readonly #clock: Clock;
  readonly #handle: number;
  readonly #sizeBytes: number;
  readonly #generation: number;
  #at = 0;
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;
  /** Bytes that somebody waits for, and how to tell. */
  #wanted:
    | { readonly bytes: number; readonly filled: () => void; readonly failed: (error: unknown) => void }
    | undefined;
  /** Lets the device go on. */
  #more: () => void = () => undefined;
  #ended = false;
  #failure: unknown;
  #stopped = false;
  /** Nobody read on: the device is being told to cancel. */
  #left = false;
  readonly done: Promise<void>;

  constructor(device: PtpDevice, clock: Clock, handle: number, sizeBytes: number, generation: number) {
    this.#device = device;
    this.#clock = clock;
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
    this.#generation = generation;
    this.done = this.#run();
  }

  /** Where the next read has to begin. */
  get at(): number {
    return this.#at;
  }

  get over(): boolean {
    return this.#ended || this.#stopped || this.#left;
  }

  /** The next bytes, fewer only at the end of what the device sent. One caller at a time. */
  async read(lengthBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#piecesBytes < lengthBytes && !this.#ended) {
      await new Promise<void>((filled, failed) => {
        this.#wanted = { bytes: lengthBytes, filled, failed };
        this.#more();
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = this.#takeOut(Math.min(lengthBytes, this.#piecesBytes));
    this.#at += bytes.length;
    return bytes;
  }

  /** Passes over bytes that are not wanted. */
  async skipTo(at: number): Promise<void> {
    while (this.#at < at) {
      const { length } = await this.read(Math.min(at - this.#at, 1 << 20));
      if (length === 0) return;
    }
  }

  /** Has the device cancel what it still sends. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#more();
    return this.done;
  }

  async #run(): Promise<void> {
    try {
      const { code } = await this.#device.ask({
        operation: operations.getObject,
        parameters: [this.#handle],
        // One byte more than listed is seen by whoever reads, and is no reason to cancel.
        mostBytes: this.#sizeBytes + (1 << 20),
        wholeMs: 60_000 + this.#sizeBytes / slowestRate,
        sink: (bytes) => this.#piece(bytes),
        generation: this.#generation,
      });
      if (code !== responses.ok) this.#failure = refused(phrase`send an object`, code);
    } catch (error) {
      if (!this.#stopped) this.#failure = error;
    }
    this.#ended = true;
    if (this.#stopped) this.#failure ??= gone(new Error('reading was stopped'));
    this.#wanted?.filled();
    this.#wanted = undefined;
  }

  async #piece(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes);
    this.#piecesBytes += bytes.length;
    while (!this.#stopped) {
      if (this.#wanted !== undefined && this.#piecesBytes < this.#wanted.bytes) return;
      this.#wanted?.filled();
      this.#wanted = undefined;
      await this.#untilWanted();
    }
    throw new Error('reading was stopped');
  }

  async #untilWanted(): Promise<void> {
    let wanted = false;
    const more = new Promise<void>((resolve) => {
      this.#more = () => {
        wanted = true;
        resolve();
      };
    });
    for (let idleForMs = 0; !wanted; idleForMs += yieldAfterMs) {
      if (idleForMs >= idleMs || (idleForMs > 0 && this.#device.contended)) {
        this.#left = true;
        throw new Error('nobody reads on');
      }
      const pause = new AbortController();
      await Promise.race([more, sleep(this.#clock, 'ptp.idle', yieldAfterMs, pause.signal).catch(() => undefined)]);
      pause.abort();
    }
  }

  #takeOut(bytes: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(bytes);
    for (let got = 0; got < bytes; ) {
      const [first = new Uint8Array(0)] = this.#pieces;
      const part = first.subarray(0, bytes - got);
      out.set(part, got);
      got += part.length;
      if (part.length === first.length) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(part.length);
    }
    this.#piecesBytes -= bytes;
    return out;
  }
}
