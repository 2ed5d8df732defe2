/** Setting a clock that cannot be read: the camera's second is made to start when ours does. */
import { type Clock, sleep } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';

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

/** Resolves when our monotonic clock shows `atMs`; throws DOCK_CAMERA_CLOCK_LATE when that has passed. */
export async function edge(clock: Clock, atMs: number): Promise<void> {
  const aheadMs = atMs - clock.monotonicMs();
  if (aheadMs < 0) {
    throw new DockError('DOCK_CAMERA_CLOCK_LATE', {
      expected: phrase`the camera to take its time before the second begins`,
      found: phrase`it was ready ${Math.ceil(-aheadMs)} ms after that`,
      todo: phrase`Wait: it is tried again`,
      retry: 'now',
    });
  }
  await sleep(clock, 'camera clock edge', aheadMs);
}
