/**
 * Reads a range of a file block after block, with the next reads under way while the caller works on this one:
 * medium, processor and archive are then busy at the same time, and the slowest of them sets the pace, not their sum.
 */
import { type Block, type BlockRing, blockBytes, roundUpToAlignment } from './blocks.js';

export interface Chunk {
  /** Exactly the bytes of the file from `at` on. */
  readonly bytes: Block;
  /** The same with the rest up to the alignment, for direct writes. Its end beyond `bytes` is undefined. */
  readonly padded: Block;
  readonly at: number;
  /** The block may be used again. */
  release(): void;
}

/** Reads `lengthBytes` at `at` into the block; resolves to the bytes read, short only at the end of the file. */
export type ReadBlock = (into: Uint8Array, lengthBytes: number, at: number) => Promise<number>;

export interface ReadAheadOptions {
  readonly from: number;
  readonly to: number;
  readonly ring: BlockRing;
  readonly depth: number;
  /** Awaited before each new read; throws when it is over. */
  readonly gate: () => Promise<void> | undefined;
  /** The file ended before `to`. */
  readonly ended: (at: number) => Error;
}

interface Pending {
  readonly block: Block;
  readonly at: number;
  readonly wanted: number;
  readonly result: Promise<number>;
}

/** Every chunk must be released, also when the caller stops early. Reads still under way then give their blocks back themselves. */
export async function* readAhead(read: ReadBlock, options: ReadAheadOptions): AsyncGenerator<Chunk, void, undefined> {
  const { ring, to, depth } = options;
  const pending: Pending[] = [];
  let next = options.from;
  try {
    while (next < to || pending.length > 0) {
      const gate = options.gate();
      if (gate !== undefined) await gate;
      while (next < to && pending.length < depth) {
        const block = pending.length === 0 ? await ring.take() : ring.tryTake();
        if (block === undefined) break;
        const wanted = Math.min(blockBytes, to - next);
        const result = fill(read, block, wanted, next);
        // It is awaited in its turn; until then a rejection must not count as unhandled.
        result.catch(() => undefined);
        pending.push({ block, at: next, wanted, result });
        next += wanted;
      }
      const first = pending[0];
      if (first === undefined) continue;
      const got = await first.result;
      pending.shift();
      if (got < first.wanted) {
        ring.give(first.block);
        throw options.ended(first.at + got);
      }
      yield {
        bytes: first.block.subarray(0, first.wanted),
        padded: first.block.subarray(0, roundUpToAlignment(first.wanted)),
        at: first.at,
        release: () => ring.give(first.block),
      };
    }
  } finally {
    for (const { block, result } of pending) {
      const giveBack = (): void => ring.give(block);
      result.then(giveBack, giveBack);
    }
  }
}

/** The kernel may answer with less than was asked for before the end of the file; direct reads go on only where they are aligned. */
async function fill(read: ReadBlock, block: Block, wanted: number, at: number): Promise<number> {
  const asked = roundUpToAlignment(wanted);
  let got = 0;
  while (got < wanted) {
    const part = await read(block.subarray(got), asked - got, at + got);
    got += part;
    if (part === 0 || got !== roundUpToAlignment(got)) break;
  }
  return Math.min(got, wanted);
}
