/** The thread that may have to wait for a driver of the kernel. Its libusb and its handle are its own, and end with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../contract/error.js';
import { phrase } from '../contract/phrase.js';
import { type Libusb, loadLibusb } from './binding.js';
import type { DriverAnswer, DriverOrder } from './kernel-driver.js';
import { libusb, numberOf } from './transfer.js';

if (parentPort === null) throw new Error('kernel-driver-worker runs as a worker thread only');
parentPort.postMessage(carriedOut(await loadLibusb(), workerData as DriverOrder));

function carriedOut(usb: Libusb, { bus, address, interfaceNumber, to }: DriverOrder): DriverAnswer {
  try {
    const handle = usb
      .getDeviceList()
      .find(({ busNumber, deviceAddress }) => busNumber === bus && deviceAddress === address);
    if (handle === undefined) return { errno: libusb.noDevice, says: phrase`the device is not there any more` };
    // Without its configuration: descriptors that lie would be parsed there a second time.
    handle.open(false);
    try {
      const had = handle.__isKernelDriverActive(interfaceNumber);
      if (to === 'us' && had) handle.__detachKernelDriver(interfaceNumber);
      if (to === 'kernel' && !had) handle.__attachKernelDriver(interfaceNumber);
      return { had };
    } finally {
      handle.close();
    }
  } catch (error) {
    return { errno: numberOf(error), says: messageOf(error) };
  }
}
