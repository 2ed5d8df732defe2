/** Checks a ledger on a thread of its own: what a start, the console and the yearly review use. */
import { Worker } from 'node:worker_threads';
import { DockError, type DockErrorCode, type DockErrorDetails, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import type { CheckDepth, LedgerCheck } from './check.js';

/** What the thread says in the end. */
export type CheckAnswer =
  | { readonly check: LedgerCheck }
  | { readonly code: DockErrorCode; readonly details: DockErrorDetails }
  | { readonly failed: Phrase };

/** The largest heap of the thread, MiB: a turn of entries is a few MiB; the rest is room for the longest ones. */
const heapMiB = 256;

/**
 * As `checkLedger`. The signal is both its deadline and its end: after an abort it rejects with the signal's reason as soon
 * as the thread has finished its turn.
 */
export function checkInWorker(file: string, depth: CheckDepth, signal: AbortSignal): Promise<LedgerCheck> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(new URL('./check-worker.js', import.meta.url), {
      workerData: { file, depth },
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    });
    let answer: CheckAnswer | undefined;
    const onAbort = (): void => worker.postMessage('stop');
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: CheckAnswer) => {
      answer = message;
    });
    worker.on('error', (error) => {
      answer = { failed: messageOf(error) };
    });
    worker.on('exit', () => {
      signal.removeEventListener('abort', onAbort);
      if (answer !== undefined && 'check' in answer) resolve(answer.check);
      else if (signal.aborted) reject(signal.reason);
      else if (answer !== undefined && 'code' in answer) reject(new DockError(answer.code, answer.details));
      else reject(threadFailed(answer?.failed ?? phrase`it ended without an answer`));
    });
  });
}

function threadFailed(found: Phrase): DockError {
  return new DockError('DOCK_LEDGER_CHECK_FAILED', {
    expected: phrase`a check that ends with a finding`,
    found,
    todo: phrase`Check the ledger by command: custodock ledger check`,
    retry: 'now',
  });
}
