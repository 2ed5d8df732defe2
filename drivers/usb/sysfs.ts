/**
 * Looks at the USB in sysfs. Only reads; opens no device, needs no right and no libusb.
 *
 * Answerable for: a device that holds its own lock (it is being reset, it does not answer) delays nobody else's presence (I8). What cannot
 * be read any more has gone.
 */
import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Clock, within } from '../contract/clock.js';
import { DockError, errnoOf, messageOf } from '../contract/error.js';
import { phrase } from '../contract/phrase.js';
import type { UsbLook } from '../contract/usb.js';
import { type DeviceFiles, lookOf } from './snapshot.js';

/** Files behind the lock of a device may take this long; the device is shown without them and read again, ms. */
const answerWithinMs = 500;

interface Kept {
  /** Another value: it has to be read again. */
  readonly key: string;
  readonly files: DeviceFiles;
}

export class UsbSysfs {
  readonly #devices: string;
  readonly #root: string;
  readonly #clock: Clock;
  #kept: ReadonlyMap<string, Kept> = new Map();
  /** Entries and inodes at the last look; undefined: something is still to be read. */
  #seen: string | undefined;
  /** Entries and inodes at the last look, whatever it was worth. */
  #listed = '';
  /** What the last look was made of. */
  #shown = '';
  #turn: Promise<void> = Promise.resolve();
  #look: UsbLook = { devices: [], places: new Map() };
  /** Questions to devices that have not been answered yet: none is asked twice, or one that hangs would eat thread after thread. */
  readonly #open = new Map<string, Promise<string>>();

  /** `root`: /sys, or a tree that looks like it. */
  constructor(clock: Clock, root = '/sys') {
    this.#clock = clock;
    this.#root = root;
    this.#devices = join(root, 'bus/usb/devices');
  }

  /**
   * The same object as before while nothing has changed. Looks of several callers take turns: one that began earlier never ends later, and
   * what it saw is never taken for newer. Throws DOCK_USB_ABSENT where the kernel has no USB.
   */
  look(): Promise<UsbLook> {
    const turn = this.#turn.then(() => this.#lookNow());
    this.#turn = turn.then(ended, ended);
    return turn;
  }

  /** Whether a driver of the kernel has this interface, or is about to. */
  async hasDriver(portPath: string, interfaceNumber: number): Promise<boolean> {
    const mine = (entry: string): boolean => entry.startsWith(`${portPath}:`) && entry.endsWith(`.${interfaceNumber}`);
    const entry = (await this.#names()).find(mine);
    return entry !== undefined && (await linkIn(join(this.#devices, entry, 'driver'))) !== '';
  }

  async #lookNow(): Promise<UsbLook> {
    const names = await this.#names();
    const inodes = await Promise.all(names.map((name) => this.#inode(name)));
    const seen = names.map((name, index) => `${name} ${inodes[index]}`).join('\n');
    if (seen === this.#seen) return this.#look;
    let whole = true;
    const kept = new Map<string, Kept>();
    await Promise.all(
      names.map(async (name, index) => {
        const inode = inodes[index];
        if (name.includes(':') || inode === undefined) return;
        const interfaces = names.filter((other) => other.startsWith(`${name.replace(/^usb(\d+)$/, '$1-0')}:`));
        const key = `${inode} ${interfaces.join(' ')}`;
        const before = this.#kept.get(name);
        try {
          const files = before?.key === key ? before.files : await this.#read(name, inode, interfaces);
          // Ports are joined with their peers when the other half of the hub has come.
          const now = { ...files, ports: await this.#ports(name, interfaces) };
          if ('late' in files) whole = false;
          kept.set(name, { key: 'late' in files ? '' : key, files: now });
        } catch (error) {
          // It went away while it was read, and the next look shows that.
          if (!isGone(error)) throw unreadable(name, error);
          whole = false;
        }
      }),
    );
    this.#kept = kept;
    // The kernel lists a hub before it has made its ports, which change no name: a look counts when the one before listed the same.
    this.#seen = whole && seen === this.#listed ? seen : undefined;
    this.#listed = seen;
    // In the order of their names, not of the answers.
    const devices = names.flatMap((name) => kept.get(name) ?? []);
    const shown = JSON.stringify(devices.map(({ key, files }) => [files.name, key, [...files.ports]]));
    // What is late has an empty key, and may have come.
    if (!whole || shown !== this.#shown) this.#look = lookOf(devices.map(({ files }) => files));
    this.#shown = shown;
    return this.#look;
  }

  async #names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#devices)).sort();
    } catch (error) {
      throw new DockError('DOCK_USB_ABSENT', {
        expected: phrase`USB devices under ${this.#devices}`,
        found: messageOf(error),
        todo: phrase`Check that this machine has USB and that the service may see /sys`,
        retry: 'now',
        cause: error,
      });
    }
  }

  async #inode(name: string): Promise<bigint | undefined> {
    try {
      return (await lstat(join(this.#devices, name), { bigint: true })).ino;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw unreadable(name, error);
    }
  }

  async #read(
    name: string,
    inode: bigint,
    interfaces: readonly string[],
  ): Promise<DeviceFiles & { readonly late?: true }> {
    const own = join(this.#devices, name);
    const [address, speed, descriptors, controller] = await Promise.all([
      readFile(join(own, 'devnum'), 'latin1'),
      readFile(join(own, 'speed'), 'latin1'),
      readFile(join(own, 'descriptors')),
      name.startsWith('usb') ? this.#controller(own) : '',
    ]);
    const [maker, product, serial, ...texts] = await Promise.all(
      [
        ...['manufacturer', 'product', 'serial'].map((file) => join(own, file)),
        ...interfaces.map((entry) => join(this.#devices, entry, 'interface')),
      ].map((file) => this.#text(file, inode)),
    );
    const files = {
      name,
      inode: String(inode),
      address,
      speed,
      descriptors,
      controller,
      maker: maker ?? '',
      product: product ?? '',
      serial: serial ?? '',
      interfaces: new Map(interfaces.map((entry, index) => [entry, texts[index] ?? ''] as const)),
      ports: new Map<string, string>(),
    };
    return [maker, product, serial, ...texts].includes(undefined) ? { ...files, late: true } : files;
  }

  /** '' where the device has no such text, undefined where it does not answer now. */
  async #text(file: string, inode: bigint): Promise<string | undefined> {
    const question = `${inode} ${file}`;
    if (this.#open.has(question)) return undefined;
    const answer = readFile(file, 'utf8');
    this.#open.set(question, answer);
    const answered = (): void => void this.#open.delete(question);
    answer.then(answered, answered);
    try {
      return await within(this.#clock, 'usb.text', answerWithinMs, answer, late);
    } catch (error) {
      if (error === lateMark) return undefined;
      // Most devices have not got all of them. Anything else is that device's own trouble, or will pass: it is asked again.
      return errnoOf(error) === 'ENOENT' ? '' : undefined;
    }
  }

  async #controller(own: string): Promise<string> {
    const [real, root] = await Promise.all([realpath(own), realpath(this.#root)]);
    return relative(join(root, 'devices'), dirname(real));
  }

  /** Ports are in the folder of a hub's interface. */
  async #ports(name: string, interfaces: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ports = new Map<string, string>();
    for (const entry of interfaces) {
      const folder = join(this.#devices, entry);
      const found = (await namesIn(folder)).filter((child) => child.startsWith(`${name}-port`));
      const peers = await Promise.all(found.map((port) => linkIn(join(folder, port, 'peer'))));
      for (const [index, port] of found.entries()) ports.set(port, basename(peers[index] ?? ''));
    }
    return ports;
  }
}

/** A look that failed is its caller's affair; the next one goes ahead all the same. */
const ended = (): void => undefined;

const lateMark = new Error('no answer yet');
const late = (): Error => lateMark;

/** A hub that goes takes its folders with it while they are read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

async function linkIn(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isGone(error) || errnoOf(error) === 'EINVAL') return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV', 'ENOTDIR', 'ENXIO'].includes(errnoOf(error) ?? '');
}

function unreadable(name: string, cause: unknown): DockError {
  return new DockError('DOCK_USB_UNREADABLE', {
    expected: phrase`to read what the kernel says of USB device ${name}`,
    found: messageOf(cause),
    todo: phrase`Check that the service may read /sys; report it if it may`,
    retry: 'now',
    cause,
  });
}
