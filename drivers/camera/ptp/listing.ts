/**
 * Everything that is on a device, as a stream: of each folder on the way only its handles are held, of a card of 100,000 objects two
 * numbers each.
 *
 * Answerable for: each object once, whatever devices say of parents. Nothing is left out silently, and a listing that ends without an error
 * was of one session and of the storages that it began with.
 */
import { cameraGone, type Listed, type SkippedPath } from '../../contract/camera.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { displayPath, recordingAt } from '../recording.js';
import { rootParent } from './codes.js';
import { renewed } from './faults.js';
import { PartNames, pathPart, storageFolder } from './names.js';
import { concernsOneObject, type PtpObject, type PtpObjects } from './objects.js';

export interface ListingLimits {
  /** Most recordings of one camera. */
  readonly recordings: number;
  /** Deepest folder below the root. */
  readonly depth: number;
}

export const deepestFolder = 32;
/** Objects of any kind for each recording that is allowed: a card of nothing but folders must come to an end too. */
const objectsPerRecording = 4;

interface Folder {
  readonly handle: number;
  readonly storage: number;
  /** Raw path with a `/` at its end; empty at the root. */
  readonly prefix: Buffer;
  /** 0 at the root. */
  readonly depth: number;
  readonly names: PartNames;
  handles: readonly number[];
  at: number;
  /** Made when the first child claims another parent. */
  present: ReadonlySet<number> | undefined;
}

export type Found = { readonly listed: Listed; readonly handle?: number };

export async function* listObjects(
  objects: PtpObjects,
  limits: ListingLimits,
  signal: AbortSignal,
): AsyncGenerator<Found, void, undefined> {
  signal.throwIfAborted();
  const { device } = objects;
  const { generation, storeChanges } = device;
  const storages = await objects.storages(signal);
  if (storages.length === 0) throw noStorage();
  const walk = new Walk(objects, limits, generation, signal);
  for (const storage of storages) {
    yield* walk.storage(storage, storages);
    if (walk.full) return;
  }
  const now = await objects.storages(signal);
  if (device.generation !== generation) throw renewed();
  const same = now.length === storages.length && now.every((id) => storages.includes(id));
  if (device.storeChanges !== storeChanges || !same) throw storeChanged();
}

class Walk {
  readonly #objects: PtpObjects;
  readonly #limits: ListingLimits;
  readonly #generation: number;
  readonly #signal: AbortSignal;
  readonly #seen = new Set<number>();
  /** Objects that claim a parent which is listed beside them: they are taken there, or at the end where they were seen first. */
  readonly #elsewhere = new Map<number, { readonly parent: number; readonly folder: Folder }>();
  /** Folders that are not gone into. */
  readonly #leftOut = new Set<number>();
  readonly #way: Folder[] = [];
  #looks = 0;
  #recordings = 0;
  full = false;

  constructor(objects: PtpObjects, limits: ListingLimits, generation: number, signal: AbortSignal) {
    this.#objects = objects;
    this.#limits = limits;
    this.#generation = generation;
    this.#signal = signal;
  }

  async *storage(storage: number, all: readonly number[]): AsyncGenerator<Found, void, undefined> {
    const own = storageFolder(storage);
    const prefix = Buffer.from(own === '' ? '' : `${own}/`);
    const names = new PartNames(own === '' ? all.map(storageFolder).filter((name) => name !== '') : []);
    const root: Folder = {
      handle: rootParent,
      storage,
      prefix,
      depth: 0,
      names,
      handles: [],
      at: 0,
      present: undefined,
    };
    const trouble = await this.#fill(root);
    if (trouble !== undefined) {
      yield { listed: { skipped: trouble } };
      return;
    }
    this.#way.push(root);
    yield* this.#down();
    // Parents that lead nowhere or in a circle: what claims them is taken where it was seen.
    for (let left = this.#firstElsewhere(); left !== undefined; left = this.#firstElsewhere()) {
      const [handle, { folder, parent }] = left;
      this.#elsewhere.delete(handle);
      // Its folder was said to be left out, and it with it.
      if (this.#leftOut.has(parent)) continue;
      yield* this.#look(folder, handle, true);
      yield* this.#down();
    }
  }

  #firstElsewhere(): [number, { readonly parent: number; readonly folder: Folder }] | undefined {
    for (const entry of this.#elsewhere) return this.full ? undefined : entry;
    return undefined;
  }

  async *#down(): AsyncGenerator<Found, void, undefined> {
    for (let folder = this.#way.at(-1); folder !== undefined && !this.full; folder = this.#way.at(-1)) {
      const handle = folder.handles[folder.at];
      folder.at += 1;
      if (handle === undefined) this.#way.pop();
      else yield* this.#look(folder, handle, false);
    }
  }

  async *#look(folder: Folder, handle: number, here: boolean): AsyncGenerator<Found, void, undefined> {
    if (this.#seen.has(handle)) return;
    const claimed = this.#elsewhere.get(handle);
    if (claimed !== undefined && claimed.parent !== folder.handle) return;
    this.#looks += 1;
    if (this.#looks > this.#limits.recordings * objectsPerRecording) {
      yield this.#endFull(folder);
      return;
    }
    let object: PtpObject | undefined;
    try {
      object = await this.#objects.object(handle, this.#generation, this.#signal);
    } catch (error) {
      if (!concernsOneObject(error)) throw error;
    }
    if (object === undefined) {
      this.#seen.add(handle);
      this.#elsewhere.delete(handle);
      const path = Buffer.concat([folder.prefix, Buffer.from(`object ${handle.toString(16)}`)]);
      yield { listed: skip(path, handle === 0 || handle === rootParent ? 'special' : 'unreadable') };
      return;
    }
    if (!here && !this.#belongs(folder, object)) {
      this.#elsewhere.set(handle, { parent: object.parent === 0 ? rootParent : object.parent, folder });
      return;
    }
    this.#seen.add(handle);
    this.#elsewhere.delete(handle);
    yield* this.#take(folder, object);
  }

  /** False: it claims another folder of the same list as its parent, as on devices that list all objects for every folder. */
  #belongs(folder: Folder, { parent, handle }: PtpObject): boolean {
    if (parent === folder.handle) return true;
    if (parent === 0 || parent === rootParent) {
      const [root] = this.#way;
      // Many devices name no parent at all; only what the root lists too is the root's.
      return root === undefined || folder === root || !presentIn(root).has(handle);
    }
    return !presentIn(folder).has(parent) || parent === handle;
  }

  async *#take(folder: Folder, object: PtpObject): AsyncGenerator<Found, void, undefined> {
    const path = Buffer.concat([folder.prefix, folder.names.give(pathPart(object.name))]);
    if (object.isFolder) {
      const skipped = await this.#enter(folder, object, path);
      if (skipped === undefined) return;
      this.#leftOut.add(object.handle);
      yield { listed: { skipped } };
      return;
    }
    if (object.sizeBytes === undefined) {
      yield { listed: skip(path, 'unreadable') };
      return;
    }
    if (this.#recordings >= this.#limits.recordings) {
      yield this.#endFull(folder);
      return;
    }
    this.#recordings += 1;
    yield { listed: { recording: recordingAt(path, object.sizeBytes, object.modifiedMs) }, handle: object.handle };
  }

  async #enter(parent: Folder, { handle, storage }: PtpObject, path: Buffer): Promise<SkippedPath | undefined> {
    const depth = parent.depth + 1;
    if (depth > this.#limits.depth) return { displayPath: displayPath(path), reason: 'too-deep' };
    const prefix = Buffer.concat([path, Buffer.from('/')]);
    // Of the storage that is walked: what a folder says of its own is not to be followed.
    const ours = storage === parent.storage ? storage : parent.storage;
    const folder: Folder = {
      handle,
      storage: ours,
      prefix,
      depth,
      names: new PartNames(),
      handles: [],
      at: 0,
      present: undefined,
    };
    const trouble = await this.#fill(folder);
    if (trouble === undefined) this.#way.push(folder);
    return trouble;
  }

  /** Asks for the handles of a folder, or says why it cannot be listed. */
  async #fill(folder: Folder): Promise<SkippedPath | undefined> {
    const most = this.#limits.recordings * objectsPerRecording;
    const { storage, handle, prefix } = folder;
    try {
      folder.handles = await this.#objects.handles(storage, handle, most, this.#generation, this.#signal);
      return undefined;
    } catch (error) {
      const shown = displayPath(prefix.subarray(0, -1));
      if (error instanceof DockError && error.code === 'DOCK_PTP_TOO_MUCH') {
        return { displayPath: shown, reason: 'too-many' };
      }
      if (!concernsOneObject(error) || handle === rootParent) throw error;
      return { displayPath: shown, reason: 'unreadable' };
    }
  }

  #endFull(folder: Folder): Found {
    this.full = true;
    return { listed: skip(folder.prefix, 'too-many') };
  }
}

function presentIn(folder: Folder): ReadonlySet<number> {
  folder.present ??= new Set(folder.handles);
  return folder.present;
}

function skip(path: Uint8Array, reason: SkippedPath['reason']): Listed {
  return { skipped: { displayPath: displayPath(path), reason } };
}

/** Phones show none until somebody unlocks them and allows it. */
function noStorage(): DockError {
  return new DockError('DOCK_PTP_NO_STORAGE', {
    expected: phrase`a camera that shows its storage`,
    found: phrase`none`,
    todo: phrase`Check that it has a card in it; unlock it and allow file transfer where it asks for that`,
    retry: 'now',
  });
}

function storeChanged(): DockError {
  return new DockError(cameraGone, {
    expected: phrase`the storages that the listing began with`,
    found: phrase`others`,
    todo: phrase`Put the camera in again so that its card is listed anew`,
    retry: 'after-redocking',
  });
}
