/**
 * A mass-storage camera without hardware: its card is a folder, its data pins say what they are told to.
 *
 * Putting it in makes the folder appear under the media root in one step, taking it out makes it vanish in one step, so that whoever
 * reads it then loses it in the middle. Coming and going never changes a byte of the card.
 */
import { lstat, rename, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../contract/error.js';
import type { CradleCameraOptions } from './cradle-camera.js';

export interface SimulatedCameraOptions {
  /** Folder with the content of the card. */
  readonly card: string;
  /**
   * `move`: the folder itself goes into the media root, which must be on the same file system. `link`: it stays where it is and only a
   * link to it appears, for folders that belong to somebody else.
   */
  readonly by: 'move' | 'link';
  /** What the simulated cradle is given to say for it. */
  readonly pins: CradleCameraOptions;
}

export class SimulatedCamera {
  readonly pins: CradleCameraOptions;
  readonly #card: string;
  readonly #by: 'move' | 'link';
  #entry: string | undefined;

  constructor(options: SimulatedCameraOptions) {
    this.pins = options.pins;
    this.#card = options.card;
    this.#by = options.by;
  }

  /** Where the content of its card is now. */
  get cardFolder(): string {
    return this.#by === 'move' ? (this.#entry ?? this.#card) : this.#card;
  }

  get inserted(): boolean {
    return this.#entry !== undefined;
  }

  /** Makes the card appear as volume `name`; fails where one of that name is there already. */
  async insert(mediaRoot: string, name: string): Promise<void> {
    if (this.#entry !== undefined) throw new Error(`this camera is in already, as ${this.#entry}`);
    const entry = join(mediaRoot, name);
    // Renaming onto an empty folder would silently replace it.
    if (await exists(entry)) throw new Error(`there is a volume ${entry} already`);
    if (this.#by === 'move') await rename(this.#card, entry);
    else await symlink(this.#card, entry);
    this.#entry = entry;
  }

  /** Makes the card vanish, whatever is being read of it. Harmless when it is not in. */
  async remove(): Promise<void> {
    const entry = this.#entry;
    if (entry === undefined) return;
    this.#entry = undefined;
    if (this.#by === 'move') await rename(entry, this.#card);
    else await unlink(entry);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
