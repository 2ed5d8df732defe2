/**
 * Waiting for a card that may never answer: reads of a dying one hang in the kernel, beyond the reach of any signal.
 *
 * The waiting ends, the work may go on; what it yields then is given to `abandoned`, so that no late handle stays open.
 */
import type { Clock } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';

/** How long a card may take over one answer, ms: the kernel gives a USB command 30 s before it resets the device. */
const answerWithinMs = 40_000;

export interface Patience {
  readonly clock: Clock;
  readonly volume: string;
  readonly signal?: AbortSignal;
}

/** The outcome of `work`; DOCK_VOLUME_STALLED when the card does not answer, the signal's reason as soon as it is aborted. */
export function answered<T>(
  { clock, volume, signal }: Patience,
  work: Promise<T>,
  abandoned?: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const give = (up: unknown): void => {
      stop();
      reject(up);
    };
    const onAbort = (): void => give(signal?.reason);
    const deadline = clock.timer('volume.answer', answerWithinMs, () => give(stalled(volume)));
    const stop = (): void => {
      waiting = false;
      deadline.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    work.then(
      (outcome) => {
        if (waiting) {
          stop();
          resolve(outcome);
        } else abandoned?.(outcome);
      },
      // A failure that comes too late changes nothing: rejecting twice has no effect.
      give,
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function stalled(volume: string): DockError {
  return new DockError('DOCK_VOLUME_STALLED', {
    expected: phrase`the volume ${volume} to answer`,
    found: phrase`no answer within ${answerWithinMs} ms`,
    todo: phrase`Take the camera out and put it back; if it happens again, its card is failing`,
    retry: 'after-redocking',
  });
}
