import type { UsbInterface } from '../../contract/usb.js';

export const bulkIn = 0x81;
export const bulkOut = 0x02;
export const interruptIn = 0x83;
export const interruptPacketBytes = 64;

/** The one interface of a simulated PTP camera: still image capture (6/1/1), or a vendor's that is called MTP. */
export function ptpInterface(kind: 'still-image' | 'vendor', packetBytes: number) {
  const vendor = kind === 'vendor';
  return {
    number: 0,
    classCode: vendor ? 0xff : 6,
    subclass: vendor ? 0xff : 1,
    protocol: vendor ? 0 : 1,
    name: vendor ? 'MTP' : '',
    endpoints: [
      { address: bulkIn, transfer: 'bulk', packetBytes },
      { address: bulkOut, transfer: 'bulk', packetBytes },
      { address: interruptIn, transfer: 'interrupt', packetBytes: interruptPacketBytes },
    ],
  } as const satisfies UsbInterface;
}
