/**
 * Speaks to one interface of one device through libusb.
 *
 * Answerable for: what is spoken to is the enumeration that was meant, every transfer ends, and closing leaves the device as it was found.
 * Loads libusb when the first device is opened, so that a dock without such cameras, and a machine without USB, never does.
 */
import { type Clock, sleep, within } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import type { OpenUsb, UsbConnection, UsbDevice, UsbInterface, UsbRequest } from '../contract/usb.js';
import { type Device, type LibUSBException, type Libusb, loadLibusb, type Transfer } from './binding.js';
import { KernelDrivers } from './kernel-driver.js';
import { busAddress } from './snapshot.js';
import type { UsbSysfs } from './sysfs.js';
import { controlAnswer, controlBuffer, libusb, numberOf, usbClosed, usbFault } from './transfer.js';

/** udev tells libusb of a device, and gives us the right to it, a moment after the kernel shows it; waited for, ms. */
const udevWithinMs = 2_000;
const udevAgainMs = 50;
/**
 * Timeout that libusb is given, ms: none. What `usb` brings is built without timerfd, and looks at its timeouts only when something else wakes
 * it, up to a minute late. Deadlines are ours; what is past one is cancelled.
 */
const noTimeout = 0;
/** A transfer that was cancelled and has not ended so long afterwards hangs in the kernel, ms. */
const overdueMs = 2_000;
const resetWithinMs = 10_000;
const releaseWithinMs = 2_000;

/** `sysfs`: what tells which enumeration is at a port now. */
export function usbOpener({ clock, sysfs }: { readonly clock: Clock; readonly sysfs: UsbSysfs }): OpenUsb {
  /** One connection to a device at a time: libusb's handle is one for all, and whoever closes it closes it for all. */
  const held = new Set<Device>();
  const drivers = new KernelDrivers(clock, sysfs);
  return async (device, interfaceNumber, signal) => {
    signal.throwIfAborted();
    const described = device.interfaces.find(({ number }) => number === interfaceNumber);
    if (described === undefined)
      throw usbFault(libusb.notFound, device.portPath, phrase`an interface ${interfaceNumber}`);
    const untilMs = clock.monotonicMs() + udevWithinMs;
    while (true) {
      await assertThere(sysfs, device);
      const binding = await loaded(device.portPath);
      try {
        const fromKernel = await drivers.take(device, interfaceNumber);
        try {
          return claimed({ binding, clock, held, drivers, fromKernel }, device, described);
        } catch (error) {
          if (fromKernel) await drivers.giveBack(device, interfaceNumber);
          throw error;
        }
      } catch (error) {
        const waits = error instanceof DockError && ['DOCK_USB_GONE', 'DOCK_USB_DENIED'].includes(error.code);
        if (!waits || clock.monotonicMs() >= untilMs) throw error;
      }
      await sleep(clock, 'usb.udev', udevAgainMs, signal);
    }
  };
}

async function assertThere(sysfs: UsbSysfs, { portPath, enumeration }: UsbDevice): Promise<void> {
  const now = (await sysfs.look()).devices.find((device) => device.portPath === portPath);
  if (now?.enumeration !== enumeration) throw usbFault(libusb.noDevice, portPath, phrase`the device that was seen`);
}

async function loaded(portPath: string): Promise<Libusb> {
  const usb = await loadLibusb();
  if (usb.INIT_ERROR === 0) return usb;
  throw new DockError('DOCK_USB_FAILED', {
    expected: phrase`libusb to start, for USB device ${portPath}`,
    found: phrase`libusb says ${usb.INIT_ERROR}`,
    todo: phrase`Check that the unit allows AF_NETLINK in RestrictAddressFamilies= and that /dev/bus/usb is there`,
    retry: 'now',
  });
}

interface Claim {
  readonly binding: Libusb;
  readonly clock: Clock;
  readonly held: Set<Device>;
  readonly drivers: KernelDrivers;
  /** A driver of the kernel had the interface, and gets it back. */
  readonly fromKernel: boolean;
}

function claimed(claim: Claim, device: UsbDevice, described: UsbInterface): UsbConnection {
  const { binding, held } = claim;
  const { bus, address } = busAddress(device);
  const handle = binding
    .getDeviceList()
    .find(({ busNumber, deviceAddress }) => busNumber === bus && deviceAddress === address);
  if (handle === undefined) throw usbFault(libusb.noDevice, device.portPath, phrase`device ${address} on bus ${bus}`);
  if (held.has(handle)) throw usbFault(libusb.busy, device.portPath, phrase`to be the only connection`);
  const ask = <T>(what: Phrase, call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw usbFault(numberOf(error), device.portPath, what, error);
    }
  };
  // Without its configuration: descriptors that lie would be parsed there a second time.
  ask(phrase`to open`, () => handle.open(false));
  const { number } = described;
  try {
    // By number: the library's own interface objects count places in the descriptors instead, which need not agree.
    ask(phrase`to claim interface ${number}`, () => handle.__claimInterface(number));
  } catch (error) {
    handle.close();
    throw error;
  }
  held.add(handle);
  return new Connection(claim, handle, device, described);
}

class Connection implements UsbConnection {
  readonly device: UsbDevice;
  readonly interface: UsbInterface;
  readonly #binding: Libusb;
  readonly #handle: Device;
  readonly #clock: Clock;
  readonly #claim: Claim;
  readonly #running = new Set<{ cancel(): unknown; readonly ended: Promise<unknown> }>();
  /** Set once: nothing can be asked of this object any more. */
  #void = false;
  #closing: Promise<void> | undefined;

  constructor(claim: Claim, handle: Device, device: UsbDevice, described: UsbInterface) {
    this.#binding = claim.binding;
    this.#handle = handle;
    this.#clock = claim.clock;
    this.#claim = claim;
    this.device = device;
    this.interface = described;
  }

  async controlIn(request: UsbRequest, lengthBytes: number, deadlineMs: number): Promise<Uint8Array> {
    const buffer = controlBuffer(request, lengthBytes);
    const came = await this.#transfer(0, this.#binding.LIBUSB_TRANSFER_TYPE_CONTROL, buffer, deadlineMs);
    return controlAnswer(buffer, came);
  }

  async controlOut(request: UsbRequest, bytes: Uint8Array, deadlineMs: number): Promise<void> {
    await this.#transfer(
      0,
      this.#binding.LIBUSB_TRANSFER_TYPE_CONTROL,
      controlBuffer(request, bytes),
      deadlineMs,
      bytes.length,
    );
  }

  async transferIn(
    endpoint: number,
    memory: Uint8Array<ArrayBuffer>,
    deadlineMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
    const came = await this.#transfer(endpoint, this.#typeOf(endpoint), buffer, deadlineMs);
    return memory.subarray(0, came);
  }

  async transferOut(
    endpoint: number,
    bytes: Uint8Array,
    endWithShortPacket: boolean,
    deadlineMs: number,
  ): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + deadlineMs;
    const type = this.#typeOf(endpoint);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.#transfer(endpoint, type, buffer, deadlineMs, bytes.length);
    if (!endWithShortPacket || bytes.length % this.#endpoint(endpoint).packetBytes !== 0) return;
    await this.#transfer(endpoint, type, Buffer.alloc(0), untilMs - this.#clock.monotonicMs());
  }

  async clearHalt(endpoint: number): Promise<void> {
    await this.#call(phrase`to clear the halt of endpoint ${hex(endpoint)}`, releaseWithinMs, (done) =>
      this.#handle.__clearHalt(endpoint, done),
    );
  }

  async reset(): Promise<void> {
    await this.#cancelAll();
    await this.#call(phrase`to reset its port`, resetWithinMs, (done) => this.#handle.reset(done));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#void = true;
    await this.#cancelAll();
    const released = await this.#answered(phrase`to release`, releaseWithinMs, (done) =>
      this.#handle.__releaseInterface(this.interface.number, done),
    ).then(
      () => true,
      // The device is gone: there is nothing to give back. The handle is closed all the same, or it stays until the process ends.
      () => false,
    );
    try {
      this.#handle.close();
      if (released && this.#claim.fromKernel) {
        await this.#claim.drivers.giveBack(this.device, this.interface.number);
      }
    } catch {
      // A transfer hangs in the kernel: the handle goes with the process.
    } finally {
      this.#claim.held.delete(this.#handle);
    }
  }

  async #cancelAll(): Promise<void> {
    const ends = [...this.#running].map(({ cancel, ended }) => {
      cancel();
      return ended;
    });
    await within(this.#clock, 'usb.cancel', overdueMs, Promise.allSettled(ends), () => new Error('late')).catch(
      // It hangs in the kernel; its own guard ends the wait for it.
      () => undefined,
    );
  }

  /** One transfer; resolves with how many bytes moved. `wanted`: fewer is a failure. */
  async #transfer(
    endpoint: number,
    type: number,
    buffer: Buffer,
    deadlineMs: number,
    wanted?: number,
  ): Promise<number> {
    const what = phrase`a transfer on endpoint ${hex(endpoint)} within ${Math.round(deadlineMs)} ms`;
    if (this.#void) throw usbClosed(this.device.portPath, what);
    let transfer: Transfer | undefined;
    const ended = new Promise<number>((resolve, reject) => {
      transfer = new this.#binding.Transfer(this.#handle, endpoint, type, noTimeout, settling(resolve, reject));
      transfer.submit(buffer);
    });
    const running = { cancel: () => cancel(transfer), ended };
    this.#running.add(running);
    let expired = false;
    const deadline = this.#clock.timer('usb.deadline', Math.max(0, deadlineMs), () => {
      expired = true;
      running.cancel();
    });
    let moved: number;
    try {
      moved = await within(this.#clock, 'usb.transfer', Math.max(0, deadlineMs) + overdueMs, ended, () => {
        this.#void = true;
        return usbFault(libusb.timedOut, this.device.portPath, what);
      });
    } catch (error) {
      if (error instanceof DockError) throw error;
      if (numberOf(error) === libusb.cancelled && expired) throw usbFault(libusb.timedOut, this.device.portPath, what);
      if (numberOf(error) === libusb.cancelled && this.#closing !== undefined)
        throw usbClosed(this.device.portPath, what);
      throw this.#fault(error, what);
    } finally {
      deadline.cancel();
      this.#running.delete(running);
    }
    if (wanted !== undefined && moved !== wanted) {
      throw usbFault(
        undefined,
        this.device.portPath,
        phrase`${what}, ${wanted} bytes`,
        new Error(`${moved} bytes moved`),
      );
    }
    return moved;
  }

  async #call(
    what: Phrase,
    deadlineMs: number,
    call: (done: (error?: LibUSBException) => void) => void,
  ): Promise<void> {
    if (this.#void) throw usbClosed(this.device.portPath, what);
    await this.#answered(what, deadlineMs, call);
  }

  async #answered(
    what: Phrase,
    deadlineMs: number,
    call: (done: (error?: LibUSBException) => void) => void,
  ): Promise<void> {
    const answer = new Promise<void>((resolve, reject) => {
      try {
        call((error) => (error === undefined ? resolve() : reject(this.#fault(error, what))));
      } catch (error) {
        reject(this.#fault(error, what));
      }
    });
    await within(this.#clock, 'usb.call', deadlineMs, answer, () =>
      usbFault(libusb.timeout, this.device.portPath, phrase`${what} within ${deadlineMs} ms`),
    );
  }

  #fault(error: unknown, what: Phrase): DockError {
    const fault = usbFault(numberOf(error), this.device.portPath, what, error);
    if (fault.code === 'DOCK_USB_GONE') this.#void = true;
    return fault;
  }

  #endpoint(address: number) {
    const found = this.interface.endpoints.find((endpoint) => endpoint.address === address);
    if (found !== undefined) return found;
    throw usbFault(libusb.notFound, this.device.portPath, phrase`an endpoint ${hex(address)}`);
  }

  #typeOf(address: number): number {
    return this.#endpoint(address).transfer === 'interrupt'
      ? this.#binding.LIBUSB_TRANSFER_TYPE_INTERRUPT
      : this.#binding.LIBUSB_TRANSFER_TYPE_BULK;
  }
}

/**
 * What `usb` calls at the end of a transfer. Made apart from it: a transfer holds what it calls for as long as it lives itself, and what sees
 * the transfer would hold it in turn, with its buffer, for ever.
 */
function settling(resolve: (moved: number) => void, reject: (error: unknown) => void) {
  return (error: LibUSBException | undefined, _: Buffer, moved: number): void => {
    if (error === undefined) resolve(moved);
    else reject(error);
  };
}

function cancel(transfer: Transfer | undefined): void {
  try {
    transfer?.cancel();
  } catch {
    // Its device has gone, and it ends with it; if not, its own guard ends the wait.
  }
}

function hex(endpoint: number): string {
  return `0x${endpoint.toString(16).padStart(2, '0')}`;
}
