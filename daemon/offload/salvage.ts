/**
 * Reads what can be read around bad places of a camera's medium.
 *
 * Answerable for: a bad place costs a bounded number of reads and a bounded time; what could not be read is zero and is named.
 * Must never: take a camera that was pulled out for one with bad places. Where nothing can be read any more, it gives up
 * and the copy is resumed another time.
 */
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { alignmentBytes, type BlockPool } from './blocks.js';
import { isBadPlace, recordingUnreadable } from './faults.js';
import type { ReadBlock } from './read-ahead.js';

/** Bytes `from` … up to, not including, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface SalvageLimits {
  /** Tries more at a block before it is taken apart, 0–10 (`offload.readRetries`). */
  readonly readRetries: number;
  /** After this long in bad places of one recording, ms, whole blocks are given up instead of taken apart. */
  readonly searchMs: number;
  /** More bad places than this, and the recording is left on the camera for a specialist. */
  readonly ranges: number;
}

export const defaultSalvage: Omit<SalvageLimits, 'readRetries'> = { searchMs: 20_000, ranges: 256 };

/** Wait before the first further try, ms; doubles each time, up to the longest. */
const firstRetryMs = 50;
const longestRetryMs = 1_000;

export interface SalvageOptions {
  readonly sizeBytes: number;
  readonly limits: SalvageLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether the path still leads to the camera. */
  readonly reachable: () => Promise<boolean>;
  /** A read at a bad place has ended: the medium answers, however slowly. */
  readonly alive: () => void;
  /** Where a block comes from for looking whether the camera still answers. */
  readonly blocks: BlockPool;
}

export class Salvage {
  readonly #source: ReadBlock;
  readonly #options: SalvageOptions;
  #missing: ByteRange[] = [];
  #searchedMs = 0;

  constructor(source: ReadBlock, options: SalvageOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Ranges that could not be read, in order and not touching each other. */
  get missing(): readonly ByteRange[] {
    return this.#missing;
  }

  /** Like the source's own read, but fills bad places with zero bytes. */
  readonly read: ReadBlock = async (into, lengthBytes, at) => {
    try {
      return await this.#source(into, lengthBytes, at);
    } catch (error) {
      if (!isBadPlace(error)) throw error;
      this.#options.alive();
      return this.#insist(into, lengthBytes, at, error);
    }
  };

  /** Throws unless some place of the recording can still be read: before a salvaged copy is believed. */
  async assertAnswering(cause: unknown): Promise<void> {
    const { sizeBytes, reachable, blocks } = this.#options;
    const lastAt = Math.max(0, Math.ceil(sizeBytes / alignmentBytes) - 1) * alignmentBytes;
    const middleAt = Math.floor(lastAt / 2 / alignmentBytes) * alignmentBytes;
    if (await reachable()) {
      for (const block of await blocks.take(1)) {
        try {
          for (const at of [0, middleAt, lastAt]) {
            if ((await this.#tryRead(block, alignmentBytes, at)) > 0) return;
          }
        } finally {
          blocks.give(block);
        }
      }
    }
    throw recordingUnreadable(phrase`no readable place left: the camera was taken out, or its medium is dead`, cause);
  }

  async #insist(into: Uint8Array, lengthBytes: number, at: number, first: unknown): Promise<number> {
    const { clock, signal, limits, sizeBytes } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      for (let retry = 0; retry < limits.readRetries && this.#spentMs(startedMs) <= limits.searchMs; retry += 1) {
        await sleep(clock, 'offload.read-retry', Math.min(firstRetryMs * 2 ** retry, longestRetryMs), signal);
        const got = await this.#tryRead(into, lengthBytes, at);
        if (got > 0) return got;
      }
      const end = Math.min(lengthBytes, sizeBytes - at);
      const good = await this.#takeApart(into, 0, end, at, startedMs);
      if (!good) await this.assertAnswering(first);
      return end;
    } finally {
      this.#searchedMs += clock.monotonicMs() - startedMs;
    }
  }

  /** Halves a bad range down to the alignment. Resolves to whether anything in it could be read. */
  async #takeApart(into: Uint8Array, from: number, to: number, at: number, startedMs: number): Promise<boolean> {
    const { signal, limits } = this.#options;
    signal.throwIfAborted();
    const span = to - from;
    if (span <= alignmentBytes || this.#spentMs(startedMs) > limits.searchMs) {
      into.fill(0, from, to);
      this.#note({ from: at + from, to: at + to });
      return false;
    }
    const middle = from + Math.ceil(span / 2 / alignmentBytes) * alignmentBytes;
    let good = false;
    for (const [start, end] of [
      [from, middle],
      [middle, to],
    ] as const) {
      const aligned = Math.ceil((end - start) / alignmentBytes) * alignmentBytes;
      const whole = (await this.#tryRead(into.subarray(start), aligned, at + start)) >= end - start;
      good = whole || (await this.#takeApart(into, start, end, at, startedMs)) || good;
    }
    return good;
  }

  /** In bad places of this recording, with the one at hand. */
  #spentMs(startedMs: number): number {
    return this.#searchedMs + this.#options.clock.monotonicMs() - startedMs;
  }

  /** Bytes read; 0 at a bad place. */
  async #tryRead(into: Uint8Array, lengthBytes: number, at: number): Promise<number> {
    try {
      return await this.#source(into, lengthBytes, at);
    } catch (error) {
      if (!isBadPlace(error)) throw error;
      return 0;
    } finally {
      this.#options.alive();
    }
  }

  #note(range: ByteRange): void {
    const sorted = [...this.#missing, range].sort((a, b) => a.from - b.from);
    const merged: ByteRange[] = [];
    for (const next of sorted) {
      const last = merged.at(-1);
      if (last !== undefined && next.from <= last.to) merged[merged.length - 1] = { from: last.from, to: next.to };
      else merged.push(next);
    }
    this.#missing = merged;
    if (merged.length > this.#options.limits.ranges) {
      throw recordingUnreadable(phrase`more than ${this.#options.limits.ranges} unreadable ranges`);
    }
  }
}
