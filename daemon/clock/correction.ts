/**
 * Corrected times of recordings: pure arithmetic on measured offsets (D9).
 *
 * A camera writes its own wrong time into names and file times. From the offset that was measured before the clock was set,
 * and the residual of the last setting, the error at the moment of recording is interpolated. What cannot be known is null,
 * never a guess without a bound.
 */

import { localToUtcMs } from '../../drivers/contract/zone.js';
import type { EntryBody } from '../custody/entry.js';

interface MeasuredOffset {
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/** How wrong a camera's clock was while it recorded. */
export interface ClockCorrection {
  /** Camera minus dock when it was measured now, before setting, ms. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  /** When that was, wall clock of the dock, ms. */
  readonly measuredAtMs: number;
  /**
   * The residual that was left when the clock was last set, and when: between the two the error is interpolated.
   * Null when this dock never set it: the present offset is taken for the whole time and the error bound says so.
   */
  readonly lastSet: {
    readonly atMs: number;
    /** Measured then, before it was set: the error of what is on the card from before, such as after a pull-out. Null: set blindly. */
    readonly before: MeasuredOffset | null;
    /** Measured after it was set; null: it was taken before that could be done. */
    readonly after: MeasuredOffset | null;
    /** The setting before that; older recordings ran under an error that nobody knows any more. Null: there was none. */
    readonly previousAtMs: number | null;
  } | null;
}

/** What a recording says of its own time. */
export interface RecordedTimes {
  /** `YYYY-MM-DDThh:mm:ss` by the camera's clock, from the file name. */
  readonly startedLocal: string | undefined;
  /** Last modification by the camera's clock, which is when recording ended; ms. */
  readonly modifiedMs: number;
  /** `local`: the file system keeps wall time without a zone (FAT), shown by the kernel as if it were UTC. */
  readonly fileTimes: 'utc' | 'local';
}

/** GA/T 947-2015 allows a recorder 3 s a day; used as the drift bound where this dock has never set the clock. */
const allowedDriftMsPerDay = 3_000;
const dayMs = 86_400_000;
/** File names carry whole seconds, FAT times steps of two. */
const nameResolutionMs = 1_000;
const fatResolutionMs = 2_000;

/** Granted to a recording that was being closed while the clock was set. */
const closingMs = 60_000;

/** The camera's error at `cameraMs` by its own clock: [offset, bound], or null where nobody knows it. */
function errorAt(cameraMs: number, correction: ClockCorrection): readonly [offsetMs: number, boundMs: number] | null {
  const { lastSet } = correction;
  if (lastSet === null) return driftingFrom(cameraMs, correction, correction.measuredAtMs);
  // Set blindly: a camera that was fast showed any of these times before, and nobody knows how fast it was.
  if (lastSet.before === null) return null;
  const sinceMs = cameraMs - correction.offsetMs - lastSet.atMs;
  if (sinceMs < -closingMs) {
    const trueMs = cameraMs - lastSet.before.offsetMs;
    if (lastSet.previousAtMs !== null && trueMs < lastSet.previousAtMs) return null;
    return driftingFrom(cameraMs, lastSet.before, lastSet.atMs);
  }
  // A camera that was fast showed these times already before it was set: either may be meant.
  const eitherMs = sinceMs < closingMs + lastSet.before.offsetMs ? Math.abs(lastSet.before.offsetMs) : 0;
  if (lastSet.after === null) {
    const [offsetMs, boundMs] = driftingFrom(cameraMs, correction, correction.measuredAtMs);
    return [offsetMs, boundMs + eitherMs];
  }
  const spanMs = correction.measuredAtMs - lastSet.atMs;
  if (spanMs <= 0) return null;
  const share = Math.min(1, Math.max(0, sinceMs / spanMs));
  const changeMs = correction.offsetMs - lastSet.after.offsetMs;
  const uncertaintyMs = Math.max(correction.uncertaintyMs, lastSet.after.uncertaintyMs);
  // More than a clock drifts: something else set it meanwhile, and nobody knows when.
  const strange = Math.abs(changeMs) > (spanMs / dayMs + 1) * allowedDriftMsPerDay;
  const strangeMs = strange ? Math.abs(changeMs) : 0;
  // Drift follows temperature: the true curve may bend away from the straight line by up to half of the change.
  const bendMs = 2 * share * (1 - share) * Math.abs(changeMs);
  return [lastSet.after.offsetMs + share * changeMs, uncertaintyMs + bendMs + eitherMs + strangeMs];
}

/** A clock that nobody had set before it was measured: it may have drifted as much as recorders are allowed to. */
function driftingFrom(
  cameraMs: number,
  { offsetMs, uncertaintyMs }: MeasuredOffset,
  measuredAtMs: number,
): readonly [offsetMs: number, boundMs: number] {
  const days = Math.abs(measuredAtMs - (cameraMs - offsetMs)) / dayMs;
  return [offsetMs, uncertaintyMs + days * allowedDriftMsPerDay];
}

/** The true interval of a recording with its error bound, or null where nothing can be said. Absurd times give null. */
export function correctedInterval(
  times: RecordedTimes,
  correction: ClockCorrection | null,
  timeZone: string,
): EntryBody<'recording.offloaded'>['corrected'] {
  if (correction === null) return null;
  const startCameraMs = times.startedLocal === undefined ? null : localToUtcMs(times.startedLocal, timeZone);
  const endCameraMs =
    times.fileTimes === 'utc'
      ? times.modifiedMs
      : localToUtcMs(new Date(times.modifiedMs).toISOString().slice(0, 19), timeZone);
  const start = startCameraMs === null ? null : corrected(startCameraMs, nameResolutionMs, correction);
  const end =
    endCameraMs === null ? null : corrected(endCameraMs, times.fileTimes === 'local' ? fatResolutionMs : 0, correction);
  // A file time before the start is no end: copied cards and dead clock batteries make such.
  const believableEnd = end !== null && (start === null || end.ms >= start.ms) ? end : null;
  if (start === null && believableEnd === null) return null;
  return {
    startUtc: start === null ? null : new Date(start.ms).toISOString(),
    endUtc: believableEnd === null ? null : new Date(believableEnd.ms).toISOString(),
    errorMs: Math.ceil(Math.max(start?.boundMs ?? 0, believableEnd?.boundMs ?? 0)),
  };
}

/** Years outside which a camera's time is not a time: no recorder is older, and RFC 3339 in the ledger ends with 9999. */
const earliestMs = Date.UTC(2000, 0, 1);

function corrected(
  cameraMs: number,
  resolutionMs: number,
  correction: ClockCorrection,
): { readonly ms: number; readonly boundMs: number } | null {
  const error = errorAt(cameraMs, correction);
  if (error === null) return null;
  const ms = Math.round(cameraMs - error[0]);
  // Nothing was recorded before there were recorders, nor after it was measured.
  if (ms < earliestMs || ms > correction.measuredAtMs + dayMs) return null;
  return { ms, boundMs: error[1] + resolutionMs };
}
