/** What a start looks back at, in the background: whether the ledger is whole, and what a crash may have left without an entry. */
import type { Archive } from './archive/archive.js';
import { reportUnentered } from './archive/sweep.js';
import type { LedgerService } from './custody/ledger-service.js';
import type { Log } from './runtime/log.js';
import type { Service } from './runtime/service.js';

/** The dock's clock may have been wrong by so much without anybody noticing, ms. */
const sweepMarginMs = 86_400_000;

/**
 * The whole chain is followed: a start must not wait for years of entries (D14). What also judges every document and the registers takes
 * ten times as long, and is done by command. `onChecked`: what the status says of the ledger has changed.
 */
export function lookBackService(
  ledgerService: LedgerService,
  archive: Archive,
  log: Log,
  onChecked: () => void,
): Service {
  const stopping = new AbortController();
  const lookBack = async (): Promise<void> => {
    const { ledger, previousStop, lastEntryTime } = ledgerService;
    await ledgerService.check('chain');
    onChecked();
    // After a clean stop every published file has its entry.
    if (previousStop === 'clean') return;
    const changedSinceMs = lastEntryTime === undefined ? 0 : Date.parse(lastEntryTime.utc) - sweepMarginMs;
    await reportUnentered({ archive, ledger, log, changedSinceMs }, stopping.signal);
  };
  let looking: Promise<void> = Promise.resolve();
  return {
    name: 'look-back',
    stopWithinMs: 2_000,
    start: async () => {
      looking = lookBack().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error('ledger.check-failed', {}, error);
      });
    },
    stop: async () => {
      stopping.abort(new Error('the dock stops'));
      ledgerService.endCheck();
      await looking;
    },
  };
}
