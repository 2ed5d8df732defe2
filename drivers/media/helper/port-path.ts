/** Where on the USB something is, from its place in sysfs. Pure. */
import { isPortPath } from '../../usb/places.js';

/**
 * Port path of the device that this real path of sysfs lies below; undefined: it is on no USB.
 * The interface below the device (`1-1.3:1.0`) and the root hub above it (`usb1`) are no ports.
 */
export function portPathIn(sysfsPath: string): string | undefined {
  return sysfsPath.split('/').findLast((part) => isPortPath(part));
}
