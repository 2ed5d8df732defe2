/**
 * Hashing what a disk has just put into memory.
 *
 * Such bytes are in no cache near the processor, and SHA instructions take them in too slowly for anything to be fetched far ahead: each
 * cache line is waited for. A plain copy is not so held up, and the hash then finds its bytes warm. Measured with SHA extensions, 1 GiB read
 * directly in blocks of 1 MiB: 0.93 s of processor time without, 0.75 s with; 16 KiB to 1 MiB at a time make no difference.
 */
import type { Hash } from 'node:crypto';

const warmBytes = 64 * 1024;
const warm = new Uint8Array(warmBytes);

export function hashBlock(hash: Hash, block: Uint8Array): void {
  for (let from = 0; from < block.length; from += warmBytes) {
    const part = block.subarray(from, from + warmBytes);
    warm.set(part);
    hash.update(part.length === warmBytes ? warm : warm.subarray(0, part.length));
  }
}
