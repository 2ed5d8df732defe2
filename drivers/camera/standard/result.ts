/**
 * Result codes of the standard device functions. Pure. Each function has a code for success and one for failure, so that `> 0` is not
 * success: 4 says that the password was wrong.
 */
import { DockError, type DockErrorCode, type Retry } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';

interface Failure {
  readonly code: DockErrorCode;
  readonly what: Phrase;
  readonly retry: Retry;
}

const failures: Readonly<Record<number, Failure>> = {
  2: { code: 'DOCK_CAMERA_COMMAND_REFUSED', what: phrase`not connected`, retry: 'now' },
  4: { code: 'DOCK_CAMERA_PASSWORD', what: phrase`wrong password`, retry: 'after-redocking' },
  6: { code: 'DOCK_CAMERA_COMMAND_REFUSED', what: phrase`time not set`, retry: 'now' },
  8: { code: 'DOCK_CAMERA_DISK_MODE_REFUSED', what: phrase`not switched to disk mode`, retry: 'now' },
};

/** Connected, password right, time set, switched to disk mode; 0 is what devices answer that count errors. */
const successes = new Set([0, 1, 3, 5, 7]);

/** Throws what a result code means unless it says that `wanted` was done. */
export function assertDone(result: number, wanted: Phrase): void {
  if (successes.has(result)) return;
  const failure = failures[result];
  throw refused(
    failure?.code ?? 'DOCK_CAMERA_COMMAND_REFUSED',
    wanted,
    describe(result, failure),
    failure?.retry ?? 'now',
  );
}

function describe(result: number, failure: Failure | undefined): Phrase {
  return failure === undefined ? phrase`result ${result}, which is none` : phrase`result ${result}: ${failure.what}`;
}

const todos: Readonly<Partial<Record<DockErrorCode, Phrase>>> = {
  DOCK_CAMERA_PASSWORD: phrase`Set the camera’s password back to its maker’s default with the maker’s tool`,
  DOCK_CAMERA_DISK_MODE_REFUSED: phrase`Wait until the camera has closed its last recording; if it stays so, put it in again`,
};

export function refused(code: DockErrorCode, wanted: Phrase, found: Phrase, retry: Retry): DockError {
  return new DockError(code, { expected: wanted, found, todo: todos[code] ?? phrase`Put the camera in again`, retry });
}
