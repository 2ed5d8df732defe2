/** I6: time that is not trusted gets into no camera, and every entry says whether it was. */
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import type { ClockSetting } from '../camera.js';
import type { World } from '../world.js';
import { isOf } from './ledger.js';
import { assert } from './violation.js';

/** How often the daemon asks what vouches for its time, ms, with some air. */
const lookMs = 5_500;
/** From the decision to the edge at which a camera is set, ms. */
const leadMs = 1_600;
/** What a trusted dock clock may be wrong by in this world, and what a wire adds, ms. */
const mostWrongMs = 200;

export class ClockEye {
  readonly #world: World;
  readonly #seen = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    for (const { name, pins } of this.#world.cameras) {
      for (const setting of pins.settings.slice(this.#seen.get(name) ?? 0)) this.#judgeSetting(name, setting);
      this.#seen.set(name, pins.settings.length);
    }
  }

  judge(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) {
      const { trusted, monotonicMs, utc } = stored.entry.time;
      const what = `entry ${stored.seq} (${stored.entry.kind})`;
      const really = this.#trustedThroughout(monotonicMs - lookMs, monotonicMs);
      if (really !== undefined) {
        assert(
          'I6',
          trusted === really,
          () => `${what} says trusted: ${trusted}, and the time was ${really ? '' : 'not '}trusted`,
        );
      }
      const wrongMs = Date.parse(utc) - this.#trueMs(monotonicMs);
      if (trusted)
        assert('I6', Math.abs(wrongMs) <= mostWrongMs, () => `${what} says trusted, and is wrong by ${wrongMs} ms`);
      if (!isOf(stored, 'camera.clock-set')) continue;
      const { camera } = stored.entry.body;
      const happened = this.#world.cameras.some(
        ({ id, pins }) => id === camera && pins.settings.some(({ atMs }) => Math.abs(monotonicMs - atMs) < 60_000),
      );
      assert('I6', happened, () => `${what} says that the clock of ${camera} was set, and it was not`);
    }
  }

  #judgeSetting(name: string, { atMs, toMs }: ClockSetting): void {
    const really = this.#trustedThroughout(atMs - lookMs - leadMs, atMs);
    assert('I6', really !== false, () => `the clock of ${name} was set at ${atMs} ms with time that is not trusted`);
    const wrongMs = toMs - this.#trueMs(atMs);
    assert(
      'I6',
      Math.abs(wrongMs) <= mostWrongMs,
      () => `the clock of ${name} was set wrong by ${Math.round(wrongMs)} ms`,
    );
  }

  #trueMs(atMs: number): number {
    return this.#world.clock.wallMs() - (this.#world.nowMs - atMs);
  }

  /** Undefined: it changed in between, so that either may have been known. */
  #trustedThroughout(fromMs: number, toMs: number): boolean | undefined {
    const changes = this.#world.trustChanges;
    if (changes.some(({ atMs }) => atMs > fromMs && atMs <= toMs + 1)) return undefined;
    return changes.findLast(({ atMs }) => atMs <= fromMs)?.trusted ?? true;
  }
}
