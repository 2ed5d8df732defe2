/**
 * What hostile input is given to, and the bytes that no device should send: for the fuzz run, and for the tests that run each time.
 * Seed, target and number of an input give the same one again.
 */
import { DockError, type DockErrorCode } from '../../drivers/contract/error.js';
import { Random } from '../simulation/random.js';

interface Named {
  readonly name: string;
  /** Its share of the inputs of a run. */
  readonly parts: number;
}

/** Draws one input and gives it to who decodes it; throws where that does what it may not. */
interface Decoding extends Named {
  readonly decode: (random: Random) => void;
}

/** Draws one device and talks to it. Resolves with the longest wait on virtual time, as a share of how long it may be. */
interface Talking extends Named {
  readonly talk: (random: Random) => Promise<number>;
}

export type Target = Decoding | Talking;

/** Gives input `number` of a seed; of a talk, the longest wait. */
export async function meet(target: Target, seed: string, number: number): Promise<number | undefined> {
  const random = new Random(`${seed}/${target.name}/${number}`);
  if ('talk' in target) return target.talk(random);
  target.decode(random);
  return undefined;
}

/** The first inputs of a fixed seed. */
export async function meetFirst(inputs: number, target: Target): Promise<void> {
  for (let number = 0; number < inputs; number += 1) await meet(target, 'first', number);
}

/** What could move a cursor or end a line in a technician's terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** A DockError that people can be shown is how something hostile may be refused; whatever else was thrown is thrown on. */
export function assertRefusal(thrown: unknown, code?: DockErrorCode): void {
  if (!(thrown instanceof DockError) || (code !== undefined && thrown.code !== code)) throw thrown;
  if (unprintable.test(thrown.message)) throw new Error(`unfit to be shown: ${JSON.stringify(thrown.message)}`);
}

/** What `decode` makes of `bytes`, undefined where it refuses them with `code`; anything else is told together with the bytes. */
export function decoded<T>(
  bytes: Uint8Array,
  code: DockErrorCode | 'nothing is refused',
  decode: (bytes: Uint8Array) => T,
): T | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    try {
      if (code === 'nothing is refused') throw error;
      assertRefusal(error, code);
      return undefined;
    } catch (cause) {
      throw new Error(`${cause}, of ${bytes.length} bytes ${Buffer.from(bytes).toString('hex')}`, { cause });
    }
  }
}

/** Throws where `holds` is false. */
export function assertHolds(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it does not hold that ${what}`);
}

/** A supply of noise: drawn once, for filling long transfers byte by byte would be most of a run. */
const supply = ((): Uint8Array => {
  const random = new Random('noise');
  return Uint8Array.from({ length: 1 << 18 }, () => random.int(0, 255));
})();

/** 0 to `most` bytes that say nothing; they begin anywhere in memory, as what comes from a pool does. */
export function noise(random: Random, most: number): Uint8Array<ArrayBuffer> {
  const length = random.int(0, Math.min(most, supply.length));
  const from = random.int(0, supply.length - length);
  const bytes = new Uint8Array(length + 8).subarray(random.int(0, 8)).subarray(0, length);
  bytes.set(supply.subarray(from, from + length));
  return bytes;
}

/** Where lengths, counts and sizes go wrong. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** What was right: cut, with a number at an edge in it, some bytes turned and noise behind; each of it now and then. */
export function damaged(random: Random, whole: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = random.chance(0.5) ? whole.length : random.int(0, whole.length);
  const behind = random.chance(0.3) ? noise(random, 20) : new Uint8Array(0);
  const bytes = new Uint8Array(kept + behind.length + 8).subarray(random.int(0, 8)).subarray(0, kept + behind.length);
  bytes.set(whole.subarray(0, kept));
  bytes.set(behind, kept);
  if (bytes.length >= 4 && random.chance(0.4)) {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(random.int(0, bytes.length - 4), random.pick(edges), true);
  }
  for (let turns = random.chance(0.5) ? random.int(1, 4) : 0; turns > 0 && bytes.length > 0; turns -= 1) {
    bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
  }
  return bytes;
}
