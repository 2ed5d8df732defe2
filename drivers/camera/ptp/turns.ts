/** One PTP device does one thing at a time: whoever wants something of it waits in line, first come, first served. */
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';

/** Of each of 16 copies four reads and a look at the recording, with as much again for everything else. */
const mostWaiting = 160;

interface Waiting {
  readonly go: () => void;
}

export class Turns {
  readonly #waiting: Waiting[] = [];
  #taken = false;

  /** Somebody else is in line. */
  get contended(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves to what gives the turn back. Rejects with the signal's reason, also while waiting. */
  take(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      if (this.#waiting.length >= mostWaiting) {
        reject(tooMany());
        return;
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        go: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(this.#once());
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #once(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken = false;
      this.#next();
    };
  }

  #next(): void {
    if (this.#taken) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#taken = true;
    next.go();
  }
}

function tooMany(): DockError {
  return new DockError('DOCK_PTP_QUEUE_FULL', {
    expected: phrase`at most ${mostWaiting} questions waiting for one camera`,
    found: phrase`more`,
    todo: phrase`Report this with the log; the recordings stay on the camera`,
    retry: 'now',
  });
}
