/** The computer and how Custodock is installed on it. */
import { access, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { DockError, errnoOf } from '../../../drivers/contract/error.js';
import { isUsbPort } from '../../../drivers/usb/at-port.js';
import { lookAtUsb } from '../../../drivers/usb/devices.js';
import { describeCode } from '../../language/errors.js';
import { say } from '../../language/messages.js';
import { translated } from '../../language/phrases.js';
import { ConsoleClient } from '../client.js';
import { consoleSocketPath } from '../wire.js';
import { type Check, type Finding, fail, ok, type Patient, skipped, usualDeadlineMs, warn } from './check.js';

/** As in package.json. */
const leastNode = [20, 19] as const;
/** What the daemon's entry point asks for; each hanging card holds one of them. */
const leastThreads = 16;

export const machineChecks: readonly Check[] = [
  { what: 'node', area: 'software', deadlineMs: usualDeadlineMs, run: nodeVersion },
  { what: 'threads', area: 'software', deadlineMs: usualDeadlineMs, run: threads },
  { what: 'unit', area: 'software', deadlineMs: usualDeadlineMs, run: unit },
  { what: 'udev', area: 'software', deadlineMs: usualDeadlineMs, run: udevRules },
  { what: 'journal', area: 'software', deadlineMs: usualDeadlineMs, run: journal },
  { what: 'usb', area: 'hardware', deadlineMs: usualDeadlineMs, run: usbDevices },
  { what: 'dock', area: 'software', deadlineMs: 20_000, run: dock },
];

async function nodeVersion({ language }: Patient): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.versions.node} (${process.arch})`;
  const [leastMajor, leastMinor] = leastNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok(found);
  return fail(found, say(language, 'doctor.node.todo', { least: leastNode.join('.') }));
}

async function threads({ environment, language }: Patient): Promise<Finding> {
  const size = environment['UV_THREADPOOL_SIZE'];
  if (Number(size) >= leastThreads) return ok(String(size));
  return warn(
    size ?? say(language, 'doctor.threads.default'),
    say(language, 'doctor.threads.todo', { least: leastThreads }),
  );
}

const unitFolders = [
  'etc/systemd/system',
  'usr/lib/systemd/system',
  'lib/systemd/system',
  'usr/local/lib/systemd/system',
];
const ruleFolders = ['etc/udev/rules.d', 'usr/lib/udev/rules.d', 'lib/udev/rules.d'];

/** First path below the root that exists. */
async function firstFile(
  root: string,
  folders: readonly string[],
  wanted: (name: string) => boolean,
): Promise<string | undefined> {
  for (const folder of folders) {
    const place = path.join(root, folder);
    let names: string[];
    try {
      names = await readdir(place);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) continue;
      throw error;
    }
    const found = names.find(wanted);
    if (found !== undefined) return path.join(place, found);
  }
  return undefined;
}

async function unit({ root, language }: Patient): Promise<Finding> {
  if (!(await exists(path.join(root, 'run/systemd/system')))) return skipped(say(language, 'doctor.systemd.none'));
  const file = await firstFile(root, unitFolders, (name) => name === 'custodock.service');
  if (file === undefined) return warn(say(language, 'doctor.unit.missing'), say(language, 'doctor.unit.todo'));
  const wants = path.join(root, 'etc/systemd/system/multi-user.target.wants/custodock.service');
  if (await exists(wants)) return ok(file);
  return warn(say(language, 'doctor.unit.disabled', { file }), say(language, 'doctor.unit.enable'));
}

async function udevRules({ root, language }: Patient): Promise<Finding> {
  if (!(await exists(path.join(root, 'run/udev')))) return skipped(say(language, 'doctor.udev.none'));
  const file = await firstFile(root, ruleFolders, (name) => name.includes('custodock') && name.endsWith('.rules'));
  return file === undefined ? warn(say(language, 'doctor.udev.missing'), say(language, 'doctor.udev.todo')) : ok(file);
}

async function journal({ root, language }: Patient): Promise<Finding> {
  const sockets = ['run/systemd/journal/socket', 'run/systemd/notify'];
  const missing: string[] = [];
  for (const name of sockets) {
    const file = path.join(root, name);
    if (!(await isSocket(file))) missing.push(file);
  }
  if (missing.length === 0) return ok(say(language, 'doctor.journal.fine'));
  return warn(
    say(language, 'doctor.journal.missing', { files: missing.join(', ') }),
    say(language, 'doctor.journal.todo'),
  );
}

async function usbDevices({ clock, config, root, language }: Patient): Promise<Finding> {
  const look = await lookAtUsb(clock, path.join(root, 'sys'));
  if (look === null) return skipped(say(language, 'doctor.usb.none'));
  const { devices } = look;
  const hex = (id: number): string => id.toString(16).padStart(4, '0');
  const list = devices.map(({ portPath, vendorId, productId }) => `${portPath} ${hex(vendorId)}:${hex(productId)}`);
  const found = say(language, 'doctor.usb.found', { devices: devices.length, list: list.join(', ') || '–' });
  // A port whose hub is not there: nothing that is put into that bay can be seen.
  const known = new Set([...look.places.keys(), ...look.places.values()]);
  const missing = (config?.cradles ?? [])
    .flatMap(({ bays }) => bays.flatMap(({ port }) => port ?? []))
    .filter((port) => isUsbPort(port) && !known.has(port));
  if (missing.length === 0) return ok(found);
  const ports = missing.join(', ');
  return warn(`${found}; ${say(language, 'doctor.usb.missing', { ports })}`, say(language, 'doctor.usb.missing.todo'));
}

async function dock({ clock, config, language }: Patient): Promise<Finding> {
  if (config === null) return skipped(say(language, 'doctor.needs-config'));
  try {
    const status = await new ConsoleClient(consoleSocketPath(config), clock).status();
    const found = say(language, 'doctor.dock.running', { version: status.version, seq: status.ledger.seq });
    if (status.ledger.check !== 'broken') return ok(found);
    return fail(say(language, 'status.ledger.broken'), say(language, 'console.check.todo'));
  } catch (error) {
    if (!(error instanceof DockError)) throw error;
    return warn(
      `${describeCode(language, error.code)}${language === 'en' ? ': ' : '：'}${consoleSocketPath(config)}`,
      // The doctor has just been asked; to ask it again is no advice.
      error.code === 'DOCK_NOT_RUNNING' ? say(language, 'doctor.dock.todo') : translated(language, error.todo),
    );
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

async function isSocket(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isSocket();
  } catch {
    return false;
  }
}
