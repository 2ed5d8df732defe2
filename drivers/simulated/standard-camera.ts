/** What simulated cameras with the standard device functions have in common: who they are, a clock that is wrong, disk mode that can be refused. */
import type { Clock } from '../contract/clock.js';

export interface StandardCameraOptions {
  /** Text in ASCII, or raw bytes where the camera is to be hostile. */
  readonly serial: string | Uint8Array;
  readonly userNumber?: string;
  /** GBK, as a camera keeps it. */
  readonly userName?: Uint8Array;
  readonly batteryPercent?: number;
  /** Local time that its clock shows when made, as if it were UTC; default 2019-12-31T23:59:58, when it was made. */
  readonly shownMs?: number;
  /** How often it refuses disk mode because it is still closing a clip; default 0. */
  readonly refusesDiskMode?: number;
  /** The password has been changed. */
  readonly foreignPassword?: boolean;
}

export class StandardCamera {
  readonly options: StandardCameraOptions;
  readonly serial: Uint8Array;
  /** Called when it agrees to disk mode; it leaves the bus then. */
  onDiskMode: () => void = () => undefined;
  /** How often disk mode was asked for. */
  diskModeAsked = 0;
  /** How often its clock was set. */
  timesSet = 0;
  readonly #clock: Clock;
  #shownMs: number;
  #shownAtMs: number;

  constructor(clock: Clock, options: StandardCameraOptions) {
    this.options = options;
    this.serial = typeof options.serial === 'string' ? Buffer.from(options.serial, 'ascii') : options.serial;
    this.#clock = clock;
    this.#shownMs = options.shownMs ?? Date.UTC(2019, 11, 31, 23, 59, 58);
    this.#shownAtMs = clock.monotonicMs();
  }

  get batteryPercent(): number {
    return this.options.batteryPercent ?? 96;
  }

  /** Local time that it shows, as if it were UTC. */
  shownMs(): number {
    return this.#shownMs + this.#clock.monotonicMs() - this.#shownAtMs;
  }

  /** Begins that second now. */
  setShown(toMs: number): void {
    this.#shownMs = toMs;
    this.#shownAtMs = this.#clock.monotonicMs();
    this.timesSet += 1;
  }

  /** False: refused. */
  askDiskMode(): boolean {
    this.diskModeAsked += 1;
    if (this.diskModeAsked <= (this.options.refusesDiskMode ?? 0)) return false;
    this.onDiskMode();
    return true;
  }
}
