/** The real time: with main.ts the only place that asks the machine for it. */
import type { Clock } from '../../drivers/contract/clock.js';

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  timer(_name, delayMs, fire) {
    const timeout = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
};
