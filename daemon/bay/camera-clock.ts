/**
 * The clock of one docked camera: measured before anything is set, set only with trusted time (I6), measured again, and all of it entered.
 * What goes wrong here never stops an offload: it is entered, and the readiness check names it.
 */
import { type CameraSession, cannotTell } from '../../drivers/contract/camera.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { ClockCorrection } from '../clock/correction.js';
import { type ClockOffset, decideSetting, driftMsPerDay, measureClock, setClock } from '../clock/measure.js';
import type { CameraCustody } from '../custody/ledger.js';
import { clockIsNews, type EnteredClock } from './news.js';
import type { BayServices } from './services.js';

/** An offset, or why there is none; neither: the camera has no clock that we can read. */
export interface Measured {
  readonly offset?: ClockOffset;
  readonly error?: DockError;
}

/** What the ledger has of the clock of one docked camera; kept by the docking, for a check lasts only one look. */
export interface ClockRecord {
  entered: EnteredClock | undefined;
}

const mostBlindTries = 3;

export class CameraClockCheck {
  readonly #services: BayServices;
  readonly #place: { readonly bay: string; readonly docking: string; readonly camera: string };
  readonly #camera: CameraSession['clock'];
  readonly #blind: CameraSession['blindClock'];
  readonly #signal: AbortSignal;
  readonly #record: ClockRecord;

  constructor(
    services: BayServices,
    place: { readonly bay: string; readonly docking: string; readonly camera: string },
    { clock, blindClock }: Pick<CameraSession, 'clock' | 'blindClock'>,
    signal: AbortSignal,
    record: ClockRecord,
  ) {
    this.#services = services;
    this.#place = place;
    this.#camera = clock;
    this.#blind = blindClock;
    this.#signal = signal;
    this.#record = record;
  }

  async measure(): Promise<Measured> {
    if (this.#camera === undefined) return {};
    try {
      return { offset: await measureClock(this.#camera, this.#services.clock, this.#signal) };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof DockError && error.code === cannotTell) return {};
      return { error: clockFailure(error) };
    }
  }

  /** Whether an inspection that found this has something new to say of the clock. */
  isNews({ offset }: Measured): boolean {
    return clockIsNews(this.#record.entered, this.#seen(offset ?? null, null));
  }

  /** An inspection with this was entered. */
  wasEntered({ offset }: Measured): void {
    this.#record.entered = this.#seen(offset ?? null, this.#record.entered?.left ?? null);
  }

  /**
   * Sets a clock that cannot be read: its error before is unknown, and so is what is left of it, so it is set whenever the time is trusted.
   * Resolves to whether the camera has confirmed it. Undefined where there is no such clock.
   */
  async setBlindly(): Promise<boolean | undefined> {
    const { clock, dockTime, enter, log } = this.#services;
    const camera = this.#blind;
    if (camera === undefined) return undefined;
    for (let tries = 1; ; tries++) {
      this.#signal.throwIfAborted();
      const { trusted, detail } = dockTime.trust;
      if (!trusted) {
        log.warn('camera.clock-not-set', { ...this.#place, detail });
        await this.#enterLeft(null, 'dock-clock-not-trusted', null);
        return false;
      }
      try {
        const toMs = await setClock(camera, clock);
        const toUtc = new Date(toMs).toISOString();
        await enter({
          kind: 'camera.clock-set-blindly',
          body: { ...this.#place, toUtc, resolutionMs: camera.resolutionMs },
        });
        log.info('camera.clock-set-blindly', this.#place);
        return true;
      } catch (thrown) {
        this.#signal.throwIfAborted();
        const failure = clockFailure(thrown);
        // In disk mode nobody can set it any more: it is worth another second now.
        if (failure.retry === 'now' && tries < mostBlindTries) continue;
        log.warn('camera.clock-failed', this.#place, failure);
        await this.#enterLeft(null, 'failed', failure);
        return false;
      }
    }
  }

  /** Sets the clock where that is due. Resolves to the offset that the camera has now; undefined where nobody knows. */
  async set(measured: Measured, custody: CameraCustody | undefined): Promise<ClockOffset | undefined> {
    const { clock, config, dockTime, log } = this.#services;
    const { offset, error } = measured;
    if (error !== undefined) {
      log.warn('camera.clock-failed', this.#place, error);
      await this.#enterLeft(null, 'failed', error);
      return undefined;
    }
    if (offset === undefined || this.#camera === undefined) {
      await this.#enterLeft(null, 'camera-has-no-clock', null);
      return undefined;
    }
    const decision = decideSetting(
      offset,
      dockTime.trust.trusted,
      config().clock.setWhenOverMs,
      this.#camera.resolutionMs,
    );
    if (decision !== 'set') {
      if (decision === 'dock-clock-not-trusted') {
        log.warn('camera.clock-not-set', { ...this.#place, detail: dockTime.trust.detail });
      }
      await this.#enterLeft(offset, decision, null);
      // Against a clock that is itself not trusted nothing was measured that could make a camera ready.
      return decision === 'dock-clock-not-trusted' ? undefined : offset;
    }
    try {
      await setClock(this.#camera, clock);
    } catch (thrown) {
      this.#signal.throwIfAborted();
      // Perhaps it was set, perhaps not: what it shows is not known any more.
      const failure = clockFailure(thrown);
      log.warn('camera.clock-failed', this.#place, failure);
      await this.#enterLeft(offset, 'failed', failure);
      return undefined;
    }
    const { offset: after, error: unmeasured } = await this.#measureAfter();
    // It was set: that is entered whatever comes after, or the next correction would take the old error for the new one.
    await this.#enterSet(offset, after ?? null, custody);
    if (unmeasured !== undefined) log.warn('camera.clock-failed', this.#place, unmeasured);
    return after;
  }

  /** As `measure`, but a camera that is taken meanwhile is no reason to stop: what was done has to be entered. */
  async #measureAfter(): Promise<Measured> {
    try {
      return await this.measure();
    } catch (error) {
      return { error: clockFailure(error) };
    }
  }

  /** How to correct what the camera recorded since its last setting. Time that is not trusted corrects nothing. */
  correction(measured: Measured, custody: CameraCustody | undefined): ClockCorrection | null {
    const { dockTime, clock } = this.#services;
    if (measured.offset === undefined || !dockTime.trust.trusted) return null;
    const lastSet = custody?.lastClockSet ?? null;
    return {
      offsetMs: measured.offset.offsetMs,
      uncertaintyMs: measured.offset.uncertaintyMs + (dockTime.trust.errorMs ?? 0),
      measuredAtMs: clock.wallMs(),
      lastSet:
        lastSet === null
          ? null
          : {
              atMs: Date.parse(lastSet.utc),
              before: lastSet.before,
              after: lastSet.after,
              previousAtMs: custody?.previousClockSet == null ? null : Date.parse(custody.previousClockSet.utc),
            },
    };
  }

  async #enterSet(before: ClockOffset, after: ClockOffset | null, custody: CameraCustody | undefined): Promise<void> {
    const { enter, log, clock } = this.#services;
    const lastSet = custody?.lastClockSet ?? null;
    await enter({
      kind: 'camera.clock-set',
      body: {
        ...this.#place,
        before: entryOffset(before),
        after: after === null ? null : entryOffset(after),
        driftMsPerDay: driftMsPerDay(
          lastSet?.after == null ? null : { atMs: Date.parse(lastSet.utc), offsetMs: lastSet.after.offsetMs },
          { atMs: clock.wallMs(), offsetMs: before.offsetMs },
        ),
      },
    });
    // A clock that was just set, and shows it, need not be entered as left within its tolerance at the next look.
    this.#record.entered = this.#seen(after, after === null ? null : leftText('within-tolerance', null));
    log.info('camera.clock-set', {
      ...this.#place,
      beforeS: (before.offsetMs / 1000).toFixed(3),
      afterS: after === null ? '?' : (after.offsetMs / 1000).toFixed(3),
      uncertaintyS: after === null ? '?' : (after.uncertaintyMs / 1000).toFixed(3),
    });
  }

  async #enterLeft(
    measured: ClockOffset | null,
    reason: 'within-tolerance' | 'dock-clock-not-trusted' | 'camera-has-no-clock' | 'failed',
    error: DockError | null,
  ): Promise<void> {
    const now = this.#seen(measured, leftText(reason, error));
    if (!clockIsNews(this.#record.entered, now)) return;
    await this.#services.ledger.append({
      kind: 'camera.clock-left',
      body: {
        ...this.#place,
        measured: measured === null ? null : entryOffset(measured),
        reason,
        code: error?.code ?? null,
      },
    });
    this.#record.entered = now;
  }

  #seen(measured: ClockOffset | null, left: string | null): EnteredClock {
    const { clock, dockTime } = this.#services;
    return { measured, trusted: dockTime.trust.trusted, atMs: clock.monotonicMs(), left };
  }
}

function leftText(reason: string, error: DockError | null): string {
  return `${reason} ${error?.code ?? ''}`;
}

/** Entries carry whole milliseconds: more would be noise, and the bound is widened by what rounding took. */
export function entryOffset(offset: ClockOffset): ClockOffset {
  return { offsetMs: Math.round(offset.offsetMs), uncertaintyMs: Math.ceil(offset.uncertaintyMs + 0.5) };
}

function clockFailure(thrown: unknown): DockError {
  if (thrown instanceof DockError) return thrown;
  return new DockError('DOCK_CAMERA_CLOCK_FAILED', {
    expected: phrase`a clock that can be read and set`,
    found: messageOf(thrown),
    todo: phrase`Take the camera out and put it back; if it happens again check its contacts`,
    retry: 'after-redocking',
    cause: thrown,
  });
}
