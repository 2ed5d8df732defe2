/**
 * Feeds systemd's watchdog while every service makes progress, and says once which one does not, and when all stood still. Must never feed it
 * for any other reason: a dock that hangs is restarted, and meanwhile its cradles show their own light (I12).
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Log } from './log.js';
import type { ProgressBoard, Stalled } from './progress.js';
import type { Service } from './service.js';
import type { ServiceNotify } from './service-notify.js';

/** How often to look where no systemd asks for it, ms: a stalled service is still worth a log line. */
const LOOK_EVERY_MS = 5_000;

/** Looks per watchdog period. Two would do by sd_watchdog_enabled(3); but a look can be delayed by a busy event loop. */
const LOOKS_PER_PERIOD = 4;

/** A look that comes so much later than it was due, ms: nothing else of the dock was done meanwhile, and whoever reads the log has to know. */
const STOOD_STILL_MS = 2_000;

/** `status`: what `systemctl status` shows meanwhile; without it that stays as it was said last. */
export function watchdog(
  clock: Clock,
  log: Log,
  board: ProgressBoard,
  notify: ServiceNotify,
  status?: () => string,
): Service {
  const everyMs = notify.watchdogMs === null ? LOOK_EVERY_MS : notify.watchdogMs / LOOKS_PER_PERIOD;
  let timer: Timer | undefined;
  let reported = new Set<string>();
  let dueMs = 0;

  const look = (): void => {
    const lateMs = clock.monotonicMs() - dueMs;
    if (lateMs > STOOD_STILL_MS) log.info('dock.stood-still', { ms: Math.round(lateMs) });
    const stalled = board.stalled();
    if (stalled.length === 0) notify.alive(status?.());
    for (const one of stalled) {
      if (!reported.has(one.service)) log.error('service.stalled', { service: one.service }, stalledError(one));
    }
    const now = new Set(stalled.map(({ service }) => service));
    for (const service of reported) {
      if (!now.has(service)) log.info('service.moving', { service });
    }
    reported = now;
    dueMs = clock.monotonicMs() + everyMs;
    timer = clock.timer('watchdog', everyMs, look);
  };

  return {
    name: 'watchdog',
    stopWithinMs: 1_000,
    start: async () => {
      dueMs = clock.monotonicMs();
      look();
    },
    stop: async () => timer?.cancel(),
  };
}

function stalledError({ service, silentMs, limitMs }: Stalled): DockError {
  return new DockError('DOCK_SERVICE_STALLED', {
    expected: phrase`progress of ${service} every ${limitMs} ms`,
    found: phrase`none for ${Math.round(silentMs)} ms`,
    todo: phrase`Wait: systemd restarts the dock when this lasts; report it with the log if it comes again`,
    retry: 'now',
  });
}
