/**
 * A folder as the storage of a simulated PTP camera: each file and folder is an object with a handle. Links, pipes and the like are no
 * objects; bytes of names that are no UTF-8 become halves of surrogate pairs, as a device with a broken name table sends them.
 */
import { type Dirent, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export interface CardObject {
  readonly handle: number;
  /** 0 at the root. */
  readonly parent: number;
  readonly name: string;
  readonly path: Buffer;
  readonly isFolder: boolean;
}

export class CardObjects {
  readonly #root: Buffer;
  readonly #byHandle = new Map<number, CardObject>();
  readonly #byPath = new Map<string, CardObject>();
  #first = 0;
  #last = 0;
  /** Reads of the card that are under way: while there are any, a clock that is not the real one has to wait. */
  reading = 0;

  constructor(folder: string) {
    this.#root = Buffer.from(folder);
  }

  get root(): Buffer {
    return this.#root;
  }

  /** Handles begin anew, one further on: what they were means another object now. */
  renumber(): void {
    this.#byHandle.clear();
    this.#byPath.clear();
    this.#first += 1;
    this.#last = this.#first;
  }

  /** Undefined where there is none, or not any more. */
  object(handle: number): CardObject | undefined {
    const object = this.#byHandle.get(handle);
    return object !== undefined && this.stat(object) !== undefined ? object : undefined;
  }

  stat(object: CardObject): { readonly sizeBytes: number; readonly modifiedMs: number } | undefined {
    const stat = lstatSync(object.path, { throwIfNoEntry: false });
    return stat === undefined ? undefined : { sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
  }

  /** What lies in a folder (0: at the root). */
  children(handle: number): readonly CardObject[] {
    const folder = handle === 0 ? this.#root : this.#byHandle.get(handle)?.path;
    if (folder === undefined) return [];
    const entries = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' as BufferEncoding }) as unknown[];
    const objects: CardObject[] = [];
    for (const entry of entries as Dirent<Buffer>[]) {
      if (!entry.isFile() && !entry.isDirectory()) continue;
      objects.push(this.#objectAt(handle, folder, entry.name, entry.isDirectory()));
    }
    return objects;
  }

  /** Everything below a folder, folders before what is in them. */
  all(handle: number): readonly CardObject[] {
    return this.children(handle).flatMap((child) => (child.isFolder ? [child, ...this.all(child.handle)] : [child]));
  }

  async read(object: CardObject, at: number, lengthBytes: number): Promise<Buffer> {
    let file: FileHandle | undefined;
    this.reading += 1;
    try {
      file = await open(object.path, 'r');
      const buffer = Buffer.alloc(lengthBytes);
      const { bytesRead } = await file.read(buffer, 0, lengthBytes, at);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file?.close();
      this.reading -= 1;
    }
  }

  remove(object: CardObject): void {
    unlinkSync(object.path);
    this.#byHandle.delete(object.handle);
    this.#byPath.delete(object.path.toString('latin1'));
  }

  #objectAt(parent: number, folder: Buffer, raw: Buffer, isFolder: boolean): CardObject {
    const path = Buffer.concat([folder, Buffer.from('/'), raw]);
    const key = path.toString('latin1');
    const known = this.#byPath.get(key);
    if (known !== undefined) return known;
    this.#last += 1;
    const object = { handle: this.#last, parent, name: nameOf(raw), path, isFolder };
    this.#byHandle.set(object.handle, object);
    this.#byPath.set(key, object);
    return object;
  }
}

/** UTF-16 of a raw name: bytes that are no UTF-8 as U+DC80 … U+DCFF, so that no two names become one. At most 254 units. */
export function nameOf(raw: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let name = '';
  for (let at = 0; at < raw.length; ) {
    let length = 4;
    for (; length > 0; length -= 1) {
      try {
        const piece = raw.subarray(at, at + length);
        const character = decoder.decode(piece);
        if (piece.length === length && [...character].length === 1) {
          name += character;
          break;
        }
      } catch {
        // Not a character of this many bytes.
      }
    }
    if (length === 0) name += String.fromCharCode(0xdc00 + (raw[at] ?? 0));
    at += Math.max(1, length);
  }
  return name.slice(0, 254);
}
