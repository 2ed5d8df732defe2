/**
 * Gives out names in the archive during one offload, so that no two recordings ask for the same, neither those of one card
 * that differ only in case nor one whose name is that of another's receipt.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { Archive } from '../archive/archive.js';
import { cameraFolder, candidateNames, collisionKey, type DayContext, dayFolders } from '../archive/names.js';
import type { Ledger } from '../custody/ledger.js';
import { receiptSuffix } from './durable-files.js';

interface Folder {
  /** Exact names that are there. */
  readonly names: ReadonlySet<string>;
  /** Collision keys of all names, there or given out. */
  readonly taken: Map<string, string>;
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
      if (await this.#isFree(folder, path, name)) free.push(name);
    }
    const [first, second = first] = free;
    if (first === undefined || second === undefined) {
      // Names with 64 bits of this recording's own hash are taken: the recording is there twice over.
      const [, , last] = candidateNames(recording.path, identity);
      return { finalPath: `${path}/${last}`, alternatePath: `${path}/${last}` };
    }
    for (const name of [first, `${first}${receiptSuffix}`]) folder.taken.set(collisionKey(name), name);
    return { finalPath: `${path}/${first}`, alternatePath: `${path}/${second}` };
  }

  async #open(parts: readonly string[], path: string): Promise<Folder> {
    await this.#archive.folder(parts);
    const names = await this.#archive.names(path);
    return { names: new Set(names), taken: new Map(names.map((name) => [collisionKey(name), name])) };
  }

  /** Free, or held by a file of exactly this name that no entry speaks of: left by a crash, and perhaps this very recording. */
  async #isFree(folder: Folder, path: string, name: string): Promise<boolean> {
    for (const wanted of [name, `${name}${receiptSuffix}`]) {
      const holder = folder.taken.get(collisionKey(wanted));
      if (holder !== undefined && !(holder === wanted && folder.names.has(wanted))) return false;
    }
    if (!folder.names.has(name)) return true;
    return (await this.#ledger.recordingAt(`${path}/${name}`)) === undefined;
  }
}
