/** The cradles of a world, on lines of their own or sharing one: units, bays, and the wires in memory between them and the daemon. */
import type { ByteLine } from '../../drivers/contract/byte-line.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import type { Request } from '../../drivers/cradle/modbus/pdu.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import { type LineFaults, serveRtu } from '../../drivers/simulated/cradle-line.js';
import { memoryLinePair } from '../../drivers/simulated/memory-line.js';
import type { Place } from './camera.js';

export interface Layout {
  /** Bays of each cradle. */
  readonly bays: readonly number[];
  /** All cradles on one line; else each has its own. */
  readonly shared: boolean;
  /** Count of a bay over all cradles, from 1, that goes ahead of the others; null: none. */
  readonly priority: number | null;
}

/** One cradle: answers on its wire, with the faults that are set. */
export class Unit extends SimulatedCradle {
  readonly name: string;
  readonly wire: Wire;
  readonly faults: LineFaults = {};
  readonly bayCount: number;
  readonly #answered: () => void;

  constructor(name: string, bayCount: number, wire: Wire, clock: Clock, answered: () => void) {
    super({ unit: wire.units.length + 1, clock, bayCount });
    this.name = name;
    this.bayCount = bayCount;
    this.wire = wire;
    this.#answered = answered;
    wire.units.push(this);
  }

  override answer(request: Request): Uint8Array | undefined {
    const answer = super.answer(request);
    this.#answered();
    return answer;
  }
}

/** A bay as the world counts it: `slot` over all cradles, `unitSlot` in its own. */
export interface SimBay extends Place {
  readonly unit: Unit;
  readonly unitSlot: number;
  readonly priority: boolean;
}

export class Wire {
  readonly name: string;
  readonly units: Unit[] = [];
  plugged = true;
  /** Since when nothing has disturbed what is on it. */
  calmSinceMs = 0;
  readonly #clock: Clock;
  /** Baud; undefined: a wire without a speed, which costs less to simulate. */
  readonly #baud: number | undefined;
  #cut: (() => void) | undefined;

  constructor(name: string, clock: Clock, baud: number | undefined) {
    this.name = name;
    this.#clock = clock;
    this.#baud = baud;
  }

  get sound(): boolean {
    return (
      this.plugged && this.units.every(({ faults }) => Object.values(faults).every((fault) => fault === undefined))
    );
  }

  disturbed(): void {
    this.calmSinceMs = this.#clock.monotonicMs();
  }

  open(): ByteLine {
    if (!this.plugged) {
      throw new DockError('DOCK_SERIAL_MISSING', {
        expected: verbatim('a port'),
        found: verbatim('none'),
        todo: verbatim('Plug it in'),
        retry: 'now',
      });
    }
    const pair = memoryLinePair(this.#clock, this.#baud);
    const [near, far] = pair.ends;
    serveRtu(
      far,
      this.#clock,
      this.units.map((unit) => ({ cradle: unit, faults: unit.faults })),
    );
    this.#cut = () => pair.unplug();
    return near;
  }

  /** The connection breaks; a new one can be opened while it is plugged. */
  cut(): void {
    this.#cut?.();
  }

  heal(): void {
    this.plugged = true;
    for (const { faults } of this.units) {
      for (const name of Object.keys(faults) as (keyof LineFaults)[]) delete faults[name];
    }
  }
}

export class Cradles {
  readonly wires: readonly Wire[];
  readonly units: readonly Unit[];
  readonly bays: readonly SimBay[];

  constructor({ bays, shared, priority }: Layout, clock: Clock, baud: number | undefined, answered: () => void) {
    const wires: Wire[] = [];
    this.units = bays.map((count, at) => {
      const one = shared ? wires[0] : undefined;
      const wire = one ?? new Wire(`/dev/simulated${at + 1}`, clock, baud);
      if (one === undefined) wires.push(wire);
      return new Unit(`${at + 1}`, count, wire, clock, answered);
    });
    this.wires = wires;
    const total = bays.reduce((sum, count) => sum + count, 0);
    this.bays = this.units
      .flatMap((unit) => Array.from({ length: unit.bayCount }, (_, at) => ({ unit, unitSlot: at + 1 })))
      // Port paths in another order than the slots: whoever joins them by order or name is wrong (I7).
      .map((bay, at) => ({ ...bay, slot: at + 1, port: `usb-1.${total - at}`, priority: at + 1 === priority }));
  }

  bay(slot: number): SimBay {
    const bay = this.bays[slot - 1];
    if (bay === undefined) throw new RangeError(`no bay ${slot} in this world`);
    return bay;
  }
}
