/**
 * The built daemon as a process of its own, with everything around it real but the hardware: a simulated cradle at the end of a pseudo-terminal
 * (it outlives the daemon, as cradles do), folders as cards, a configuration file, whatever broker the test has.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Database } from '../../daemon/custody/database.js';
import type { EntryBody, EntryKind } from '../../daemon/custody/entry.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import type { CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { serveRtu } from '../../drivers/simulated/cradle-line.js';
import { openPseudoTerminal, type PseudoTerminal } from '../../drivers/simulated/pseudo-terminal.js';

const command = new URL('../../dist/daemon/custodock.cjs', import.meta.url).pathname;
/** When this file itself runs from dist/. */
const commandFromDist = new URL('../../daemon/custodock.cjs', import.meta.url).pathname;

export interface DaemonRigOptions {
  readonly bays: number;
  readonly brokerUrl?: string;
  readonly cameras: readonly string[];
  /** More lines of YAML at the top level. */
  readonly yaml?: string;
  /** Where the folder is made; default the system's temporary directory. */
  readonly parent?: string;
}

export interface LogLine {
  readonly level: string;
  readonly key: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export class DaemonRig {
  readonly folder: string;
  readonly mediaRoot: string;
  readonly cards: string;
  readonly archive: string;
  readonly ledgerFile: string;
  readonly configFile: string;
  readonly cradle: SimulatedCradle;
  /** Lines that the daemons of this rig have logged. */
  readonly log: LogLine[] = [];
  readonly #terminal: PseudoTerminal;
  #daemon: ChildProcess | undefined;

  private constructor(folder: string, terminal: PseudoTerminal, bays: number) {
    this.folder = folder;
    this.mediaRoot = join(folder, 'media');
    this.cards = join(folder, 'cards');
    this.archive = join(folder, 'archive');
    this.ledgerFile = join(folder, 'state', 'ledger.db');
    this.configFile = join(folder, 'config.yaml');
    this.#terminal = terminal;
    this.cradle = new SimulatedCradle({ unit: 1, clock: systemClock, bayCount: bays });
    serveRtu(terminal.line, systemClock, [{ cradle: this.cradle }]);
  }

  static async make(options: DaemonRigOptions): Promise<DaemonRig> {
    const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'custodock-rig-'));
    const rig = new DaemonRig(folder, await openPseudoTerminal(), options.bays);
    for (const made of [rig.mediaRoot, rig.cards, join(folder, 'run')]) await mkdir(made);
    const slots = Array.from({ length: options.bays }, (_, index) => `{ slot: ${index + 1} }`);
    const central = options.brokerUrl === undefined ? '' : `central: { url: "${options.brokerUrl}", receipt: broker }`;
    await writeFile(
      rig.configFile,
      `version: 1
dock: { id: rig, bureau: test, language: en, stateDir: ${join(folder, 'state')}, runDir: ${join(folder, 'run')} }
media: { root: ${rig.mediaRoot}, requireMount: false }
clock: { trust: [operator] }
archive: { path: ${rig.archive}, reserveBytes: 0 }
${central}
cradles:
  - name: "1"
    unit: 1
    line: { serial: ${rig.#terminal.path} }
    bays: [${slots.join(', ')}]
cameras: [${options.cameras.map((id) => `{ id: ${id}, officer: "0042" }`).join(', ')}]
${options.yaml ?? ''}
`,
    );
    return rig;
  }

  get pid(): number | undefined {
    return this.#daemon?.pid;
  }

  /** Starts the daemon and waits until it says that it works. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const script = import.meta.url.includes('/dist/') ? commandFromDist : command;
    const daemon = spawn(process.execPath, [script, 'run', '--config', this.configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
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
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return daemon?.exitCode ?? 0;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    const [code, by] = await exited;
    return code ?? by;
  }

  /** A camera with this folder as its card, put into a bay. */
  async putIn(slot: number, card: string, pins: CradleCameraOptions): Promise<SimulatedCamera> {
    const camera = new SimulatedCamera({ card, by: 'move', pins });
    this.cradle.insert(slot, pins);
    await camera.insert(this.mediaRoot, `1-${slot}`);
    return camera;
  }

  /** Bodies of the ledger's entries of one kind, read apart from the daemon. */
  async entered<K extends EntryKind>(kind: K): Promise<readonly EntryBody<K>[]> {
    const database = await Database.open(this.ledgerFile, 'read');
    try {
      const rows = await database.all<{ bytes: Buffer }>('SELECT bytes FROM entries ORDER BY seq');
      return rows
        .map(({ bytes }) => JSON.parse(bytes.toString('utf8')))
        .filter((entry) => entry.kind === kind)
        .map(({ body }) => body);
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
    await this.#terminal.close();
    await rm(this.folder, { recursive: true, force: true });
  }
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
