/**
 * A cradle unit as firmware would be: the register map of drivers/cradle/modbus/REGISTERS.md on one side, cameras put in
 * and taken out on the other. Knows nothing of frames and lines (cradle-line.ts), has no time but the injected clock.
 */
import type { Clock, Timer } from '../contract/clock.js';
import type { LightPattern } from '../contract/cradle.js';
import { encodeException, encodeReply, functionOf, type Request } from '../cradle/modbus/pdu.js';
import {
  type BayStatus,
  blockAddress,
  type ClockOrder,
  type ClockSetState,
  clockBlock,
  clockControl,
  control,
  decodeClockOrder,
  decodeLights,
  encodeSideClock,
  encodeSideHead,
  encodeSideIdentity,
  encodeSideState,
  encodeStatus,
  encodeUnit,
  exceptionCodes,
  features,
  type Head,
  identityBlock,
  type LightOrder,
  magic,
  mapVersion,
  type Registers,
  stateBlock,
  statusBlock,
  unitBlock,
} from '../cradle/modbus/registers.js';
import { CradleCamera, type CradleCameraOptions } from './cradle-camera.js';

/** Without an accepted write for this long all bays show red, slowly (I12). */
const fallbackMs = 5_000;
/** After a start the unit says nothing until it knows which bays are taken. */
const startMs = 100;
/** A contact must be steady for this long before the unit believes it. */
export const debounceMs = 30;

export interface SimulatedCradleOptions {
  /** Modbus unit address, 1–247. */
  readonly unit: number;
  readonly clock: Clock;
  readonly bayCount?: number;
  readonly serial?: string;
  readonly firmware?: string;
  readonly boot?: number;
  /** What it says of itself, where a test wants a wrong one. */
  readonly mapVersion?: number;
  readonly magic?: readonly number[];
}

interface Slot {
  camera: CradleCamera | undefined;
  /** Pushed in askew: present, not seated. */
  askew: boolean;
  seen: 'empty' | 'seated' | 'not-seated';
  arrivals: number;
  light: LightPattern;
  awake: boolean;
  clockSet: ClockSetState;
  clockSetBy: number;
  pending: Timer[];
}

export class SimulatedCradle {
  readonly unit: number;
  readonly #options: SimulatedCradleOptions;
  readonly #clock: Clock;
  readonly #slots: readonly Slot[];
  #boot: number;
  #connection = 0;
  #heartbeat = 0;
  #heardMs: number;
  #longestSilenceMs = 0;
  #fallback = true;
  #startedMs = Number.NEGATIVE_INFINITY;

  constructor(options: SimulatedCradleOptions) {
    this.unit = options.unit;
    this.#options = options;
    this.#clock = options.clock;
    this.#boot = options.boot ?? 1;
    this.#heardMs = Number.NEGATIVE_INFINITY;
    this.#slots = Array.from({ length: options.bayCount ?? 8 }, () => emptySlot(this.#boot));
  }

  /** Puts a camera in; after the contacts are steady the unit counts an arrival. `askew`: present but not seated. */
  insert(slot: number, camera: CradleCameraOptions | CradleCamera, askew = false): CradleCamera {
    const place = this.#slot(slot);
    if (place.camera !== undefined) throw new Error(`bay ${slot} of the simulated cradle is taken`);
    const put = camera instanceof CradleCamera ? camera : new CradleCamera(this.#clock, camera);
    place.camera = put;
    place.askew = askew;
    this.#settle(place);
    return put;
  }

  /** Takes the camera out; undefined: there was none. */
  remove(slot: number): CradleCamera | undefined {
    const place = this.#slot(slot);
    const camera = place.camera;
    place.camera = undefined;
    camera?.charge(false);
    this.#settle(place);
    return camera;
  }

  camera(slot: number): CradleCamera | undefined {
    return this.#slot(slot).camera;
  }

  /** What the bay's light shows at this moment. */
  light(slot: number): LightPattern | 'fallback' {
    return this.#fallen() ? 'fallback' : this.#slot(slot).light;
  }

  /** Longest time between two orders of the dock since this was asked last, ms. */
  takeLongestSilenceMs(): number {
    const longestMs = this.#longestSilenceMs;
    this.#longestSilenceMs = 0;
    return longestMs;
  }

  /** Power off and on: all is forgotten but the boot counter, which goes on; cameras that are in arrive anew. */
  reset(): void {
    this.#boot = (this.#boot + 1) & 0xffff;
    this.#connection = 0;
    this.#heartbeat = 0;
    this.#heardMs = Number.NEGATIVE_INFINITY;
    for (const place of this.#slots) {
      for (const timer of place.pending) timer.cancel();
      const { camera, askew } = place;
      Object.assign(place, emptySlot(this.#boot), { camera, askew });
      if (camera !== undefined) this.#believe(place);
    }
    this.#startedMs = this.#clock.monotonicMs();
  }

  /**
   * Carries out a request and gives the PDU of the answer; undefined: the unit is still starting.
   * `heldMs`: how long ago the last byte of the request came.
   */
  answer(request: Request, heldMs = 0): Uint8Array | undefined {
    if (this.#clock.monotonicMs() - this.#startedMs < startMs) return undefined;
    const code = functionOf(request);
    if (request.write !== undefined) {
      const refusal = this.#write(request.write.address, request.write.values, heldMs);
      if (refusal !== undefined) return encodeException(code, refusal);
    }
    if (request.read === undefined) return encodeReply(request, []);
    const registers = this.#read(request.read.address, request.read.count, heldMs);
    return registers === undefined
      ? encodeException(code, exceptionCodes.illegalAddress)
      : encodeReply(request, registers);
  }

  #slot(slot: number): Slot {
    const place = this.#slots[slot - 1];
    if (place === undefined) throw new Error(`the simulated cradle has bays 1–${this.#slots.length}, not ${slot}`);
    return place;
  }

  #settle(place: Slot): void {
    for (const timer of place.pending) timer.cancel();
    place.pending = [];
    this.#later(place, debounceMs, () => this.#believe(place));
  }

  #later(place: Slot, delayMs: number, fire: () => void): void {
    place.pending.push(this.#clock.timer('simulated cradle', delayMs, fire));
  }

  /** A light and a clock order belong to the camera that was there: both go with it. */
  #believe(place: Slot): void {
    const { camera } = place;
    place.seen = camera === undefined ? 'empty' : place.askew ? 'not-seated' : 'seated';
    place.light = 'off';
    place.awake = false;
    place.clockSet = 'none';
    place.clockSetBy = 0;
    if (camera === undefined) return;
    place.arrivals = (place.arrivals + 1) & 0xffff;
    if (place.askew) return;
    camera.charge(true);
    if (camera.options.dumb === true) return;
    this.#later(place, camera.options.wakeMs ?? 200, () => {
      place.awake = true;
    });
  }

  #fallen(): boolean {
    const fallen = this.#clock.monotonicMs() - this.#heardMs > fallbackMs;
    // What was wished before the silence is forgotten: nothing comes back by itself when the gateway does.
    if (fallen && !this.#fallback) for (const place of this.#slots) place.light = 'off';
    this.#fallback = fallen;
    return fallen;
  }

  #write(address: number, values: Registers, heldMs: number): number | undefined {
    const [boot, connection, heartbeat] = values;
    const inControl = address === control.address;
    const inClock = address === clockControl.address;
    if ((!inControl && !inClock) || boot === undefined || connection === undefined || heartbeat === undefined) {
      return exceptionCodes.illegalAddress;
    }
    const rest = values.slice(control.headLength);
    const clockWords = clockControl.length - control.headLength;
    const fits = inClock ? rest.length === clockWords : rest.length <= this.#slots.length * control.wordsPerLight;
    if (!fits) return exceptionCodes.illegalAddress;
    if (boot !== this.#boot) return exceptionCodes.staleBoot;
    const opens = inControl && rest.length === 0 && connection === ((this.#connection + 1) & 0xffff);
    if (connection !== this.#connection && !opens) return exceptionCodes.staleConnection;
    const refusal = inClock ? this.#orderClock(rest, heartbeat, heldMs) : this.#setLights(rest);
    if (refusal !== undefined) return refusal;
    this.#fallen();
    if (opens) {
      this.#connection = connection;
      for (const place of this.#slots) place.light = 'off';
    }
    this.#heartbeat = heartbeat;
    const nowMs = this.#clock.monotonicMs();
    if (Number.isFinite(this.#heardMs))
      this.#longestSilenceMs = Math.max(this.#longestSilenceMs, nowMs - this.#heardMs);
    this.#heardMs = nowMs;
    return undefined;
  }

  #setLights(words: Registers): number | undefined {
    const orders = decodeLights(words);
    if (orders === undefined) return exceptionCodes.illegalValue;
    const pairs = orders.flatMap((order, index) => {
      const place = this.#slots[index];
      return order === null || place === undefined ? [] : [{ order, place }];
    });
    if (pairs.some(({ order, place }) => order.arrivals !== place.arrivals || !allowed(order, place))) {
      return exceptionCodes.staleArrival;
    }
    this.#fallen();
    for (const { order, place } of pairs) place.light = order.pattern;
    return undefined;
  }

  #orderClock(words: Registers, heartbeat: number, heldMs: number): number | undefined {
    const order = decodeClockOrder(words);
    const place = this.#slots[order.slot - 1];
    if (place === undefined || order.delayMs < 10 || order.delayMs > 60_000) return exceptionCodes.illegalValue;
    if (place.arrivals !== order.arrivals || !place.awake) return exceptionCodes.staleArrival;
    this.#runOrder(place, { ...order, delayMs: Math.max(0, order.delayMs - heldMs) }, heartbeat);
    return undefined;
  }

  #runOrder(place: Slot, order: ClockOrder, heartbeat: number): void {
    place.clockSet = 'waiting';
    place.clockSetBy = heartbeat;
    this.#later(place, order.delayMs, () => {
      if (place.clockSetBy !== heartbeat) return;
      place.clockSet = place.camera?.setClock(order.targetS * 1_000) === true ? 'done' : 'failed';
    });
  }

  #read(address: number, count: number, heldMs: number): Registers | undefined {
    const within = (start: number, registers: Registers): Registers | undefined => {
      const from = address - start;
      return from >= 0 && from + count <= registers.length ? registers.slice(from, from + count) : undefined;
    };
    const head: Head = { heartbeat: this.#heartbeat, boot: this.#boot, connection: this.#connection };
    const found =
      within(unitBlock.address, encodeUnit(this.#identification())) ??
      within(
        statusBlock.address,
        encodeStatus(
          head,
          this.#slots.map((place, index) => this.#status(place, index + 1)),
        ),
      );
    if (found !== undefined) return found;
    for (const [index, place] of this.#slots.entries()) {
      const slot = index + 1;
      const sideHead = encodeSideHead({ ...head, arrivals: place.arrivals, features: place.awake ? allFeatures : 0 });
      const side =
        within(blockAddress(stateBlock, slot), [...sideHead, ...this.#state(place)]) ??
        within(blockAddress(clockBlock, slot), [...sideHead, ...this.#clockOf(place, heldMs)]) ??
        within(blockAddress(identityBlock, slot), [...sideHead, ...this.#identity(place)]);
      if (side !== undefined) return side;
    }
    return undefined;
  }

  #identification(): Parameters<typeof encodeUnit>[0] {
    const { serial, firmware } = this.#options;
    return {
      magic: this.#options.magic ?? magic,
      mapVersion: this.#options.mapVersion ?? mapVersion,
      bayCount: this.#slots.length,
      boot: this.#boot,
      connection: this.#connection,
      firmware: firmware ?? 'simulated 1',
      serial: serial ?? `SIM${this.unit}`,
    };
  }

  #status(place: Slot, slot: number): BayStatus {
    const seated = place.seen === 'seated' ? place.camera : undefined;
    const charging = seated?.charging === true;
    return {
      slot,
      seating: place.seen,
      arrivals: place.arrivals,
      latched: seated !== undefined,
      charge: seated === undefined ? 'none' : charging ? 'charging' : 'full',
      currentMa: charging ? 900 : 0,
      light: this.light(slot),
      lightWanted: place.light,
      sideChannel: place.awake,
      clockResolutionMs: place.awake ? resolutionOf(seated) : null,
    };
  }

  #state({ camera, awake }: Slot): Registers {
    const known = awake ? camera : undefined;
    return encodeSideState({
      batteryPercent: Math.floor(known?.batteryPercent() ?? 0),
      charging: known?.charging ?? false,
      faults: known?.options.faults ?? [],
      capacityBytes: known?.capacityBytes ?? 0,
      freeBytes: known?.freeBytes ?? 0,
    });
  }

  #clockOf({ camera, awake, clockSet, clockSetBy }: Slot, heldMs: number): Registers {
    const cameraMs = awake ? Math.max(0, camera?.shownMs() ?? 0) : 0;
    return encodeSideClock({ cameraMs, heldMs, ageMs: 0, set: clockSet, setBy: clockSetBy });
  }

  #identity({ camera, awake }: Slot): Registers {
    const known = awake ? camera?.options : undefined;
    return encodeSideIdentity({
      serial: known?.serial ?? '',
      maker: known?.maker ?? '',
      model: known?.model ?? '',
      userNumber: known?.userNumber ?? '',
    });
  }
}

const allFeatures = features.battery | features.storage | features.faults | features.identity;

/** Arrivals begin at another number after each start, so that none is mistaken for one from before. */
function emptySlot(boot: number): Slot {
  return {
    camera: undefined,
    askew: false,
    seen: 'empty',
    arrivals: (boot & 0xff) << 8,
    light: 'off',
    awake: false,
    clockSet: 'none',
    clockSetBy: 0,
    pending: [],
  };
}

/** Green is never shown where no camera sits. */
function allowed(order: NonNullable<LightOrder>, place: Slot): boolean {
  return !order.pattern.startsWith('green') || place.seen === 'seated';
}

function resolutionOf(camera: CradleCamera | undefined): number | null {
  const resolutionMs = camera?.options.clockResolutionMs;
  return resolutionMs === undefined ? 1 : resolutionMs;
}
