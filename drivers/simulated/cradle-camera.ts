/** A camera as a cradle's data pins show it: identity, battery that charges, storage, faults, a clock that is wrong and drifts. */
import type { Clock } from '../contract/clock.js';

export interface CradleCameraOptions {
  /** Text, or raw bytes where the camera is to be hostile; 32 bytes at most pass the side channel. */
  readonly serial: string | Uint8Array;
  readonly maker?: string | Uint8Array;
  readonly model?: string | Uint8Array;
  readonly userNumber?: string | Uint8Array;
  /** Percent when it is put in, 0–100; default 100. */
  readonly batteryPercent?: number;
  /** How fast it charges, percent per minute; default 1. */
  readonly chargePercentPerMinute?: number;
  readonly capacityBytes?: number;
  readonly freeBytes?: number;
  readonly faults?: readonly string[];
  /** Camera minus true time when made, ms; default 0. */
  readonly clockOffsetMs?: number;
  /** Drift, parts per million; positive: fast. */
  readonly clockDriftPpm?: number;
  /** Smallest step that its clock shows, ms; null: its clock cannot be reached. Default 1. */
  readonly clockResolutionMs?: 1 | 10 | 1000 | null;
  /** The clock refuses to be set. */
  readonly clockStuck?: boolean;
  /** It has no data pins. */
  readonly dumb?: boolean;
  /** How long after it was put in its data pins answer, ms; default 200. */
  readonly wakeMs?: number;
}

export class CradleCamera {
  readonly options: CradleCameraOptions;
  /** What the camera's storage has free; a demo or test sets it when recordings come or go. */
  freeBytes: number;
  readonly #clock: Clock;
  #percent: number;
  #percentAtMs: number;
  #charging = false;
  /** Camera time was `#shownMs` when our monotonic clock was `#shownAtMs`. */
  #shownMs: number;
  #shownAtMs: number;

  constructor(clock: Clock, options: CradleCameraOptions) {
    this.options = options;
    this.#clock = clock;
    this.freeBytes = options.freeBytes ?? options.capacityBytes ?? 64_000_000_000;
    this.#percent = options.batteryPercent ?? 100;
    this.#percentAtMs = clock.monotonicMs();
    this.#shownMs = clock.wallMs() + (options.clockOffsetMs ?? 0);
    this.#shownAtMs = clock.monotonicMs();
  }

  get capacityBytes(): number {
    return this.options.capacityBytes ?? 64_000_000_000;
  }

  get charging(): boolean {
    return this.#charging && this.batteryPercent() < 100;
  }

  /** Fractional percent; the register shows it rounded down. */
  batteryPercent(): number {
    if (!this.#charging) return this.#percent;
    const minutes = (this.#clock.monotonicMs() - this.#percentAtMs) / 60_000;
    return Math.min(100, this.#percent + minutes * (this.options.chargePercentPerMinute ?? 1));
  }

  charge(on: boolean): void {
    this.#percent = this.batteryPercent();
    this.#percentAtMs = this.#clock.monotonicMs();
    this.#charging = on;
  }

  /** What its clock is at, without its resolution, ms since 1970. */
  exactMs(): number {
    const passedMs = this.#clock.monotonicMs() - this.#shownAtMs;
    return this.#shownMs + passedMs * (1 + (this.options.clockDriftPpm ?? 0) / 1_000_000);
  }

  /** What its clock shows. */
  shownMs(): number {
    const stepMs = this.options.clockResolutionMs ?? 1;
    return Math.floor(this.exactMs() / stepMs) * stepMs;
  }

  /** False: it could not be set. */
  setClock(toMs: number): boolean {
    if (this.options.clockStuck === true || this.options.clockResolutionMs === null) return false;
    this.#shownMs = toMs;
    this.#shownAtMs = this.#clock.monotonicMs();
    return true;
  }
}
