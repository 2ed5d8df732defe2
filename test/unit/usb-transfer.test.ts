import { describe, expect, it } from 'vitest';
import { verbatim } from '../../drivers/contract/phrase.js';
import { busAddress, lookOf } from '../../drivers/usb/snapshot.js';
import { controlAnswer, controlBuffer, libusb, usbClosed, usbFault } from '../../drivers/usb/transfer.js';
import { descriptorsOf, ptpInterface } from '../support/fake-usb.js';

describe('a control request', () => {
  it('is the setup packet of the standard (USB 2.0, table 9-2)', () => {
    // GET_DESCRIPTOR of the device; the class request 0x66 (reset) of a still image interface.
    const descriptor = { type: 'standard', recipient: 'device', request: 6, value: 0x0100, index: 0 } as const;
    expect([...controlBuffer(descriptor, 18).subarray(0, 8)]).toEqual([0x80, 6, 0, 1, 0, 0, 18, 0]);
    const reset = { type: 'class', recipient: 'interface', request: 0x66, value: 0, index: 3 } as const;
    expect([...controlBuffer(reset, Uint8Array.of(7, 8))]).toEqual([0x21, 0x66, 0, 0, 3, 0, 2, 0, 7, 8]);
    expect([...controlAnswer(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3), 2)]).toEqual([1, 2]);
  });
});

describe('what libusb says', () => {
  it('becomes the error that the contract names, with whether to try again', () => {
    const code = (number: number): string => {
      const { code, retry } = usbFault(number, '1-1.3', verbatim('a transfer'));
      return `${code} ${retry}`;
    };
    expect([libusb.timedOut, libusb.timeout].map(code)).toEqual(['DOCK_USB_TIMEOUT now', 'DOCK_USB_TIMEOUT now']);
    expect([libusb.stall, libusb.pipe].map(code)).toEqual(['DOCK_USB_STALL now', 'DOCK_USB_STALL now']);
    expect([libusb.overflow, libusb.tooMuch].map(code)).toEqual(['DOCK_USB_OVERRUN now', 'DOCK_USB_OVERRUN now']);
    expect([libusb.noDevice, libusb.deviceGone, libusb.notFound].map(code)).toEqual(
      Array(3).fill('DOCK_USB_GONE after-redocking'),
    );
    expect([libusb.access, libusb.busy].map(code)).toEqual(['DOCK_USB_DENIED now', 'DOCK_USB_BUSY now']);
    expect([libusb.transferError, libusb.cancelled, libusb.io, -12].map(code)).toEqual(
      Array(4).fill('DOCK_USB_FAILED now'),
    );
    expect(usbClosed('1-1.3', verbatim('a transfer')).code).toBe('DOCK_USB_GONE');
  });
});

it('knows the device of an enumeration by bus and address', () => {
  const { devices } = lookOf([
    {
      name: '12-1.3',
      inode: '4294971234',
      address: '17\n',
      speed: '480\n',
      descriptors: descriptorsOf({ interfaces: [ptpInterface] }),
      maker: '',
      product: '',
      serial: '',
      interfaces: new Map([['12-1.3:1.0', 'MTP\n']]),
      controller: '',
      ports: new Map(),
    },
  ]);
  expect(devices.map(busAddress)).toEqual([{ bus: 12, address: 17 }]);
});
