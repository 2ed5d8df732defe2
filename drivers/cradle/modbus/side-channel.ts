/**
 * The side channel of one camera: what it tells over the cradle's data pins, and its clock.
 *
 * Bound to one connection and one arrival. The unit echoes both in each answer, so that what one camera said is never
 * taken for another's; a clock order carries both, and the unit refuses it when either has gone.
 */
import type { Battery, CameraClock, ClockSample, Storage } from '../../contract/camera.js';
import { type Clock, sleep } from '../../contract/clock.js';
import type { SideChannel, SideChannelIdentity } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import type { Request } from './pdu.js';
import {
  blockAddress,
  clockBlock,
  clockControl,
  control,
  decodeHead,
  decodeSideClock,
  decodeSideHead,
  decodeSideIdentity,
  decodeSideState,
  encodeClockOrder,
  features,
  type Head,
  identityBlock,
  type Registers,
  type SideClock,
  type SideState,
  stateBlock,
} from './registers.js';
import type { SideAnswer, SideRequest } from './side-queue.js';
import { cannotTell, clockLate, clockNotSet, clockRange, stale } from './trouble.js';
import { headOf, headWords, sameHead, type UnitConnection } from './unit.js';
import type { Wire } from './wire.js';

/** A reading is asked for this often before it fails: one lost frame is no news about the camera. */
const tries = 3;
/** An order nearer to its second than this, at the unit, is refused: the camera's own bus needs the time. */
const leastDelayMs = 10;
const mostDelayMs = 60_000;
const claimToleranceMs = 0.5;
/** How long after the second the camera may take to confirm, and how often it is asked, ms. */
const confirmMs = { every: 60, most: 2_000 } as const;

export interface SideChannelParts {
  readonly cradle: string;
  readonly slot: number;
  readonly unit: number;
  /** Undefined: the unit is not connected, and every call fails. */
  readonly connection: UnitConnection | undefined;
  readonly clock: Clock;
  readonly ask: (request: SideRequest) => Promise<SideAnswer>;
  readonly nextHeartbeat: () => number;
}

interface Block {
  readonly address: number;
  readonly stride: number;
  readonly length: number;
}

export function modbusSideChannel(parts: SideChannelParts): SideChannel {
  return new ModbusSideChannel(parts);
}

class ModbusSideChannel implements SideChannel {
  readonly clock: CameraClock;
  readonly #parts: SideChannelParts;
  readonly #arrivals: number | undefined;

  constructor(parts: SideChannelParts) {
    this.#parts = parts;
    const bay = parts.connection?.bays[parts.slot - 1];
    this.#arrivals = bay !== undefined && bay.seating === 'seated' && bay.sideChannel ? bay.arrivals : undefined;
    const resolutionMs = bay?.clockResolutionMs ?? null;
    this.clock = {
      resolutionMs: resolutionMs ?? 1_000,
      read: () => this.#readClock(resolutionMs !== null),
      set: (targetMs, atMs) => this.#setClock(resolutionMs !== null, targetMs, atMs),
    };
  }

  async identity(): Promise<SideChannelIdentity> {
    return decodeSideIdentity((await this.#read(identityBlock, features.identity, phrase`identity`)).registers);
  }

  async battery(): Promise<Battery> {
    const state = await this.#state(features.battery, phrase`battery charge`);
    return { percent: state.batteryPercent, charging: state.charging };
  }

  async storage(): Promise<Storage> {
    const { capacityBytes, freeBytes } = await this.#state(features.storage, phrase`storage`);
    return { capacityBytes, freeBytes: Math.min(freeBytes, capacityBytes) };
  }

  async faults(): Promise<readonly string[]> {
    return (await this.#state(features.faults, phrase`faults`)).faults;
  }

  async #state(feature: number, what: Phrase): Promise<SideState> {
    return decodeSideState((await this.#read(stateBlock, feature, what)).registers);
  }

  async #readClock(has: boolean): Promise<ClockSample> {
    if (!has) throw cannotTell(phrase`clock`);
    const answer = await this.#read(clockBlock, 0, phrase`clock`);
    const { cameraMs, heldMs, ageMs } = decodeSideClock(answer.registers);
    // The unit says how long it waited before and after the sample: both narrow the window that contains it.
    const sentMs = answer.sentMs + heldMs;
    const receivedMs = answer.receivedMs - ageMs;
    // Said with the unit's own clock and in steps: what overlaps by more than that is not believed.
    const believable = sentMs <= receivedMs + claimToleranceMs;
    if (!believable) return { cameraMs, sentMs: answer.sentMs, receivedMs: answer.receivedMs };
    return { cameraMs, sentMs: Math.min(sentMs, receivedMs), receivedMs: Math.max(sentMs, receivedMs) };
  }

  async #setClock(has: boolean, targetMs: number, atMs: number): Promise<void> {
    if (!has) throw cannotTell(phrase`clock`);
    const targetS = targetMs / 1_000;
    if (!Number.isInteger(targetS) || targetS < 0 || targetS > 0xffffffff) throw clockRange(verbatim(`${targetMs} ms`));
    const { clock } = this.#parts;
    const aheadMs = atMs - clock.monotonicMs();
    if (aheadMs > mostDelayMs) throw clockRange(phrase`${Math.round(aheadMs)} ms ahead`);
    // Sent once: were it sent again, the first one could still come and be carried out.
    let orderedBy = 0;
    const order = (nowMs: number, wire: Wire, head: Head, arrivals: number): Request => {
      orderedBy = head.heartbeat;
      const request = (delayMs: number): Request => ({
        read: { address: blockAddress(clockBlock, this.#parts.slot), count: clockBlock.length },
        write: {
          address: clockControl.address,
          values: [...headWords(head), ...encodeClockOrder({ slot: this.#parts.slot, arrivals, targetS, delayMs })],
        },
      });
      const delayMs = Math.round(atMs - nowMs - wire.requestMs(request(0)));
      if (delayMs < leastDelayMs) throw clockLate(atMs, nowMs);
      return request(delayMs);
    };
    await this.#once(order).catch((error: unknown) => {
      // Unanswered is not refused: the state register below tells. Everything else is final.
      if (!(error instanceof DockError) || !isUnanswered(error)) throw error;
    });
    await this.#confirm(orderedBy, atMs);
  }

  async #confirm(orderedBy: number, atMs: number): Promise<void> {
    const { clock } = this.#parts;
    await sleep(clock, 'camera clock edge', Math.max(0, atMs - clock.monotonicMs()));
    for (;;) {
      const seen = decodeSideClock((await this.#read(clockBlock, 0, phrase`clock`)).registers);
      const end = settled(seen, orderedBy);
      if (end === 'done') return;
      if (end === 'failed') throw clockNotSet(phrase`it reports a failure`);
      if (end === 'lost') throw clockNotSet(phrase`the order never reached it`);
      if (clock.monotonicMs() - atMs > confirmMs.most)
        throw clockNotSet(phrase`no confirmation after ${confirmMs.most} ms`);
      await sleep(clock, 'camera clock confirmation', confirmMs.every);
    }
  }

  async #read(block: Block, feature: number, what: Phrase): Promise<SideAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#once((_nowMs, _wire, head) => ({
          read: { address: blockAddress(block, this.#parts.slot), count: block.length },
          write: { address: control.address, values: headWords(head) },
        }));
        if ((decodeSideHead(answer.registers).features & feature) !== feature) throw cannotTell(what);
        return answer;
      } catch (error) {
        if (!(error instanceof DockError) || !isUnanswered(error) || attempt === tries) throw error;
      }
    }
  }

  async #once(make: (nowMs: number, wire: Wire, head: Head, arrivals: number) => Request): Promise<SideAnswer> {
    const { connection, cradle, slot, unit } = this.#parts;
    const arrivals = this.#arrivals;
    const gone = (): DockError => stale(cradle, slot);
    if (connection === undefined || arrivals === undefined || !connection.live) throw gone();
    const head = headOf(connection, this.#parts.nextHeartbeat());
    const answer = await this.#parts.ask({
      unit,
      connection,
      make: (nowMs, wire) => make(nowMs, wire, head, arrivals),
      belongs: (registers: Registers) => sameHead(decodeHead(registers), head),
      stale: gone,
    });
    if (decodeSideHead(answer.registers).arrivals !== arrivals || !connection.live) throw gone();
    return answer;
  }
}

/** The codes of requests that may or may not have reached the unit. */
function isUnanswered(error: DockError): boolean {
  return unansweredCodes.has(error.code);
}

const unansweredCodes: ReadonlySet<string> = new Set([
  'DOCK_CRADLE_SILENT',
  'DOCK_CRADLE_BABBLE',
  'DOCK_CRADLE_CRC',
  'DOCK_CRADLE_TRUNCATED',
  'DOCK_CRADLE_OUT_OF_TURN',
]);

function settled(clock: SideClock, orderedBy: number): 'done' | 'failed' | 'lost' | 'waiting' {
  if (clock.set === 'none' || clock.setBy !== orderedBy) return 'lost';
  return clock.set;
}
