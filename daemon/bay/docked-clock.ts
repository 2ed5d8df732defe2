/** What is known of the clock of one docked camera, and when it has to be looked at again. Setting and entering is `camera-clock.ts`. */
import type { CameraSession } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { DockTime } from '../clock/dock-time.js';
import type { ClockOffset } from '../clock/measure.js';
import type { CameraCustody } from '../custody/ledger.js';
import type { CameraClockCheck, ClockRecord, Measured } from './camera-clock.js';
import type { EnteredClock } from './news.js';

/** A camera that stays for days drifts: its clock is looked at again this often. */
const clockAgainMs = 3_600_000;
/** One that could not be read or set is tried again after this, ms. */
const clockRetryMs = 60_000;
/** Our wall clock moved by more than this against the monotonic one: what was measured was measured against another time, ms. */
const steppedMs = 50;

/** `set-blindly`: told the time in this docking, which it has confirmed and cannot show. */
export type KnownClock = ClockOffset | 'set-blindly';

export class DockedClock implements ClockRecord {
  readonly #clock: Clock;
  readonly #dockTime: DockTime;
  #known: KnownClock | undefined;
  entered: EnteredClock | undefined;
  /** When it was last looked at, by both of our clocks, and whether our time was trusted then. */
  #lookedAt = { atMs: 0, wallMs: 0, trusted: false };

  constructor(clock: Clock, dockTime: DockTime) {
    this.#clock = clock;
    this.#dockTime = dockTime;
  }

  /** Undefined: not known. */
  get known(): KnownClock | undefined {
    return this.#known;
  }

  get offset(): ClockOffset | undefined {
    return this.#known === 'set-blindly' ? undefined : this.#known;
  }

  /** It drifted, or what it was held against is not the time any more, or could not be looked at before. */
  due({ clock }: CameraSession): boolean {
    if (clock === undefined) return false;
    const { atMs, wallMs, trusted } = this.#lookedAt;
    const { trust } = this.#dockTime;
    const sinceMs = this.#clock.monotonicMs() - atMs;
    if (this.#known === undefined) return trust.trusted && (!trusted || sinceMs > clockRetryMs);
    return sinceMs > clockAgainMs || Math.abs(this.#clock.wallMs() - wallMs - sinceMs) > steppedMs;
  }

  /** Sets what can be read by what was measured, and what cannot blindly. */
  async set(check: CameraClockCheck, measured: Measured, custody: CameraCustody | undefined): Promise<void> {
    const blindly = await check.setBlindly();
    if (blindly === undefined) this.#keep(await check.set(measured, custody));
    else this.#keep(blindly ? 'set-blindly' : undefined);
  }

  /** What was done at its control interface in the same docking, and entered. False: nothing was, and a disk has no clock to do it now. */
  recall(docking: string, custody: CameraCustody | undefined): boolean {
    const lastSet = custody?.lastClockSet;
    const wasSet = this.#known === 'set-blindly' || (lastSet?.docking === docking && lastSet.before === null);
    this.#keep(wasSet ? 'set-blindly' : undefined);
    return wasSet;
  }

  #keep(known: KnownClock | undefined): void {
    this.#known = known;
    this.#lookedAt = {
      atMs: this.#clock.monotonicMs(),
      wallMs: this.#clock.wallMs(),
      trusted: this.#dockTime.trust.trusted,
    };
  }
}
