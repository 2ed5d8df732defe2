/**
 * Time that a test owns. Timers fire in the order of their moment, then of their making; between two of them every
 * promise that can settle does settle, as it would with the event loop in between.
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';

interface Pending {
  readonly name: string;
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** 2026-03-02T00:00:00Z, a Monday: any moment would do, but failures should read the same every day. */
const START_WALL_MS = Date.UTC(2026, 2, 2);

/** More timers than this within one `advance` is a loop that re-arms itself without delay. */
const MOST_FIRINGS = 1_000_000;

export class VirtualClock implements Clock {
  #nowMs = 0;
  #wallAtStartMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();
  readonly #settled: () => Promise<void>;

  /** `settled`: resolves when everything that was set going has come to rest; only then does time pass. */
  constructor(startWallMs: number = START_WALL_MS, settled: () => Promise<void> = oneTurn) {
    this.#wallAtStartMs = startWallMs;
    this.#settled = settled;
  }

  wallMs(): number {
    return this.#wallAtStartMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  timer(name: string, delayMs: number, fire: () => void): Timer {
    const pending: Pending = { name, atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Lets `ms` pass: fires what is due, each at its own moment, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.#settled();
    for (let firings = 0; ; firings++) {
      if (firings > MOST_FIRINGS) throw new Error(`timers never end: ${this.waiting().join(', ')}`);
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) break;
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
      await this.#settled();
    }
    this.#nowMs = untilMs;
  }

  /** The wall clock is set, as by a person or by NTP; monotonic time does not notice. */
  stepWall(byMs: number): void {
    this.#wallAtStartMs += byMs;
  }

  /** Names of the timers that are armed, in the order in which they would fire. */
  waiting(): string[] {
    return [...this.#pending].sort(byMoment).map(({ name }) => name);
  }

  #next(): Pending | undefined {
    let next: Pending | undefined;
    for (const pending of this.#pending) {
      if (next === undefined || byMoment(pending, next) < 0) next = pending;
    }
    return next;
  }
}

function byMoment(a: Pending, b: Pending): number {
  return a.atMs - b.atMs || a.order - b.order;
}

/** One turn of the real event loop: all microtasks run before it ends. */
function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
