/**
 * Whether every service still gets something done. Pure bookkeeping: no timer, no I/O.
 *
 * A watchdog fed by a timer only proves that timers run. Here each service says how long it may be silent, and the
 * watchdog is fed only while none of them has been silent for longer.
 */

export interface Progress {
  /** Something was got done; for a service with nothing to do: it looked, and there was nothing. */
  report(): void;
  /** The service has stopped on purpose and is not waited for any more. */
  end(): void;
}

export interface Stalled {
  readonly service: string;
  readonly silentMs: number;
  readonly limitMs: number;
}

interface Watched {
  readonly limitMs: number;
  heardMs: number;
}

export class ProgressBoard {
  readonly #nowMs: () => number;
  readonly #watched = new Map<string, Watched>();

  /** `nowMs`: `Clock.monotonicMs`. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * Watches a service from now on. `limitMs` > 0: the longest silence that is still healthy, several times the interval
   * at which it reports. A name can be watched once at a time.
   */
  watch(service: string, limitMs: number): Progress {
    if (this.#watched.has(service)) throw new RangeError(`${service} is already watched`);
    if (!(limitMs > 0)) throw new RangeError(`${service}: the limit must be above 0 ms, not ${limitMs}`);
    const watched: Watched = { limitMs, heardMs: this.#nowMs() };
    this.#watched.set(service, watched);
    return {
      report: () => {
        watched.heardMs = this.#nowMs();
      },
      end: () => {
        if (this.#watched.get(service) === watched) this.#watched.delete(service);
      },
    };
  }

  /** Services that have been silent for longer than they may, the longest silence first. */
  stalled(): Stalled[] {
    const nowMs = this.#nowMs();
    const stalled: Stalled[] = [];
    for (const [service, { limitMs, heardMs }] of this.#watched) {
      const silentMs = nowMs - heardMs;
      if (silentMs > limitMs) stalled.push({ service, silentMs, limitMs });
    }
    return stalled.sort((a, b) => b.silentMs - a.silentMs);
  }
}
