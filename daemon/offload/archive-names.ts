/**
 * Gives out names in the archive during one offload, so that no two recordings ask for the same, neither those of one card
 * that differ only in case nor one whose name is that of another's receipt.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Archive } from '../archive/archive.js';
import { receiptSuffix } from '../archive/durable-files.js';
import { cameraFolder, candidateNames, collisionKey, type DayContext, dayFolders } from '../archive/names.js';
import type { Ledger } from '../custody/ledger.js';

interface Folder {
  /** Exact names that were there at the beginning. */
  readonly names: ReadonlySet<string>;
  /** Their collision keys, with the name that holds each. */
  readonly there: ReadonlyMap<string, string>;
  /** Collision keys of the names that were given out, or looked at and found to be entered; one a recording. */
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

  /**
   * A name of which no entry speaks, in a folder that exists, and one for where a foreign file is found to hold it.
   * @param earlier where this recording was about to be published when the dock stopped. What is there, of the recording or only its
   * receipt, is gone on with: by now the recording may belong to another day, for the dock's own clock can decide that.
   */
  async give(recording: CameraRecording, identity: string, earlier?: string): Promise<GivenName> {
    const now = await this.#giveNow(recording, identity);
    if (earlier === undefined || earlier === now.finalPath || !(await this.#claimEarlier(earlier))) return now;
    return { finalPath: earlier, alternatePath: now.finalPath };
  }

  async #claimEarlier(earlier: string): Promise<boolean> {
    const parts = earlier.split('/');
    const name = parts.pop() ?? '';
    const path = parts.join('/');
    const ours = /^\d{4}\/\d{2}\/\d{2}\/[^/]+$/.test(path) && parts.at(-1) === this.#camera && name !== '';
    if (!ours) return false;
    const there = await this.#archive.names(path);
    if (!there.includes(name) && !there.includes(`${name}${receiptSuffix}`)) return false;
    return this.#claim(await this.#folder(parts, path), path, name);
  }

  async #giveNow(recording: CameraRecording, identity: string): Promise<GivenName> {
    const parts = [...dayFolders(recording, this.#context), this.#camera];
    const path = parts.join('/');
    const folder = await this.#folder(parts, path);
    const [plain, short, long] = candidateNames(recording.path, identity);
    for (const [name, other] of [
      [plain, short],
      [short, long],
      [long, short],
    ] as const) {
      if (!(await this.#claim(folder, path, name))) continue;
      return { finalPath: `${path}/${name}`, alternatePath: `${path}/${other}` };
    }
    throw new DockError('DOCK_ARCHIVE_NAME_TAKEN', {
      expected: phrase`a free name in the archive`,
      found: phrase`entries or other files under all names for ${recording.displayPath} in ${path}`,
      todo: phrase`Look where these files come from: nothing but Custodock writes to the archive`,
      retry: 'never',
    });
  }

  #folder(parts: readonly string[], path: string): Promise<Folder> {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const opening = this.#open(parts, path);
    this.#folders.set(path, opening);
    return opening;
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
  async #claim(folder: Folder, path: string, name: string): Promise<boolean> {
    const { names, there, given } = folder;
    const key = collisionKey(name);
    if (this.#isGiven(folder, key)) return false;
    for (const wanted of [name, `${name}${receiptSuffix}`]) {
      const holder = there.get(collisionKey(wanted));
      if (holder !== undefined && holder !== wanted) return false;
    }
    given.add(key);
    return !names.has(name) || (await this.#ledger.recordingAt(`${path}/${name}`)) === undefined;
  }

  /** A name is taken with that of its receipt, and by the receipt of another. */
  #isGiven({ given }: Folder, key: string): boolean {
    return (
      given.has(key) ||
      given.has(`${key}${receiptSuffix}`) ||
      (key.endsWith(receiptSuffix) && given.has(key.slice(0, -receiptSuffix.length)))
    );
  }
}
