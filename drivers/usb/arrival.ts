/** Where something was plugged in between two looks at the USB. Pure. */
import type { UsbDevice, UsbLook } from '../contract/usb.js';
import { isBehind, isHub, placeOf } from './at-port.js';

export type Arrival =
  /** Nothing, or so far only a hub. */
  | { readonly kind: 'none' }
  /** `port`: its lasting place, or its port path where it has none. */
  | { readonly kind: 'one'; readonly port: string; readonly device: UsbDevice }
  | { readonly kind: 'several'; readonly ports: readonly string[] };

/** A camera with a hub inside came as a whole: its port is that of its hub. */
export function arrivalBetween(before: UsbLook, now: UsbLook): Arrival {
  const known = new Set(before.devices.map(enumerationOf));
  const fresh = now.devices.filter((device) => !known.has(enumerationOf(device)));
  const cameras = fresh.filter((device) => !isHub(device));
  const ports = new Set(
    cameras.map((camera) => {
      const hub = fresh.find((other) => isHub(other) && isBehind(camera.portPath, other.portPath, now));
      return placeOf((hub ?? camera).portPath, now);
    }),
  );
  const [port] = ports;
  const [device] = cameras;
  if (port === undefined || device === undefined) return { kind: 'none' };
  return ports.size === 1 ? { kind: 'one', port, device } : { kind: 'several', ports: [...ports] };
}

function enumerationOf({ portPath, enumeration }: UsbDevice): string {
  return `${portPath} ${enumeration}`;
}
