/** The real time: with main.ts the only place that asks the machine for it. */
import type { Clock } from '../../drivers/contract/clock.js';

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer(_name, delayMs, fire) {
    // setTimeout cuts fractions off: what is looked at again when it fires would not be due yet, and wake a second time.
    const timeout = setTimeout(fire, Math.ceil(delayMs));
    return { cancel: () => clearTimeout(timeout) };
  },
};
