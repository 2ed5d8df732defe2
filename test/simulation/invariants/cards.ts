/** I1: cards are not written to. I3: what is erased from one had its proof before, was the proved file, and might be erased. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import type { CameraRecording, EraseProof } from '../../../drivers/contract/camera.js';
import type { SimCamera } from '../camera.js';
import { type Footage, footageKey } from '../footage.js';
import type { World } from '../world.js';
import type { ArchiveEye } from './archive.js';
import { isOf } from './ledger.js';
import { assert } from './violation.js';

export class CardEye {
  readonly #world: World;
  readonly #archive: ArchiveEye;
  /** Erasures that were in order when they were begun, by camera's name and key. */
  readonly #allowed = new Set<string>();
  readonly #gone = new Set<string>();

  constructor(world: World, archive: ArchiveEye) {
    this.#world = world;
    this.#archive = archive;
  }

  /** At the very moment before the driver is asked to erase; whatever it refuses then stays. */
  erasing(camera: SimCamera | undefined, recording: CameraRecording, proof: EraseProof): void {
    // It was pulled out in this moment: there is nothing that could be erased.
    if (camera === undefined) return;
    const key = footageKey(recording.path, recording.sizeBytes, recording.modifiedMs);
    const entry = this.#archive.safe(camera.id, key);
    const proved =
      entry?.seq === proof.sequence && entry.leaf === proof.leaf && entry.entry.body.sha256 === proof.sha256;
    if (proved && this.#mayGo(camera.now.get(key), entry)) this.#allowed.add(`${camera.name}|${key}`);
  }

  look(): void {
    for (const camera of this.#world.cameras) {
      const tree = camera.tree();
      for (const [path, look] of tree) {
        const before = camera.looks.get(path);
        assert('I1', before !== undefined, () => `${path} appeared on the card of ${camera.name}`);
        assert('I1', before === look, () => `${path} on the card of ${camera.name} was written to`);
      }
      for (const [key, footage] of [...camera.now]) {
        if (tree.has(footage.path.toString('latin1'))) continue;
        const mark = `${camera.name}|${key}`;
        // Proved as the recording of another camera: the card was taken for that one's.
        const mistaken = this.#world.cameras.some(
          ({ id }) => id !== camera.id && this.#archive.safe(id, key) !== undefined,
        );
        const what = `${footage.path} was erased from ${camera.name} without proof`;
        assert(mistaken ? 'I7' : 'I3', this.#allowed.has(mark), () => what);
        this.#gone.add(`${camera.id}|${key}`);
        camera.forget(footage, false);
      }
    }
  }

  /** An entry of an erasure speaks of one that happened; one of a recording found gone, of a card without it. */
  judge(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) {
      if (!isOf(stored, 'recording.erased')) continue;
      const { camera, pathBytes, sizeBytes, modifiedMs, path, outcome } = stored.entry.body;
      const key = footageKey(Buffer.from(pathBytes, 'base64'), sizeBytes, modifiedMs);
      const made = this.#world.cameras.some(({ ever }) => ever.has(key));
      assert('I1', made, () => `entry ${stored.seq} erases ${path}, which no camera had made`);
      // Of two cameras with one identity, the dock may have begun with one, and seen the other after its own end.
      const missed = this.#world.cameras.some(({ id, now }) => id === camera && !now.has(key));
      const gone = outcome === 'found-gone' ? missed : this.#gone.has(`${camera}|${key}`);
      assert('I3', gone, () => `entry ${stored.seq} says that ${path} was erased, and it was not`);
    }
  }

  #mayGo(truth: Footage | undefined, entry: NonNullable<ReturnType<ArchiveEye['safe']>>): boolean {
    const { body } = entry.entry;
    const { config, archive } = this.#world;
    if (config.offload.erase !== 'after-verified' || truth === undefined || truth.important) return false;
    if (body.label !== 'complete' && body.label !== 'zero-length') return false;
    const stored = join(archive, body.archivePath);
    if (truth.sha256 !== body.sha256 || !existsSync(stored)) return false;
    return createHash('sha256').update(readFileSync(stored)).digest('hex') === body.sha256;
  }
}
