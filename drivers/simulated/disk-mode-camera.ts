/**
 * A camera that first shows a control interface and, once told to, comes back at the same port as a disk: what a bay with a USB port sees.
 */
import type { Clock, Timer } from '../contract/clock.js';
import type { UsbDevice } from '../contract/usb.js';
import type { SimulatedCamera } from './camera.js';
import type { StandardCamera } from './standard-camera.js';
import type { SimulatedDevice, SimulatedUsb } from './usb-bus.js';

export interface DiskModeCameraOptions {
  readonly clock: Clock;
  readonly usb: SimulatedUsb;
  readonly mediaRoot: string;
  readonly camera: StandardCamera;
  /** The same camera, at the wire. */
  readonly control: SimulatedDevice;
  readonly card: SimulatedCamera;
  /** How long it is off the bus, and then until its volume is mounted, ms. */
  readonly awayMs?: number;
  readonly mountMs?: number;
  /** It breaks down on the way: it leaves and never comes back. */
  readonly neverBack?: boolean;
}

const diskOf = (vendorId: number): Omit<UsbDevice, 'portPath' | 'enumeration'> => ({
  vendorId,
  productId: 0x1000,
  maker: '',
  product: 'Mass Storage',
  serial: '',
  interfaces: [
    {
      number: 0,
      classCode: 8,
      subclass: 6,
      protocol: 0x50,
      name: '',
      endpoints: [
        { address: 0x81, transfer: 'bulk', packetBytes: 512 },
        { address: 0x02, transfer: 'bulk', packetBytes: 512 },
      ],
    },
  ],
});

export class DiskModeCamera {
  readonly #options: DiskModeCameraOptions;
  readonly #timers = new Set<Timer>();
  #port: string | undefined;

  constructor(options: DiskModeCameraOptions) {
    this.#options = options;
    options.camera.onDiskMode = () => this.#switch();
  }

  /** With its control interface, as after every plug. */
  insert(port: string): void {
    this.#port = port;
    this.#options.usb.plug(port, this.#options.control);
  }

  async remove(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    if (port !== undefined) this.#options.usb.unplug(port);
    await this.#options.card.remove();
  }

  #switch(): void {
    const { usb, control, neverBack, awayMs = 1_500, mountMs = 300 } = this.#options;
    // It answers before it leaves.
    this.#after(10, () => {
      if (this.#port !== undefined) usb.unplug(this.#port);
    });
    if (neverBack === true) return;
    this.#after(10 + awayMs, () => {
      if (this.#port !== undefined) usb.plug(this.#port, plainDisk(control.shows.vendorId));
    });
    this.#after(10 + awayMs + mountMs, () => {
      if (this.#port !== undefined) void this.#options.card.insert(this.#options.mediaRoot, this.#port);
    });
  }

  #after(delayMs: number, then: () => void): void {
    const timer = this.#options.clock.timer('simulated camera', delayMs, () => {
      this.#timers.delete(timer);
      then();
    });
    this.#timers.add(timer);
  }
}

/** What the kernel's driver has, and nobody else talks to. */
function plainDisk(vendorId: number): SimulatedDevice {
  return { shows: diskOf(vendorId), received: () => undefined, reset: () => undefined };
}
