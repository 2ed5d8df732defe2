/**
 * How fast a bay is, and when it will be done. Pure.
 *
 * Work is counted twice: a byte is copied, then read back. A bar that reaches its end when the copy does would stand
 * there while the proof goes on.
 */

/** What is measured counts for so long, ms: long enough to bridge an fsync, short enough to notice a new neighbour. */
const windowMs = 8_000;
/** Less than this says nothing yet, ms. */
const leastSpanMs = 1_000;
const mostSamples = 64;

/** Bytes per second over the last seconds. */
export class Throughput {
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** @param bytes done since the beginning, rising */
  note(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    // Closer together they are no more telling, only more.
    if (last !== undefined && atMs - last.atMs < windowMs / mostSamples) return;
    this.#samples.push({ atMs, bytes });
    while (this.#samples.length > mostSamples) this.#samples.shift();
  }

  /** Null while too little was seen; 0 when nothing moved. */
  bytesPerSecond(nowMs: number, bytes: number): number | null {
    const first = this.#samples.find(({ atMs }) => nowMs - atMs <= windowMs) ?? this.#samples.at(-1);
    if (first === undefined || nowMs - first.atMs < leastSpanMs) return null;
    return ((bytes - first.bytes) * 1_000) / (nowMs - first.atMs);
  }
}

export interface BayPace {
  readonly remainingBytes: number;
  /** Measured now; 0 when paused or stalled. */
  readonly bytesPerSecond: number;
  /** The fastest that this bay was seen: what its camera can do when it has the dock to itself. */
  readonly bestBytesPerSecond: number;
}

/**
 * Time until each bay is done, ms, null where that cannot be told. All bays together keep the speed that they have now;
 * when one is done its share goes to the others, but none gets faster than it was ever seen. A bay that stands still now
 * begins when there is something left over.
 */
export function finishTimesMs(bays: readonly BayPace[]): readonly (number | null)[] {
  const totalPerSecond = bays.reduce((sum, bay) => sum + bay.bytesPerSecond, 0);
  const left = bays.map((bay) => bay.remainingBytes);
  const done: (number | null)[] = bays.map((bay) => (bay.remainingBytes <= 0 ? 0 : null));
  if (totalPerSecond <= 0) return done;
  let nowMs = 0;
  // Each round ends at least one bay.
  for (let round = 0; round < bays.length; round += 1) {
    const active = bays.map((_, index) => (left[index] ?? 0) > 0);
    const paces = share(bays, active, totalPerSecond);
    let stepMs = Number.POSITIVE_INFINITY;
    for (const [index, pace] of paces.entries()) {
      if (active[index] && pace > 0) stepMs = Math.min(stepMs, ((left[index] ?? 0) * 1_000) / pace);
    }
    if (!Number.isFinite(stepMs)) break;
    nowMs += stepMs;
    for (const [index, pace] of paces.entries()) {
      if (!active[index]) continue;
      const rest = (left[index] ?? 0) - (pace * stepMs) / 1_000;
      left[index] = rest < 1 ? 0 : rest;
      if (rest < 1) done[index] = Math.round(nowMs);
    }
  }
  return done;
}

/** What each active bay has now, and what bays that are done leave over, dealt out evenly up to the best that each was seen at. */
function share(bays: readonly BayPace[], active: readonly boolean[], totalPerSecond: number): readonly number[] {
  const paces = bays.map((bay, index) => (active[index] ? bay.bytesPerSecond : 0));
  let spare = totalPerSecond - paces.reduce((sum, pace) => sum + pace, 0);
  for (let round = 0; round < bays.length && spare > 1; round += 1) {
    const hungry = bays.flatMap((bay, index) =>
      active[index] && (paces[index] ?? 0) < bay.bestBytesPerSecond ? [index] : [],
    );
    if (hungry.length === 0) break;
    const portion = spare / hungry.length;
    for (const index of hungry) {
      const pace = paces[index] ?? 0;
      const more = Math.min(portion, (bays[index]?.bestBytesPerSecond ?? 0) - pace);
      paces[index] = pace + more;
      spare -= more;
    }
  }
  return paces;
}
