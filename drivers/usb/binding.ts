/** The only importer of `usb`. Loaded when it is first needed, so that a dock without such cameras, and a machine without USB, never does. */
import type { usb } from 'usb';

export type { Device, LibUSBException, Transfer } from 'usb';
export type Libusb = typeof usb;

export async function loadLibusb(): Promise<Libusb> {
  return (await import('usb')).usb;
}
