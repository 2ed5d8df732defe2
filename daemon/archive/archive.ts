/**
 * The archive: the recordings on the dock's own disk.
 *
 * Answerable for: knowing whether the archive is there, writable and has room, before anything is copied into it. A mount
 * point whose disk did not come up is an empty folder of the root disk: a marker file tells them apart.
 * Must never: create an archive where the ledger says that there is one already, or clear anything (I9).
 */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { access, constants, link, mkdir, open, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { size } from '../language/figures.js';
import { DiskAnswers } from './answers.js';
import type { DurableFiles } from './durable-files.js';
import { announcementSuffix, notesSuffix, partSuffix, partsFolder } from './names.js';

export const markerName = 'custodock-archive.json';

export interface ArchiveStatus {
  readonly path: string;
  readonly state: 'ok' | 'full' | 'read-only' | 'gone';
  readonly freeBytes: number;
  readonly capacityBytes: number;
}

/** One look: what is known of the archive, and why it cannot be used; null where it can. */
export interface ArchiveLook {
  readonly status: ArchiveStatus;
  readonly error: unknown;
}

export interface ArchiveOptions {
  /** Absolute path. */
  readonly path: string;
  /** Bytes that stay free. */
  readonly reserveBytes: number;
  readonly files: DurableFiles;
  readonly clock: Clock;
  /** Whether the ledger has any recording: then a missing marker means a missing disk, not a new dock. */
  readonly hasRecordings: () => Promise<boolean>;
}

/** What lies among the parts, by the keys of recordings. */
export interface Left {
  /** Bytes on disk. */
  readonly parts: ReadonlyMap<string, number>;
  readonly noted: ReadonlySet<string>;
  readonly announced: ReadonlySet<string>;
}

/** Room that one offload counts on, so that several together never plan the same bytes. */
export interface Reservation {
  /** A recording of that size is copied, or given up: its bytes are in the free space now, or wanted no more. */
  release(bytes: number): void;
  end(): void;
}

export class Archive {
  readonly path: string;
  readonly #options: ArchiveOptions;
  readonly #answers: DiskAnswers;
  readonly #folders = new Map<string, Promise<void>>();
  #reservedBytes = 0;

  constructor(options: ArchiveOptions) {
    this.path = options.path;
    this.#options = options;
    this.#answers = new DiskAnswers(options.clock);
  }

  /** Another question to the disk of this archive, under the same deadline. */
  answer<T>(ask: () => Promise<T>): Promise<T> {
    return this.#answers.to(ask);
  }

  /** As it is now. A disk that does not answer in time counts as gone; so does what else keeps marker or figures from being read. */
  async look(): Promise<ArchiveLook> {
    const { path } = this;
    try {
      if (!(await this.#marker())) throw this.#unmarked();
      const { freeBytes, capacityBytes } = await this.#space();
      const refused = await this.#answers
        .to(() => access(path, constants.W_OK))
        .then(
          () => null,
          (error: unknown) => error,
        );
      const full = freeBytes <= this.#options.reserveBytes ? this.#full(freeBytes) : null;
      const state = refused !== null ? 'read-only' : full !== null ? 'full' : 'ok';
      return { status: { path, state, freeBytes, capacityBytes }, error: refused ?? full };
    } catch (error) {
      return { status: { path, state: 'gone', freeBytes: 0, capacityBytes: 0 }, error };
    }
  }

  /** Makes sure that recordings can be stored, and sets up an archive on a new dock. Throws DOCK_ARCHIVE_… */
  async ready(): Promise<void> {
    if (!(await this.#marker())) {
      if (await this.#options.hasRecordings()) throw this.#unmarked();
      await this.#answers.to(() => this.#initialise());
    }
    await this.#answers.to(() => access(this.path, constants.W_OK));
    await this.#answers.to(() => this.#options.files.makeFolder(this.path, [partsFolder]));
  }

  /** Bytes that a new offload may plan with; not below 0. */
  async roomBytes(): Promise<number> {
    const { freeBytes } = await this.#space();
    return Math.max(0, freeBytes - this.#options.reserveBytes - this.#reservedBytes);
  }

  get reserveBytes(): number {
    return this.#options.reserveBytes;
  }

  reserve(bytes: number): Reservation {
    let left = bytes;
    this.#reservedBytes += bytes;
    const release = (released: number): void => {
      const now = Math.min(left, released);
      left -= now;
      this.#reservedBytes -= now;
    };
    return { release, end: () => release(left) };
  }

  /** Makes a folder of the archive durable; asked again, it is known. Bounded: an archive has a folder a day and camera. */
  folder(names: readonly string[]): Promise<void> {
    const key = names.join('/');
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    if (this.#folders.size >= 4096) this.#folders.clear();
    const making = this.#answers.to(() => this.#options.files.makeFolder(this.path, names));
    this.#folders.set(key, making);
    making.catch(() => this.#folders.delete(key));
    return making;
  }

  names(folder: string): Promise<readonly string[]> {
    return this.#answers.to(() => this.#options.files.names(join(this.path, folder)));
  }

  /** A stored file of that size is there. Its content was proved when it was entered. */
  async holds(archivePath: string, sizeBytes: number): Promise<boolean> {
    const found = await this.#stat(archivePath);
    return found?.isFile() === true && found.size === sizeBytes;
  }

  /** Anything is there under that name. */
  async has(archivePath: string): Promise<boolean> {
    return (await this.#stat(archivePath)) !== undefined;
  }

  /** What interrupted copies left, by the key of the recording. */
  async left(): Promise<Left> {
    const parts = new Map<string, number>();
    const noted = new Set<string>();
    const announced = new Set<string>();
    for (const name of await this.names(partsFolder)) {
      if (name.endsWith(announcementSuffix)) announced.add(name.slice(0, -announcementSuffix.length));
      if (name.endsWith(notesSuffix)) noted.add(name.slice(0, -notesSuffix.length));
      if (!name.endsWith(partSuffix)) continue;
      const found = await this.#stat(`${partsFolder}/${name}`);
      // Finished meanwhile by another bay.
      if (found !== undefined) parts.set(name.slice(0, -partSuffix.length), found.size);
    }
    return { parts, noted, announced };
  }

  /** Path in the archive under which the part of this recording was last about to be published. */
  announced(key: string): Promise<string | undefined> {
    return this.#answers.to(() => this.#options.files.announced(this.#beside(key, announcementSuffix)));
  }

  /** Its recording is entered: where it was published is in the ledger. */
  endAnnouncement(key: string): Promise<void> {
    return this.#answers.to(() => this.#options.files.remove(this.#beside(key, announcementSuffix)));
  }

  /** Text of the notes beside a part. */
  notes(key: string): Promise<string | undefined> {
    return this.#answers.to(() => this.#options.files.readSmall(this.#beside(key, notesSuffix)));
  }

  /** What the part of this recording holds is in the archive and entered. The part goes first: notes alone say that there was one. */
  async removeLeft(key: string): Promise<void> {
    for (const suffix of [partSuffix, notesSuffix, announcementSuffix]) {
      await this.#answers.to(() => this.#options.files.remove(this.#beside(key, suffix)));
    }
  }

  #beside(key: string, suffix: string): string {
    return join(this.path, partsFolder, `${key}${suffix}`);
  }

  async #space(): Promise<{ readonly freeBytes: number; readonly capacityBytes: number }> {
    const { bavail, blocks, bsize } = await this.#answers.to(() => statfs(this.path));
    return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
  }

  #marker(): Promise<boolean> {
    return this.#answers.to(() => readFile(join(this.path, markerName)).then(() => true, absent(false)));
  }

  #stat(archivePath: string): Promise<Stats | undefined> {
    return this.#answers.to(() => stat(join(this.path, archivePath)).catch(absent(undefined)));
  }

  #unmarked(): DockError {
    return new DockError('DOCK_ARCHIVE_GONE', {
      expected: phrase`the archive at ${this.path}, marked by ${markerName}`,
      found: phrase`nothing with that mark`,
      todo: phrase`Check that the archive disk is connected and mounted`,
      retry: 'now',
    });
  }

  #full(freeBytes: number): DockError {
    return new DockError('DOCK_ARCHIVE_FULL', {
      expected: phrase`more than the ${size(this.#options.reserveBytes)} that stay free`,
      found: phrase`${size(freeBytes)} free`,
      todo: phrase`Make room on the archive disk, or enlarge it`,
      retry: 'now',
    });
  }

  /** The mark comes into being by a link from a finished file, which also shows that this file system can publish. */
  async #initialise(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o750 });
    const draft = join(this.path, `.${markerName}.${randomUUID()}`);
    const handle = await open(draft, 'wx', 0o440);
    try {
      await handle.writeFile(`${JSON.stringify({ custodock: 'archive', version: 1, id: randomUUID() }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await link(draft, join(this.path, markerName));
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') {
        throw new DockError('DOCK_ARCHIVE_REFUSED', {
          expected: phrase`a file system with hard links, such as ext4, XFS or Btrfs`,
          found: messageOf(error),
          todo: phrase`Put the archive on such a file system`,
          retry: 'now',
          cause: error,
        });
      }
    } finally {
      await this.#options.files.remove(draft);
    }
    const folder = await open(this.path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** Answers `value` where there is nothing of that name; anything else is the disk's trouble. */
function absent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return value;
    throw error;
  };
}
