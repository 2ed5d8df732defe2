/**
 * Whose turn it is: the bays share threads and disk fairly. The decision is pure (`decide`); `CopyQueue` carries it out.
 *
 * A bay with fewer copies under way comes first, then the one that has waited longest since its last start: a bay that has
 * thousands of files, or marks all of them important, takes nothing from the others (I8). While a priority bay has work,
 * the others' copies are paused, not lost.
 */

/** Above this, two copies at once keep a camera busy; more would only make its medium seek. */
const largeBytes = 8 << 20;
const largeAtOncePerBay = 2;
/** Small files cost mostly waiting for fsync, which many can share. */
const copiesAtOncePerBay = 16;

export interface LaneView {
  readonly priority: boolean;
  /** Sizes of the copies under way. */
  readonly running: readonly number[];
  /** Size of the next recording, undefined when there is none. */
  readonly next: number | undefined;
  /** Count of starts over all bays when this one last started. */
  readonly lastStart: number;
}

export interface Decision {
  /** Index of the lane that may start its next copy, or undefined. */
  readonly start: number | undefined;
  /** For each lane: its copies wait. */
  readonly paused: readonly boolean[];
}

export function decide(lanes: readonly LaneView[], copiesAtOnce: number): Decision {
  const priorityWork = lanes.some((lane) => lane.priority && (lane.running.length > 0 || lane.next !== undefined));
  const paused = lanes.map((lane) => priorityWork && !lane.priority);
  const running = lanes.reduce((sum, lane, index) => sum + (paused[index] ? 0 : lane.running.length), 0);
  let start: number | undefined;
  if (running < copiesAtOnce) {
    for (const [index, lane] of lanes.entries()) {
      if (paused[index] || lane.next === undefined || !hasRoom(lane, lane.next)) continue;
      const best = start === undefined ? undefined : lanes[start];
      if (best === undefined || comesBefore(lane, best)) start = index;
    }
  }
  return { start, paused };
}

function hasRoom({ running }: LaneView, nextBytes: number): boolean {
  if (running.length >= copiesAtOncePerBay) return false;
  return nextBytes <= largeBytes || running.filter((bytes) => bytes > largeBytes).length < largeAtOncePerBay;
}

function comesBefore(a: LaneView, b: LaneView): boolean {
  if (a.running.length !== b.running.length) return a.running.length < b.running.length;
  return a.lastStart < b.lastStart;
}

/** A copy that can be made to wait. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

export interface LaneWork {
  readonly sizeBytes: number;
  /** Must not reject. `attach` is called with each attempt's copy. */
  run(attach: (copy: Pausable) => void): Promise<void>;
}

interface Lane {
  readonly priority: boolean;
  readonly work: readonly LaneWork[];
  readonly signal: AbortSignal;
  readonly running: Map<LaneWork, Pausable | undefined>;
  readonly finished: () => void;
  position: number;
  lastStart: number;
  paused: boolean;
}

export class CopyQueue {
  readonly #copiesAtOnce: number;
  readonly #lanes: Lane[] = [];
  #starts = 0;

  /** @param copiesAtOnce most copies under way over all bays, not counting paused ones */
  constructor(copiesAtOnce: number) {
    this.#copiesAtOnce = copiesAtOnce;
  }

  /** Runs all of `work` in order, as fairness allows. Resolves when all has ended, or, after an abort, what was begun has. */
  run(work: readonly LaneWork[], priority: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const lane: Lane = {
        priority,
        work,
        signal,
        running: new Map(),
        finished: () => {
          signal.removeEventListener('abort', settle);
          resolve();
        },
        position: 0,
        lastStart: this.#starts,
        paused: false,
      };
      const settle = (): void => this.#settle();
      signal.addEventListener('abort', settle);
      this.#lanes.push(lane);
      this.#settle();
    });
  }

  #settle(): void {
    for (const lane of [...this.#lanes]) {
      if (lane.running.size > 0 || nextOf(lane) !== undefined) continue;
      this.#lanes.splice(this.#lanes.indexOf(lane), 1);
      lane.finished();
    }
    for (;;) {
      const decision = decide(this.#lanes.map(viewOf), this.#copiesAtOnce);
      for (const [index, lane] of this.#lanes.entries()) this.#setPaused(lane, decision.paused[index] ?? false);
      const lane = decision.start === undefined ? undefined : this.#lanes[decision.start];
      const work = lane === undefined ? undefined : nextOf(lane);
      if (lane === undefined || work === undefined) return;
      this.#begin(lane, work);
    }
  }

  #begin(lane: Lane, work: LaneWork): void {
    lane.position += 1;
    this.#starts += 1;
    lane.lastStart = this.#starts;
    lane.running.set(work, undefined);
    const attach = (copy: Pausable): void => {
      lane.running.set(work, copy);
      if (lane.paused) copy.pause();
    };
    const ended = (): void => {
      lane.running.delete(work);
      this.#settle();
    };
    work.run(attach).then(ended, ended);
  }

  #setPaused(lane: Lane, paused: boolean): void {
    if (lane.paused === paused) return;
    lane.paused = paused;
    for (const copy of lane.running.values()) {
      if (paused) copy?.pause();
      else copy?.resume();
    }
  }
}

function nextOf(lane: Lane): LaneWork | undefined {
  return lane.signal.aborted ? undefined : lane.work[lane.position];
}

function viewOf(lane: Lane): LaneView {
  return {
    priority: lane.priority,
    running: Array.from(lane.running.keys(), (work) => work.sizeBytes),
    next: nextOf(lane)?.sizeBytes,
    lastStart: lane.lastStart,
  };
}
