/**
 * One line with its units: opens it, gives each unit its turn, lets side-channel requests in between, and opens it again
 * for ever when it was lost. One request is on the line at any time.
 *
 * Must never let a side-channel request delay presence beyond its budget (budget.ts), nor outlive its connection.
 */
import type { ByteLine, OpenByteLine } from '../../contract/byte-line.js';
import { type Clock, sleep, within } from '../../contract/clock.js';
import type { CradleLine, CradleListener, LightPattern, SideChannel } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import type { Framing } from './framing.js';
import { mbap } from './mbap.js';
import { rtu } from './rtu.js';
import { modbusSideChannel } from './side-channel.js';
import { SideQueue } from './side-queue.js';
import { unknownBay } from './trouble.js';
import { CradleUnit, type UnitPlace } from './unit.js';
import { Wire } from './wire.js';

const openDeadlineMs = 5_000;
/** A lost line is opened again after this, doubling up to the second, ms. */
const reopenMs = { first: 250, most: 4_000 } as const;
/** What is due within this is due: timers count whole ms, and a rest of a fraction would only wake twice. */
const dueWithinMs = 1;
/** A line on which nothing at all has answered for this long is closed and opened again: the port itself may be stuck. */
const silentLineMs = 10_000;

export interface ModbusLineOptions {
  readonly units: readonly UnitPlace[];
  readonly open: OpenByteLine;
  /** RTU on serial lines, TCP (MBAP) on network connections. */
  readonly framing: 'rtu' | 'tcp';
  readonly clock: Clock;
}

const framings: Readonly<Record<ModbusLineOptions['framing'], Framing>> = { rtu, tcp: mbap };

export function modbusLine(options: ModbusLineOptions): CradleLine {
  return new ModbusLine(options);
}

class ModbusLine implements CradleLine {
  readonly #options: ModbusLineOptions;
  readonly #stopping = new AbortController();
  readonly #side: SideQueue;
  #units: readonly CradleUnit[] = [];
  #heartbeat = 0;
  #running: Promise<void> | undefined;
  /** Ends the rest between two polls, while there is one. */
  #wake: (() => void) | undefined;
  /** Polls since a side-channel request had its turn. */
  #pollsInARow = 0;

  constructor(options: ModbusLineOptions) {
    this.#options = options;
    this.#side = new SideQueue(options.clock, () => this.#wake?.());
  }

  start(listener: CradleListener): void {
    if (this.#running !== undefined) throw new Error('the line was started twice');
    const { units, clock } = this.#options;
    this.#units = units.map((place) => new CradleUnit(place, clock, listener, () => this.#nextHeartbeat()));
    this.#running = this.#run();
  }

  setLight(cradle: string, slot: number, pattern: LightPattern): void {
    this.#unit(cradle, slot)?.setLight(slot, pattern);
    this.#wake?.();
  }

  sideChannel(cradle: string, slot: number): SideChannel {
    const unit = this.#unit(cradle, slot);
    return modbusSideChannel({
      cradle,
      slot,
      unit: unit?.place.unit ?? 0,
      connection: unit?.connection,
      clock: this.#options.clock,
      ask: (request) => this.#side.ask(`${cradle}-${slot}`, request),
      nextHeartbeat: () => this.#nextHeartbeat(),
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    this.#wake?.();
    await this.#running;
  }

  #nextHeartbeat(): number {
    this.#heartbeat = (this.#heartbeat + 1) & 0xffff;
    return this.#heartbeat;
  }

  /** Undefined before `start`. */
  #unit(cradle: string, slot: number): CradleUnit | undefined {
    const place = this.#options.units.find((candidate) => candidate.cradle === cradle);
    if (place === undefined) throw unknownBay(cradle, undefined);
    if (!Number.isInteger(slot) || slot < 1 || slot > place.bayCount) throw unknownBay(cradle, slot);
    return this.#units.find((unit) => unit.place === place);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    let againMs: number = reopenMs.first;
    while (!this.#stopping.signal.aborted) {
      try {
        const line = await this.#open();
        const answered = await this.#serve(line);
        if (answered) againMs = reopenMs.first;
      } catch (error) {
        if (!(error instanceof DockError)) throw error;
        for (const unit of this.#units) unit.lost(error);
      }
      this.#side.drop();
      if (this.#stopping.signal.aborted) break;
      await sleep(clock, 'cradle line reopen', againMs, this.#stopping.signal).catch(() => undefined);
      againMs = Math.min(reopenMs.most, againMs * 2);
    }
  }

  async #open(): Promise<ByteLine> {
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.#stopping.signal]);
    const late = (): DockError =>
      new DockError('DOCK_LINE_OPEN_LATE', {
        expected: phrase`the line opens within ${openDeadlineMs} ms`,
        found: phrase`it did not`,
        todo: phrase`Check the serial adapter or the network`,
        retry: 'now',
      });
    try {
      return await within(this.#options.clock, 'cradle line open', openDeadlineMs, this.#options.open(signal), late);
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
  }

  /** Until the line is lost (throws), silent for too long, or stopped. True when anything has answered on it. */
  async #serve(line: ByteLine): Promise<boolean> {
    const { clock, framing } = this.#options;
    let lost: DockError | undefined;
    const wire = new Wire(line, framings[framing], clock, (error) => {
      lost = error;
      this.#wake?.();
    });
    const openedMs = clock.monotonicMs();
    try {
      while (lost === undefined && !this.#stopping.signal.aborted) {
        if (clock.monotonicMs() - wire.lastAnswerMs >= silentLineMs) break;
        await this.#turn(wire);
      }
    } finally {
      for (const unit of this.#units) unit.disconnected();
      await line.close();
    }
    if (lost !== undefined) throw lost;
    return wire.lastAnswerMs > openedMs;
  }

  /** One request, or a rest until something is due. */
  async #turn(wire: Wire): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const next = this.#units.reduce<CradleUnit | undefined>(
      (first, unit) => (first === undefined || unit.dueMs < first.dueMs ? unit : first),
      undefined,
    );
    const pollDue = next !== undefined && next.dueMs <= nowMs + dueWithinMs;
    // A line that is full of polls still lets one side-channel request in after each round.
    const sideTurn = !pollDue || this.#pollsInARow >= this.#units.length;
    const unsettled = (unit: number): boolean => wire.unsettled(unit);
    const side = sideTurn ? this.#side.next(unsettled) : undefined;
    if (side !== undefined) {
      this.#pollsInARow = 0;
      const { unit: address, exception } = await side(wire);
      const unit = this.#units.find((candidate) => candidate.place.unit === address);
      if (exception !== undefined) unit?.refusal(exception);
      // Its answer may still come: a poll, whose answer is told apart by its echo, goes ahead of everything else.
      if (wire.unsettled(address)) unit?.hurry();
    } else if (pollDue) {
      this.#pollsInARow += 1;
      await next.turn(wire);
    } else {
      await this.#rest(next === undefined ? silentLineMs : next.dueMs - nowMs);
    }
  }

  #rest(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#wake = undefined;
        resolve();
      };
      const timer = this.#options.clock.timer('cradle poll', Math.max(0, delayMs), end);
      this.#wake = end;
    });
  }
}
