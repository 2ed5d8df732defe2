/**
 * The composition root: builds the services of a dock in the order in which they need each other, and stops them in reverse.
 *
 * What touches the world outside (lines, volumes, broker, threads) comes in as ports, so that the simulation runs this very
 * code on virtual time. Nothing here decides anything about a camera.
 */
import type { Config } from '../config/schema.js';
import type { CradleLine } from '../drivers/contract/cradle.js';
import type { DockError } from '../drivers/contract/error.js';
import type { UsbLook } from '../drivers/contract/usb.js';
import { isUsbPort } from '../drivers/usb/at-port.js';
import { Archive } from './archive/archive.js';
import { ArchiveWatch } from './archive/archive-watch.js';
import { Bays } from './bay/bays.js';
import { CameraClaims } from './bay/claims.js';
import { linesOf } from './bay/lines.js';
import type { Broker } from './central/broker.js';
import { type Centre, centreStopWithinMs, createCentre } from './central/centre.js';
import { DockTime } from './clock/dock-time.js';
import type { DockView } from './console/view.js';
import type { LedgerCheck } from './custody/check.js';
import type { Ledger } from './custody/ledger.js';
import { LedgerService } from './custody/ledger-service.js';
import type { DockPorts } from './dock-ports.js';
import { lookBackService } from './look-back.js';
import { createOffload } from './offload/offloader.js';
import { type Service, startAll, stopAll } from './runtime/service.js';
import type { DockStatus } from './status.js';

export class Dock implements DockView {
  readonly #ports: DockPorts;
  readonly #version: string;
  readonly #startedUtc: string;
  #config: Config;
  readonly #listeners = new Set<() => void>();
  readonly #usbListeners: ((look: UsbLook) => void)[] = [];
  readonly #services: readonly Service[];
  readonly #dockTime: DockTime;
  readonly #archive: Archive;
  readonly #archiveWatch: ArchiveWatch;
  readonly #ledgerService: LedgerService;
  /** Resolves, if ever, when the dock cannot go on and has to be started anew. */
  readonly failed: Promise<DockError>;
  #centre: Centre | undefined;
  #bays: Bays | undefined;

  constructor(config: Config, version: string, ports: DockPorts) {
    this.#config = config;
    this.#version = version;
    this.#ports = ports;
    this.#startedUtc = new Date(ports.clock.wallMs()).toISOString();
    this.#dockTime = new DockTime({
      config: config.clock,
      stateDir: config.dock.stateDir,
      bootId: ports.bootId,
      bootOffsetMs: ports.bootOffsetMs,
      clock: ports.clock,
      log: ports.log,
      board: ports.board,
      ...(ports.gatherTrust === undefined ? {} : { gather: ports.gatherTrust }),
    });
    let fail: (error: DockError) => void = () => undefined;
    this.failed = new Promise((resolve) => {
      fail = resolve;
    });
    this.#ledgerService = new LedgerService({
      stateDir: config.dock.stateDir,
      dock: config.dock.id,
      entryClock: this.#dockTime.entryTime,
      clock: ports.clock,
      log: ports.log,
      language: () => this.#config.dock.language,
      checkLedger: ports.checkLedger,
      onFailed: fail,
    });
    const current = (): Config => this.#config;
    this.#archive = new Archive({
      path: config.archive.path,
      get reserveBytes() {
        return current().archive.reserveBytes;
      },
      files: ports.files,
      clock: ports.clock,
      hasRecordings: async () => (await this.ledger.recordings({ limit: 1 })).length > 0,
    });
    this.#archiveWatch = new ArchiveWatch(this.#archive, ports.clock, ports.log, ports.board, () => this.#changed());
    this.#services = [
      this.#ledgerService,
      this.#timeService(),
      this.#archiveWatch,
      ...(ports.broker === null ? [] : [this.#centreService(ports.broker)]),
      this.#recordService(),
      this.#copierService(),
      this.#baysService(),
      this.#volumesService(),
      ...(ports.watchUsb === undefined || !usesUsb(config) ? [] : [this.#usbService(ports.watchUsb)]),
      lookBackService(this.#ledgerService, this.#archive, ports.log, () => this.#changed()),
      ...(ports.console === undefined ? [] : [ports.console(this)]),
    ];
  }

  async start(): Promise<void> {
    await startAll(this.#ports.clock, this.#ports.log, this.#services);
  }

  /** Longest time that `stop` may take, ms. */
  get stopWithinMs(): number {
    return this.#services.reduce((sum, { stopWithinMs }) => sum + stopWithinMs, 0);
  }

  /** True when every service stopped within its deadline. */
  stop(): Promise<boolean> {
    return stopAll(this.#ports.clock, this.#ports.log, this.#services);
  }

  /** Takes over what can be changed while running; the caller has found out what needs a restart. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#dockTime.reconfigure(config.clock);
    this.#changed();
  }

  get config(): Config {
    return this.#config;
  }

  get ledger(): Ledger {
    return this.#ledgerService.ledger;
  }

  /** Reads the whole ledger now, every document and register too. */
  async checkLedger(): Promise<LedgerCheck> {
    const check = await this.#ledgerService.check('full');
    this.#changed();
    return check;
  }

  /** Shows a bay to a technician; false: there is no such bay. */
  identify(bay: string, on: boolean): boolean {
    const found = this.#bays?.bay(bay);
    found?.identify(on);
    return found !== undefined;
  }

  onStatus(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): DockStatus {
    const { dock } = this.#config;
    const centre = this.#centre?.status();
    return {
      dock: dock.id,
      bureau: dock.bureau,
      version: this.#version,
      language: dock.language,
      startedUtc: this.#startedUtc,
      clock: this.#dockTime.trust,
      ledger: this.#ledgerService.status(),
      centre: {
        state: centre?.state ?? 'off',
        waiting: centre?.waiting ?? 0,
        error: centre?.error?.message ?? null,
      },
      archive: this.#archiveWatch.status,
      cradles: this.#bays?.cradles() ?? [],
      bays: this.#bays?.status() ?? [],
    };
  }

  #live(): Pick<Config, 'offload'> {
    const current = (): Config => this.#config;
    return {
      get offload() {
        return current().offload;
      },
    };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    this.#centre?.statusChanged();
  }

  #timeService(): Service {
    return {
      name: 'time',
      stopWithinMs: 3_000,
      start: async () => {
        this.#dockTime.onChange((trust) => {
          this.#changed();
          // Before the first entry there is nothing that it could have changed.
          if (this.#bays === undefined) return;
          this.ledger
            .append({ kind: 'clock.trust-changed', body: { detail: trust.detail } })
            .catch((error: unknown) => this.#ports.log.error('bay.entry-lost', { kind: 'clock.trust-changed' }, error));
        });
        await this.#dockTime.start(this.#ledgerService.lastEntryTime);
      },
      stop: () => this.#dockTime.stop(),
    };
  }

  #centreService(broker: Broker): Service {
    const { clock, log, bootId } = this.#ports;
    const { central, dock } = this.#config;
    return {
      name: 'centre',
      stopWithinMs: centreStopWithinMs,
      start: async () => {
        const centre = createCentre({
          bureau: dock.bureau,
          dock: dock.id,
          // Of this run of the daemon, not only of the kernel: an older run's state can come late.
          bootId: `${bootId}/${this.#startedUtc}`,
          receipt: central?.receipt ?? 'broker',
          window: central?.window ?? 64,
          broker,
          ledger: this.ledger,
          status: () => this.status(),
          register: () => this.#config,
          clock,
          log,
        });
        this.#centre = centre;
        await centre.start();
      },
      stop: async (byMs) => {
        await this.#centre?.stop(byMs);
      },
    };
  }

  /** Enters that the dock started, and that it stopped: the last entry of a clean stop. */
  #recordService(): Service {
    return {
      name: 'record',
      stopWithinMs: 3_000,
      start: async () => {
        await this.ledger.append({
          kind: 'dock.started',
          body: { version: this.#version, previousStop: this.#ledgerService.previousStop },
        });
      },
      stop: async () => {
        await this.ledger.append({ kind: 'dock.stopped', body: { reason: 'asked' } });
      },
    };
  }

  #copierService(): Service {
    return {
      name: 'copier',
      stopWithinMs: 8_000,
      start: async () => undefined,
      stop: () => this.#ports.copier.stop(),
    };
  }

  #baysService(): Service {
    const { clock, log, families, copier } = this.#ports;
    const lines: CradleLine[] = [];
    return {
      name: 'bays',
      stopWithinMs: 15_000,
      start: async () => {
        const config = this.#config;
        const lineOf = new Map<string, CradleLine>();
        for (const cradles of linesOf(config.cradles)) {
          const line = this.#ports.line(cradles, { listen: (listener) => this.#usbListeners.push(listener) });
          lines.push(line);
          for (const { name } of cradles) lineOf.set(name, line);
        }
        const bays = new Bays(
          config,
          {
            clock,
            log,
            ledger: this.ledger,
            dockTime: this.#dockTime,
            families,
            offload: createOffload({
              ledger: this.ledger,
              archive: this.#archive,
              copier,
              log,
              clock,
              timeZone: config.dock.timeZone,
              mayErase: () => this.#ledgerService.status().check === 'clean',
              // A getter: the erase policy can be changed while running.
              config: this.#live(),
            }),
            claims: new CameraClaims(),
            board: this.#ports.board,
            config: () => this.#config,
          },
          lineOf,
          await this.ledger.openDockings(),
          () => this.#changed(),
          this.#ports.watchUsb !== undefined && usesUsb(config),
        );
        this.#bays = bays;
        // Before the lines: what they make of a look is a reading, and the bay shall know its device by then.
        this.#usbListeners.unshift((look) => bays.usb(look));
        for (const line of lines) line.start(bays);
      },
      stop: async () => {
        // First the bays, while their side channels still answer; then the lines, and with them the lights (I12).
        await this.#bays?.stop();
        await Promise.all(lines.map((line) => line.stop()));
      },
    };
  }

  #volumesService(): Service {
    const { log, watchVolumes } = this.#ports;
    return watching('volumes', () =>
      watchVolumes({
        onVolumes: (volumes) => this.#bays?.volumes(volumes),
        onRefused: (ports) => this.#bays?.refused(ports),
        onTrouble: (error) => {
          if (error === null) log.info('media.recovered');
          else log.error('media.trouble', {}, error);
        },
      }),
    );
  }

  #usbService(watchUsb: NonNullable<DockPorts['watchUsb']>): Service {
    const { log } = this.#ports;
    return watching('usb', () =>
      watchUsb(
        (look) => {
          for (const listener of this.#usbListeners) listener(look);
        },
        (error) => {
          if (error === null) log.info('usb.recovered');
          else log.error('usb.trouble', {}, error);
        },
      ),
    );
  }
}

/** Looks from its start to its stop. */
function watching(name: string, begin: () => { stop(): Promise<void> }): Service {
  let watch: { stop(): Promise<void> } | undefined;
  return {
    name,
    stopWithinMs: 3_000,
    start: async () => {
      watch = begin();
    },
    stop: async () => {
      await watch?.stop();
    },
  };
}

/** A dock whose bays have no USB port need not look, nor complain of a machine that has none. */
function usesUsb({ cradles }: Config): boolean {
  return cradles.some(({ bays }) => bays.some(({ port }) => port !== undefined && isUsbPort(port)));
}
