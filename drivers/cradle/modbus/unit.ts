/**
 * One unit on a line: finds it, connects, polls it, writes its lights, and says when it cannot be used.
 *
 * Seeking: only reads, so that nothing is ever written to a device that has not shown to be a cradle of our map, and a
 * cradle in trouble hears no heartbeat and falls back to its own light (I12). Connected: each poll is one function 23 that
 * is heartbeat, light write and status read at once.
 *
 * Must never carry a wish over from one connection to the next, nor a promise (green) from one camera to the next.
 */
import type { Clock } from '../../contract/clock.js';
import type { BayReading, CradleListener, LightPattern } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import { Health } from './health.js';
import type { Request } from './pdu.js';
import {
  type BayStatus,
  control,
  decodeHead,
  decodeStatus,
  decodeUnit,
  exceptionCodes,
  type Head,
  magic,
  mapVersion,
  mostBays,
  type Registers,
  statusBlock,
  statusLength,
  type UnitIdentification,
  unitBlock,
} from './registers.js';
import { foreign, refused, restarted, taken, wrongBays, wrongMap } from './trouble.js';
import type { Wire } from './wire.js';
import { Wishes } from './wishes.js';

/** budget.ts shows that this gives presence within 300 ms; each poll costs an idle dock the same, so no oftener than that needs. */
export const pollEveryMs = 125;
/** A unit that does not answer is asked again after this, doubling up to the second, ms. */
const seekAgainMs = { first: 100, most: 2_000 } as const;
/** Answers in a row that a half-dead unit must give before it is believed. */
const answersAfterHalfDead = 10;
const sameTroubleInARow = 3;

export interface UnitPlace {
  /** Name of the cradle in the configuration. */
  readonly cradle: string;
  /** Modbus unit address, 1–247. */
  readonly unit: number;
  /** Highest slot in use, 1–16: the unit must have that many bays. */
  readonly bayCount: number;
}

/** One connection to a unit. Whatever is bound to it is void as soon as it is no longer live. */
export interface UnitConnection {
  readonly boot: number;
  readonly connection: number;
  readonly bayCount: number;
  live: boolean;
  bays: readonly BayStatus[];
  /** Of the last answer: what `bays` and `readings` were made of. */
  registers: Registers;
  readings: readonly BayReading[];
}

export class CradleUnit {
  readonly place: UnitPlace;
  readonly #clock: Clock;
  readonly #listener: CradleListener;
  readonly #nextHeartbeat: () => number;
  readonly #health = new Health();
  readonly #told = new Set<string>();
  readonly #wishes = new Wishes();
  #connection: UnitConnection | undefined;
  #dueMs: number;
  #seekMs: number = seekAgainMs.first;
  #answersWanted = 1;
  #answersInARow = 0;
  #lastCode = '';
  #sameCode = 0;
  #lightsRefused = false;

  constructor(place: UnitPlace, clock: Clock, listener: CradleListener, nextHeartbeat: () => number) {
    this.place = place;
    this.#clock = clock;
    this.#listener = listener;
    this.#nextHeartbeat = nextHeartbeat;
    this.#dueMs = clock.monotonicMs();
  }

  /** When it wants its next turn on the line, monotonic ms. */
  get dueMs(): number {
    return this.#dueMs;
  }

  get connection(): UnitConnection | undefined {
    return this.#connection;
  }

  /** Asks for a turn at once. */
  hurry(): void {
    if (this.#connection !== undefined) this.#dueMs = this.#clock.monotonicMs();
  }

  /** Forgotten when not connected: the daemon says it again after `found`. */
  setLight(slot: number, pattern: LightPattern): void {
    const bay = this.#connection?.bays[slot - 1];
    if (bay === undefined) return;
    this.#wishes.wish(bay, pattern);
    this.hurry();
  }

  /** One request on the line. Never throws for what a unit or line does. */
  async turn(wire: Wire): Promise<void> {
    const connection = this.#connection;
    try {
      if (connection === undefined) await this.#seek(wire);
      else await this.#poll(wire, connection);
    } catch (error) {
      if (!(error instanceof DockError)) throw error;
      this.#failed(error, wire);
    }
  }

  /** The line is gone, and the connection with it. */
  lost(error: DockError): void {
    this.#end(error);
    this.#answersWanted = 1;
  }

  /** The line is closed without fault of this unit; nothing is told. */
  disconnected(): void {
    this.#leave();
  }

  /** A refused write of somebody else's request to this unit: what it says of the connection. */
  refusal(code: number): void {
    if (code === exceptionCodes.staleBoot) this.#end(restarted(this.place.unit));
    else if (code === exceptionCodes.staleConnection) this.#end(taken(this.place.unit));
  }

  async #seek(wire: Wire): Promise<void> {
    const { unit } = this.place;
    const answer = await wire.ask(unit, () => ({ read: { address: unitBlock.address, count: unitBlock.length } }));
    if (answer.kind === 'exception') {
      const error = refused(answer.code, unit);
      throw error.code === 'DOCK_CRADLE_SILENT' ? error : foreign(unit, error.found);
    }
    const found = decodeUnit(answer.registers);
    const unfit = this.#unfit(found);
    if (unfit !== undefined) {
      // It answered clearly: there is nothing to wait for before saying so.
      this.#seekLater();
      this.#tell(unfit);
      return;
    }
    this.#answersInARow += 1;
    this.#seekMs = seekAgainMs.first;
    this.#dueMs = this.#clock.monotonicMs();
    if (this.#answersInARow >= this.#answersWanted) await this.#connect(wire, found);
  }

  #unfit(found: UnitIdentification): DockError | undefined {
    const { unit, bayCount } = this.place;
    if (found.magic.some((word, index) => word !== magic[index])) {
      return foreign(unit, phrase`another device (registers 0–3: ${found.magic.join(' ')})`);
    }
    if (found.mapVersion !== mapVersion) return wrongMap(mapVersion, found.mapVersion);
    if (found.bayCount < bayCount || found.bayCount > mostBays) return wrongBays(bayCount, found.bayCount);
    return undefined;
  }

  /** The next connection number: the unit takes it as the start of a new connection and refuses the one before. */
  async #connect(wire: Wire, found: UnitIdentification): Promise<void> {
    const { cradle, unit } = this.place;
    const connection: UnitConnection = {
      boot: found.boot,
      connection: (found.connection + 1) & 0xffff,
      bayCount: found.bayCount,
      live: true,
      bays: [],
      registers: [],
      readings: [],
    };
    const { answer, atMs } = await this.#write(wire, connection, []);
    if (answer.kind === 'exception') throw refused(answer.code, unit);
    this.#see(answer.registers, connection);
    this.#connection = connection;
    this.#health.reset();
    this.#told.clear();
    this.#lastCode = '';
    this.#sameCode = 0;
    this.#answersWanted = 1;
    this.#answersInARow = 0;
    this.#lightsRefused = false;
    this.#dueMs = this.#clock.monotonicMs() + pollEveryMs;
    this.#listener.found({
      cradle,
      serial: printable(found.serial),
      firmware: printable(found.firmware),
      mapVersion: found.mapVersion,
      bayCount: found.bayCount,
    });
    this.#listener.read({ cradle, atMs, bays: connection.readings });
  }

  async #poll(wire: Wire, connection: UnitConnection): Promise<void> {
    const { cradle, unit } = this.place;
    const lights = this.#lightsRefused ? [] : this.#wishes.toWrite(connection.bays);
    this.#lightsRefused = false;
    const startMs = this.#clock.monotonicMs();
    const { answer, atMs } = await this.#write(wire, connection, lights);
    if (this.#connection !== connection) return;
    if (answer.kind === 'exception') {
      this.refusal(answer.code);
      if (this.#connection !== connection) return;
      if (answer.code !== exceptionCodes.staleArrival) throw refused(answer.code, unit);
      // A camera came in the meantime: look first, then wish again.
      this.#lightsRefused = true;
      this.#dueMs = this.#clock.monotonicMs();
      return;
    }
    this.#see(answer.registers, connection);
    this.#health.answered();
    this.#wishes.see(connection.bays);
    this.#dueMs = startMs + pollEveryMs;
    this.#listener.read({ cradle, atMs, bays: connection.readings });
  }

  async #write(
    wire: Wire,
    connection: UnitConnection,
    lights: Registers,
  ): Promise<{ readonly answer: Awaited<ReturnType<Wire['ask']>>; readonly atMs: number }> {
    const head = headOf(connection, this.#nextHeartbeat());
    const request: Request = {
      read: { address: statusBlock.address, count: statusLength(connection.bayCount) },
      write: { address: control.address, values: [...headWords(head), ...lights] },
    };
    const answer = await wire.ask(
      this.place.unit,
      () => request,
      (registers) => sameHead(decodeHead(registers), head),
    );
    return { answer, atMs: answer.receivedMs };
  }

  /** Nearly every answer is like the one before: it is decoded only where it differs. */
  #see(registers: Registers, connection: UnitConnection): void {
    if (sameBehindEcho(registers, connection.registers)) return;
    const { bays } = decodeStatus(registers);
    if (bays.length !== connection.bayCount) throw wrongBays(connection.bayCount, bays.length);
    connection.bays = bays;
    connection.readings = bays.map(readingOf);
    connection.registers = registers;
  }

  #failed(error: DockError, wire: Wire): void {
    this.#answersInARow = 0;
    if (this.#connection === undefined) {
      this.#seekLater();
      this.#sameCode = error.code === this.#lastCode ? this.#sameCode + 1 : 1;
      this.#lastCode = error.code;
      if (this.#sameCode >= sameTroubleInARow) this.#tell(error);
      return;
    }
    this.#dueMs = this.#clock.monotonicMs();
    const trouble = this.#health.failed(error, this.#clock.monotonicMs());
    if (trouble === undefined || wire.closed) return;
    if (trouble.code === 'DOCK_CRADLE_HALF_DEAD') this.#answersWanted = answersAfterHalfDead;
    this.#end(trouble);
  }

  #seekLater(): void {
    this.#dueMs = this.#clock.monotonicMs() + this.#seekMs;
    this.#seekMs = Math.min(seekAgainMs.most, this.#seekMs * 2);
  }

  /** Once per trouble: nothing that was already said is said again before the unit was found. */
  #tell(error: DockError): void {
    if (this.#told.has(error.code)) return;
    this.#told.add(error.code);
    this.#listener.trouble(this.place.cradle, error);
  }

  #end(error: DockError): void {
    this.#leave();
    this.#tell(error);
  }

  #leave(): void {
    if (this.#connection !== undefined) this.#connection.live = false;
    this.#connection = undefined;
    this.#wishes.clear();
    this.#health.reset();
    this.#answersInARow = 0;
    this.#dueMs = this.#clock.monotonicMs();
    this.#seekMs = seekAgainMs.first;
  }
}

export function headOf(connection: UnitConnection, heartbeat: number): Head {
  return { heartbeat, boot: connection.boot, connection: connection.connection };
}

/** In the order of the control block. */
export function headWords(head: Head): Registers {
  return [head.boot, head.connection, head.heartbeat];
}

export function sameHead(one: Head, other: Head): boolean {
  return one.heartbeat === other.heartbeat && one.boot === other.boot && one.connection === other.connection;
}

function sameBehindEcho(one: Registers, other: Registers): boolean {
  return one.length === other.length && one.every((word, index) => index < control.headLength || word === other[index]);
}

function readingOf({ clockResolutionMs: _clock, lightWanted: _wanted, ...reading }: BayStatus): BayReading {
  return reading;
}
