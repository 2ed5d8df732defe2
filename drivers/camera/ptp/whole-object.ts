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

/** What somebody waits for. */
interface Wanted {
  readonly into: Uint8Array;
  readonly bytes: number;
  got: number;
  done: () => void;
}

export class WholeObject {
  readonly #device: PtpDevice;
  readonly #clock: Clock;
  readonly #handle: number;
  readonly #sizeBytes: number;
  readonly #generation: number;
  #at = 0;
  #wanted: Wanted | undefined;
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

  /**
   * The next `bytes`, fewer only at the end of what the device sent; resolves to how many. What `into` has no room for is passed over.
   * One caller at a time.
   */
  async read(into: Uint8Array, bytes: number): Promise<number> {
    const wanted: Wanted = { into, bytes, got: 0, done: () => undefined };
    if (!this.#ended) {
      await new Promise<void>((done) => {
        wanted.done = done;
        this.#wanted = wanted;
        this.#more();
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#at += wanted.got;
    return wanted.got;
  }

  /** Passes over bytes that are not wanted. */
  async skipTo(at: number): Promise<void> {
    if (this.#at < at) await this.read(new Uint8Array(0), at - this.#at);
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
    this.#served();
  }

  /** Ends when all of it is taken: until then the device waits. */
  async #piece(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#stopped) throw new Error('reading was stopped');
      const wanted = this.#wanted;
      if (wanted === undefined) {
        await this.#untilWanted();
        continue;
      }
      const part = bytes.subarray(at, at + wanted.bytes - wanted.got);
      if (wanted.got < wanted.into.length)
        wanted.into.set(part.subarray(0, wanted.into.length - wanted.got), wanted.got);
      wanted.got += part.length;
      at += part.length;
      if (wanted.got === wanted.bytes) this.#served();
    }
  }

  #served(): void {
    this.#wanted?.done();
    this.#wanted = undefined;
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
}
