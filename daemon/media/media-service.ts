/** The media helper as a service: configured ports in, log lines, the file of reports and signs of life out. */
import { renameSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isExample } from '../../config/example.js';
import { defaultConfigFile, loadConfig } from '../../config/load.js';
import { bayName, type Config } from '../../config/schema.js';
import { watchConfig } from '../../config/watch.js';
import type { UsbLook } from '../../drivers/contract/usb.js';
import { MediaHelper } from '../../drivers/media/helper/helper.js';
import { serveRequests } from '../../drivers/media/helper/server.js';
import { disksIn } from '../../drivers/media/helper/sysfs.js';
import { machineTools } from '../../drivers/media/helper/tools.js';
import { reportsFile } from '../../drivers/media/helper-client.js';
import { chokidarHints } from '../../drivers/media/hints.js';
import { isBehind } from '../../drivers/usb/at-port.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { systemClock } from '../runtime/clock.js';
import { type ExitCode, exitCodes } from '../runtime/exit.js';
import { chooseDestination, openLog } from '../runtime/pino-log.js';
import { ProgressBoard } from '../runtime/progress.js';
import { type Environment, serviceNotify } from '../runtime/service-notify.js';
import { watchdog } from '../runtime/watchdog.js';

/** Where volumes appear; the unit may write there and nowhere else. Another `media.root` is for media that are mounted otherwise. */
const root = '/run/custodock/media';
/** RuntimeDirectory of the unit; what is mounted here is seen by nobody else. */
const workshop = '/run/custodock-media';
/** First descriptor that systemd hands over (sd_listen_fds(3)). */
const handedOver = 3;
/** Nothing looked for so long is a fault of ours, ms. */
const longestSilenceMs = 30_000;

/** The dock's bays by the ports they are configured with. A bay without one has no USB, whatever its name looks like. */
type BaysByPort = ReadonlyMap<string, string>;

export async function runMedia(environment: Environment, stop: Promise<string>): Promise<ExitCode> {
  const file = defaultConfigFile;
  const first = await loadConfig(file);
  const { level, language } = first.ok
    ? { level: first.config.log.level, language: first.config.dock.language }
    : { level: 'info' as const, language: 'zh-CN' as const };
  const logging = openLog({ level, language, destination: chooseDestination(environment, false), clock: systemClock });
  const { log } = logging;
  const notify = serviceNotify(environment, (error) => log.warn('service.notify-failed', {}, error));
  if (environment['LISTEN_PID'] !== String(process.pid)) {
    log.error('media.helper-alone');
    return exitCodes.usage;
  }
  let bays: BaysByPort = new Map();
  const learn = async (): Promise<void> => {
    const loaded = await loadConfig(file);
    // A file that is wrong leaves in force what was known: a card must not vanish for a typing error.
    if (!loaded.ok) {
      log.warn('media.helper-config', { file }, loaded.problems[0]?.error);
      return;
    }
    logging.setLevel(loaded.config.log.level);
    logging.setLanguage(loaded.config.dock.language);
    bays = isExample(loaded.config.dock) ? new Map() : baysByPort(loaded.config);
    void helper.rescan();
  };
  const board = new ProgressBoard(() => systemClock.monotonicMs());
  const progress = board.watch('media', longestSilenceMs);
  const sysfs = new UsbSysfs(systemClock);
  let usb: UsbLook | undefined;
  let served = '';
  /** A port path of the kernel, and for the log the bay that it belongs to. */
  const bayed = (port: string): { readonly port: string; readonly bay: string | undefined } => ({
    port,
    bay: [...bays].find(([own]) => isBehind(port, own, usb))?.[1],
  });
  const helper = new MediaHelper({
    root,
    workshop,
    group: (await stat(path.dirname(root))).gid,
    bayPorts: () => [...bays.keys()],
    usb: async () => {
      usb = await sysfs.look();
      return usb;
    },
    rescanMs: 1_000,
    clock: systemClock,
    tools: machineTools(systemClock, '/proc/self/fd/0'),
    disks: () => disksIn('/sys'),
    says: {
      serves(paths, missing) {
        const ports = paths.join(', ') || '–';
        if (missing.length === 0) log.info('media.helper-serves', { ports });
        else log.warn('media.helper-misses', { ports, missing: missing.join(', ') });
        served = missing.length === 0 ? `ports ${ports}` : `ports ${ports}; not there: ${missing.join(', ')}`;
        notify.status(served);
      },
      ports: (reports) => publish(JSON.stringify(reports)),
      mounted: (port, fields) =>
        fields.dirty
          ? log.warn('media.mounted-dirty', { ...bayed(port), ...fields })
          : log.info('media.mounted', { ...bayed(port), ...fields }),
      refused: (error, port) => log.warn('media.refused', bayed(port), error),
      done: (step, port, tookMs) => log.debug('media.helper-step', { ...bayed(port), step, tookMs }),
      unmounted: (port) => log.info('media.unmounted', bayed(port)),
      sealed: (port) => log.warn('media.sealed', bayed(port)),
      stranger: (port, device) => log.warn('media.stranger', { port, device }),
      cleared: (port, cleared) => log.info('media.cleared', { ...bayed(port), path: cleared }),
      trouble: (error, port) => log.error('media.helper-trouble', port === null ? {} : bayed(port), error),
      looked: () => progress.report(),
    },
  });
  await learn();
  const server = await serveRequests(
    { fd: handedOver },
    (request) => helper.clear(request),
    (error) => log.warn('media.helper-trouble', {}, error),
  );
  const hints = chokidarHints('/dev', {
    hint: () => void helper.rescan(),
    ended: (because) => log.warn('media.helper-unhinted', { because }),
  });
  const watch = await watchConfig(file, systemClock, () => {
    learn().catch((error: unknown) => log.error('media.helper-trouble', {}, error));
  });
  const guard = watchdog(systemClock, log, board, notify);
  await guard.start();
  // Whoever starts after this service finds what is there, mounted or on its way.
  await helper.rescan();
  notify.ready(served);
  await stop;
  notify.stopping();
  watch.stop();
  server.close();
  await hints.close();
  await helper.stop();
  await guard.stop(0);
  return exitCodes.stopped;
}

function baysByPort({ cradles }: Config): BaysByPort {
  return new Map(
    cradles.flatMap(({ name, bays }) =>
      bays.flatMap(({ slot, port }) => (port === undefined ? [] : [[port, bayName(name, slot)] as const])),
    ),
  );
}

/** At once, whole: whoever reads it finds the old one or the new one. The folder is in memory. */
function publish(text: string): void {
  const file = path.join(root, reportsFile);
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}
