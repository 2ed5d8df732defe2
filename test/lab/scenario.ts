/**
 * What a scenario gets: a machine on which the package was just installed, a cradle on its line, cards, and words to ask with.
 *
 * A scenario is one file in `scenarios/`, named by its number. It throws when something is not as it should be, and says in `note` what
 * was measured. Nothing of the product is imported to look at the product: it is asked as a technician would.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../daemon/runtime/clock.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import type { CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { type CradleServer, serveTcp } from '../../drivers/simulated/cradle-line.js';
import { Gadgets } from './gadgets.js';
import type { Machine } from './machine.js';
import { hostAddress } from './machine.js';

export interface Scenario {
  /** One line for the table: what holds when it passes. */
  readonly title: string;
  /** `installed` (default): the package is there, and its services run. `bare`: Debian alone, with the package at hand. */
  readonly machine?: 'installed' | 'bare';
  /** What is soldered to the board of a bare machine: makes ACPI tables in a folder. */
  readonly acpiTables?: (folder: string) => readonly string[];
  run(lab: Lab): Promise<void>;
}

/** Ports of the hub at 1-1 that the lab's dock has bays at. */
export const bayPorts = [1, 2, 3, 4] as const;

/** As many as the console gives at once; two hundred pulls make more. */
const pageEntries = 1_000;

export const debInGuest = '/root/custodock.deb';

export interface LabOptions {
  /** How often cameras are pulled where that is done at random, and from what the choices come. */
  readonly pulls: number;
  readonly seed: string;
}

export class Lab {
  readonly machine: Machine;
  readonly options: LabOptions;
  /** For cards and whatever else a scenario makes on the host. */
  readonly folder: string;
  /** Bays 1-1 … 1-4. Lives on the host and answers Modbus TCP, so it outlives the daemon as a cradle does. */
  readonly cradle = new SimulatedCradle({ unit: 1, clock: systemClock, bayCount: bayPorts.length });
  #server: CradleServer | undefined;
  #hubOnly = false;
  #ports: readonly string[] = bayPorts.map((port) => `1-1.${port}`);

  constructor(machine: Machine, folder: string, options: LabOptions) {
    this.machine = machine;
    this.options = options;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** For whoever watches and for the record, at once. */
  note(text: string): void {
    process.stdout.write(`   ${text}\n`);
  }

  /** Simulated cameras in the guest; bay N is then at the port of its bus N − 1. Before `configured`. */
  async gadgets(): Promise<Gadgets> {
    const gadgets = await Gadgets.prepare(this.machine, this.folder, bayPorts.length);
    this.#ports = gadgets.ports;
    return gadgets;
  }

  /** The dock is only a hub: what is in its bays is seen on the USB alone. Before `configured`. */
  withoutCradle(): void {
    this.#hubOnly = true;
  }

  /** Writes the configuration of a dock with one cradle, as a technician would; the service takes it over by itself. */
  async configure(more = '', cradle?: string): Promise<void> {
    const cameras = ['C0001', 'C0002', 'C0003', 'C0004'].map((id) => `{ id: ${id}, officer: "0042" }`).join(', ');
    const yaml = `version: 1
dock: { id: lab, bureau: east, language: en }
clock: { trust: [operator] }
media: { settleMs: 60000 }
archive: { reserveBytes: 0 }
cradles: [${cradle ?? (await this.#board())}]
cameras: [${cameras}]
${more}`;
    await this.machine.ok(`cat >/etc/custodock/config.yaml <<'END'\n${yaml}\nEND`);
  }

  async #board(): Promise<string> {
    const bays = this.#ports.map((port, at) => `{ slot: ${at + 1}, port: "${port}" }`).join(', ');
    return `{ ${await this.line()}, bays: [${bays}] }`;
  }

  /** What the dock knows its bays by, in the words of the configuration: the simulated cradle, unless there is none. */
  async line(): Promise<string> {
    if (this.#hubOnly) return 'name: "1", unit: 1, line: { usb: true }';
    this.#server ??= await serveTcp({ port: 0, clock: systemClock }, [{ cradle: this.cradle }]);
    return `name: "1", unit: 1, line: { tcp: "${hostAddress}:${this.#server.port}" }`;
  }

  /** Configures the dock and waits until it works. `cradle`: instead of the simulated one. */
  async configured(more = '', cradle?: string): Promise<void> {
    await this.configure(more, cradle);
    await this.machine.until('custodock status --json >/dev/null', 120_000);
  }

  /** A camera with this card, put into a bay: seen by the cradle and on the bus. */
  async dock(bay: number, image: string, pins: CradleCameraOptions): Promise<void> {
    this.cradle.insert(bay, { batteryPercent: 99, ...pins });
    await this.machine.plug(bay, image);
  }

  /** Taken out, whatever is going on. */
  async undock(bay: number): Promise<void> {
    this.cradle.remove(bay);
    await this.machine.pull(bay);
  }

  /** Until the light of a bay shows this. */
  async light(bay: number, pattern: string, withinMs = 240_000): Promise<void> {
    await this.eventually(
      () => this.cradle.light(bay) === pattern,
      withinMs,
      () => `bay ${bay} shows ${this.cradle.light(bay)}, not ${pattern}`,
    );
  }

  async eventually(met: () => boolean | Promise<boolean>, withinMs: number, what: () => string): Promise<void> {
    const byMs = performance.now() + withinMs;
    while (!(await met())) {
      if (performance.now() > byMs) throw new Error(`not within ${withinMs} ms: ${what()}`);
      await sleep(200);
    }
  }

  /** What the dock says of itself. */
  async status(): Promise<Status> {
    return JSON.parse(await this.machine.ok('custodock status --json')) as Status;
  }

  /** Bodies of the ledger's entries of one kind, newest last. */
  async entries(kind: string): Promise<readonly Entered['body'][]> {
    return (await this.entered(kind)).map(({ body }) => body);
  }

  /** The same with when they were entered. */
  async entered(kind: string): Promise<readonly Entered[]> {
    const all: Entered[] = [];
    for (let isLast = false; !isLast; ) {
      const list = `custodock ledger list --from ${all.length + 1} --limit ${pageEntries} --json`;
      const page = JSON.parse(await this.machine.ok(list)) as readonly { readonly entry: Entered }[];
      all.push(...page.map(({ entry }) => entry));
      isLast = page.length < pageEntries;
    }
    return all.filter((entry) => entry.kind === kind);
  }

  /** Journal of a unit as a technician reads it. */
  journal(filter: string): Promise<string> {
    return this.machine.ok(`journalctl --no-pager -o cat ${filter}`);
  }

  /** SHA-256 of everything in the archive, by name. */
  async archived(): Promise<ReadonlyMap<string, string>> {
    const lines = await this.machine.ok(
      "cd /var/lib/custodock/archive && find . -type f -path './[0-9]*' ! -name '*.sha256' -exec sha256sum {} +",
    );
    return new Map(
      lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => [path.basename(line.slice(66)), line.slice(0, 64)]),
    );
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

export interface Entered {
  readonly kind: string;
  readonly time: { readonly utc: string };
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Status {
  readonly bays: readonly {
    readonly bay: string;
    readonly state: string;
    readonly camera: string | null;
    readonly progress: unknown;
    readonly error: { readonly code: string } | null;
  }[];
}

export { assert };
