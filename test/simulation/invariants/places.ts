/** I7: whatever is entered of a bay happened in that bay, with the camera that was there. */
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import { footageKey } from '../footage.js';
import type { Stay, World } from '../world.js';
import { isOf } from './ledger.js';
import { assert } from './violation.js';

/** What is entered of a camera may be entered this long after it was taken, ms: steps that wind down, a disk that is slow. */
const behindMs = 60_000;

export class PlaceEye {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  judge(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) {
      if (
        isOf(stored, 'camera.docked') ||
        isOf(stored, 'camera.inspected') ||
        isOf(stored, 'camera.clock-set') ||
        isOf(stored, 'camera.offloaded') ||
        isOf(stored, 'camera.ready') ||
        isOf(stored, 'recording.erased')
      ) {
        const { bay, camera } = stored.entry.body;
        const there = this.#stays(stored, bay).some((stay) => stay.camera.id === camera);
        assert(
          'I7',
          there,
          () => `entry ${stored.seq} (${stored.entry.kind}) has ${camera} in bay ${bay}, where it was not`,
        );
      } else if (isOf(stored, 'recording.offloaded')) {
        const { bay, camera, pathBytes, sizeBytes, modifiedMs, path, madeOf } = stored.entry.body;
        const key = footageKey(Buffer.from(pathBytes, 'base64'), sizeBytes, modifiedMs);
        const stays = this.#stays(stored, bay).filter((stay) => stay.camera.id === camera);
        // What is left of an earlier docking is found missing where the camera is now, or a twin that nobody has seen beside it.
        const there = stays.some((stay) => stay.camera.ever.has(key) || madeOf === 'part');
        assert('I7', there, () => `entry ${stored.seq} has ${path} of ${camera} in bay ${bay}, where it was not`);
      } else if (isOf(stored, 'camera.refused')) {
        const { bay, claimed } = stored.entry.body;
        const there = this.#stays(stored, bay).some((stay) => claimed === null || stay.camera.id === claimed);
        assert('I7', there, () => `entry ${stored.seq} refuses ${claimed} in bay ${bay}, where it was not`);
      }
    }
  }

  #stays(stored: StoredEntry, bay: string): readonly Stay[] {
    const atMs = stored.entry.time.monotonicMs;
    return this.#world.stays.filter(
      ({ slot, fromMs, toMs }) => this.#world.bayName(slot) === bay && fromMs <= atMs + 1 && toMs >= atMs - behindMs,
    );
  }
}
