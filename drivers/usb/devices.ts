/** What is on the USB, for people to look at. Reads sysfs; opens no device and loads no libusb. */
import type { Clock } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import type { UsbLook } from '../contract/usb.js';
import { UsbSysfs } from './sysfs.js';

/** One look; null where this machine has no USB (containers, some virtual machines). `root`: /sys. */
export async function lookAtUsb(clock: Clock, root?: string): Promise<UsbLook | null> {
  try {
    return await new UsbSysfs(clock, root).look();
  } catch (error) {
    if (error instanceof DockError && error.code === 'DOCK_USB_ABSENT') return null;
    throw error;
  }
}
