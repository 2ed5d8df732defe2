/**
 * A dock that is installed and not configured yet. It runs, and says what it waits for where a technician looks first: in
 * `systemctl status`, in the journal, in `custodock doctor`.
 *
 * Must never do anything else: a ledger that was begun under the names of the example would bear them for ever.
 */

import { isExample } from '../config/example.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { watchConfig } from '../config/watch.js';
import type { Clock } from '../drivers/contract/clock.js';
import { DockError } from '../drivers/contract/error.js';
import { phrase } from '../drivers/contract/phrase.js';
import { say } from './language/messages.js';
import type { Log } from './runtime/log.js';
import { ProgressBoard } from './runtime/progress.js';
import type { ServiceNotify } from './runtime/service-notify.js';
import { watchdog } from './runtime/watchdog.js';

export interface Waiting {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly notify: ServiceNotify;
  readonly language: Config['dock']['language'];
  /** The signal that asks to stop. */
  readonly stop: Promise<string>;
  onReload(listener: () => void): void;
}

/** Waits until the file has been made a configuration of this dock; false: asked to stop before that. */
export async function untilConfigured(waiting: Waiting): Promise<boolean> {
  const { file, clock, log, notify, language } = waiting;
  log.warn('dock.unconfigured', { file }, notConfigured(file));
  notify.ready(say(language, 'dock.unconfigured.status', { file }));
  // No service is watched here, but systemd waits for a sign of life all the same.
  const guard = watchdog(clock, log, new ProgressBoard(() => clock.monotonicMs()), notify);
  await guard.start();
  let look: () => void = () => undefined;
  const configured = new Promise<true>((resolve, reject) => {
    look = (): void => {
      usable(waiting).then((now) => now && resolve(true), reject);
    };
  });
  waiting.onReload(look);
  const watch = await watchConfig(file, clock, look);
  try {
    return await Promise.race([configured, waiting.stop.then(() => false)]);
  } finally {
    watch.stop();
    await guard.stop(clock.monotonicMs());
  }
}

async function usable({ file, log, notify, language }: Waiting): Promise<boolean> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) {
    for (const { error } of loaded.problems) log.error('config.unusable', { file }, error);
    notify.ready(say(language, 'dock.unconfigured.unusable', { file, problems: loaded.problems.length }));
    return false;
  }
  if (isExample(loaded.config.dock)) {
    log.warn('dock.unconfigured', { file }, notConfigured(file));
    notify.ready(say(language, 'dock.unconfigured.status', { file }));
    return false;
  }
  log.info('dock.configured', { file });
  return true;
}

function notConfigured(file: string): DockError {
  return new DockError('DOCK_NOT_CONFIGURED', {
    expected: phrase`a configuration of this dock`,
    found: phrase`the example in ${file}`,
    todo: phrase`Edit ${file}: dock, cradles, cameras, central; it is taken over once custodock config check finds it in order`,
    retry: 'now',
  });
}
