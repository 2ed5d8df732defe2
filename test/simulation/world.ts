/**
 * A dock and everything around it on virtual time: cradle, cards, archive disk, broker, clocks, and the real daemon between
 * them. Nothing here judges: it only knows what is true.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configSchema } from '../../config/schema.js';
import type { TrustEvidence } from '../../daemon/clock/trust.js';
import type { LedgerProblem } from '../../daemon/custody/chain.js';
import { checkLedger } from '../../daemon/custody/check.js';
import type { Entry, StoredEntry } from '../../daemon/custody/entry.js';
import { Dock } from '../../daemon/dock.js';
import type { DockPorts } from '../../daemon/dock-ports.js';
import { BlockPool } from '../../daemon/offload/blocks.js';
import { createLocalCopier } from '../../daemon/offload/local-copier.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import type { CameraFamily, CameraRecording, EraseProof, Volume } from '../../drivers/contract/camera.js';
import { sleep } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { modbusLine } from '../../drivers/cradle/modbus/line.js';
import { KeptLog } from '../support/kept-log.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { type ArchiveFaults, faultyFiles, losePower, noArchiveFaults, type Unsynced } from './archive-faults.js';
import { type CameraTemper, SimCamera } from './camera.js';
import { faultySources } from './camera-faults.js';
import { Cradles, type Layout, type SimBay } from './cradles.js';
import { untilIdle } from './idle.js';
import { Incarnation } from './incarnation.js';
import { databaseRequests, type Entered, type LedgerTrouble, tapLedger } from './ledger-tap.js';
import { ModelBroker } from './model-broker.js';
import { ModelCentre } from './model-centre.js';
import type { Random } from './random.js';
import { scratchFolder } from './scratch.js';

/** Where a camera was, and when; `toMs` infinite: it still is. */
export interface Stay {
  readonly camera: SimCamera;
  readonly slot: number;
  readonly fromMs: number;
  toMs: number;
}

/** What the world tells whoever watches it. */
export interface Watch {
  /** After each answer of the cradle, that is whenever a light may have changed. */
  lights(): void;
  /** An event leaves the dock. */
  event(payload: Buffer): void;
  /** The daemon is about to erase. */
  erasing(camera: SimCamera | undefined, recording: CameraRecording, proof: EraseProof): void;
}

export interface WorldOptions {
  readonly random: Random;
  readonly cameras: readonly CameraTemper[];
  readonly layout: Layout;
  readonly receipt: 'broker' | 'centre';
  readonly erase: 'never' | 'after-verified';
  /** Baud of the serial line; undefined: a wire without a speed, which costs less to simulate. */
  readonly baud: number | undefined;
}

export class World {
  readonly clock: VirtualClock;
  readonly folder: string;
  readonly cameras: readonly SimCamera[];
  readonly broker = new ModelBroker();
  readonly centre: ModelCentre;
  readonly cradles: Cradles;
  readonly disk: ArchiveFaults;
  readonly stays: Stay[] = [];
  readonly log: KeptLog[] = [];
  /** What SQLite has confirmed, in the order in which it did. */
  readonly entered: (StoredEntry & { readonly confirmedMs: number })[] = [];
  watch: Watch = { lights: () => undefined, event: () => undefined, erasing: () => undefined };
  /** What a read of a camera sets off, by the world's will. */
  beforeRead: (camera: SimCamera, relative: string) => void = () => undefined;
  /** The disk under the ledger has no room. */
  ledgerFull = false;
  /** How long a check of the ledger takes, ms: it has years of entries to read. */
  ledgerCheckMs: number;
  /** What such a check finds, whatever the ledger is like. */
  ledgerProblem: LedgerProblem | null = null;
  /** What the disk under the ledger does with the next commit, after which nobody can say what is on it. */
  ledgerFails: 'before it is written' | 'after it was written' | 'hangs' | undefined;
  /** When it did: the daemon has to end, and to be started anew. */
  ledgerFailedMs: number | undefined;
  config: Config;
  process: Incarnation | undefined;
  dock: Dock | undefined;
  /** Since when the daemon is not there; undefined: it is. */
  deadSinceMs: number | undefined = 0;
  trusted = true;
  readonly trustChanges: { readonly atMs: number; readonly trusted: boolean }[] = [];
  /** Dock's wall clock minus true time. */
  wallErrorMs = 40;
  /** What systemd-timesyncd has left of its last synchronisation while nothing vouches for the time, ms of the dock's wall clock. */
  oldStampMs: number | null = null;
  /** Since when nothing has disturbed the dock as a whole: archive, ledger, its own life. */
  calmSinceMs = 0;
  readonly unhandled: unknown[] = [];
  #healed = false;
  /** What a ledger without room has answered: the very errors, so that nothing else passes for them. */
  readonly #refusals = new Set<unknown>();
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #unsynced: Unsynced = new Map();
  #onVolumes: ((volumes: readonly Volume[]) => void) | undefined;
  #board: ProgressBoard | undefined;

  private constructor(folder: string, options: WorldOptions) {
    this.folder = folder;
    this.#options = options;
    this.#random = options.random;
    this.clock = new VirtualClock(undefined, untilIdle(databaseRequests));
    for (const name of ['state', 'media', 'shelf']) mkdirSync(join(folder, name));
    this.cameras = options.cameras.map(
      (temper) => new SimCamera(this.clock, temper, join(folder, 'shelf'), join(folder, 'media')),
    );
    this.cradles = new Cradles(options.layout, this.clock, options.baud, () => this.watch.lights());
    this.centre = new ModelCentre(this.clock, this.broker, 'custodock/v1/bureau-1/dock-1/ack');
    this.disk = noArchiveFaults(this.#random.chance(0.5) ? 'direct' : 'cached');
    this.ledgerCheckMs = this.#random.fork('ledger check').pick([0, 0, 4_000, 40_000]);
    this.config = this.#config();
    this.broker.onEvent = (payload) => this.watch.event(payload);
  }

  static async make(options: WorldOptions): Promise<World> {
    return new World(await scratchFolder(), options);
  }

  get ledgerFile(): string {
    return join(this.folder, 'state', 'ledger.db');
  }

  get archive(): string {
    return join(this.folder, 'archive');
  }

  get alive(): boolean {
    return this.process?.alive === true;
  }

  get nowMs(): number {
    return this.clock.monotonicMs();
  }

  /** Services that report no progress although they should. */
  get stalled(): readonly string[] {
    return this.alive ? (this.#board?.stalled().map(({ service }) => service) ?? []) : [];
  }

  get places(): readonly SimBay[] {
    return this.cradles.bays;
  }

  /** Its wires have a speed: each byte on them costs real time. */
  get timedWires(): boolean {
    return this.#options.baud !== undefined;
  }

  get receipt(): 'broker' | 'centre' {
    return this.#options.receipt;
  }

  bayName(slot: number): string {
    const { unit, unitSlot } = this.cradles.bay(slot);
    return `${unit.name}-${unitSlot}`;
  }

  light(slot: number): ReturnType<SimBay['unit']['light']> {
    const { unit, unitSlot } = this.cradles.bay(slot);
    return unit.light(unitSlot);
  }

  in(slot: number): SimCamera | undefined {
    return this.cameras.find((camera) => camera.place?.slot === slot);
  }

  setTrust(trusted: boolean): void {
    this.trusted = trusted;
    this.trustChanges.push({ atMs: this.nowMs, trusted });
  }

  /** Something that comes to pass after a while, unless everything was healed before. */
  later(afterMs: number, happen: () => void): void {
    this.clock.timer('world', afterMs, () => {
      if (!this.#healed) happen();
    });
  }

  /** No trouble any more, neither now nor later. */
  heal(): void {
    this.#healed = true;
    for (const wire of this.cradles.wires) wire.heal();
    this.ledgerFull = false;
    this.ledgerFails = undefined;
    Object.assign(this.disk, noArchiveFaults(this.disk.readPath));
    this.setReserve(0);
    this.beforeRead = () => undefined;
    this.wallErrorMs = 20;
    this.oldStampMs = null;
    this.setTrust(true);
    this.broker.comeUp();
    this.broker.lag = 0;
    this.broker.dropNext = 0;
    this.centre.silent = false;
    this.centre.delayMs = 1;
    this.centre.acknowledge();
    this.process?.dieAt(Number.MAX_SAFE_INTEGER, 'before');
    for (const camera of this.cameras) {
      this.pull(camera);
      camera.stalled = false;
      camera.wake();
      camera.flakyReads = 0;
      camera.bad.clear();
    }
  }

  disturbed(): void {
    this.calmSinceMs = this.nowMs;
  }

  /** Starts the daemon on what is there. */
  async boot(): Promise<void> {
    const process = new Incarnation(this.clock, () => this.wallErrorMs);
    this.process = process;
    tapLedger(
      process,
      (entries) => this.#confirmed(entries),
      () => this.#ledgerTrouble(),
    );
    this.#board = new ProgressBoard(() => this.nowMs);
    const dock = new Dock(this.config, '0.0.0', this.#ports(process, this.#board));
    this.dock = dock;
    this.deadSinceMs = undefined;
    this.disturbed();
    dock.start().catch((error: unknown) => {
      // It says why and ends: the next start may find it healed, as the disk may be by the time that everything has stopped.
      if (this.#refusals.has(error) || this.ledgerFailedMs !== undefined) process.die();
      else if (process.alive) this.unhandled.push(error);
    });
    // As `run.ts` does: it stops in order, and ends; systemd starts it anew.
    const failed = dock.failed.then(() => dock.stop());
    failed.then(
      () => process.die(),
      (error: unknown) => this.unhandled.push(error),
    );
    await this.pass(0);
  }

  /** Lets time pass; when the daemon dies meanwhile, what it left is cleared up as a kernel does. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    if (this.process !== undefined && !this.process.alive) await this.#bury(this.process);
  }

  /** The daemon dies now, whatever it is doing. */
  async kill(powerCut: boolean): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    process.powerCut = powerCut;
    process.die();
    await this.clock.advance(0);
    await this.#bury(process);
  }

  /** As systemd stops it. False: it did not end in time. */
  async stop(withinMs = 60_000): Promise<boolean> {
    const { dock, process } = this;
    if (dock === undefined || process === undefined) return true;
    let ended: boolean | undefined;
    dock.stop().then(
      (clean) => {
        ended = clean;
      },
      (error: unknown) => this.unhandled.push(error),
    );
    for (let waited = 0; waited < withinMs && ended === undefined && process.alive; waited += 250) {
      await this.clock.advance(250);
    }
    const died = !process.alive;
    process.die();
    await this.#bury(process);
    return died || ended === true;
  }

  async plug(camera: SimCamera, slot: number, askew = false, volumeAfterMs = 0): Promise<void> {
    const place = this.places[slot - 1];
    if (place === undefined || camera.place !== undefined || this.in(slot) !== undefined) throw new Error('no room');
    camera.spoilt = false;
    camera.dockedMs = this.nowMs;
    this.stays.push({ camera, slot, fromMs: this.nowMs, toMs: Number.POSITIVE_INFINITY });
    await camera.appear(place);
    place.unit.insert(place.unitSlot, camera.pins, askew);
    this.#showVolumes(volumeAfterMs);
  }

  pull(camera: SimCamera, noticedAfterMs = 0): void {
    const { place } = camera;
    if (place === undefined) return;
    camera.vanish();
    const { unit, unitSlot } = this.cradles.bay(place.slot);
    unit.remove(unitSlot);
    const stay = this.stays.findLast((one) => one.camera === camera);
    if (stay !== undefined) stay.toMs = this.nowMs;
    this.#showVolumes(noticedAfterMs);
  }

  setReserve(reserveBytes: number): void {
    this.config = { ...this.config, archive: { ...this.config.archive, reserveBytes } };
    if (this.alive) this.dock?.reconfigure(this.config);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The camera whose card a path is on, and the path on it (latin1). */
  cameraAt(path: string): { readonly camera: SimCamera; readonly relative: string } | undefined {
    const camera = this.cameras.find(({ volume }) => volume !== undefined && path.startsWith(`${volume.path}/`));
    if (camera?.volume === undefined) return undefined;
    return { camera, relative: path.slice(camera.volume.path.length + 1) };
  }

  async #bury(process: Incarnation): Promise<void> {
    if (this.process !== process) return;
    this.process = undefined;
    this.dock = undefined;
    this.#onVolumes = undefined;
    this.deadSinceMs = this.nowMs;
    this.ledgerFails = undefined;
    this.ledgerFailedMs = undefined;
    this.disturbed();
    for (const wire of this.cradles.wires) wire.cut();
    this.broker.clientDied();
    await process.closeAll();
    if (process.powerCut) losePower(this.#unsynced, this.#random);
    this.#unsynced.clear();
  }

  #showVolumes(afterMs: number): void {
    this.clock.timer('world volumes', afterMs, () => {
      this.#onVolumes?.(this.cameras.flatMap(({ volume }) => (volume === undefined ? [] : [volume])));
    });
  }

  #confirmed(entries: readonly Entered[]): void {
    for (const { seq, leaf, bytes } of entries) {
      const entry = JSON.parse(bytes.toString('utf8')) as Entry;
      this.entered.push({ seq, leaf, bytes, entry, confirmedMs: this.nowMs });
    }
  }

  #config(): Config {
    return configSchema.parse({
      version: 1,
      dock: {
        id: 'dock-1',
        bureau: 'bureau-1',
        stateDir: join(this.folder, 'state'),
        runDir: join(this.folder, 'state'),
      },
      media: { root: join(this.folder, 'media'), requireMount: false },
      cradles: this.cradles.units.map((unit) => ({
        name: unit.name,
        unit: unit.unit,
        line: { serial: unit.wire.name },
        bays: this.places
          .filter((bay) => bay.unit === unit)
          .map(({ unitSlot, port, priority }) => ({ slot: unitSlot, port, priority })),
      })),
      cameras: this.cameras
        .filter(
          ({ temper }, at) => temper.registered && this.cameras.findIndex(({ id }) => id === temper.serial) === at,
        )
        .map(({ temper }) => ({ id: temper.serial, officer: temper.user, quarantined: temper.quarantined })),
      archive: { path: this.archive, reserveBytes: 0 },
      offload: { erase: this.#options.erase },
      central: { url: 'mqtt://model:1883', receipt: this.#options.receipt },
    });
  }

  #ports(process: Incarnation, board: ProgressBoard): DockPorts {
    const { clock } = process;
    const log = new KeptLog();
    this.log.push(log);
    const files = faultyFiles(process, this.disk, this.#unsynced, this.#random);
    const sources = faultySources(process, {
      cameraAt: (path) => this.cameraAt(path),
      beforeRead: (camera, relative) => this.beforeRead(camera, relative),
    });
    return {
      clock,
      log,
      board,
      bootId: '00000000-0000-4000-8000-000000000000',
      bootOffsetMs: 0,
      families: [this.#watched(process, massStorageFamily({ clock, maxRecordings: () => 10_000 }))],
      files,
      copier: createLocalCopier({
        files,
        sources,
        blocks: new BlockPool(128),
        clock,
        salvage: { ...defaultSalvage, readRetries: 2 },
      }),
      broker: this.broker,
      line: (cradles) => {
        const units = this.cradles.units.filter(({ name }) => cradles.some((cradle) => cradle.name === name));
        return modbusLine({
          units: units.map(({ name, unit, bayCount }) => ({ cradle: name, unit, bayCount })),
          framing: 'rtu',
          clock,
          open: async () => {
            const [first] = units;
            if (first === undefined) throw new Error('a line without cradles');
            return first.wire.open();
          },
        });
      },
      watchVolumes: ({ onVolumes }) => {
        this.#onVolumes = onVolumes;
        this.#showVolumes(0);
        return {
          stop: async () => {
            this.#onVolumes = undefined;
          },
        };
      },
      checkLedger: async (file, _depth, signal) => {
        if (this.ledgerCheckMs > 0) await sleep(clock, 'world ledger check', this.ledgerCheckMs, signal);
        const check = await checkLedger({ file, depth: 'full', clock, signal });
        return this.ledgerProblem === null ? check : { ...check, problem: this.ledgerProblem };
      },
      gatherTrust: async () => this.#evidence(),
    };
  }

  /** The same family, except that the world sees each erasure coming and the process can die around it. */
  #watched(process: Incarnation, family: CameraFamily): CameraFamily {
    return {
      ...family,
      open: async (sighting, ...rest) => {
        const session = await family.open(sighting, ...rest);
        const { erase } = session;
        if (erase === undefined) return session;
        return {
          ...session,
          erase: (recording, proof) =>
            process.operation(() => {
              const source = session.source(recording);
              if (source.kind !== 'file') throw new Error('cards of the simulation are volumes');
              const path = Buffer.from(source.path).toString('latin1');
              this.watch.erasing(this.cameraAt(path)?.camera, recording, proof);
              return erase(recording, proof);
            }),
        };
      },
    };
  }

  #evidence(): TrustEvidence {
    const wallMs = this.clock.wallMs() + this.wallErrorMs;
    return { timesyncdAtMs: this.trusted ? wallMs - 1_000 : this.oldStampMs, chronyTracking: null, rtc: null };
  }

  #ledgerTrouble(): LedgerTrouble | undefined {
    if (this.ledgerFull) {
      const error = ledgerFull();
      this.#refusals.add(error);
      return { kind: 'error', error, written: false };
    }
    const { ledgerFails } = this;
    if (ledgerFails === undefined) return undefined;
    this.ledgerFails = undefined;
    this.ledgerFailedMs = this.nowMs;
    if (ledgerFails === 'hangs') return { kind: 'hangs' };
    return { kind: 'error', error: ledgerFailed(), written: ledgerFails === 'after it was written' };
  }
}

function ledgerFailed(): DockError {
  return new DockError('DOCK_LEDGER_FAILED', {
    expected: verbatim('a disk that keeps what is written'),
    found: verbatim('disk I/O error'),
    todo: verbatim('Check the disk'),
    retry: 'never',
  });
}

function ledgerFull(): DockError {
  return new DockError('DOCK_LEDGER_FULL', {
    expected: verbatim('room for the ledger on its disk'),
    found: verbatim('none'),
    todo: verbatim('Make room'),
    retry: 'now',
  });
}
