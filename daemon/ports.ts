/** The real world for `dock.ts`: serial and network lines, mounted volumes, threads, the broker, the machine's clock. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/schema.js';
import { readPassword, readSecret } from '../config/secrets.js';
import { hubLine } from '../drivers/cradle/hub/line.js';
import { modbusLine } from '../drivers/cradle/modbus/line.js';
import { clearByHelper } from '../drivers/media/helper-client.js';
import { watchMedia } from '../drivers/media/media-root.js';
import { serialLine } from '../drivers/serial/serial-line.js';
import { tcpLine } from '../drivers/tcp/tcp-line.js';
import { usbOpener } from '../drivers/usb/connection.js';
import { UsbSysfs } from '../drivers/usb/sysfs.js';
import { watchUsb } from '../drivers/usb/watch.js';
import { durableFiles } from './archive/durable-files.js';
import type { Broker } from './central/broker.js';
import { mqttBroker } from './central/mqtt-link.js';
import { consoleService } from './console/socket.js';
import { consoleSocketPath } from './console/wire.js';
import { checkInWorker } from './custody/check-in-worker.js';
import type { DockPorts, UsbFeed } from './dock-ports.js';
import { cameraFamilies } from './families.js';
import { defaultSalvage } from './offload/salvage.js';
import { createThreadCopier } from './offload/thread-copier.js';
import { monotonicMicros, readBootId } from './runtime/boot.js';
import { systemClock } from './runtime/clock.js';
import type { Log } from './runtime/log.js';
import type { ProgressBoard } from './runtime/progress.js';

/** `credentialsDirectory`: where systemd puts credentials ($CREDENTIALS_DIRECTORY). */
export async function machinePorts(
  config: Config,
  log: Log,
  board: ProgressBoard,
  credentialsDirectory: string | undefined,
): Promise<DockPorts> {
  const clock = systemClock;
  const sysfs = new UsbSysfs(clock);
  return {
    clock,
    log,
    board,
    bootId: readBootId(),
    bootOffsetMs: Number(monotonicMicros() / 1000n) - clock.monotonicMs(),
    families: cameraFamilies(
      config,
      clock,
      {
        open: usbOpener({ clock, sysfs }),
        find: async (portPath) => (await sysfs.look()).devices.find((device) => device.portPath === portPath),
      },
      clearByHelper(path.join(path.dirname(config.media.root), 'media.socket'), clock),
    ),
    files: durableFiles,
    copier: createThreadCopier({
      ...config.offload,
      salvage: { ...defaultSalvage, readRetries: config.offload.readRetries },
    }),
    broker: await centreBroker(config, credentialsDirectory),
    line: (cradles, usb) => openLine(cradles, usb),
    watchUsb: (onLook, onTrouble) => watchUsb({ clock, onLook, onTrouble, sysfs }),
    watchVolumes: (listener) => watchMedia({ ...config.media, clock, ...listener }),
    checkLedger: checkInWorker,
    console: (view) => consoleService(view, { path: consoleSocketPath(config), clock, log }),
  };
}

/** All cradles of one call share the line of the first. */
function openLine(cradles: Config['cradles'], usb: UsbFeed): ReturnType<DockPorts['line']> {
  const [first] = cradles;
  if (first === undefined) throw new Error('a line without cradles');
  const units = cradles.map(({ name, unit, bays }) => ({
    cradle: name,
    unit,
    bayCount: Math.max(...bays.map(({ slot }) => slot)),
  }));
  const { line } = first;
  if ('serial' in line) {
    return modbusLine({ units, open: serialLine(line.serial, line.baud), framing: 'rtu', clock: systemClock });
  }
  if ('usb' in line) return hubLine({ cradles: cradles.map(hubOf), ledFolder: line.leds, usb, clock: systemClock });
  const colon = line.tcp.lastIndexOf(':');
  const host = line.tcp.slice(0, colon).replace(/^\[|\]$/g, '');
  return modbusLine({
    units,
    open: tcpLine(host, Number(line.tcp.slice(colon + 1))),
    framing: 'tcp',
    clock: systemClock,
  });
}

function hubOf({ name, bays }: Config['cradles'][number]) {
  // A bay of a hub without a port is refused with the configuration.
  return { cradle: name, bays: bays.map(({ slot, port = '', leds = [] }) => ({ slot, port, leds })) };
}

async function centreBroker({ central }: Config, credentialsDirectory: string | undefined): Promise<Broker | null> {
  if (central === undefined) return null;
  const secret = async (reference: string | undefined): Promise<string | undefined> =>
    reference === undefined ? undefined : (await readSecret(reference, credentialsDirectory)).toString('utf8');
  const pem = async (file: string | undefined): Promise<string | undefined> =>
    file === undefined ? undefined : await readFile(file, 'utf8');
  return mqttBroker({
    url: central.url,
    protocol: central.protocol,
    keepAliveS: central.keepAliveS,
    username: central.username,
    password:
      central.passwordFile === undefined ? undefined : await readPassword(central.passwordFile, credentialsDirectory),
    ca: await pem(central.caFile),
    cert: await pem(central.certFile),
    key: await secret(central.keyFile),
  });
}
