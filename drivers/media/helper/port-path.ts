/** Where on the USB something is, from its place in sysfs. Pure. */

/** A device on a bus: `1-1.3`. The interface below it (`1-1.3:1.0`) and the root hub above it (`usb1`) are none. */
const deviceName = /^\d+-\d+(?:\.\d+)*$/;

/** Port path of the device that this real path of sysfs lies below; undefined: it is on no USB. */
export function portPathIn(sysfsPath: string): string | undefined {
  return sysfsPath.split('/').findLast((part) => deviceName.test(part));
}

/** The hub that a port belongs to: `1-1` for `1-1.3`, the root hub `usb1` for `1-3`. Undefined: this is no port path. */
export function hubOf(portPath: string): string | undefined {
  if (!deviceName.test(portPath)) return undefined;
  const dot = portPath.lastIndexOf('.');
  return dot > 0 ? portPath.slice(0, dot) : `usb${portPath.slice(0, portPath.indexOf('-'))}`;
}

/** Whether a port is one of a configured hub, directly: a hub that somebody plugs into a bay makes no bays. */
export function isBehind(portPath: string, hubs: ReadonlySet<string>): boolean {
  const hub = hubOf(portPath);
  return hub !== undefined && hubs.has(hub);
}
