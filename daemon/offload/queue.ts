/**
 * Whose turn it is: the bays share threads and disk fairly. The decision is pure (`decide`); `CopyQueue` carries it out.
 *
 * A bay with fewer copies under way comes first, then the one that has waited longest since its last start: a bay that has
 * thousands of files, or marks all of them important, takes nothing from the others (I8). While a priority bay gets on,
 * the others' copies are paused, not lost. A bay that stands still, whatever it is, holds up nobody: the others go on beside it.
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';

/** A bay whose copies moved no byte for so long stands still, ms: longer than an fsync, far below the time after which it is given up. */
const standstillMs = 3_000;

/** Above this, two copies at once keep a camera busy; more would only make its medium seek. One that is read back keeps only the archive busy. */
const largeBytes = 8 << 20;
const largeAtOncePerBay = 2;
/** Small files cost mostly waiting for fsync, which many can share. */
const copiesAtOncePerBay = 16;

export interface LaneView {
  readonly priority: boolean;
  /** Most copies that its camera can be read for at once; absent: as many as a bay may have. */
  readonly copiesAtOnce?: number | undefined;
  /** Sizes of the copies under way. */
  readonly running: readonly number[];
  /** Sizes of those for which the camera is still read. */
  readonly reading: readonly number[];
  /** One of them moved bytes a moment ago, or nothing keeps them from it but that they have to wait. */
  readonly moves: boolean;
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
  const priorityWork = lanes.some(
    (lane) => lane.priority && lane.moves && (lane.running.length > 0 || lane.next !== undefined),
  );
  const paused = lanes.map((lane) => priorityWork && !lane.priority);
  const count = (counts: (lane: LaneView, index: number) => boolean): number =>
    lanes.reduce((sum, lane, index) => sum + (counts(lane, index) ? lane.running.length : 0), 0);
  const moving = count((lane, index) => lane.moves && !paused[index]);
  // They take memory, but neither bus nor disk: beside the others, as many again.
  const standing = count((lane) => !lane.moves);
  let start: number | undefined;
  if (moving + Math.max(0, standing - copiesAtOnce) < copiesAtOnce) {
    for (const [index, lane] of lanes.entries()) {
      if (paused[index] || !lane.moves || lane.next === undefined || !hasRoom(lane, lane.next)) continue;
      const best = start === undefined ? undefined : lanes[start];
      if (best === undefined || comesBefore(lane, best)) start = index;
    }
  }
  return { start, paused };
}

function hasRoom({ running, reading, copiesAtOnce }: LaneView, nextBytes: number): boolean {
  if (running.length >= copiesAtOncePerBay || reading.length >= (copiesAtOnce ?? copiesAtOncePerBay)) return false;
  return nextBytes <= largeBytes || reading.filter((bytes) => bytes > largeBytes).length < largeAtOncePerBay;
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

/** What a piece of work tells the queue. */
export interface Turn {
  /** With the copy of each attempt. */
  attach(copy: Pausable): void;
  /** Whenever it got on. `isRead`: the camera has given all of it. */
  moved(isRead: boolean): void;
}

export interface LaneWork {
  readonly sizeBytes: number;
  /** Must not reject. */
  run(turn: Turn): Promise<void>;
}

interface Running {
  readonly copy: Pausable | undefined;
  readonly isRead: boolean;
}

interface Lane {
  readonly priority: boolean;
  readonly copiesAtOnce: number | undefined;
  readonly work: readonly LaneWork[];
  readonly signal: AbortSignal;
  readonly running: Map<LaneWork, Running>;
  readonly finished: () => void;
  position: number;
  lastStart: number;
  paused: boolean;
  /** When one of its copies began, ended, went on or moved bytes, monotonic. */
  movedMs: number;
  /** As `decide` was last told. */
  moves: boolean;
}

export class CopyQueue {
  readonly #copiesAtOnce: number;
  readonly #clock: Clock;
  readonly #lanes: Lane[] = [];
  #starts = 0;
  /** Looks again when the first bay that moves now may be standing still. */
  #timer: Timer | undefined;

  /** @param copiesAtOnce most copies under way over all bays, counting neither paused ones nor, up to as many, those of bays that stand still */
  constructor(copiesAtOnce: number, clock: Clock) {
    this.#copiesAtOnce = copiesAtOnce;
    this.#clock = clock;
  }

  /** Runs all of `work` in order, as fairness allows. Resolves when all has ended, or, after an abort, what was begun has. */
  run(work: readonly LaneWork[], priority: boolean, signal: AbortSignal, copiesAtOnce?: number): Promise<void> {
    return new Promise((resolve) => {
      const lane: Lane = {
        priority,
        copiesAtOnce,
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
        movedMs: this.#clock.monotonicMs(),
        moves: true,
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
    for (const lane of this.#lanes) lane.moves = this.#quietMs(lane) < standstillMs;
    for (;;) {
      const decision = decide(this.#lanes.map(viewOf), this.#copiesAtOnce);
      for (const [index, lane] of this.#lanes.entries()) this.#setPaused(lane, decision.paused[index] ?? false);
      const lane = decision.start === undefined ? undefined : this.#lanes[decision.start];
      const work = lane === undefined ? undefined : nextOf(lane);
      if (lane === undefined || work === undefined) break;
      this.#begin(lane, work);
    }
    this.#lookAgain();
  }

  /** How long a lane has stood still, ms; 0 where nothing of it is under way, or it has to wait. */
  #quietMs({ running, paused, movedMs }: Lane): number {
    return running.size === 0 || paused ? 0 : this.#clock.monotonicMs() - movedMs;
  }

  #lookAgain(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const moving = this.#lanes.filter((lane) => lane.moves && lane.running.size > 0 && !lane.paused);
    if (moving.length === 0) return;
    const dueMs = standstillMs - Math.max(...moving.map((lane) => this.#quietMs(lane)));
    this.#timer = this.#clock.timer('offload.standstill', Math.max(0, dueMs), () => this.#settle());
  }

  #moved(lane: Lane, work: LaneWork, isRead: boolean): void {
    lane.movedMs = this.#clock.monotonicMs();
    const now = lane.running.get(work);
    if (now === undefined) return;
    lane.running.set(work, { ...now, isRead });
    if (!lane.moves || now.isRead !== isRead) this.#settle();
  }

  #begin(lane: Lane, work: LaneWork): void {
    lane.position += 1;
    this.#starts += 1;
    lane.lastStart = this.#starts;
    lane.running.set(work, { copy: undefined, isRead: false });
    lane.movedMs = this.#clock.monotonicMs();
    const attach = (copy: Pausable): void => {
      lane.running.set(work, { copy, isRead: false });
      if (lane.paused) copy.pause();
    };
    const ended = (): void => {
      lane.running.delete(work);
      lane.movedMs = this.#clock.monotonicMs();
      this.#settle();
    };
    work.run({ attach, moved: (isRead) => this.#moved(lane, work, isRead) }).then(ended, ended);
  }

  #setPaused(lane: Lane, paused: boolean): void {
    if (lane.paused === paused) return;
    lane.paused = paused;
    lane.movedMs = this.#clock.monotonicMs();
    for (const { copy } of lane.running.values()) {
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
    copiesAtOnce: lane.copiesAtOnce,
    running: Array.from(lane.running.keys(), (work) => work.sizeBytes),
    reading: Array.from(lane.running).flatMap(([work, { isRead }]) => (isRead ? [] : [work.sizeBytes])),
    next: nextOf(lane)?.sizeBytes,
    moves: lane.moves,
    lastStart: lane.lastStart,
  };
}
