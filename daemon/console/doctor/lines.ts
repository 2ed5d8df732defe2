/** The lines that cradles hang on. Ports are looked at, never opened: opening a serial port moves its control lines. */
import { constants } from 'node:fs';
import { access, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { Config } from '../../../config/schema.js';
import { say } from '../../language/messages.js';
import { type Check, type Finding, fail, ok, type Patient, troubleText, warn } from './check.js';

const connectDeadlineMs = 2_000;
/** Names in one finding. */
const mostShown = 4;

/** One check for each distinct port and address. */
export function lineChecks(config: Config): Check[] {
  const serial = new Set<string>();
  const tcp = new Set<string>();
  for (const { line } of config.cradles) {
    if ('serial' in line) serial.add(line.serial);
    else if ('tcp' in line) tcp.add(line.tcp);
  }
  return [
    ...[...serial].map(
      (port): Check => ({
        what: 'serial',
        subject: port,
        area: 'hardware',
        deadlineMs: 5_000,
        run: (patient) => serialPort(port, patient),
      }),
    ),
    ...[...tcp].map(
      (address): Check => ({
        what: 'cradle',
        subject: address,
        area: 'hardware',
        deadlineMs: connectDeadlineMs + 1_000,
        run: (patient) => tcpCradle(address, patient),
      }),
    ),
  ];
}

async function serialPort(port: string, { root, language }: Patient): Promise<Finding> {
  let device: string;
  try {
    device = await realpath(port);
    if (!(await isPort(device, root))) {
      return fail(say(language, 'doctor.serial.not-a-port', { device }), say(language, 'doctor.serial.missing.todo'));
    }
  } catch (error) {
    const others = await namesIn(path.join(root, 'dev/serial/by-path'));
    const known = others.slice(0, mostShown).join(', ') || '–';
    return fail(
      `${troubleText(error, language)}${language === 'en' ? '; ' : '；'}${say(language, 'doctor.serial.there-are', { known })}`,
      say(language, 'doctor.serial.missing.todo'),
    );
  }
  try {
    await access(device, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { gid, mode } = await stat(device);
    const group = (await groupName(root, gid)) ?? String(gid);
    const bits = (mode & 0o777).toString(8).padStart(4, '0');
    return fail(
      say(language, 'doctor.serial.forbidden', {
        device,
        reason: troubleText(error, language),
        group,
        mode: bits,
      }),
      say(language, 'doctor.serial.forbidden.todo', { group }),
    );
  }
  const holders = await holdersOf(device, root);
  const rivals = holders.filter(({ command }) => !/custodock|^node$/.test(command));
  const shown = holders.slice(0, mostShown).map(({ pid, command }) => `${command} (${pid})`);
  const list = [...shown, ...(holders.length > mostShown ? [`+${holders.length - mostShown}`] : [])].join(', ');
  if (rivals.length > 0) {
    return warn(say(language, 'doctor.serial.held', { device, list }), say(language, 'doctor.serial.held.todo'));
  }
  if (/^\/dev\/tty(USB|ACM)\d+$/.test(port)) {
    return warn(say(language, 'doctor.serial.unstable', { device }), say(language, 'doctor.serial.unstable.todo'));
  }
  return ok(holders.length === 0 ? device : say(language, 'doctor.serial.held', { device, list }));
}

/** Character devices of the kernel's tty subsystem, and pseudo-terminals, which sysfs does not show. */
async function isPort(device: string, root: string): Promise<boolean> {
  const found = await stat(device);
  if (!found.isCharacterDevice()) return false;
  // Linux packs 12 bits of major above 8 bits of minor, with the rest of the minor above both (makedev(3)).
  const major = (found.rdev >> 8) & 0xfff;
  const minor = (found.rdev & 0xff) | ((found.rdev >> 12) & 0xfff00);
  const subsystem = await linkOf(path.join(root, `sys/dev/char/${major}:${minor}/subsystem`));
  return subsystem === '' || path.basename(subsystem) === 'tty';
}

async function groupName(root: string, gid: number): Promise<string | undefined> {
  try {
    const text = await readFile(path.join(root, 'etc/group'), 'utf8');
    return text
      .split('\n')
      .map((row) => row.split(':'))
      .find(([, , id]) => id === String(gid))?.[0];
  } catch {
    // Without names the number has to do.
    return undefined;
  }
}

/** Processes that have the device open, as far as this user may see them. */
async function holdersOf(device: string, root: string): Promise<{ readonly pid: number; readonly command: string }[]> {
  const proc = path.join(root, 'proc');
  const holders: { pid: number; command: string }[] = [];
  for (const pid of (await namesIn(proc)).filter((name) => /^\d+$/.test(name))) {
    const folder = path.join(proc, pid, 'fd');
    for (const fd of await namesIn(folder)) {
      if ((await linkOf(path.join(folder, fd))) !== device) continue;
      holders.push({ pid: Number(pid), command: (await textOf(path.join(proc, pid, 'comm'))).trim() });
      break;
    }
  }
  return holders;
}

/** Processes come and go, and most belong to others: what cannot be read is not there. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
function linkOf(file: string): Promise<string> {
  return readlink(file).catch(() => '');
}
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '?');
}

async function tcpCradle(address: string, { clock, language }: Patient): Promise<Finding> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const startedMs = clock.monotonicMs();
  const trouble = await new Promise<string | null>((resolve) => {
    const socket = connect(Number(address.slice(colon + 1)), host);
    const settle = (found: string | null): void => {
      timer.cancel();
      socket.destroy();
      resolve(found);
    };
    const timer = clock.timer('doctor.connect', connectDeadlineMs, () =>
      settle(say(language, 'doctor.late', { seconds: connectDeadlineMs / 1000 })),
    );
    socket.once('connect', () => settle(null));
    socket.once('error', (error) => settle(troubleText(error, language)));
  });
  if (trouble !== null) return fail(trouble, say(language, 'doctor.tcp.todo', { address }));
  return ok(say(language, 'doctor.tcp.answers', { ms: Math.round(clock.monotonicMs() - startedMs) }));
}
