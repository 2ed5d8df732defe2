/**
 * A whole dock in this process with a USB in memory beside its cradle: real ledger, real files, real media watch, cradle over its wire, cameras
 * over theirs. For what goes on between control interface and volume; the built daemon has no USB that a test could plug into.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configSchema } from '../../config/schema.js';
import { durableFiles } from '../../daemon/archive/durable-files.js';
import { checkLedger } from '../../daemon/custody/check.js';
import type { Entry, EntryBody, EntryKind } from '../../daemon/custody/entry.js';
import { Dock } from '../../daemon/dock.js';
import { cameraFamilies } from '../../daemon/families.js';
import { BlockPool, blocksPerCopy } from '../../daemon/offload/blocks.js';
import { createLocalCopier } from '../../daemon/offload/local-copier.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { sourceFiles } from '../../daemon/offload/source-files.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { modbusLine } from '../../drivers/cradle/modbus/line.js';
import { watchMedia } from '../../drivers/media/media-root.js';
import { AmbarellaDevice } from '../../drivers/simulated/ambarella/device.js';
import { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import { serveRtu } from '../../drivers/simulated/cradle-line.js';
import { DiskModeCamera, type DiskModeCameraOptions } from '../../drivers/simulated/disk-mode-camera.js';
import { JieliDevice } from '../../drivers/simulated/jieli/device.js';
import { memoryLinePair } from '../../drivers/simulated/memory-line.js';
import { StandardCamera, type StandardCameraOptions } from '../../drivers/simulated/standard-camera.js';
import { SimulatedUsb } from '../../drivers/simulated/usb-bus.js';
import { eventually } from './daemon-rig.js';
import { KeptLog } from './kept-log.js';

export interface RigCamera {
  readonly camera: StandardCamera;
  readonly control: AmbarellaDevice | JieliDevice;
  readonly docked: DiskModeCamera;
  readonly slot: number;
}

interface PutIn extends Partial<Pick<DiskModeCameraOptions, 'neverBack' | 'awayMs'>> {
  readonly kind: 'ambarella' | 'jieli';
  readonly slot: number;
  readonly serial: string;
  /** Device number in the file names of its card; default its serial. */
  readonly cardOf?: string;
  readonly options?: Partial<StandardCameraOptions>;
  /** What the cradle's charger has to do. */
  readonly chargedPercent?: number;
}

export class UsbDockRig {
  readonly folder: string;
  readonly config: Config;
  readonly usb = new SimulatedUsb(systemClock);
  readonly cradle: SimulatedCradle;
  readonly log = new KeptLog();
  /** UUID of the volume at a port, as the kernel would show it. */
  readonly uuids = new Map<string, string>();
  trusted = true;
  /** So much later than the USB the dock hears of volumes, as where the machine has much to do, ms. */
  volumesLateMs = 0;
  #dock: Dock | undefined;
  #cards = 0;

  private constructor(folder: string, cameras: readonly string[], bays: number, settleMs: number) {
    this.folder = folder;
    this.cradle = new SimulatedCradle({ unit: 1, clock: systemClock, bayCount: bays });
    this.config = configSchema.parse({
      version: 1,
      dock: {
        id: 'rig',
        bureau: 'test',
        language: 'en',
        stateDir: join(folder, 'state'),
        runDir: join(folder, 'state'),
      },
      media: { root: join(folder, 'media'), requireMount: false, settleMs, rescanMs: 100 },
      cradles: [
        {
          name: '1',
          unit: 1,
          line: { serial: '/dev/simulated' },
          bays: Array.from({ length: bays }, (_, at) => ({ slot: at + 1, port: portOf(at + 1) })),
        },
      ],
      cameras: cameras.map((id) => ({ id, officer: '0042' })),
      archive: { path: join(folder, 'archive'), reserveBytes: 0 },
    });
  }

  static async make(cameras: readonly string[], bays = 2, settleMs = 400): Promise<UsbDockRig> {
    const folder = await mkdtemp(join(tmpdir(), 'custodock-usb-'));
    for (const name of ['state', 'media', 'cards']) await mkdir(join(folder, name));
    return new UsbDockRig(folder, cameras, bays, settleMs);
  }

  async start(): Promise<void> {
    const { config, usb } = this;
    const clock = systemClock;
    const dock = new Dock(config, '0.0.0', {
      clock,
      log: this.log,
      board: new ProgressBoard(() => clock.monotonicMs()),
      bootId: '00000000-0000-4000-8000-000000000000',
      bootOffsetMs: 0,
      families: cameraFamilies(config, clock, usb),
      files: durableFiles,
      copier: createLocalCopier({
        files: durableFiles,
        sources: sourceFiles,
        blocks: new BlockPool(2 * blocksPerCopy),
        clock,
        salvage: { ...defaultSalvage, readRetries: 0 },
      }),
      broker: null,
      line: () =>
        modbusLine({
          units: [{ cradle: '1', unit: 1, bayCount: config.cradles[0]?.bays.length ?? 0 }],
          framing: 'rtu',
          clock,
          open: async () => {
            const [near, far] = memoryLinePair(clock).ends;
            serveRtu(far, clock, [{ cradle: this.cradle }]);
            return near;
          },
        }),
      watchUsb: (onLook) => {
        const unwatch = usb.watch((devices) => onLook({ devices, places: new Map() }));
        return { stop: async () => unwatch() };
      },
      watchVolumes: ({ onVolumes, ...listener }) =>
        watchMedia({
          ...config.media,
          ...listener,
          clock,
          onVolumes: (volumes) => {
            const told = volumes.map((volume) => {
              const uuid = this.uuids.get(volume.name);
              return { ...volume, readOnly: true, ...(uuid === undefined ? {} : { uuid }) };
            });
            clock.timer('volumes are told', this.volumesLateMs, () => onVolumes(told));
          },
        }),
      checkLedger: (file, _depth, signal) => checkLedger({ file, depth: 'full', clock, signal }),
      gatherTrust: async () => ({
        timesyncdAtMs: this.trusted ? clock.wallMs() - 1_000 : null,
        chronyTracking: null,
        rtc: null,
      }),
    });
    this.#dock = dock;
    await dock.start();
  }

  async stop(): Promise<void> {
    const dock = this.#dock;
    this.#dock = undefined;
    await dock?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A camera whose data pins nobody has wired: the bay has only its charger and its USB port. */
  async putIn({
    kind,
    slot,
    serial,
    cardOf = serial,
    options,
    chargedPercent = 100,
    ...disk
  }: PutIn): Promise<RigCamera> {
    this.#cards += 1;
    const card = join(this.folder, 'cards', `${this.#cards}`);
    const recordings = segments('2026-03-01T09:00:00', 3, 40_000);
    await writeCard(card, { seed: cardOf, device: cardOf, user: '0042', recordings });
    const pins = { serial: '', dumb: true, batteryPercent: chargedPercent };
    const camera = new StandardCamera(systemClock, { serial, ...options });
    const control = kind === 'ambarella' ? new AmbarellaDevice(camera) : new JieliDevice(camera);
    const docked = new DiskModeCamera({
      clock: systemClock,
      usb: this.usb,
      mediaRoot: this.config.media.root,
      camera,
      control,
      card: new SimulatedCamera({ card, by: 'move', pins }),
      awayMs: 400,
      ...disk,
    });
    this.insert({ camera, control, docked, slot }, chargedPercent);
    return { camera, control, docked, slot };
  }

  insert({ docked, slot }: RigCamera, chargedPercent = 100): void {
    this.cradle.insert(slot, { serial: '', dumb: true, batteryPercent: chargedPercent, capacityBytes: 64e9 });
    docked.insert(portOf(slot));
  }

  async takeOut({ docked, slot }: RigCamera): Promise<void> {
    const before = (await this.entered('camera.undocked')).length;
    this.cradle.remove(slot);
    await docked.remove();
    await eventually(
      async () => (await this.entered('camera.undocked')).length > before,
      10_000,
      () => this.tail(),
    );
  }

  async light(slot: number, pattern: string, deadlineMs = 15_000): Promise<void> {
    await eventually(
      () => this.cradle.light(slot) === pattern,
      deadlineMs,
      () => `bay ${slot} shows ${this.cradle.light(slot)}, not ${pattern}\n${this.tail()}`,
    );
  }

  async entries(): Promise<readonly Entry[]> {
    return (await this.#dock?.ledger.read(1, 1_000))?.map(({ entry }) => entry) ?? [];
  }

  async entered<K extends EntryKind>(kind: K): Promise<readonly EntryBody<K>[]> {
    return (await this.entries()).filter((entry) => entry.kind === kind).map(({ body }) => body as EntryBody<K>);
  }

  tail(): string {
    return this.log.lines
      .slice(-25)
      .map(({ key, fields, error }) => `${key} ${JSON.stringify(fields)} ${error ?? ''}`)
      .join('\n');
  }
}

/** In another order than the slots: whoever joins them by order is wrong (I7). */
export function portOf(slot: number): string {
  return `1-1.${9 - slot}`;
}
