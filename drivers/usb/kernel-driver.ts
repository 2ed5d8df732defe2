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
import type { UsbSysfs } from './sysfs.js';
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
  readonly #sysfs: UsbSysfs;
  /** By bus and address: what the thread of that device will say. */
  readonly #running = new Map<string, Promise<DriverAnswer>>();
  /** Interfaces that a driver had, though whoever asked for them may have gone before it let go. */
  readonly #taken = new Set<string>();

  /** `sysfs`: what tells whether a driver has an interface. libusb would ask the device's own lock for it. */
  constructor(clock: Clock, sysfs: UsbSysfs) {
    this.#clock = clock;
    this.#sysfs = sysfs;
  }

  /** Whether a driver of the kernel had it. Throws DOCK_USB_TIMEOUT while that does not let go, and as usbFault says. */
  async take(device: UsbDevice, interfaceNumber: number): Promise<boolean> {
    const what = phrase`to take interface ${interfaceNumber} from the kernel's driver`;
    // First, for sysfs does not show a driver any more that is still letting go.
    await this.#threadEnded(device, what);
    if (await this.#sysfs.hasDriver(device.portPath, interfaceNumber)) {
      const answer = await this.#ordered(device, interfaceNumber, 'us', what);
      if ('errno' in answer) throw usbFault(answer.errno, device.portPath, what, new Error(String(answer.says)));
    }
    return this.#taken.has(keyOf(device, interfaceNumber));
  }

  /** The kernel may refuse (the device is gone, another driver was quicker): then it has decided itself, and nothing is lost. */
  async giveBack(device: UsbDevice, interfaceNumber: number): Promise<void> {
    const what = phrase`to give interface ${interfaceNumber} back`;
    this.#taken.delete(keyOf(device, interfaceNumber));
    await this.#threadEnded(device, what);
    await this.#ordered(device, interfaceNumber, 'kernel', what);
  }

  async #threadEnded(device: UsbDevice, what: Phrase): Promise<void> {
    const running = this.#running.get(keyOf(device));
    if (running !== undefined) await this.#withinTime(running, device, what);
  }

  #ordered(device: UsbDevice, interfaceNumber: number, to: DriverOrder['to'], what: Phrase): Promise<DriverAnswer> {
    const answer = onThread({ ...busAddress(device), interfaceNumber, to }).then((answered) => {
      this.#running.delete(keyOf(device));
      if (to === 'us' && 'had' in answered && answered.had) this.#taken.add(keyOf(device, interfaceNumber));
      return answered;
    });
    this.#running.set(keyOf(device), answer);
    return this.#withinTime(answer, device, what);
  }

  #withinTime<T>(answer: Promise<T>, { portPath }: UsbDevice, what: Phrase): Promise<T> {
    return within(this.#clock, 'usb.driver', withinMs, answer, () =>
      usbFault(libusb.timeout, portPath, phrase`${what} within ${withinMs} ms`),
    );
  }
}

/** An address that another device gets later does no harm here: a driver is offered an interface that none has. */
function keyOf(device: UsbDevice, interfaceNumber?: number): string {
  const { bus, address } = busAddress(device);
  return interfaceNumber === undefined ? `${bus}/${address}` : `${bus}/${address}:${interfaceNumber}`;
}

function onThread(order: DriverOrder): Promise<DriverAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./kernel-driver-worker.js', import.meta.url), { workerData: order });
    let answer: DriverAnswer = { errno: undefined, says: phrase`it ended without an answer` };
    worker.on('message', (message: DriverAnswer) => {
      answer = message;
    });
    worker.on('error', (error) => {
      answer = { errno: undefined, says: messageOf(error) };
    });
    worker.on('exit', () => resolve(answer));
  });
}
