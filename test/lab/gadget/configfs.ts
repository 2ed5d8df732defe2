/**
 * A USB gadget as the kernel's configfs makes it: what it says it is, one function, and the controller that it is plugged into.
 *
 * Needs root, and the modules dummy_hcd and libcomposite. Made again under a name that a killed program left behind, it takes the place of
 * what was left.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UsbDevice } from '../../../drivers/contract/usb.js';

const root = '/sys/kernel/config/usb_gadget';
const english = '0x409';

export interface GadgetOptions {
  readonly name: string;
  /** dummy_udc.N: the other end of the only port of bus dummy_hcd.N. */
  readonly controller: string;
  readonly shows: Omit<UsbDevice, 'portPath' | 'enumeration'>;
  readonly maxSpeed: 'full-speed' | 'high-speed';
  /** Default: a FunctionFS to be mounted at `functionFolder`. */
  readonly disk?: { readonly image: string; readonly readOnly?: boolean };
}

export class Gadget {
  readonly #options: GadgetOptions;
  readonly #folder: string;

  constructor(options: GadgetOptions) {
    this.#options = options;
    this.#folder = path.join(root, options.name);
    Gadget.remove(options.name);
    this.#make();
  }

  /** Takes one out of the kernel; harmless where there is none. Not while a program has files of its function open. */
  static remove(name: string): void {
    const folder = path.join(root, name);
    if (!existsSync(folder)) return;
    unplugged(folder);
    const config = path.join(folder, 'configs/c.1');
    for (const linked of existsSync(config) ? readdirSync(config) : []) {
      if (linked.includes('.')) unlinkSync(path.join(config, linked));
    }
    if (existsSync(config)) rmdirSync(config);
    if (spawnSync('mountpoint', ['-q', mountOf(name)]).status === 0) called('umount', [mountOf(name)]);
    const functions = path.join(folder, 'functions');
    for (const made of readdirSync(functions)) rmdirSync(path.join(functions, made));
    const strings = path.join(folder, 'strings', english);
    if (existsSync(strings)) rmdirSync(strings);
    rmdirSync(folder);
  }

  /** Where its FunctionFS is mounted. */
  get functionFolder(): string {
    return mountOf(this.#options.name);
  }

  plug(): void {
    this.#write('UDC', this.#options.controller);
  }

  /** Out at once, whatever is going on; harmless when it is out. */
  unplug(): void {
    unplugged(this.#folder);
  }

  #make(): void {
    const { name, shows, maxSpeed, disk } = this.#options;
    mkdirSync(path.join(this.#folder, 'strings', english), { recursive: true });
    mkdirSync(path.join(this.#folder, 'configs/c.1'));
    this.#write('idVendor', String(shows.vendorId));
    this.#write('idProduct', String(shows.productId));
    this.#write('max_speed', maxSpeed);
    for (const [file, text] of [
      ['manufacturer', shows.maker],
      ['product', shows.product],
      ['serialnumber', shows.serial],
    ] as const) {
      if (text !== '') this.#write(`strings/${english}/${file}`, text);
    }
    const kind = disk === undefined ? `ffs.${name}` : `mass_storage.${name}`;
    mkdirSync(path.join(this.#folder, 'functions', kind));
    if (disk === undefined) {
      mkdirSync(this.functionFolder, { recursive: true });
      called('mount', ['-t', 'functionfs', name, this.functionFolder]);
    } else {
      const lun = `functions/${kind}/lun.0`;
      this.#write(`${lun}/removable`, '1');
      this.#write(`${lun}/ro`, disk.readOnly === true ? '1' : '0');
      this.#write(`${lun}/file`, disk.image);
    }
    symlinkSync(path.join(this.#folder, 'functions', kind), path.join(this.#folder, 'configs/c.1', kind));
  }

  #write(file: string, text: string): void {
    writeFileSync(path.join(this.#folder, file), text);
  }
}

function mountOf(name: string): string {
  return `/dev/usb-${name}`;
}

function unplugged(folder: string): void {
  try {
    writeFileSync(path.join(folder, 'UDC'), '\n');
  } catch (error) {
    if (!isErrno(error, 'ENODEV')) throw error;
  }
}

function called(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
