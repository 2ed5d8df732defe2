/**
 * The built daemon as a process of its own, with everything around it real but the hardware: a simulated cradle at the end of a pseudo-terminal
 * (it outlives the daemon, as cradles do), folders as cards, a configuration file, whatever broker the test has.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ConsoleClient } from '../../daemon/console/client.js';
import { Database } from '../../daemon/custody/database.js';
import type { EntryBody, EntryKind } from '../../daemon/custody/entry.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { DockStatus } from '../../daemon/status.js';
import { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import type { CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { serveRtu } from '../../drivers/simulated/cradle-line.js';
import { openPseudoTerminal, type PseudoTerminal } from '../../drivers/simulated/pseudo-terminal.js';

const command = new URL('../../dist/daemon/custodock.cjs', import.meta.url).pathname;
/** When this file itself runs from dist/. */
const commandFromDist = new URL('../../daemon/custodock.cjs', import.meta.url).pathname;

export interface DaemonRigOptions {
  /** Of each cradle. */
  readonly bays: number;
  /** Cradles, each on a serial line of its own; default 1. */
  readonly cradles?: number;
  /** Slots that are priority bays. */
  readonly priority?: readonly number[];
  readonly brokerUrl?: string;
  readonly cameras: readonly string[];
  /** More lines of YAML at the top level. */
  readonly yaml?: string;
  /** How long a camera may take to show its volume, ms; default that of the configuration. */
  readonly settleMs?: number;
  /** A command that runs the daemon, with what it shall run as its last arguments; it must `exec`, so that signals arrive. */
  readonly through?: readonly string[];
  /** Where the folder is made; default the system's temporary directory. */
  readonly parent?: string;
}

export interface LogLine {
  readonly level: string;
  readonly key: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A daemon that root starts would read and write whatever it likes; this one obeys the modes of files as the service does. */
export const obeyingModes: readonly string[] =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']
    : [];

/** A serial adapter by its stable link, and the cradle behind it, which lives on when the adapter is pulled out. */
class Line {
  readonly link: string;
  readonly cradle: SimulatedCradle;
  #terminal: PseudoTerminal | undefined;

  constructor(link: string, bays: number) {
    this.link = link;
    this.cradle = new SimulatedCradle({ unit: 1, clock: systemClock, bayCount: bays });
  }

  async plug(): Promise<void> {
    const terminal = await openPseudoTerminal();
    this.#terminal = terminal;
    serveRtu(terminal.line, systemClock, [{ cradle: this.cradle }]);
    await symlink(terminal.path, this.link);
  }

  async unplug(): Promise<void> {
    const terminal = this.#terminal;
    this.#terminal = undefined;
    await rm(this.link, { force: true });
    await terminal?.close();
  }
}

export class DaemonRig {
  readonly folder: string;
  readonly mediaRoot: string;
  readonly cards: string;
  readonly archive: string;
  readonly ledgerFile: string;
  readonly configFile: string;
  /** Lines that the daemons of this rig have logged. */
  readonly log: LogLine[] = [];
  readonly #lines: readonly Line[];
  readonly #through: readonly string[];
  /** By the names of their bays. */
  readonly #cameras = new Map<string, SimulatedCamera>();
  #daemon: ChildProcess | undefined;

  private constructor(folder: string, { bays, cradles = 1, through = [] }: DaemonRigOptions) {
    this.folder = folder;
    this.mediaRoot = join(folder, 'media');
    this.cards = join(folder, 'cards');
    this.archive = join(folder, 'archive');
    this.ledgerFile = join(folder, 'state', 'ledger.db');
    this.configFile = join(folder, 'config.yaml');
    this.#through = through;
    this.#lines = Array.from({ length: cradles }, (_, index) => new Line(join(folder, `tty${index + 1}`), bays));
  }

  static async make(options: DaemonRigOptions): Promise<DaemonRig> {
    const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'custodock-rig-'));
    const rig = new DaemonRig(folder, options);
    for (const made of [rig.mediaRoot, rig.cards, join(folder, 'run')]) await mkdir(made);
    for (const line of rig.#lines) await line.plug();
    await writeFile(rig.configFile, rig.#configuration(options));
    return rig;
  }

  /** The first cradle. */
  get cradle(): SimulatedCradle {
    return this.#line(1).cradle;
  }

  /** Pulls the serial adapter of a cradle, counted from 1. */
  unplug(cradle: number): Promise<void> {
    return this.#line(cradle).unplug();
  }

  /** Plugs it in again: another device, found by the same link. */
  plug(cradle: number): Promise<void> {
    return this.#line(cradle).plug();
  }

  #line(cradle: number): Line {
    const line = this.#lines[cradle - 1];
    if (line === undefined) throw new Error(`no cradle ${cradle} in this rig`);
    return line;
  }

  #configuration({ bays, brokerUrl, cameras, priority = [], settleMs, yaml }: DaemonRigOptions): string {
    const bay = (slot: number): string => `{ slot: ${slot}${priority.includes(slot) ? ', priority: true' : ''} }`;
    const slots = Array.from({ length: bays }, (_, index) => bay(index + 1)).join(', ');
    const cradles = this.#lines.map(
      ({ link }, index) => `  - { name: "${index + 1}", unit: 1, line: { serial: ${link} }, bays: [${slots}] }`,
    );
    const settle = settleMs === undefined ? '' : `, settleMs: ${settleMs}`;
    return `version: 1
dock: { id: rig, bureau: test, language: en, stateDir: ${join(this.folder, 'state')}, runDir: ${join(this.folder, 'run')} }
media: { root: ${this.mediaRoot}, requireMount: false${settle} }
clock: { trust: [operator] }
archive: { path: ${this.archive}, reserveBytes: 0 }
${brokerUrl === undefined ? '' : `central: { url: "${brokerUrl}", receipt: broker }`}
cradles:
${cradles.join('\n')}
cameras: [${cameras.map((id) => `{ id: ${id}, officer: "0042" }`).join(', ')}]
${yaml ?? ''}
`;
  }

  get pid(): number | undefined {
    return this.#daemon?.pid;
  }

  /** Starts the daemon and waits until it says that it works. `through`: as in the options, for this run only. */
  async start(environment: Readonly<Record<string, string>> = {}, through = this.#through): Promise<void> {
    const daemon = spawnDaemon(this.configFile, through, environment);
    this.#daemon = daemon;
    const ready = new Promise<void>((resolve, reject) => {
      createInterface({ input: daemon.stderr }).on('line', (text) => {
        const line = parsed(text);
        this.log.push(line);
        if (line.key === 'dock.ready') resolve();
      });
      daemon.once('exit', (code, signal) => reject(new Error(`the daemon ended: ${code ?? signal}\n${this.tail()}`)));
    });
    await ready;
  }

  /** Ends the daemon; resolves to its exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | string> {
    const ended = this.ended();
    this.#daemon?.kill(signal);
    return ended;
  }

  /** When the daemon has ended: its exit code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    const daemon = this.#daemon;
    if (daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
    return daemon?.exitCode ?? daemon?.signalCode ?? 0;
  }

  /** A camera with this folder as its card, put into a bay of a cradle, which is counted from 1. */
  async putIn(slot: number, card: string, pins: CradleCameraOptions, cradle = 1): Promise<SimulatedCamera> {
    const camera = new SimulatedCamera({ card, by: 'move', pins });
    this.#line(cradle).cradle.insert(slot, pins);
    this.#cameras.set(`${cradle}-${slot}`, camera);
    await camera.insert(this.mediaRoot, `${cradle}-${slot}`);
    return camera;
  }

  /** Takes out what `putIn` put in, and waits until that is entered: the light goes out before. */
  async takeOut(slot: number, cradle = 1): Promise<void> {
    const bay = `${cradle}-${slot}`;
    const undocked = async (): Promise<number> =>
      (await this.entered('camera.undocked')).filter((body) => body.bay === bay).length;
    const before = await undocked();
    const camera = this.#cameras.get(bay);
    this.#cameras.delete(bay);
    this.#line(cradle).cradle.remove(slot);
    await camera?.remove();
    await eventually(
      async () => (await undocked()) > before,
      10_000,
      () => `not undocked from ${bay}\n${this.tail()}`,
    );
  }

  /** Takes out whatever is still in, for the next test. */
  async takeOutAll(): Promise<void> {
    for (const bay of this.#cameras.keys()) {
      const [cradle, slot] = bay.split('-');
      await this.takeOut(Number(slot), Number(cradle));
    }
  }

  /** Until the light of a bay shows this. */
  async light(slot: number, pattern: string, cradle = 1): Promise<void> {
    const shown = (): string => this.#line(cradle).cradle.light(slot);
    await eventually(
      () => shown() === pattern,
      15_000,
      () => `bay ${cradle}-${slot} shows ${shown()}, not ${pattern}\n${this.tail()}`,
    );
  }

  /** Until a line with this key, and these fields where they are given, was logged by any daemon of this rig. */
  async logged(key: string, fields: Readonly<Record<string, unknown>> = {}, deadlineMs = 15_000): Promise<LogLine> {
    const wanted = Object.entries(fields);
    const find = (): LogLine | undefined =>
      this.log.find((line) => line.key === key && wanted.every(([name, value]) => line[name] === value));
    await eventually(
      () => find() !== undefined,
      deadlineMs,
      () => `nothing logged as ${key} ${JSON.stringify(fields)}\n${this.tail()}`,
    );
    const line = find();
    if (line === undefined) throw new Error('a line that was logged is gone');
    return line;
  }

  /** Asks the daemon over its console socket, as the `custodock` command does. */
  status(): Promise<DockStatus> {
    return new ConsoleClient(join(this.folder, 'run', 'console.sock'), systemClock).status();
  }

  /** Bodies of the ledger's entries of one kind, in their order, read apart from the daemon. */
  async entered<K extends EntryKind>(kind: K): Promise<readonly EntryBody<K>[]> {
    const database = await Database.open(this.ledgerFile, 'read');
    try {
      // Chosen by SQLite, in its own thread: the simulated cradle lives in this one and must go on answering.
      const rows = await database.all<{ bytes: Buffer }>(
        "SELECT bytes FROM entries WHERE json_extract(CAST(bytes AS TEXT), '$.kind') = ? ORDER BY seq",
        kind,
      );
      return rows.map(({ bytes }) => JSON.parse(bytes.toString('utf8')).body);
    } finally {
      await database.close();
    }
  }

  tail(): string {
    return this.log
      .slice(-12)
      .map(({ level, msg }) => `${level} ${msg}`)
      .join('\n');
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    for (const line of this.#lines) await line.unplug();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Runs a daemon that is expected to end by itself; its exit code, and all that it logged. */
export async function runToItsEnd(
  configFile: string,
): Promise<{ readonly code: number | null; readonly log: readonly LogLine[] }> {
  const daemon = spawnDaemon(configFile, [], {});
  const log: LogLine[] = [];
  const reader = createInterface({ input: daemon.stderr }).on('line', (text) => log.push(parsed(text)));
  const late = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
  const [[code]] = await Promise.all([once(daemon, 'exit'), once(reader, 'close')]);
  clearTimeout(late);
  return { code, log };
}

function spawnDaemon(
  configFile: string,
  through: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessByStdio<null, null, Readable> {
  const script = import.meta.url.includes('/dist/') ? commandFromDist : command;
  const [program = process.execPath, ...rest] = [...through, process.execPath, script, 'run', '--config', configFile];
  return spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } });
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    // Not the log: Node's own words when it dies. They are what the failure message shows.
    return { level: 'raw', key: 'raw', msg: text };
  }
}

/** Resolves when it is so; throws after the deadline with what is said then. */
export async function eventually(
  met: () => boolean | Promise<boolean>,
  deadlineMs: number,
  what: () => string,
): Promise<void> {
  const byMs = systemClock.monotonicMs() + deadlineMs;
  while (!(await met())) {
    if (systemClock.monotonicMs() > byMs) throw new Error(`not within ${deadlineMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
