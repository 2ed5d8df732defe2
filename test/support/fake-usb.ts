/**
 * A tree that looks like the USB part of /sys, with devices that come and go: controllers with a USB 2 and a USB 3 half, hubs with ports that
 * are peers, and the device nodes beside it.
 *
 * The layout is the kernel's: real folders below devices/, links in bus/usb/devices, ports in the folder of the hub's interface.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

export interface FakeInterface {
  readonly classCode: number;
  readonly subclass?: number;
  readonly protocol?: number;
  readonly name?: string;
  /** Address, bmAttributes, wMaxPacketSize. */
  readonly endpoints?: readonly (readonly [number, number, number])[];
}

export interface FakeDevice {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly maker?: string;
  readonly product?: string;
  readonly serial?: string;
  readonly configuration?: number;
  readonly interfaces?: readonly FakeInterface[];
  /** A hub: how many ports it has. */
  readonly ports?: number;
  /** Instead of those made from the above. */
  readonly descriptors?: Uint8Array;
}

export interface FakeDisk {
  /** `major:minor`. */
  readonly device: string;
  readonly sizeBytes: number;
  readonly sequence: number;
}

const hubInterface: FakeInterface = { classCode: 9, endpoints: [[0x81, 3, 1]] };
export const storageInterface: FakeInterface = {
  classCode: 8,
  subclass: 6,
  protocol: 0x50,
  endpoints: [
    [0x81, 2, 512],
    [0x02, 2, 512],
  ],
};
export const ptpInterface: FakeInterface = {
  classCode: 6,
  subclass: 1,
  protocol: 1,
  name: 'MTP',
  endpoints: [
    [0x81, 2, 512],
    [0x02, 2, 512],
    [0x83, 3, 28],
  ],
};

export class FakeUsb {
  readonly folder = mkdtempSync(join(tmpdir(), 'custodock-usb-'));
  readonly sysfs = join(this.folder, 'sys');
  readonly nodes = join(this.folder, 'dev/bus/usb');
  /** Real folder of each device that is there, by name. */
  readonly #folders = new Map<string, string>();
  #address = 0;
  #buried = 0;

  constructor() {
    for (const made of [
      this.#entries,
      join(this.sysfs, 'devices'),
      join(this.sysfs, 'block'),
      join(this.folder, 'grave'),
      this.nodes,
    ]) {
      mkdirSync(made, { recursive: true });
    }
  }

  get #entries(): string {
    return join(this.sysfs, 'bus/usb/devices');
  }

  /** Root hubs under one controller: a USB 2 half, and a USB 3 half where it has one; ports with equal numbers are peers. */
  controller(path: string, halves: { readonly usb2: number; readonly usb3?: number }, ports: number): void {
    this.#add(`usb${halves.usb2}`, join(this.sysfs, 'devices', path), { ports }, '480');
    if (halves.usb3 === undefined) return;
    this.#add(`usb${halves.usb3}`, join(this.sysfs, 'devices', path), { ports }, '5000');
    this.peer(`usb${halves.usb2}`, `usb${halves.usb3}`, ports);
  }

  /** Joins the ports of the two halves of one hub. */
  peer(one: string, other: string, ports: number): void {
    for (let port = 1; port <= ports; port += 1) {
      const [near, far] = [this.#portFolder(one, port), this.#portFolder(other, port)];
      symlinkSync(relative(near, far), join(near, 'peer'));
      symlinkSync(relative(far, near), join(far, 'peer'));
    }
  }

  /** `portPath`: `1-1.3`; its hub must be there. */
  plug(portPath: string, device: FakeDevice = { interfaces: [storageInterface] }, speed = '480'): void {
    const parent = portPath.includes('.')
      ? portPath.replace(/\.\d+$/, '')
      : `usb${portPath.slice(0, portPath.indexOf('-'))}`;
    this.#add(portPath, this.#folder(parent), device, speed);
  }

  /** With everything that is plugged into it. */
  unplug(name: string): void {
    for (const other of [...this.#folders.keys()]) if (other.startsWith(`${name}.`)) this.unplug(other);
    for (const entry of readdirSync(this.#entries)) {
      if (entry !== name && !entry.startsWith(`${interfacePrefix(name)}:`)) continue;
      // Not deleted: a file system may give the inode of a deleted entry to the next one, which the kernel never does.
      renameSync(join(this.#entries, entry), join(this.folder, 'grave', String(this.#buried++)));
    }
    rmSync(this.#folder(name), { recursive: true });
    this.#folders.delete(name);
    rmSync(this.#node(name), { force: true });
  }

  /** A driver of the kernel takes an interface; goes with the device. */
  bind(portPath: string, interfaceNumber: number, driver: string): void {
    const folder = join(this.sysfs, 'bus/usb/drivers', driver);
    mkdirSync(folder, { recursive: true });
    const entry = join(this.#folder(portPath), `${portPath}:1.${interfaceNumber}`);
    symlinkSync(relative(entry, folder), join(entry, 'driver'));
  }

  /** The kernel's disk of a storage device that is plugged in; goes with it. `sequence`: never given twice. */
  disk(portPath: string, name: string, { device, sizeBytes, sequence }: FakeDisk): void {
    const folder = join(this.#folder(portPath), `${portPath}:1.0/host${sequence}/block`, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'dev'), `${device}\n`);
    writeFileSync(join(folder, 'size'), `${sizeBytes / 512}\n`);
    writeFileSync(join(folder, 'diskseq'), `${sequence}\n`);
    const link = join(this.sysfs, 'block', name);
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), folder), link);
  }

  /** It vanishes and comes back at once, as by a reset of its port or a mode switch. */
  reenumerate(portPath: string, device?: FakeDevice): void {
    this.unplug(portPath);
    this.plug(portPath, device);
  }

  /** Overwrites one file of a device. */
  write(name: string, file: string, content: string | Uint8Array): void {
    writeFileSync(join(this.#folder(name), file), content);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #folder(name: string): string {
    const folder = this.#folders.get(name);
    if (folder === undefined) throw new Error(`no ${name} here`);
    return folder;
  }

  #portFolder(hub: string, port: number): string {
    return join(this.#folder(hub), `${interfacePrefix(hub)}:1.0`, `${hub}-port${port}`);
  }

  #node(name: string): string {
    return join(this.nodes, (/^(?:usb)?(\d+)/.exec(name)?.[1] ?? '').padStart(3, '0'), name);
  }

  #add(name: string, parent: string, device: FakeDevice, speed: string): void {
    if (this.#folders.has(name)) throw new Error(`${name} is there already`);
    const folder = join(parent, name);
    mkdirSync(folder, { recursive: true });
    this.#folders.set(name, folder);
    this.#address += 1;
    const interfaces = device.interfaces ?? (device.ports === undefined ? [] : [hubInterface]);
    const write = (file: string, content: string | Uint8Array): void => writeFileSync(join(folder, file), content);
    write('devnum', `${this.#address}\n`);
    write('busnum', `${/\d+/.exec(name)?.[0]}\n`);
    write('speed', `${speed}\n`);
    write('descriptors', device.descriptors ?? descriptorsOf({ ...device, interfaces }));
    for (const [file, text] of [
      ['manufacturer', device.maker],
      ['product', device.product],
      ['serial', device.serial],
    ] as const) {
      if (text !== undefined) write(file, `${text}\n`);
    }
    symlinkSync(relative(this.#entries, folder), join(this.#entries, name));
    for (const [number, { name: text }] of interfaces.entries()) {
      const entry = `${interfacePrefix(name)}:${device.configuration ?? 1}.${number}`;
      mkdirSync(join(folder, entry));
      if (text !== undefined) writeFileSync(join(folder, entry, 'interface'), `${text}\n`);
      symlinkSync(relative(this.#entries, join(folder, entry)), join(this.#entries, entry));
    }
    for (let port = 1; port <= (device.ports ?? 0); port += 1) mkdirSync(this.#portFolder(name, port));
    mkdirSync(dirname(this.#node(name)), { recursive: true });
    writeFileSync(this.#node(name), '');
  }
}

/** Interfaces of a root hub are named by its bus. */
function interfacePrefix(name: string): string {
  return name.replace(/^usb(\d+)$/, '$1-0');
}

/** A device descriptor and one configuration, as the kernel keeps them. */
export function descriptorsOf({
  vendorId = 0x1d6b,
  productId = 0x0104,
  configuration = 1,
  interfaces = [],
}: FakeDevice): Uint8Array {
  const body = interfaces.flatMap(({ classCode, subclass = 0, protocol = 0, endpoints = [] }, number) => [
    ...[9, 4, number, 0, endpoints.length, classCode, subclass, protocol, 0],
    ...endpoints.flatMap(([address, attributes, packet]) => [7, 5, address, attributes, packet & 0xff, packet >> 8, 0]),
  ]);
  const total = 9 + body.length;
  return Uint8Array.from([
    ...[18, 1, 0, 2, 0, 0, 0, 64, vendorId & 0xff, vendorId >> 8, productId & 0xff, productId >> 8, 0, 1, 1, 2, 3, 1],
    ...[9, 2, total & 0xff, total >> 8, interfaces.length, configuration, 0, 0x80, 50],
    ...body,
  ]);
}
