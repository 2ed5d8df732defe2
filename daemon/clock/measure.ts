/**
 * Measuring and setting a camera's clock (D9): how wrong it is, with a bound that holds.
 *
 * A reading is an interval, not a number: a clock that shows `c` in steps of `r` shows it from `c` to `c + r`, and it was read at some
 * moment between request and answer. Every sample narrows the interval of possible offsets; with clocks that show whole seconds the next
 * read is placed where it halves what is left, so that ten reads around the second's edge know it to the round trip.
 */
import type { BlindClock, CameraClock, ClockSample } from '../../drivers/contract/camera.js';
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

export interface ClockOffset {
  /** Camera minus dock, ms: positive when the camera is fast. Middle of the interval. */
  readonly offsetMs: number;
  /** Half the width of the interval that contains the true offset, ms. */
  readonly uncertaintyMs: number;
}

/** Enough halvings for the step of one second to fall below any serial round trip. */
const mostReads = 12;
/** Finer than this is not worth another read: the requirement on the residual is 50 ms. */
const goodEnoughMs = 10;

interface Bounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/** What one sample says of the offset; `wallMinusMonotonicMs` turns our monotonic times into wall time. Pure. */
export function offsetBounds(sample: ClockSample, resolutionMs: number, wallMinusMonotonicMs: number): Bounds {
  return {
    lowMs: sample.cameraMs - (sample.receivedMs + wallMinusMonotonicMs),
    highMs: sample.cameraMs + resolutionMs - (sample.sentMs + wallMinusMonotonicMs),
  };
}

/** How long to wait before the next read so that it falls on the edge that halves `bounds`, ms in 0 … resolution. Pure. */
export function waitForEdgeMs(bounds: Bounds, resolutionMs: number, wallNowMs: number, roundTripMs: number): number {
  const cameraWhenReadMs = wallNowMs + roundTripMs / 2 + (bounds.lowMs + bounds.highMs) / 2;
  const pastEdgeMs = ((cameraWhenReadMs % resolutionMs) + resolutionMs) % resolutionMs;
  return resolutionMs - pastEdgeMs;
}

/** The camera's present offset. Throws DOCK_CAMERA_CLOCK_ERRATIC when its readings contradict each other, and what `read` throws. */
export async function measureClock(camera: CameraClock, clock: Clock, signal: AbortSignal): Promise<ClockOffset> {
  // Fixed once: a step of our own wall clock while measuring must not look like the camera's.
  const wallMinusMonotonicMs = clock.wallMs() - clock.monotonicMs();
  let bounds: Bounds = { lowMs: Number.NEGATIVE_INFINITY, highMs: Number.POSITIVE_INFINITY };
  for (let reads = 0; reads < mostReads; reads++) {
    signal.throwIfAborted();
    const sample = await camera.read();
    const seen = offsetBounds(sample, camera.resolutionMs, wallMinusMonotonicMs);
    bounds = { lowMs: Math.max(bounds.lowMs, seen.lowMs), highMs: Math.min(bounds.highMs, seen.highMs) };
    if (bounds.lowMs > bounds.highMs) {
      throw new DockError('DOCK_CAMERA_CLOCK_ERRATIC', {
        expected: phrase`readings of one steadily running clock`,
        found: phrase`readings that differ by ${Math.round(bounds.lowMs - bounds.highMs)} ms`,
        todo: phrase`Take the camera out and put it back; if it happens again its clock is defective`,
        retry: 'after-redocking',
      });
    }
    const roundTripMs = sample.receivedMs - sample.sentMs;
    const widthMs = bounds.highMs - bounds.lowMs;
    if (widthMs / 2 <= goodEnoughMs) break;
    // The bound cannot become narrower than the round trip and one step of the fastest sample.
    if (camera.resolutionMs <= roundTripMs && reads >= 3) break;
    if (camera.resolutionMs > roundTripMs && widthMs <= roundTripMs) break;
    if (camera.resolutionMs > roundTripMs) {
      const wallNowMs = clock.monotonicMs() + wallMinusMonotonicMs;
      await sleep(clock, 'clock.edge', waitForEdgeMs(bounds, camera.resolutionMs, wallNowMs, roundTripMs), signal);
    }
  }
  return { offsetMs: (bounds.lowMs + bounds.highMs) / 2, uncertaintyMs: (bounds.highMs - bounds.lowMs) / 2 };
}

/** Time between deciding and the second that is set: enough for a write over a busy line. */
const leadMs = 300;

/**
 * Sets the camera so that its second starts when ours does, and says which second that is. Only ever called with trusted time (I6): see
 * `decideSetting`.
 */
export async function setClock(camera: BlindClock, clock: Clock): Promise<number> {
  const wallMs = clock.wallMs();
  const targetMs = Math.ceil((wallMs + leadMs) / 1000) * 1000;
  await camera.set(targetMs, clock.monotonicMs() + (targetMs - wallMs));
  return targetMs;
}

export type SettingDecision = 'set' | 'within-tolerance' | 'dock-clock-not-trusted';

/** Pure: is this camera's clock to be set? Time that is not trusted is never pushed into a camera (I6). */
export function decideSetting(
  measured: ClockOffset,
  dockTrusted: boolean,
  setWhenOverMs: number,
  resolutionMs: number,
): SettingDecision {
  if (!dockTrusted) return 'dock-clock-not-trusted';
  // Below its own step a camera cannot be set better than it is.
  const toleranceMs = Math.max(setWhenOverMs, resolutionMs > 1 ? resolutionMs / 2 : 0);
  return Math.abs(measured.offsetMs) > toleranceMs ? 'set' : 'within-tolerance';
}

/** How fast the camera's clock runs away, ms per day, from the residual of the last setting to now. Null within an hour. */
export function driftMsPerDay(
  lastSet: { readonly atMs: number; readonly offsetMs: number } | null,
  now: { readonly atMs: number; readonly offsetMs: number },
): number | null {
  if (lastSet === null || now.atMs - lastSet.atMs < 3_600_000) return null;
  return Math.round(((now.offsetMs - lastSet.offsetMs) * 86_400_000) / (now.atMs - lastSet.atMs));
}
