/** Simulated cameras on a USB in memory, on virtual time. */
import type { Sighting } from '../../drivers/contract/camera.js';
import { type SimulatedDevice, SimulatedUsb } from '../../drivers/simulated/usb-bus.js';
import { VirtualClock } from './virtual-clock.js';

/** China Standard Time, as a dock there gives it to its families. */
export const chinaTime = (utcMs: number): number => utcMs + 8 * 3_600_000;

export class UsbRig {
  readonly clock = new VirtualClock();
  readonly usb = new SimulatedUsb(this.clock);
  readonly options = { clock: this.clock, openUsb: this.usb.open, localTime: chinaTime };

  plug(device: SimulatedDevice, port = '1-1.3'): Sighting {
    this.usb.plug(port, device);
    const usb = this.usb.devices().find(({ portPath }) => portPath === port);
    return usb === undefined ? {} : { usb };
  }

  /** The outcome of something that waits on virtual time, and how long that took, ms; at most `mostMs`. */
  async run<T>(work: Promise<T>, mostMs = 120_000): Promise<{ readonly value: T; readonly tookMs: number }> {
    const fromMs = this.clock.monotonicMs();
    let settled = false;
    const end = (): void => {
      settled = true;
    };
    work.then(end, end);
    for (await this.clock.advance(0); !settled; await this.clock.advance(10)) {
      if (this.clock.monotonicMs() - fromMs > mostMs) {
        throw new Error(`not settled within ${mostMs} ms; waiting: ${this.clock.waiting().join(', ')}`);
      }
    }
    return { value: await work, tookMs: this.clock.monotonicMs() - fromMs };
  }
}
