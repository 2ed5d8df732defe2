/**
 * I12: green is shown only while the daemon is there to mean it, and only for a camera that is fit to go out: everything on it
 * safe, charged, empty enough, right time, no fault, in this very bay. I4: and only after the verdict was entered.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import type { World } from '../world.js';
import type { ArchiveEye } from './archive.js';
import { isOf } from './ledger.js';
import { assert } from './violation.js';

/** The cradle shows its own light when it has not heard the daemon for this long (D5), ms. */
const fallbackMs = 5_000;
/** Contacts are debounced for so long before a cradle believes them, ms. */
const contactsMs = 60;

/** The last verdict on the camera in a bay, and how long ago another one was still in force. */
interface Verdict {
  readonly ready: boolean;
  readonly camera: string;
  readonly readyUntilMs: number;
}

export class LightEye {
  readonly #world: World;
  readonly #archive: ArchiveEye;
  readonly #verdicts = new Map<string, Verdict>();
  greens = 0;

  constructor(world: World, archive: ArchiveEye) {
    this.#world = world;
    this.#archive = archive;
  }

  note(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) {
      if (isOf(stored, 'camera.ready')) this.#set(stored.entry.body, true);
      else if (isOf(stored, 'camera.not-ready')) this.#set(stored.entry.body, false);
      else if (isOf(stored, 'camera.docked')) this.#set(stored.entry.body, false);
      else if (isOf(stored, 'camera.refused') || isOf(stored, 'camera.undocked')) {
        this.#verdicts.delete(stored.entry.body.bay);
      }
    }
  }

  look(): void {
    for (const { slot } of this.#world.places) {
      if (this.#world.light(slot).startsWith('green')) this.#judge(slot);
    }
  }

  #judge(slot: number): void {
    const world = this.#world;
    const bay = world.bayName(slot);
    const { nowMs } = world;
    this.greens += 1;
    const goneMs = world.deadSinceMs === undefined ? 0 : nowMs - world.deadSinceMs;
    assert('I12', goneMs <= fallbackMs, () => `bay ${bay} is green, and the daemon is gone for ${goneMs} ms`);
    const camera = world.in(slot);
    const last = world.stays.findLast((stay) => stay.slot === slot);
    // A hand is faster than contacts: the cradle has not noticed yet.
    if (last !== undefined && nowMs - Math.max(last.fromMs, Number.isFinite(last.toMs) ? last.toMs : 0) < contactsMs)
      return;
    assert('I12', camera !== undefined, () => `bay ${bay} is green and empty`);
    const what = `bay ${bay} is green for ${camera.name}`;
    assert('I12', camera.temper.registered && !camera.temper.quarantined, () => `${what}, which must not go out`);
    for (const [key, footage] of camera.now) {
      const entry = this.#archive.safe(camera.id, key);
      const there = entry !== undefined && existsSync(join(world.archive, entry.entry.body.archivePath));
      assert('I12', there, () => `${what}, and ${footage.path} is not safe`);
    }
    this.#assertFit(what, slot);
    const verdict = this.#verdicts.get(bay);
    // A verdict that was withdrawn is entered before the light changes; where the cradle cannot be reached it falls back.
    const entered =
      verdict?.camera === camera.id && (verdict.ready || nowMs - verdict.readyUntilMs <= fallbackMs + contactsMs);
    assert('I4', entered, () => `${what}, and no entry says that it is ready`);
  }

  /** M7, by what the camera really is. */
  #assertFit(what: string, slot: number): void {
    const world = this.#world;
    const camera = world.in(slot);
    if (camera === undefined) return;
    const { readiness } = world.config;
    const percent = Math.floor(camera.pins.batteryPercent());
    assert('I12', percent >= readiness.batteryPercent, () => `${what} at ${percent} %`);
    const minutes = camera.pins.freeBytes / readiness.bytesPerMinute;
    assert('I12', minutes >= readiness.recordingMinutes, () => `${what} with room for ${minutes} min`);
    assert('I12', (camera.pins.options.faults ?? []).length === 0, () => `${what}, which has a fault`);
    const wrongMs = camera.pins.exactMs() - world.clock.wallMs();
    const mostMs = readiness.clockErrorMs + 200;
    assert('I12', Math.abs(wrongMs) <= mostMs, () => `${what}, whose clock is wrong by ${Math.round(wrongMs)} ms`);
  }

  #set({ bay, camera }: { readonly bay: string; readonly camera: string }, ready: boolean): void {
    const before = this.#verdicts.get(bay);
    const wasReady = before?.ready === true && before.camera === camera;
    const readyUntilMs = wasReady ? this.#world.nowMs : (before?.readyUntilMs ?? Number.NEGATIVE_INFINITY);
    this.#verdicts.set(bay, { ready, camera, readyUntilMs });
  }
}
