/**
 * What is on the USB, for people to look at. The only importer of `usb`; must never open a device.
 *
 * A glance, not the truth: what the kernel made of a device is in sysfs, and nothing of the dock's work depends on this list.
 */
import { access } from 'node:fs/promises';

export interface UsbDevice {
  /** `1-1.3`: bus and ports from the root, as in /sys/bus/usb/devices; a root hub is `usb1`. */
  readonly portPath: string;
  /** 0–65535. */
  readonly vendorId: number;
  readonly productId: number;
}

/**
 * All devices in the order of their port paths; null where this machine has no USB (containers, some virtual machines).
 * Loads libusb, so it is imported only when somebody asks.
 */
export async function listUsbDevices(sysBusUsb = '/sys/bus/usb'): Promise<readonly UsbDevice[] | null> {
  try {
    await access(sysBusUsb);
  } catch {
    // libusb would say so on the console of whoever asks; here it is an answer.
    return null;
  }
  const { getDeviceList } = await import('usb');
  return getDeviceList()
    .map(
      ({ busNumber, portNumbers, deviceDescriptor }): UsbDevice => ({
        portPath: portPathOf(busNumber, portNumbers),
        vendorId: deviceDescriptor.idVendor,
        productId: deviceDescriptor.idProduct,
      }),
    )
    .sort((a, b) => a.portPath.localeCompare(b.portPath, 'en', { numeric: true }));
}

/** `ports`: undefined or empty for a root hub. */
export function portPathOf(bus: number, ports: readonly number[] | undefined): string {
  return ports === undefined || ports.length === 0 ? `usb${bus}` : `${bus}-${ports.join('.')}`;
}
