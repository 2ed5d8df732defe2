/**
 * One run of the daemon's process. It can die at any operation on a disk: from then on its timers never fire, and whatever
 * it still waits for never comes.
 */
import type { Clock } from '../../drivers/contract/clock.js';

const shortestTimerMs = 0.001;

/** Relative to the operation at which the process dies. */
export type Death = 'before' | 'after';

export class Incarnation {
  readonly clock: Clock;
  /** Power went: what was not synced is lost. */
  powerCut = false;
  #alive = true;
  #fatal: { left: number; readonly death: Death } | undefined;
  readonly #handles = new Set<() => Promise<void>>();

  /** `wallErrorMs`: how wrong the dock's own clock is now. */
  constructor(clock: Clock, wallErrorMs: () => number) {
    this.clock = {
      wallMs: () => clock.wallMs() + wallErrorMs(),
      monotonicMs: () => clock.monotonicMs(),
      timer: (name, delayMs, fire) =>
        // No real timer is shorter, and one that is too short for a double to move the time on would never end.
        clock.timer(name, delayMs > 0 ? Math.max(delayMs, shortestTimerMs) : 0, () => {
          if (this.#alive) fire();
        }),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The n-th operation on a disk from now on is its last. */
  dieAt(operations: number, death: Death): void {
    this.#fatal = { left: operations, death };
  }

  /** Whether, and how, the next operation is the last one. Counts. */
  nextDeath(): Death | undefined {
    const fatal = this.#fatal;
    if (fatal === undefined) return undefined;
    fatal.left -= 1;
    return fatal.left <= 0 ? fatal.death : undefined;
  }

  die(): void {
    this.#alive = false;
  }

  /** An operation of this process on a disk. `half`: does a part of it, where the process can die in the middle. */
  async operation<T>(work: () => Promise<T>, half?: () => Promise<void>): Promise<T> {
    if (!this.#alive) return never();
    const death = this.nextDeath();
    if (death === 'before') {
      if (half !== undefined) await half();
      this.die();
      return never();
    }
    try {
      return await work();
    } finally {
      if (death === 'after') this.die();
      if (!this.#alive) await never();
    }
  }

  /** Something that the system closes when the process is gone. */
  opened(close: () => Promise<void>): { closed(): void } {
    this.#handles.add(close);
    return { closed: () => this.#handles.delete(close) };
  }

  /** What the system does after a process has ended. */
  async closeAll(): Promise<void> {
    const closing = [...this.#handles].map((close) => close());
    this.#handles.clear();
    await Promise.allSettled(closing);
  }
}

export function never(): Promise<never> {
  return new Promise(() => undefined);
}
