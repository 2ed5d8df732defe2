/**
 * Watches the USB: says what is there after every look.
 *
 * Level, not edge: hints and the timer only cause a look, the difference of two looks is the truth. Looks never overlap. Must never open a
 * device.
 */
import type { Clock, Timer } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import type { UsbLook } from '../contract/usb.js';
import { deviceNodeHints, type UsbHints, type WatchUsbHints } from './hints.js';
import { UsbSysfs } from './sysfs.js';

/** Between looks without a hint, ms. A look that finds nothing new costs one directory and its entries. */
export const usbRescanMs = 1_000;
/** The node of a device comes before its interfaces: the look at the hint is too early for them, and this one is not, ms. */
const settledAfterMs = 250;

export interface UsbWatchOptions {
  readonly clock: Clock;
  /** After each look; the same object while nothing has changed. */
  readonly onLook: (look: UsbLook) => void;
  /** Said once per trouble, and once with null when it is over. */
  readonly onTrouble: (error: DockError | null) => void;
  /** Default: that of the machine. */
  readonly sysfs?: UsbSysfs;
  readonly watchHints?: WatchUsbHints;
}

export interface UsbWatch {
  /** No callback comes any more once this was called. */
  stop(): Promise<void>;
}

const nothing: UsbLook = { devices: [], places: new Map() };

/** Starts looking at once. */
export function watchUsb(options: UsbWatchOptions): UsbWatch {
  const watch = new Watch(options);
  watch.rescan();
  return watch;
}

class Watch implements UsbWatch {
  readonly #options: UsbWatchOptions;
  readonly #sysfs: UsbSysfs;
  readonly #hints: UsbHints;
  #timer: Timer | undefined;
  #settling: Timer | undefined;
  #looking: Promise<void> | undefined;
  /** Something may have changed since the present look began. */
  #again = false;
  #stopped = false;
  #last: UsbLook | undefined;
  #trouble: DockError | null = null;

  constructor(options: UsbWatchOptions) {
    this.#options = options;
    this.#sysfs = options.sysfs ?? new UsbSysfs(options.clock);
    this.#hints = (options.watchHints ?? deviceNodeHints())(() => this.#hinted());
  }

  rescan(): void {
    if (this.#stopped) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#stopped) return;
      if (this.#again) {
        this.#again = false;
        this.rescan();
      } else {
        this.#timer = this.#options.clock.timer('usb.rescan', usbRescanMs, () => this.rescan());
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#settling?.cancel();
    this.#hints.close();
    await this.#looking;
  }

  #hinted(): void {
    if (this.#stopped) return;
    this.rescan();
    this.#settling?.cancel();
    this.#settling = this.#options.clock.timer('usb.settled', settledAfterMs, () => this.rescan());
  }

  async #look(): Promise<void> {
    try {
      const look = await this.#sysfs.look();
      if (look !== this.#last) await this.#hints.refresh();
      this.#tell(look, null);
    } catch (error) {
      if (!(error instanceof DockError)) throw error;
      // Where there is no USB nothing is plugged in. Where only the look failed, what was seen last stands.
      this.#tell(error.code === 'DOCK_USB_ABSENT' ? nothing : undefined, error);
    }
  }

  #tell(look: UsbLook | undefined, trouble: DockError | null): void {
    if (this.#stopped) return;
    const before = this.#trouble;
    this.#trouble = trouble;
    if (before?.code !== trouble?.code) this.#options.onTrouble(trouble);
    if (look === undefined) return;
    this.#last = look;
    this.#options.onLook(look);
  }
}
