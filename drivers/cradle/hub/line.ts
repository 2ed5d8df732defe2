/**
 * A dock that is only a hub: presence from the USB, lights from LEDs of the kernel. Speaks to nothing and asks nothing.
 *
 * Answerable for: a bay is not said to be empty while its camera changes its mode, for as long as recorders take (presence.ts); green ends with the camera that it was said of
 * and with the dock that said it (I12).
 */

import { cannotTell } from '../../contract/camera.js';
import type { Clock, Timer } from '../../contract/clock.js';
import type { BayReading, CradleLine, CradleListener, LightPattern, SideChannel } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';
import type { UsbLook } from '../../contract/usb.js';
import { deviceAt } from '../../usb/at-port.js';
import { BayLight } from './bay-light.js';
import { LedFolder } from './leds.js';
import { emptyPort, type PortPresence, portSeen } from './presence.js';
import { isPromise, renewMs } from './rhythms.js';

/** Readings come at least this often, as from any cradle (contract), ms. */
const readEveryMs = 250;
/** Looks at the USB come every second; without any for so long nothing is known of the bays, ms. */
const blindAfterMs = 10_000;
/** LEDs are looked at this often, ms. */
const checkEveryMs = 10_000;

export interface HubBay {
  readonly slot: number;
  /** As in the configuration: a lasting place, or a port path of the kernel. */
  readonly port: string;
  readonly leds: readonly string[];
}

export interface HubLineOptions {
  readonly cradles: readonly { readonly cradle: string; readonly bays: readonly HubBay[] }[];
  readonly ledFolder: string;
  /** Tells of every look at the USB. */
  readonly usb: { listen(listener: (look: UsbLook) => void): void };
  readonly clock: Clock;
}

interface Place {
  readonly cradle: string;
  readonly bay: HubBay;
  readonly light: BayLight;
  /** Of the device at its port at the last look. */
  enumeration: string | null;
  presence: PortPresence;
  /** What the daemon said last, and of which arrival; undefined since the hub was lost. */
  wish: { readonly pattern: LightPattern; readonly arrivals: number } | undefined;
}

export function hubLine(options: HubLineOptions): CradleLine {
  return new HubLine(options);
}

class HubLine implements CradleLine {
  readonly #options: HubLineOptions;
  readonly #places: readonly Place[];
  #listener: CradleListener | undefined;
  #timer: Timer | undefined;
  #look: UsbLook | undefined;
  #lookedMs: number;
  #renewedMs: number;
  #checkedMs: number;
  /** `told`: and it has been said. */
  #sight: 'none' | 'seen' | 'told-blind' = 'none';
  #stopped = false;

  constructor(options: HubLineOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonicMs();
    this.#lookedMs = nowMs;
    this.#renewedMs = nowMs;
    // Between renewals, or the one would always find the other at work.
    this.#checkedMs = nowMs + renewMs / 2;
    const folder = new LedFolder(options.ledFolder);
    this.#places = options.cradles.flatMap(({ cradle, bays }) =>
      bays.map((bay) => ({
        cradle,
        bay,
        light: new BayLight(folder, bay.leds, (error) => this.#listener?.lightTrouble(cradle, bay.slot, error)),
        enumeration: null,
        presence: emptyPort,
        wish: undefined,
      })),
    );
  }

  start(listener: CradleListener): void {
    if (this.#listener !== undefined) throw new Error('the line was started twice');
    this.#listener = listener;
    this.#lookedMs = this.#options.clock.monotonicMs();
    // Whatever an earlier daemon left on the LEDs is nobody's word any more.
    for (const { light } of this.#places) light.show('fallback');
    this.#options.usb.listen((look) => this.#see(look));
    this.#tick();
  }

  setLight(cradle: string, slot: number, pattern: LightPattern): void {
    const place = this.#place(cradle, slot);
    if (this.#sight !== 'seen' || this.#stopped) return;
    place.wish = { pattern, arrivals: place.presence.arrivals };
    this.#shine(place);
  }

  sideChannel(cradle: string, slot: number): SideChannel {
    this.#place(cradle, slot);
    const never = async (): Promise<never> => {
      throw new DockError(cannotTell, {
        expected: phrase`a side channel at bay ${cradle}-${slot}`,
        found: phrase`a hub, which has none`,
        todo: phrase`Ask the camera over its USB, or leave it`,
        retry: 'never',
      });
    };
    return {
      identity: never,
      battery: never,
      storage: never,
      faults: never,
      clock: { resolutionMs: 1_000, read: never, set: never },
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const { light } of this.#places) light.show('fallback');
    await Promise.all(this.#places.map(({ light }) => light.settled()));
  }

  #see(look: UsbLook): void {
    if (this.#stopped) return;
    if (look !== this.#look) {
      this.#look = look;
      for (const place of this.#places) place.enumeration = deviceAt(place.bay.port, look)?.enumeration ?? null;
    }
    this.#lookedMs = this.#options.clock.monotonicMs();
    if (this.#sight !== 'seen') {
      this.#sight = 'seen';
      this.#observe();
      for (const { cradle, bays } of this.#options.cradles) {
        const bayCount = Math.max(...bays.map(({ slot }) => slot));
        this.#listener?.found({ cradle, serial: '', firmware: '', mapVersion: 0, bayCount });
      }
    } else {
      this.#observe();
    }
    this.#tell();
  }

  #tick(): void {
    if (this.#stopped) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#lookedMs >= blindAfterMs) this.#blind();
    if (this.#sight === 'seen') {
      this.#observe();
      this.#tell();
    }
    if (nowMs - this.#renewedMs >= renewMs) {
      this.#renewedMs = nowMs;
      for (const { light } of this.#places) light.renew();
    }
    if (nowMs - this.#checkedMs >= checkEveryMs) {
      this.#checkedMs = nowMs;
      for (const { light } of this.#places) light.check();
    }
    this.#timer = this.#options.clock.timer('hub bays', readEveryMs, () => this.#tick());
  }

  /** Nobody looks at the USB any more: what was said of the bays is void, and so are their lights. */
  #blind(): void {
    if (this.#sight === 'told-blind') return;
    this.#sight = 'told-blind';
    for (const place of this.#places) {
      place.wish = undefined;
      place.light.show('fallback');
    }
    for (const { cradle } of this.#options.cradles) {
      this.#listener?.trouble(
        cradle,
        new DockError('DOCK_HUB_UNSEEN', {
          expected: phrase`a look at the USB within ${blindAfterMs / 1_000} s`,
          found: phrase`none`,
          todo: phrase`Check that /sys/bus/usb is there and that the log names no trouble with the USB`,
          retry: 'now',
        }),
      );
    }
  }

  #observe(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const place of this.#places) {
      const before = place.presence;
      place.presence = portSeen(before, place.enumeration, nowMs);
      if (place.presence !== before) this.#shine(place);
    }
  }

  /** Green was said of a camera that was there: with its contact the promise ends, and the daemon says what comes next. */
  #shine(place: Place): void {
    const { wish, presence, light } = place;
    if (wish === undefined) return;
    const meant = presence.seating === 'seated' && presence.arrivals === wish.arrivals;
    if (isPromise(wish.pattern) && !meant) place.wish = undefined;
    light.show(place.wish?.pattern ?? 'off');
  }

  #tell(): void {
    const atMs = this.#lookedMs;
    for (const { cradle } of this.#options.cradles) {
      const bays = this.#places.filter((place) => place.cradle === cradle).map(readingOf);
      this.#listener?.read({ cradle, atMs, bays });
    }
  }

  #place(cradle: string, slot: number): Place {
    const place = this.#places.find((candidate) => candidate.cradle === cradle && candidate.bay.slot === slot);
    if (place !== undefined) return place;
    throw new DockError('DOCK_CRADLE_UNKNOWN_BAY', {
      expected: phrase`a bay of a hub in the configuration`,
      found: verbatim(`${cradle}-${slot}`),
      todo: phrase`Correct cradles[] in the configuration`,
      retry: 'never',
    });
  }
}

function readingOf({ bay, presence, light }: Place): BayReading {
  return {
    slot: bay.slot,
    seating: presence.seating,
    arrivals: presence.arrivals,
    latched: false,
    charge: 'unknown',
    currentMa: 0,
    light: light.shows,
    sideChannel: false,
  };
}
