/**
 * Where a port is, so that it can be found again after a reboot (I7). Pure.
 *
 * The kernel numbers buses in the order in which it meets them; controllers stay where they are soldered. So a place is the ports from the
 * root and the controller: `1.3@pci0000:00/0000:00:14.0`. A hub port with USB 3 is two ports to the kernel, which joins them as peers:
 * their place is that of the USB 2 half. `ss-1.3@…` is a SuperSpeed port whose other half the kernel does not know.
 */

/** A root hub. */
export interface UsbBus {
  readonly number: number;
  /** Path of the controller below /sys/devices. */
  readonly controller: string;
  readonly superSpeed: boolean;
}

export interface UsbPort {
  /** Of what is plugged into it: `1-1.3`. */
  readonly portPath: string;
  /** Of the other half of the same socket. */
  readonly peer: string | undefined;
}

/** `1-1.3`: bus and ports, at most five hubs deep (USB 2.0, 4.1.1). */
export const portPathForm = /^(\d{1,3})-(\d{1,3}(?:\.\d{1,3}){0,5})$/;

export function isPortPath(text: string): boolean {
  return portPathForm.test(text);
}

/** `1-1-port3`, `usb1-port4`: how sysfs names a port of a hub, and of a root hub. */
export function portPathOfPort(name: string): string | undefined {
  const [, hub = '', port = ''] = /^(.+)-port(\d{1,3})$/.exec(name) ?? [];
  const root = /^usb(\d{1,3})$/.exec(hub)?.[1];
  if (root !== undefined) return `${root}-${port}`;
  return isPortPath(hub) ? `${hub}.${port}` : undefined;
}

/** Numbers by value, so that port 10 comes after port 9. */
export function byPortPath(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

/** The places of all ports, by port path. A port on a bus that cannot be told from another of its controller has none. */
export function placesOf(buses: readonly UsbBus[], ports: readonly UsbPort[]): ReadonlyMap<string, string> {
  const halves = new Map<string, number>();
  for (const bus of buses) halves.set(halfOf(bus), (halves.get(halfOf(bus)) ?? 0) + 1);
  const known = new Map(
    buses.filter((bus) => halves.get(halfOf(bus)) === 1).map((bus) => [String(bus.number), bus] as const),
  );
  const places = new Map<string, string>();
  for (const { portPath, peer } of ports) {
    const place = ownPlace(portPath, known);
    if (place === undefined) continue;
    const other = place.superSpeed && peer !== undefined ? ownPlace(peer, known) : undefined;
    places.set(portPath, (other === undefined || other.superSpeed ? place : other).text);
  }
  return places;
}

function halfOf({ controller, superSpeed }: UsbBus): string {
  return `${superSpeed ? 3 : 2} ${controller}`;
}

function ownPlace(
  portPath: string,
  buses: ReadonlyMap<string, UsbBus>,
): { readonly text: string; readonly superSpeed: boolean } | undefined {
  const [, number = '', ports = ''] = portPathForm.exec(portPath) ?? [];
  const bus = buses.get(number);
  if (bus === undefined) return undefined;
  const { superSpeed, controller } = bus;
  return { text: `${superSpeed ? 'ss-' : ''}${ports}@${controller}`, superSpeed };
}
