/** I8: whoever is well gets done in bounded time, whatever the others do. */
import type { SimCamera } from '../camera.js';
import type { World } from '../world.js';
import type { ArchiveEye } from './archive.js';
import { assert } from './violation.js';

/** From the last trouble that concerned it until everything of a camera is safe, ms: retries grow to minutes. */
export const doneWithinMs = 330_000;

/** From a failure of the ledger to the end of the daemon, ms: the deadline of a commit, and those of all services. */
const endsWithinMs = 90_000;

export class LivenessEye {
  readonly #world: World;
  readonly #archive: ArchiveEye;

  constructor(world: World, archive: ArchiveEye) {
    this.#world = world;
    this.#archive = archive;
  }

  look(): void {
    const { unhandled, stalled, nowMs } = this.#world;
    assert('I8', unhandled.length === 0, () => `nobody handled ${String(unhandled[0])}`);
    const { ledgerFailedMs = nowMs } = this.#world;
    const endedInTime = nowMs - ledgerFailedMs <= endsWithinMs;
    assert('I8', endedInTime, () => `the daemon is there ${nowMs - ledgerFailedMs} ms after its ledger failed`);
    assert('I8', stalled.length === 0, () => `no progress of ${stalled.join(', ')}`);
    for (const camera of this.#world.cameras) {
      const sinceMs = this.wellSinceMs(camera);
      if (sinceMs === undefined || nowMs - sinceMs < doneWithinMs) continue;
      assert(
        'I8',
        this.isDone(camera),
        () => `${camera.name} is not done ${Math.round(nowMs - sinceMs)} ms after all was well`,
      );
    }
  }

  /** Everything on it is safe; and its light says so, where the camera is fit to go out. */
  isDone(camera: SimCamera): boolean {
    const { id, now, place } = camera;
    const safe = [...now.keys()].every((key) => this.#archive.safe(id, key) !== undefined);
    if (!safe || place === undefined || !this.#isFit(camera)) return safe;
    return this.#world.light(place.slot) === 'green-steady';
  }

  #isFit({ temper, pins }: SimCamera): boolean {
    const { clockResolutionMs, clockStuck, faults } = pins.options;
    const { bytesPerMinute, recordingMinutes } = this.#world.config.readiness;
    const roomy = pins.freeBytes / bytesPerMinute >= recordingMinutes;
    const sound = clockResolutionMs !== null && clockStuck !== true && (faults ?? []).length === 0;
    return this.#world.trusted && sound && roomy && !temper.quarantined;
  }

  /** Since when nothing speaks against this camera being offloaded; undefined: something does, or it is not in. */
  wellSinceMs(camera: SimCamera): number | undefined {
    const world = this.#world;
    const { disk, config } = world;
    if (!world.alive || world.ledgerFailedMs !== undefined) return undefined;
    if (disk.full || disk.failing || world.ledgerFull || config.archive.reserveBytes > 0) return undefined;
    const { place, spoilt, stalled, temper } = camera;
    if (place === undefined || spoilt || stalled || !temper.registered) return undefined;
    const { wire } = world.cradles.bay(place.slot).unit;
    if (!wire.sound) return undefined;
    const trustMs = world.trustChanges.at(-1)?.atMs ?? 0;
    return Math.max(camera.dockedMs, camera.troubledMs, world.calmSinceMs, wire.calmSinceMs, trustMs);
  }
}
