/**
 * Paths of objects: PTP has names and parents, the register of recordings has bytes with `/` between them. Pure.
 *
 * Answerable for: no two objects of one camera get the same path, and a name means nothing to whoever opens files by it (I11).
 */

/** Stands for what cannot be in a part of a path. */
const instead = '\ufffd';

/** One part of a path in UTF-8. Halves of surrogate pairs are kept as three bytes each (WTF-8), so that different names stay different. */
export function pathPart(name: string): Buffer {
  let part = name.replaceAll(/[/\0]/g, instead);
  // Nothing, this folder, the one above, and what `PartNames` makes for doubles.
  if (/^(?:\.{0,2}|~\d+)$/.test(part)) part += instead;
  if (part.isWellFormed()) return Buffer.from(part, 'utf8');
  const bytes: number[] = [];
  for (const character of part) {
    const unit = character.charCodeAt(0);
    if (character.length === 1 && unit >= 0xd800 && unit <= 0xdfff) {
      bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
    } else bytes.push(...Buffer.from(character, 'utf8'));
  }
  return Buffer.from(bytes);
}

/** The names that are taken in one folder. Objects of one name get a folder more, so that extension and marks of the name stay as they are. */
export class PartNames {
  readonly #taken = new Map<string, number>();

  constructor(reserved: readonly string[] = []) {
    for (const name of reserved) this.#taken.set(name, 1);
  }

  /** `part`, or `~2/part`, `~3/part` … */
  give(part: Buffer): Buffer {
    const key = part.toString('latin1');
    const count = (this.#taken.get(key) ?? 0) + 1;
    this.#taken.set(key, count);
    return count === 1 ? part : Buffer.concat([Buffer.from(`~${count}/`), part]);
  }
}

/** Storage of a camera that has only one; what lies on it needs no folder of its own. */
const firstStorage = 0x0001_0001;

/** Folder of a storage, '' for the first: the same whichever others are there. */
export function storageFolder(storage: number): string {
  return storage === firstStorage ? '' : `storage-${storage.toString(16).padStart(8, '0')}`;
}
