/** From what sysfs showed of the USB at one moment to devices and places. Pure: the files are read in `sysfs.ts`. */
import { printable } from '../contract/text.js';
import type { UsbDevice, UsbLook } from '../contract/usb.js';
import { deviceIds, interfacesOf } from './descriptors.js';
import { byPortPath, isPortPath, placesOf, portPathOfPort, type UsbBus, type UsbPort } from './places.js';

/** One entry of /sys/bus/usb/devices that is a device, as it was read. Texts are the files' own, with their line ends. */
export interface DeviceFiles {
  /** `1-1.3`, or `usb1` for a root hub. */
  readonly name: string;
  /** Inode of the entry: the kernel never gives one twice while it runs, not even to the same device plugged again. */
  readonly inode: string;
  /** `devnum`: address on its bus. */
  readonly address: string;
  /** Mbit/s: `12`, `480`, `5000`. */
  readonly speed: string;
  readonly descriptors: Uint8Array;
  readonly maker: string;
  readonly product: string;
  readonly serial: string;
  /** Entries of the device's interfaces (`1-1.3:1.0`) with their interface strings. */
  readonly interfaces: ReadonlyMap<string, string>;
  /** For a root hub: real path of its controller below /sys/devices; else ''. */
  readonly controller: string;
  /** For a hub: its ports (`1-1-port3`) with the names of their peers, '' where there is none. */
  readonly ports: ReadonlyMap<string, string>;
}

const superSpeedMbps = 5_000;

export function lookOf(files: readonly DeviceFiles[]): UsbLook {
  const buses: UsbBus[] = [];
  const devices: UsbDevice[] = [];
  const ports = new Map<string, UsbPort>();
  for (const file of files) {
    const root = /^usb(\d{1,3})$/.exec(file.name)?.[1];
    if (root !== undefined) {
      const superSpeed = Number.parseFloat(file.speed) >= superSpeedMbps;
      buses.push({ number: Number(root), controller: file.controller, superSpeed });
    } else if (isPortPath(file.name)) {
      devices.push(deviceOf(file));
      // Its hub may be gone already, or not have been read yet.
      if (!ports.has(file.name)) ports.set(file.name, { portPath: file.name, peer: undefined });
    }
    for (const [name, peer] of file.ports) {
      const portPath = portPathOfPort(name);
      if (portPath !== undefined) ports.set(portPath, { portPath, peer: portPathOfPort(peer) });
    }
  }
  devices.sort((one, other) => byPortPath(one.portPath, other.portPath));
  return { devices, places: placesOf(buses, [...ports.values()]) };
}

/** Bus and address by which libusb knows the device of an enumeration. */
export function busAddress({ portPath, enumeration }: UsbDevice): { readonly bus: number; readonly address: number } {
  return {
    bus: Number(portPath.slice(0, portPath.indexOf('-'))),
    address: Number(enumeration.slice(enumeration.lastIndexOf('/') + 1)),
  };
}

function deviceOf(file: DeviceFiles): UsbDevice {
  const names = new Map<number, string>();
  let configuration = 0;
  for (const [name, text] of file.interfaces) {
    const [, active, number] = /:(\d{1,3})\.(\d{1,3})$/.exec(name) ?? [];
    if (active === undefined) continue;
    configuration = Number(active);
    names.set(Number(number), shown(text));
  }
  return {
    portPath: file.name,
    enumeration: `${file.inode}/${file.address.trim()}`,
    ...deviceIds(file.descriptors),
    maker: shown(file.maker),
    product: shown(file.product),
    serial: shown(file.serial),
    // Interfaces that are not there are not configured, whatever the descriptors say.
    interfaces: interfacesOf(file.descriptors, configuration, names).filter(({ number }) => names.has(number)),
  };
}

/** The kernel ends each text with one line feed; what else is in it is the device's own. */
function shown(text: string): string {
  return printable(text.replace(/\n$/, '').trim());
}
