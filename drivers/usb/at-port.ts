/**
 * Which device and which volume are in a bay (I7). Pure.
 *
 * Configuration and media root name a port as the kernel does (`1-1.3`) or by its lasting place (`1.3@controller`); what the USB showed last
 * says which of these are one. A name that is neither is that of a volume, and no USB port.
 */
import type { Volume } from '../contract/camera.js';
import type { UsbDevice, UsbLook } from '../contract/usb.js';
import { byPortPath, isPortPath } from './places.js';

const usbPortForm = /^(?:\d+-\d+(?:\.\d+)*|(?:ss-)?\d+(?:\.\d+)*@.+)$/;
const hubClass = 9;

export function isUsbPort(name: string): boolean {
  return usbPortForm.test(name);
}

/** Whether what is at `name` is at the port, or behind a hub that is: some cameras have one inside. */
export function isBehind(name: string, port: string, look: UsbLook | undefined): boolean {
  if (name === port) return true;
  const place = placeOf(name, look);
  const wanted = placeOf(port, look);
  if (place === wanted) return true;
  if (!isUsbPort(wanted)) return false;
  const [ports = '', controller] = place.split('@');
  const [wantedPorts = '', wantedController] = wanted.split('@');
  return controller === wantedController && ports.startsWith(`${wantedPorts}.`);
}

/**
 * The device at a port. Two (one at each half of a USB 3 port, or several behind a hub in a camera) are one camera, of which the first is
 * spoken to; a hub is none.
 */
export function deviceAt(port: string | undefined, look: UsbLook | undefined): UsbDevice | undefined {
  if (port === undefined || !isUsbPort(port)) return undefined;
  const behind = look?.devices.filter((device) => !isHub(device) && isBehind(device.portPath, port, look)) ?? [];
  return behind.find(({ portPath }) => placeOf(portPath, look) === placeOf(port, look)) ?? behind[0];
}

export function volumeAt(port: string, volumes: readonly Volume[], look: UsbLook | undefined): Volume | undefined {
  return volumes.find(({ name }) => name === port) ?? volumes.find(({ name }) => isBehind(name, port, look));
}

/**
 * Port paths by which the kernel knows a port now: both halves of a USB 3 port, none while its hub is not there. For whoever has to do
 * with the kernel's names alone, such as the directories of the media helper.
 */
export function portPathsAt(port: string, look: UsbLook | undefined): readonly string[] {
  const place = placeOf(port, look);
  const paths = [...(look?.places ?? [])].flatMap(([path, at]) => (at === place ? [path] : []));
  return paths.length === 0 && isPortPath(port) ? [port] : paths.sort(byPortPath);
}

export function isHub({ interfaces }: UsbDevice): boolean {
  return interfaces.some(({ classCode }) => classCode === hubClass);
}

export function placeOf(name: string, look: UsbLook | undefined): string {
  return look?.places.get(name) ?? name;
}
