/**
 * Everything that is on a volume, as a stream: one folder of each level is open at a time, and of each only one batch of names is in
 * memory, so that a card of 100,000 files costs no more of it than one of ten.
 *
 * Answerable for: nothing is left out silently. What cannot be taken as a recording is said with its reason, and a listing that ends
 * without an error was of the volume that it began with. Must never follow a link, leave the volume or write.
 */
import type { BigIntStats, Dir } from 'node:fs';
import { type FileHandle, lstat, opendir } from 'node:fs/promises';
import type { Listed, SkippedPath, Volume } from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import { DockError, errnoOf } from '../../contract/error.js';
import { displayPath, recordingAt, wholeMs } from '../recording.js';
import { isDeviceGone, volumeFault } from './faults.js';
import { openFolder, openVolume, within } from './folder.js';
import { answered, type Patience } from './patience.js';

export interface ListingLimits {
  /** Most recordings of one card. */
  readonly recordings: number;
  /** Deepest folder below the root; deeper than cameras go by far, and the number of handles that one card can hold. */
  readonly depth: number;
}

export const deepestFolder = 32;
/** Entries of any kind for each recording that is allowed: a card of nothing but links must come to an end too. */
const entriesPerRecording = 4;
/** Names taken from a folder at a time. */
const batchNames = 256;
/** Questions to one card at a time: as many threads of the pool as it can hold up when it hangs. */
const questionsAtOnce = 4;

/** A folder on the way from the root to where the listing is. */
interface OpenFolder {
  readonly handle: FileHandle;
  readonly names: Dir;
  /** Raw path relative to the volume with a `/` at its end; empty for the root. */
  readonly prefix: Buffer;
  /** Names of folders in the current batch that were not entered yet. */
  readonly pending: Buffer[];
}

/**
 * Lists the volume. Throws DOCK_VOLUME_GONE when it is not, or is no longer, the one that was seen; DOCK_VOLUME_UNREADABLE when its root
 * cannot be read; the signal's reason when aborted.
 */
export async function* listVolume(
  volume: Volume,
  limits: ListingLimits,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Listed, void, undefined> {
  const patience: Patience = { clock, volume: volume.name, signal };
  const listing = new Listing(volume, limits, patience);
  let failed = false;
  try {
    yield* listing.entries();
    // Handles outlive the card: a folder that was pulled out reads as empty from then on. Only the same root at the end proves the listing.
    await (await openVolume(volume, patience)).close();
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    const closed = listing.close();
    // A handle closes only after the read that hangs on it: that may be never.
    if (failed) closed.catch(() => undefined);
    else await closed;
  }
}

interface Look {
  readonly name: Buffer;
  readonly look: BigIntStats | Error;
}

interface Batch {
  readonly names: readonly Buffer[];
  readonly fault?: unknown;
}

class Listing {
  readonly #volume: Volume;
  readonly #limits: ListingLimits;
  readonly #patience: Patience;
  readonly #way: OpenFolder[] = [];
  #device = 0n;
  #entries = 0;
  #recordings = 0;

  constructor(volume: Volume, limits: ListingLimits, patience: Patience) {
    this.#volume = volume;
    this.#limits = limits;
    this.#patience = patience;
  }

  async *entries(): AsyncGenerator<Listed, void, undefined> {
    await this.#enterRoot();
    for (let folder = this.#way.at(-1); folder !== undefined; folder = this.#way.at(-1)) {
      const next = folder.pending.pop();
      if (next !== undefined) {
        const skipped = await this.#enter(folder, next);
        if (skipped !== undefined) yield { skipped };
        continue;
      }
      const { names, fault } = await this.#batch(folder);
      const looks = await answered(this.#patience, this.#lookAtAll(folder, names));
      for (const { name, look } of looks) {
        this.#entries += 1;
        if (this.#isFull(look)) {
          yield skip(pathOf(folder, name), 'too-many');
          return;
        }
        const listed = this.#judge(folder, name, look);
        if (listed !== undefined) yield listed;
      }
      if (fault !== undefined) yield skip(folder.prefix.subarray(0, -1), 'unreadable');
      if (names.length === 0 || fault !== undefined) await this.#leave(folder);
    }
  }

  async close(): Promise<void> {
    for (let folder = this.#way.pop(); folder !== undefined; folder = this.#way.pop()) await closeFolder(folder);
  }

  async #enterRoot(): Promise<void> {
    const root = await openVolume(this.#volume, this.#patience);
    try {
      this.#device = (await root.stat({ bigint: true })).dev;
      await this.#push(root, Buffer.alloc(0));
    } catch (error) {
      throw volumeFault(this.#volume.name, error);
    }
  }

  /** Goes into a folder, or says why not. */
  async #enter(parent: OpenFolder, name: Buffer): Promise<SkippedPath | undefined> {
    const path = pathOf(parent, name);
    if (this.#way.length > this.#limits.depth) return { displayPath: displayPath(path), reason: 'too-deep' };
    try {
      const handle = await openFolder(parent.handle, name, this.#patience);
      await this.#push(handle, Buffer.concat([path, slash]));
      return undefined;
    } catch (error) {
      this.#assertAlive(error);
      if (errnoOf(error) === 'EACCES' && this.#volume.emptyFolders?.includes(path.toString('latin1'))) return undefined;
      // ELOOP: the folder that was listed a moment ago is a link now.
      return { displayPath: displayPath(path), reason: errnoOf(error) === 'ELOOP' ? 'link' : 'unreadable' };
    }
  }

  async #push(handle: FileHandle, prefix: Buffer): Promise<void> {
    try {
      const names = await answered(
        this.#patience,
        opendir(within(handle, Buffer.from('.')), { encoding: 'buffer' as BufferEncoding, bufferSize: batchNames }),
        (late) => void late.close(),
      );
      this.#way.push({ handle, names, prefix, pending: [] });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #leave(folder: OpenFolder): Promise<void> {
    this.#way.pop();
    await closeFolder(folder);
  }

  /** The next names of a folder; none: that was all. With `fault` the rest of this folder cannot be read. */
  async #batch(folder: OpenFolder): Promise<Batch> {
    const batch = await answered(this.#patience, readNames(folder.names));
    if (batch.fault === undefined) return batch;
    this.#assertAlive(batch.fault);
    if (folder.prefix.length === 0) throw volumeFault(this.#volume.name, batch.fault);
    return batch;
  }

  /** What each of these entries is, in their order. */
  async #lookAtAll(folder: OpenFolder, names: readonly Buffer[]): Promise<readonly Look[]> {
    const looks: Look[] = [];
    const waiting = names.entries();
    const askOneByOne = async (): Promise<void> => {
      for (const [index, name] of waiting) looks[index] = { name, look: await this.#lookAt(folder, name) };
    };
    await Promise.all(Array.from({ length: questionsAtOnce }, askOneByOne));
    return looks;
  }

  /** What one entry is; the error where the card does not say. */
  async #lookAt(folder: OpenFolder, name: Buffer): Promise<BigIntStats | Error> {
    try {
      return await lstat(within(folder.handle, name), { bigint: true });
    } catch (error) {
      this.#assertAlive(error);
      return error as Error;
    }
  }

  #judge(folder: OpenFolder, name: Buffer, look: BigIntStats | Error): Listed | undefined {
    const path = pathOf(folder, name);
    if (look instanceof Error) return skip(path, 'unreadable');
    if (look.isDirectory()) {
      // Something else mounted inside the volume is not of this camera.
      if (look.dev !== this.#device) return skip(path, 'special');
      folder.pending.push(name);
      return undefined;
    }
    if (look.isSymbolicLink()) return skip(path, 'link');
    // No real card holds a file beyond 2^53 − 1 bytes; a file system that says so is broken.
    if (!look.isFile() || look.size > BigInt(Number.MAX_SAFE_INTEGER)) return skip(path, 'special');
    this.#recordings += 1;
    return { recording: recordingAt(path, Number(look.size), wholeMs(look.mtimeNs)) };
  }

  #isFull(look: BigIntStats | Error): boolean {
    if (this.#entries > this.#limits.recordings * entriesPerRecording) return true;
    return !(look instanceof Error) && look.isFile() && this.#recordings >= this.#limits.recordings;
  }

  /** A folder that cannot be read is one folder's trouble; a card that is gone, or an abort, is that of the whole listing. */
  #assertAlive(error: unknown): void {
    if (error instanceof DockError || this.#patience.signal?.aborted === true) throw error;
    if (isDeviceGone(error)) throw volumeFault(this.#volume.name, error);
  }
}

async function readNames(folder: Dir): Promise<Batch> {
  const names: Buffer[] = [];
  try {
    while (names.length < batchNames) {
      const entry = await folder.read();
      if (entry === null) break;
      const name: unknown = entry.name;
      // The types of Node know no directory entry with raw bytes, which is what was asked for.
      if (!Buffer.isBuffer(name)) throw new TypeError('a directory entry without raw bytes');
      names.push(name);
    }
  } catch (fault) {
    return { names, fault };
  }
  return { names };
}

const slash = Buffer.from('/');

function pathOf(folder: OpenFolder, name: Buffer): Buffer {
  return Buffer.concat([folder.prefix, name]);
}

function skip(path: Uint8Array, reason: SkippedPath['reason']): Listed {
  return { skipped: { displayPath: displayPath(path), reason } };
}

async function closeFolder({ handle, names }: OpenFolder): Promise<void> {
  await names.close();
  await handle.close();
}
