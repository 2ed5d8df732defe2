/**
 * Page-aligned blocks of memory for direct input and output.
 *
 * Answerable for: `O_DIRECT` needs buffers at page boundaries, and an ordinary Buffer is not; the memory of a
 * `WebAssembly.Memory` is. Bounded: a pool never holds more than its limit, whoever wants more waits in line.
 * Must never: hand out a block that a read or write may still be using. Whoever takes a block gives it back only
 * when the kernel is done with it, even after giving up on the result.
 */

/** Offsets, lengths and addresses of direct input and output are multiples of this; no medium in use needs more. */
export const alignmentBytes = 4096;

/** One block: large enough that a read costs little more than its bytes, small enough that several are under way in little memory. */
export const blockBytes = 1 << 19;

/**
 * Blocks that one copy uses at once: half of them being read, the others hashed and written. Measured, 1 GiB: eight of 512 KiB reach what
 * the disk allows in every run; four of 1 MiB only where no thread that waits for the disk shares a processor with the one that hashes, and
 * six of those no oftener. 16 copies stay at 64 MiB.
 */
export const blocksPerCopy = 8;

export type Block = Uint8Array<ArrayBuffer>;

/** The one part of WebAssembly that is used here; its types would come with those of the browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

const wasmPageBytes = 65_536;

export class BlockPool {
  readonly #free: Block[] = [];
  readonly #waiting: { readonly count: number; readonly got: (blocks: Block[]) => void }[] = [];
  readonly #limit: number;
  #made = 0;

  /** @param limit most blocks, `blocksPerCopy` … 1024. They are made when first needed. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `count` blocks (1 … `blocksPerCopy`), all at once so that two copies cannot wait for each other's; first come, first served. */
  take(count: number): Promise<Block[]> {
    return new Promise((got) => {
      this.#waiting.push({ count, got });
      this.#serve();
    });
  }

  give(block: Block): void {
    this.#free.push(block);
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      if (this.#free.length < next.count && this.#made < this.#limit) this.#makeSlab();
      if (this.#free.length < next.count) return;
      this.#waiting.shift();
      next.got(this.#free.splice(-next.count));
    }
  }

  /** Every WebAssembly memory reserves address space far beyond its size, so several blocks share one. */
  #makeSlab(): void {
    const count = Math.min(blocksPerCopy, this.#limit - this.#made);
    const pages = (count * blockBytes) / wasmPageBytes;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    for (let index = 0; index < count; index += 1) {
      this.#free.push(new Uint8Array(memory.buffer, index * blockBytes, blockBytes));
    }
    this.#made += count;
  }
}

/** The blocks of one copy, going round between reading, hashing and writing. */
export class BlockRing {
  readonly #pool: BlockPool;
  readonly #free: Block[];
  #waiting: ((block: Block) => void) | undefined;
  #closed = false;

  private constructor(pool: BlockPool, blocks: Block[]) {
    this.#pool = pool;
    this.#free = blocks;
  }

  /** A ring large enough for a file of `sizeBytes`. */
  static async of(pool: BlockPool, sizeBytes: number): Promise<BlockRing> {
    const count = Math.min(blocksPerCopy, Math.max(1, Math.ceil(sizeBytes / blockBytes)));
    return new BlockRing(pool, await pool.take(count));
  }

  /** A free block, or undefined when all are in use. */
  tryTake(): Block | undefined {
    return this.#free.pop();
  }

  /** The next free block. One caller at a time. */
  take(): Promise<Block> {
    const block = this.#free.pop();
    if (block !== undefined) return Promise.resolve(block);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  give(block: Block): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting(block);
    else if (this.#closed) this.#pool.give(block);
    else this.#free.push(block);
  }

  /** Blocks go back to the pool: the free ones now, those still in the kernel's hands when they are given. */
  close(): void {
    this.#closed = true;
    for (const block of this.#free.splice(0)) this.#pool.give(block);
  }
}

export function roundUpToAlignment(bytes: number): number {
  return Math.ceil(bytes / alignmentBytes) * alignmentBytes;
}
