/** Cradles on a line for tests: what the driver told, and a line in memory that can be pulled and plugged. */
import type { ByteLine, OpenByteLine } from '../../drivers/contract/byte-line.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { CradleDescription, CradleLine, CradleListener, CradleReading } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { modbusLine } from '../../drivers/cradle/modbus/line.js';
import { SimulatedCradle, type SimulatedCradleOptions } from '../../drivers/simulated/cradle.js';
import { type LineFaults, serveRtu } from '../../drivers/simulated/cradle-line.js';
import { type MemoryLinePair, memoryLinePair } from '../../drivers/simulated/memory-line.js';
import { VirtualClock } from './virtual-clock.js';

/** Everything that a driver told, in order. */
export class CradleEar implements CradleListener {
  readonly descriptions: CradleDescription[] = [];
  readonly readings: CradleReading[] = [];
  readonly troubles: { readonly cradle: string; readonly error: DockError }[] = [];
  readonly lightTroubles: { readonly cradle: string; readonly slot: number; readonly error: DockError }[] = [];
  /** Runs on each `found`, as the daemon does. */
  onFound: (cradle: string) => void = () => undefined;
  onRead: (reading: CradleReading) => void = () => undefined;

  found(description: CradleDescription): void {
    this.descriptions.push(description);
    this.onFound(description.cradle);
  }

  read(reading: CradleReading): void {
    this.readings.push(reading);
    this.onRead(reading);
  }

  trouble(cradle: string, error: DockError): void {
    this.troubles.push({ cradle, error });
  }

  lightTrouble(cradle: string, slot: number, error: DockError): void {
    this.lightTroubles.push({ cradle, slot, error });
  }

  codes(cradle = '1'): string[] {
    return this.troubles.filter((trouble) => trouble.cradle === cradle).map(({ error }) => error.code);
  }

  founds(cradle = '1'): number {
    return this.descriptions.filter((description) => description.cradle === cradle).length;
  }

  last(cradle = '1'): CradleReading | undefined {
    return this.readings.findLast((reading) => reading.cradle === cradle);
  }

  bay(slot: number, cradle = '1'): CradleReading['bays'][number] | undefined {
    return this.last(cradle)?.bays.find((bay) => bay.slot === slot);
  }
}

export interface RigUnit {
  readonly cradle: SimulatedCradle;
  readonly faults: LineFaults;
}

export interface RigOptions {
  readonly units?: number;
  readonly bays?: number;
  readonly baud?: number;
  readonly simulated?: Partial<SimulatedCradleOptions>;
  /** Bays that the configuration names; default all. */
  readonly configuredBays?: number;
}

/** Cradles `1`, `2`, … at unit addresses 1, 2, … on one line in memory with the speed of a wire, in virtual time. */
export class CradleRig {
  readonly clock = new VirtualClock();
  readonly ear = new CradleEar();
  readonly units: readonly RigUnit[];
  readonly line: CradleLine;
  plugged = true;
  opened = 0;
  /** Every frame that the driver sent. */
  readonly sent: Uint8Array[] = [];
  #pair: MemoryLinePair | undefined;
  readonly #baud: number;

  constructor(options: RigOptions = {}) {
    const { units = 1, bays = 8, baud = 115_200 } = options;
    this.#baud = baud;
    this.units = Array.from({ length: units }, (_, index) => ({
      cradle: new SimulatedCradle({ unit: index + 1, clock: this.clock, bayCount: bays, ...options.simulated }),
      faults: {},
    }));
    this.line = modbusLine({
      units: this.units.map(({ cradle }) => ({
        cradle: `${cradle.unit}`,
        unit: cradle.unit,
        bayCount: options.configuredBays ?? bays,
      })),
      open: this.#open,
      framing: 'rtu',
      clock: this.clock,
    });
  }

  get first(): RigUnit {
    return one(this.units[0]);
  }

  readonly #open: OpenByteLine = async () => {
    this.opened += 1;
    if (!this.plugged) {
      throw new DockError('DOCK_SERIAL_MISSING', {
        expected: verbatim('port'),
        found: verbatim('none'),
        todo: verbatim('Plug'),
        retry: 'now',
      });
    }
    this.#pair = memoryLinePair(this.clock, this.#baud);
    const [near, far] = this.#pair.ends;
    serveRtu(far, this.clock, this.units);
    return recorded(near, this.sent);
  };

  start(): void {
    this.line.start(this.ear);
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Runs a promise of the driver to its end in virtual time. */
  async run<T>(work: Promise<T>, mostMs = 20_000): Promise<T> {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    // Whoever awaits it below gets the failure; this only keeps it from counting as nobody's in between.
    done.catch(() => undefined);
    for (let ms = 0; ms < mostMs && !settled; ms += 1) await this.clock.advance(1);
    if (!settled) throw new Error(`not settled within ${mostMs} ms`);
    return done;
  }

  unplug(): void {
    this.plugged = false;
    this.#pair?.unplug();
  }

  plug(): void {
    this.plugged = true;
  }

  /** Bytes on the wire towards the driver that nobody asked for. */
  async inject(bytes: Uint8Array): Promise<void> {
    await this.#pair?.ends[1].write(bytes);
  }

  async stop(): Promise<void> {
    await this.run(this.line.stop());
  }
}

export function one<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing there');
  return value;
}

function recorded(line: ByteLine, sent: Uint8Array[]): ByteLine {
  return {
    characterMs: line.characterMs,
    listen: (receiver) => line.listen(receiver),
    write: (bytes) => {
      sent.push(bytes.slice());
      return line.write(bytes);
    },
    close: () => line.close(),
  };
}

/** Waits in real time until `seen` holds, or fails. */
export async function until(clock: Clock, what: string, seen: () => boolean, mostMs = 5_000): Promise<void> {
  const startMs = clock.monotonicMs();
  while (!seen()) {
    if (clock.monotonicMs() - startMs > mostMs) throw new Error(`${what}: not within ${mostMs} ms`);
    await new Promise<void>((resolve) => clock.timer('until', 5, resolve));
  }
}

/** What a promise failed with; fails when it did not. */
export async function failure(work: Promise<unknown>): Promise<DockError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DockError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
