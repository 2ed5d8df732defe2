/** What goes to libusb and what comes back from it, as values. Pure. */
import { DockError } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import type { UsbRequest } from '../contract/usb.js';

/** Outcomes of transfers (enum libusb_transfer_status) and of calls (enum libusb_error), as libusb numbers them. */
export const libusb = {
  transferError: 1,
  timedOut: 2,
  cancelled: 3,
  stall: 4,
  noDevice: 5,
  overflow: 6,
  io: -1,
  access: -3,
  deviceGone: -4,
  notFound: -5,
  busy: -6,
  timeout: -7,
  tooMuch: -8,
  pipe: -9,
} as const;

/** Of an error that libusb threw. */
export function numberOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}

const kinds = { standard: 0, class: 1, vendor: 2 } as const;
const recipients = { device: 0, interface: 1, endpoint: 2 } as const;
const setupBytes = 8;

/** Setup packet, and room for what is read or the bytes that are written (USB 2.0, 9.3). */
export function controlBuffer(
  { type, recipient, request, value, index }: UsbRequest,
  data: number | Uint8Array,
): Buffer {
  const isIn = typeof data === 'number';
  const length = isIn ? data : data.length;
  const buffer = Buffer.alloc(setupBytes + length);
  buffer.writeUInt8((isIn ? 0x80 : 0) | (kinds[type] << 5) | recipients[recipient], 0);
  buffer.writeUInt8(request, 1);
  buffer.writeUInt16LE(value, 2);
  buffer.writeUInt16LE(index, 4);
  buffer.writeUInt16LE(length, 6);
  if (!isIn) buffer.set(data, setupBytes);
  return buffer;
}

/** What a control transfer read. */
export function controlAnswer(buffer: Uint8Array, lengthBytes: number): Uint8Array {
  return buffer.subarray(setupBytes, setupBytes + lengthBytes);
}

/** What a number of libusb means. `what`: what was tried, with its deadline: `answer on endpoint 0x81 within 500 ms`. */
export function usbFault(number: number | undefined, portPath: string, what: Phrase, cause?: unknown): DockError {
  const raise = (code: `DOCK_USB_${string}`, found: Phrase, todo: Phrase, retry: DockError['retry']): DockError =>
    new DockError(code, { expected: phrase`${what}, USB device ${portPath}`, found, todo, retry, cause });
  const replug = phrase`Take the camera out and put it back; if it happens again, check its plug and the hub`;
  switch (number) {
    case libusb.timedOut:
    case libusb.timeout:
      return raise('DOCK_USB_TIMEOUT', phrase`no end within that time`, replug, 'now');
    case libusb.stall:
    case libusb.pipe:
      return raise('DOCK_USB_STALL', phrase`the endpoint is halted`, replug, 'now');
    case libusb.overflow:
    case libusb.tooMuch:
      return raise('DOCK_USB_OVERRUN', phrase`more bytes than were asked for`, replug, 'now');
    case libusb.noDevice:
    case libusb.deviceGone:
    case libusb.notFound:
      return raise('DOCK_USB_GONE', phrase`the device is not there any more`, replug, 'after-redocking');
    case libusb.access:
      return raise(
        'DOCK_USB_DENIED',
        phrase`no permission`,
        phrase`Install the udev rules of Custodock and plug the device in again; check DeviceAllow=char-usb_device in the unit`,
        'now',
      );
    case libusb.busy:
      return raise(
        'DOCK_USB_BUSY',
        phrase`another program has it`,
        phrase`End the program that uses the camera (gvfs, gphoto2, adb); custodock doctor names what is missing against it`,
        'now',
      );
    case libusb.cancelled:
      return raise('DOCK_USB_FAILED', phrase`it was cancelled by a reset`, phrase`Try again`, 'now');
    default:
      return raise(
        'DOCK_USB_FAILED',
        number === undefined ? phrase`libusb says nothing` : phrase`libusb says ${number}`,
        replug,
        'now',
      );
  }
}

/** What is asked of a connection that was closed, or whose device has gone. */
export function usbClosed(portPath: string, what: Phrase): DockError {
  return new DockError('DOCK_USB_GONE', {
    expected: phrase`${what}, USB device ${portPath}`,
    found: phrase`the connection is closed`,
    todo: phrase`Open the device anew`,
    retry: 'after-redocking',
  });
}
