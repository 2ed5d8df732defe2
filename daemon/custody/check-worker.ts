/** The thread that checks a ledger: a thin shell over `checkLedger`, so that hashing does not hold the event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { systemClock } from '../runtime/clock.js';
import { type CheckDepth, checkLedger } from './check.js';
import type { CheckAnswer } from './check-in-worker.js';

const port = parentPort;
if (port === null) throw new Error('check-worker runs as a worker thread only');
const { file, depth } = workerData as { readonly file: string; readonly depth: CheckDepth };
const stop = new AbortController();
// Asked, not terminated: SQLite is in the middle of a call on another thread.
port.once('message', () => stop.abort());
try {
  const check = await checkLedger({ file, depth, clock: systemClock, signal: stop.signal });
  port.postMessage({ check } satisfies CheckAnswer);
} catch (error) {
  port.postMessage(answerOf(error));
} finally {
  port.close();
}

/** Errors lose their class between threads: the parts of a DockError go across as they are. */
function answerOf(error: unknown): CheckAnswer {
  if (!(error instanceof DockError)) return { failed: messageOf(error) };
  const { code, expected, found, todo, retry } = error;
  return { code, details: { expected, found, todo, retry } };
}
