/**
 * `custodock run`: the dock as a service. Loads the configuration, starts the dock, tells systemd, obeys signals, reloads, and says how
 * the process shall end. Everything else is in `dock.ts`.
 */
import { isExample } from '../config/example.js';
import { LiveConfig } from '../config/live.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { watchConfig } from '../config/watch.js';
import { DockError } from '../drivers/contract/error.js';
import { Dock } from './dock.js';
import { machinePorts } from './ports.js';
import { systemClock } from './runtime/clock.js';
import { type ExitCode, exitCodes } from './runtime/exit.js';
import type { Log } from './runtime/log.js';
import { packageVersion } from './runtime/package-file.js';
import { chooseDestination, type OpenLog, openLog } from './runtime/pino-log.js';
import { ProgressBoard } from './runtime/progress.js';
import { startAll, stopAll } from './runtime/service.js';
import { type Environment, serviceNotify } from './runtime/service-notify.js';
import { watchdog } from './runtime/watchdog.js';
import { untilConfigured } from './unconfigured.js';

/** The process that the dock runs in. */
export interface HostProcess {
  /** Resolves with the name of the signal that asks the dock to stop. */
  readonly stop: Promise<string>;
  onReload(listener: () => void): void;
  /** From now on this log hears of what ends the process. */
  lastWordsTo(log: Log): void;
}

export async function run(
  file: string,
  environment: Environment,
  terminal: boolean,
  host: HostProcess,
): Promise<ExitCode> {
  const installed = await loadConfig(file);
  if (installed.ok && isExample(installed.config.dock)) {
    const { language } = installed.config.dock;
    const { log } = open('info', language, environment, terminal);
    host.lastWordsTo(log);
    const notify = serviceNotify(environment, (error) => log.warn('service.notify-failed', {}, error));
    if (!(await untilConfigured({ ...host, file, clock: systemClock, log, notify, language })))
      return exitCodes.stopped;
  }
  const loaded = await loadConfig(file);
  if (!loaded.ok) {
    const logging = open('info', 'zh-CN', environment, terminal);
    for (const { error } of loaded.problems) logging.log.error('config.unusable', { file }, error);
    return exitCodes.configuration;
  }
  const { config, migrated } = loaded;
  const logging = open(config.log.level, config.dock.language, environment, terminal);
  const { log } = logging;
  host.lastWordsTo(log);
  if (migrated !== undefined) {
    log.warn('config.migrated-in-memory', { file, from: migrated.from, to: migrated.to });
  }
  const notify = serviceNotify(environment, (error) => log.warn('service.notify-failed', {}, error));
  const board = new ProgressBoard(() => systemClock.monotonicMs());
  let dock: Dock;
  const statusLine = (): string => describeStatus(dock);
  const guard = [watchdog(systemClock, log, board, notify, statusLine)];
  try {
    const ports = await machinePorts(config, log, board, environment['CREDENTIALS_DIRECTORY']);
    dock = new Dock(config, await packageVersion(), ports);
    await dock.start();
  } catch (error) {
    log.error('dock.not-started', {}, error);
    return exitCodeOf(error);
  }
  await startAll(systemClock, log, guard);
  notify.ready(statusLine());
  log.info('dock.ready', { dock: config.dock.id, bays: dock.status().bays.length, seq: dock.status().ledger.seq });

  const live = new LiveConfig(file, config);
  const reload = async (asked: boolean): Promise<void> => {
    if (asked) notify.reloading();
    try {
      await applyReload(live, dock, logging, asked);
    } finally {
      if (asked) notify.ready(statusLine());
    }
  };
  const reloadSafely = (asked: boolean): void => {
    reload(asked).catch((error: unknown) => log.error('config.reload-failed', { file }, error));
  };
  host.onReload(() => reloadSafely(true));
  const watch = await watchConfig(file, systemClock, () => reloadSafely(false));

  const end = await Promise.race([host.stop, dock.failed]);
  if (end instanceof DockError) log.error('dock.failed', {}, end);
  else log.info('dock.stopping', { signal: end });
  notify.stopping();
  watch.stop();
  const clean = await dock.stop();
  await stopAll(systemClock, log, guard);
  log.info('dock.stopped', { clean });
  if (end instanceof DockError) return exitCodes.hardwareLost;
  return clean ? exitCodes.stopped : exitCodes.broken;
}

function open(
  level: Config['log']['level'],
  language: Config['dock']['language'],
  environment: Environment,
  terminal: boolean,
): OpenLog {
  return openLog({ level, language, destination: chooseDestination(environment, terminal), clock: systemClock });
}

async function applyReload(live: LiveConfig, dock: Dock, logging: OpenLog, asked: boolean): Promise<void> {
  const { log } = logging;
  const reload = await live.reload();
  switch (reload.kind) {
    case 'unchanged':
      if (asked) log.info('config.unchanged');
      return;
    case 'refused':
      if (!reload.again || asked) for (const { error } of reload.problems) log.error('config.refused', {}, error);
      return;
    case 'applied':
      dock.reconfigure(reload.applied);
      logging.setLevel(reload.applied.log.level);
      logging.setLanguage(reload.applied.dock.language);
      if (reload.live.length > 0) log.info('config.applied', { options: reload.live.join(', ') });
      if (reload.restart.length > 0) log.warn('config.needs-restart', { options: reload.restart.join(', ') });
  }
}

function describeStatus(dock: Dock): string {
  const { bays, ledger, clock } = dock.status();
  const docked = bays.filter(({ state }) => state !== 'empty').length;
  return `${docked}/${bays.length} bays in use, ledger ${ledger.seq}, clock ${clock.trusted ? 'trusted' : 'not trusted'}`;
}

/** Why the dock could not start, as systemd and scripts are told (D12). */
function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof DockError)) return exitCodes.broken;
  if (error.code.startsWith('DOCK_CONFIG_') || error.code.startsWith('DOCK_SECRET_')) return exitCodes.configuration;
  return error.retry === 'never' ? exitCodes.broken : exitCodes.hardwareLost;
}
