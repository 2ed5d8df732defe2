/**
 * Takes an interface from the kernel's driver and gives it back, each on a thread of its own: the kernel answers only when its driver has let
 * go, or has asked the device its first questions. With a disk that does not answer that takes half a minute (SCSI command timeout, 30 s),
 * and no bay may wait for another's camera (I8).
 *
 * Answerable for: one thread for one device at a time, however often it is tried; a wait has a deadline, though the thread may hang longer.
 */
import { Worker } from 'node:worker_threads';
import { type Clock, within } from '../contract/clock.js';
import { messageOf } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import type { UsbDevice } from '../contract/usb.js';
import { busAddress } from './snapshot.js';
import { libusb, usbFault } from './transfer.js';

export interface DriverOrder {
  readonly bus: number;
  readonly address: number;
  readonly interfaceNumber: number;
  readonly to: 'us' | 'kernel';
}

/** `had`: a driver of the kernel had it before. `errno`: of libusb. */
export type DriverAnswer = { readonly had: boolean } | { readonly errno: number | undefined; readonly says: Phrase };

/** Longer than the kernel needs for a healthy device, shorter than it needs for one that does not answer, ms. */
const withinMs = 5_000;

export class KernelDrivers {
  readonly #clock: Clock;
  /** By bus and address: what the thread of that device will say. */
  readonly #running = new Map<string, Promise<DriverAnswer>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a driver of the kernel had it. Throws DOCK_USB_TIMEOUT while that does not let go, and as usbFault says. */
  async take(device: UsbDevice, interfaceNumber: number): Promise<boolean> {
    const what = phrase`to take interface ${interfaceNumber} from the kernel's driver`;
    const answer = await this.#ordered(device, interfaceNumber, 'us', what);
    if ('had' in answer) return answer.had;
    throw usbFault(answer.errno, device.portPath, what, new Error(String(answer.says)));
  }

  /** The kernel may refuse (the device is gone, another driver was quicker): then it has decided itself, and nothing is lost. */
  async giveBack(device: UsbDevice, interfaceNumber: number): Promise<void> {
    await this.#ordered(device, interfaceNumber, 'kernel', phrase`to give interface ${interfaceNumber} back`);
  }

  async #ordered(device: UsbDevice, interfaceNumber: number, to: DriverOrder['to'], what: Phrase) {
    const { bus, address } = busAddress(device);
    const key = `${bus}/${address}`;
    const tooLate = () => usbFault(libusb.timeout, device.portPath, phrase`${what} within ${withinMs} ms`);
    const before = this.#running.get(key);
    if (before !== undefined) await within(this.#clock, 'usb.driver', withinMs, before, tooLate);
    const answer = onThread({ bus, address, interfaceNumber, to });
    this.#running.set(key, answer);
    const over = (): void => {
      if (this.#running.get(key) === answer) this.#running.delete(key);
    };
    answer.then(over, over);
    return within(this.#clock, 'usb.driver', withinMs, answer, tooLate);
  }
}

function onThread(order: DriverOrder): Promise<DriverAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./kernel-driver-worker.js', import.meta.url), { workerData: order });
    let answer: DriverAnswer = { errno: undefined, says: phrase`the thread ended without an answer` };
    worker.on('message', (message: DriverAnswer) => {
      answer = message;
    });
    worker.on('error', (error) => {
      answer = { errno: undefined, says: messageOf(error) };
    });
    worker.on('exit', () => resolve(answer));
  });
}
