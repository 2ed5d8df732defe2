/** Setting a clock that cannot be read: the camera's second is made to start when ours does. */
import { type Clock, sleep } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';

/** UTC, ms since 1970, to what a clock on the wall shows then, as if that were UTC: whoever knows the zone gives it. */
export type LocalTime = (utcMs: number) => number;

/** Cameras of this kind keep whole seconds of local time. */
export interface LocalSecond {
  /** `yyyyMMdd` and `HHmmss`. */
  readonly date: string;
  readonly time: string;
  readonly year: number;
  /** 1–12, 1–31, 0–23, 0–59, 0–59. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export function localSecond(localMs: number): LocalSecond {
  const at = new Date(localMs);
  const digits = at.toISOString().replace(/[-:T]/g, '');
  return {
    date: digits.slice(0, 8),
    time: digits.slice(8, 14),
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

/** A machine that is busy wakes late; nobody could see afterwards by how much. Of a clock of whole seconds, ms. */
const latestOrderMs = 250;
/** The camera has begun its second at some moment before it confirmed. */
const latestConfirmationMs = 500;

/** Resolves when our monotonic clock shows `atMs`; throws DOCK_CAMERA_CLOCK_LATE when that has passed, or passes by too much. */
export async function edge(clock: Clock, atMs: number): Promise<void> {
  assertInTime(clock, atMs, 0);
  await sleep(clock, 'camera clock edge', atMs - clock.monotonicMs());
  assertInTime(clock, atMs, latestOrderMs);
}

/** Throws DOCK_CAMERA_CLOCK_LATE where the camera confirms now and may have begun its second too late. */
export function assertConfirmedInTime(clock: Clock, atMs: number): void {
  assertInTime(clock, atMs, latestConfirmationMs);
}

function assertInTime(clock: Clock, atMs: number, latestMs: number): void {
  const lateMs = clock.monotonicMs() - atMs;
  if (lateMs <= latestMs) return;
  throw new DockError('DOCK_CAMERA_CLOCK_LATE', {
    expected: phrase`the camera to take the time at most ${latestMs} ms after the second began`,
    found: verbatim(`${Math.ceil(lateMs)} ms`),
    todo: phrase`Wait: it is tried again`,
    retry: 'now',
  });
}
