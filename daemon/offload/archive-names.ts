/**
 * Gives out names in the archive during one offload, so that no two recordings ask for the same, neither those of one card
 * that differ only in case nor one whose name is that of another's receipt.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import type { Archive } from '../archive/archive.js';
import { cameraFolder, candidateNames, collisionKey, type DayContext, dayFolders } from '../archive/names.js';
import type { Ledger } from '../custody/ledger.js';
import { receiptSuffix } from './durable-files.js';

interface Folder {
  /** Exact names that were there at the beginning. */
  readonly names: ReadonlySet<string>;
  /** Their collision keys, with the name that holds each. */
  readonly there: ReadonlyMap<string, string>;
  /** Collision keys of the names that were given out, or looked at and found to be entered. */
  readonly given: Set<string>;
}

export interface GivenName {
  readonly finalPath: string;
  readonly alternatePath: string;
}

export class ArchiveNames {
  readonly #archive: Archive;
  readonly #ledger: Pick<Ledger, 'recordingAt'>;
  readonly #camera: string;
  readonly #context: DayContext;
  readonly #folders = new Map<string, Promise<Folder>>();

  constructor(archive: Archive, ledger: Pick<Ledger, 'recordingAt'>, camera: string, context: DayContext) {
    this.#archive = archive;
    this.#ledger = ledger;
    this.#camera = cameraFolder(camera);
    this.#context = context;
  }

  /** Two names of which no entry speaks, in a folder that exists. */
  async give(recording: CameraRecording, identity: string): Promise<GivenName> {
    const parts = [...dayFolders(recording, this.#context), this.#camera];
    const path = parts.join('/');
    let opening = this.#folders.get(path);
    if (opening === undefined) {
      opening = this.#open(parts, path);
      this.#folders.set(path, opening);
    }
    const folder = await opening;
    const free: string[] = [];
    for (const name of candidateNames(recording.path, identity)) {
      if (free.length < 2 && (await this.#claim(folder, path, name))) free.push(`${path}/${name}`);
    }
    const [finalPath, alternatePath = finalPath] = free;
    if (finalPath !== undefined && alternatePath !== undefined) return { finalPath, alternatePath };
    throw new DockError('DOCK_ARCHIVE_NAME_TAKEN', {
      expected: 'a free name in the archive',
      found: `entries or other files under all names for ${recording.displayPath} in ${path}`,
      todo: 'Look where these files come from: nothing but Custodock writes to the archive',
      retry: 'never',
    });
  }

  async #open(parts: readonly string[], path: string): Promise<Folder> {
    await this.#archive.folder(parts);
    const names = await this.#archive.names(path);
    const there = new Map(names.map((name) => [collisionKey(name), name]));
    return { names: new Set(names), there, given: new Set() };
  }

  /**
   * Whether this name is for the caller alone: free, or held by a file of exactly this name that no entry speaks of, left by
   * a crash, and perhaps this very recording. It is marked before the ledger is asked: others ask at the same time.
   */
  async #claim({ names, there, given }: Folder, path: string, name: string): Promise<boolean> {
    const wanted = [name, `${name}${receiptSuffix}`];
    const keys = wanted.map(collisionKey);
    if (keys.some((key) => given.has(key))) return false;
    for (const [index, key] of keys.entries()) {
      const holder = there.get(key);
      if (holder !== undefined && holder !== wanted[index]) return false;
    }
    for (const key of keys) given.add(key);
    return !names.has(name) || (await this.#ledger.recordingAt(`${path}/${name}`)) === undefined;
  }
}
