/**
 * Entering what has already happened. It cannot be refused, taken back or asked for again: a ledger that is locked or full for a while is
 * waited for, or the fact would be lost for good (I4, M4).
 */
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import type { Fact } from '../custody/entry.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';

const firstWaitMs = 500;
const longestWaitMs = 30_000;
/** After that the ledger is not busy but broken, and the daemon has other ways to say so, ms. */
const patienceMs = 600_000;

export type EnterPatiently = (...facts: readonly Fact[]) => Promise<void>;

/** `signal`: the dock stops; the next start finds the truth again. Throws what the ledger throws when waiting cannot help. */
export function patientEntry(ledger: Ledger, clock: Clock, log: Log, signal: AbortSignal): EnterPatiently {
  return async (...facts) => {
    const untilMs = clock.monotonicMs() + patienceMs;
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
      try {
        await ledger.append(...facts);
        return;
      } catch (error) {
        const hopeless = !(error instanceof DockError) || error.retry !== 'now' || clock.monotonicMs() > untilMs;
        if (hopeless || signal.aborted) throw error;
        if (waitMs === firstWaitMs)
          log.warn('bay.entry-waits', { kinds: facts.map(({ kind }) => kind).join(', ') }, error);
      }
      await sleep(clock, 'bay.entry', waitMs, signal);
    }
  };
}
