/**
 * Time as drivers and daemon see it: always injected, so that tests and the simulation can own it.
 * The real one is `daemon/runtime/clock.ts`, the virtual one `test/simulation/`.
 */

export interface Timer {
  /** The callback will not run any more. Harmless when it already ran. */
  cancel(): void;
}

export interface Clock {
  /** Wall clock in milliseconds since 1970-01-01T00:00:00Z. May step in either direction. */
  wallMs(): number;
  /** Milliseconds, fractional, since an arbitrary start. Never steps. */
  monotonicMs(): number;
  /** Runs `fire` once after `delayMs` (≥ 0). The name is what diagnostics show. */
  timer(name: string, delayMs: number, fire: () => void): Timer;
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, name: string, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.timer(name, delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A timer that is so late says that the process stood still, ms: then all is late, and what was waited for may be there already. */
const stoodStillMs = 50;
/** Until whatever came meanwhile was handed over, ms. */
const handedOverMs = 10;

/**
 * The outcome of `work`, or `late()` thrown when it has not settled within `deadlineMs`, and what it waited for has not come either while the
 * process stood still: an event loop runs its timers first.
 * The work itself goes on: whoever started it must be able to abandon it.
 */
export async function within<T>(
  clock: Clock,
  name: string,
  deadlineMs: number,
  work: Promise<T>,
  late: () => Error,
): Promise<T> {
  const dueMs = clock.monotonicMs() + deadlineMs;
  let timer: Timer | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = clock.timer(name, deadlineMs, () => {
      if (clock.monotonicMs() - dueMs < stoodStillMs) reject(late());
      else timer = clock.timer(name, handedOverMs, () => reject(late()));
    });
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    timer?.cancel();
  }
}
