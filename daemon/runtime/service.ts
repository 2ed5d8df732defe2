/**
 * What the composition root starts and stops. Answerable for the order and for the deadlines: a service that does not
 * stop keeps none of the others from stopping.
 */
import { type Clock, within } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Log } from './log.js';

export interface Service {
  readonly name: string;
  /** Longest time that `stop` may take, ms. All of them together must fit into TimeoutStopSec of the unit. */
  readonly stopWithinMs: number;
  /** Resolves when the service works; rejects when it never will. */
  start(): Promise<void>;
  /** `byMs`: the moment of `Clock.monotonicMs` after which nobody waits any more. Safe to call before or during `start`. */
  stop(byMs: number): Promise<void>;
}

/** Starts in order. When one fails, those before it, and it, are stopped in reverse, and its error is thrown. */
export async function startAll(clock: Clock, log: Log, services: readonly Service[]): Promise<void> {
  for (const [index, service] of services.entries()) {
    const beganMs = clock.monotonicMs();
    try {
      await service.start();
    } catch (error) {
      await stopAll(clock, log, services.slice(0, index + 1));
      throw error;
    }
    log.debug('service.started', { service: service.name, tookMs: Math.round(clock.monotonicMs() - beganMs) });
  }
}

/** Stops in reverse, each within its own deadline. True when all of them did; the others have been logged. */
export async function stopAll(clock: Clock, log: Log, services: readonly Service[]): Promise<boolean> {
  let clean = true;
  for (const service of [...services].reverse()) {
    const beganMs = clock.monotonicMs();
    try {
      const stopping = service.stop(beganMs + service.stopWithinMs);
      // Once nobody waits any more, a late failure has no other way to be heard.
      stopping.catch((error: unknown) => {
        if (clock.monotonicMs() > beganMs + service.stopWithinMs) {
          log.error('service.stop-failed', { service: service.name }, error);
        }
      });
      await within(clock, `stop ${service.name}`, service.stopWithinMs, stopping, () => stopLate(service));
      log.debug('service.stopped', { service: service.name, tookMs: Math.round(clock.monotonicMs() - beganMs) });
    } catch (error) {
      clean = false;
      log.error('service.stop-failed', { service: service.name }, error);
    }
  }
  return clean;
}

function stopLate(service: Service): DockError {
  return new DockError('DOCK_SERVICE_STOP_LATE', {
    expected: phrase`${service.name} to stop within ${service.stopWithinMs} ms`,
    found: phrase`it is still running and has been left behind`,
    todo: phrase`Report this with the log of the last minute; nothing is lost, the next start resumes`,
    retry: 'never',
  });
}
