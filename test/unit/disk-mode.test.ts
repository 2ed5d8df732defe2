import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../config/schema.js';
import { Bay } from '../../daemon/bay/bay.js';
import { CameraClaims } from '../../daemon/bay/claims.js';
import { chargedSince, knownAgain, switchToDiskMode } from '../../daemon/bay/disk-mode.js';
import { patientEntry } from '../../daemon/bay/patient-entry.js';
import { DockTime } from '../../daemon/clock/dock-time.js';
import type { DockingAccount } from '../../daemon/custody/ledger.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { ambarellaFamily } from '../../drivers/camera/ambarella/driver.js';
import type { Volume } from '../../drivers/contract/camera.js';
import type { BayReading } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { AmbarellaDevice } from '../../drivers/simulated/ambarella/device.js';
import { StandardCamera, type StandardCameraOptions } from '../../drivers/simulated/standard-camera.js';
import { KeptLog } from '../support/kept-log.js';
import { MemoryLedger } from '../support/memory-ledger.js';
import { UsbRig } from '../support/usb-rig.js';
import { VirtualClock } from '../support/virtual-clock.js';

const account: DockingAccount = {
  camera: 'A7',
  family: 'ambarella',
  identifiedBy: 'protocol',
  batteryPercent: 93,
  volumeUuid: '1A2B-3C4D',
};
const volume: Volume = { name: '1-1', path: '/m', mountId: '1', fileSystem: 'vfat', readOnly: true, uuid: '1A2B-3C4D' };

describe('knowing a camera again by its volume (I11)', () => {
  it('takes what the ledger has of the docking, for the volume that was inspected in it', () => {
    expect(knownAgain(account, volume)).toEqual({
      family: 'ambarella',
      identity: { id: 'A7', source: 'protocol' },
      battery: { percent: 93, charging: false },
    });
  });

  it('takes nothing for another volume, one without identity, or a camera that says itself who it is', () => {
    const { uuid: _, ...nameless } = volume;
    expect(knownAgain(account, { ...volume, uuid: '1A2B-3C4E' })).toBeUndefined();
    expect(knownAgain(account, nameless)).toBeUndefined();
    expect(knownAgain({ ...account, volumeUuid: null }, nameless)).toBeUndefined();
    expect(knownAgain({ ...account, identifiedBy: 'side-channel' }, volume)).toBeUndefined();
    expect(knownAgain(undefined, volume)).toBeUndefined();
  });
});

describe('a battery that cannot be asked any more', () => {
  it('is as it was told until the charger says that it is full', () => {
    const told = { percent: 40, charging: false };
    expect(chargedSince(told, 'charging')).toEqual({ percent: 40, charging: true });
    expect(chargedSince(told, 'fault')).toEqual({ percent: 40, charging: false });
    expect(chargedSince(told, 'full')).toEqual({ percent: 100, charging: false });
    expect(chargedSince(undefined, 'charging')).toBeUndefined();
    expect(chargedSince(undefined, 'full')?.percent).toBe(100);
  });
});

describe('asking for disk mode', () => {
  const refusal = new DockError('DOCK_CAMERA_DISK_MODE_REFUSED', {
    expected: verbatim('a'),
    found: verbatim('b'),
    todo: verbatim('c'),
    retry: 'now',
  });

  async function ask(refusals: number, error: Error = refusal) {
    const clock = new VirtualClock();
    let asked = 0;
    let told = 0;
    const asking = switchToDiskMode(
      async () => {
        asked += 1;
        if (asked <= refusals) throw error;
      },
      clock,
      new AbortController().signal,
      () => {
        told += 1;
      },
    ).catch((thrown: unknown) => thrown);
    await clock.advance(300_000);
    return { outcome: await asking, asked, told };
  }

  it('goes on while the camera closes a clip, says so once, and counts', async () => {
    expect(await ask(0)).toEqual({ outcome: 0, asked: 1, told: 0 });
    expect(await ask(5)).toEqual({ outcome: 5, asked: 6, told: 1 });
  });

  it('ends after a minute with what the camera said, and at once for anything else', async () => {
    expect(await ask(1_000)).toMatchObject({ outcome: refusal, asked: 31 });
    const other = new Error('something else');
    expect(await ask(1_000, other)).toEqual({ outcome: other, asked: 1, told: 0 });
  });
});

describe('a bay on the way to disk mode', () => {
  let folder: string;
  let usb: UsbRig;
  let log: KeptLog;
  let ledger: MemoryLedger;
  let bay: Bay;
  const reading: BayReading = {
    slot: 1,
    seating: 'seated',
    arrivals: 1,
    latched: true,
    charge: 'charging',
    currentMa: 900,
    light: 'off',
    sideChannel: false,
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'custodock-bay-'));
    usb = new UsbRig();
    log = new KeptLog();
    ledger = new MemoryLedger();
    const { clock } = usb;
    const board = new ProgressBoard(() => clock.monotonicMs());
    const config: Config = configSchema.parse({
      version: 1,
      dock: { id: 'd', bureau: 'b', language: 'en', stateDir: folder },
      cameras: [{ id: 'A7000123' }],
    });
    const gather = async () => ({ timesyncdAtMs: clock.wallMs() - 1_000, chronyTracking: null, rtc: null });
    const dockTime = new DockTime({
      config: config.clock,
      stateDir: folder,
      bootId: 'b',
      bootOffsetMs: 0,
      clock,
      log,
      board,
      gather,
    });
    await dockTime.start();
    const early = (): Promise<never> => Promise.reject(new Error('there is nothing to offload yet'));
    const place = {
      name: '1-1',
      priority: () => false,
      pins: false,
      sideChannel: () => {
        throw new Error('no data pins');
      },
      setLight: () => undefined,
      onChange: () => undefined,
    };
    const services = {
      clock,
      log,
      ledger,
      dockTime,
      families: [ambarellaFamily(usb.options)],
      offload: { run: early, clear: early, mayErase: () => false },
      claims: new CameraClaims(),
      others: { whereabouts: () => 'there' as const, hasLeft: () => undefined },
      board,
      config: () => config,
      enter: patientEntry(ledger, clock, log, new AbortController().signal),
    };
    bay = new Bay(place, services, undefined);
  });

  afterEach(async () => {
    await usb.run(bay.stop());
    await rm(folder, { recursive: true });
  });

  const look = (): void =>
    bay.observe(reading, { usb: usb.usb.devices().find(({ portPath }) => portPath === '1-1.3') }, 1);

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await usb.clock.advance(100);
      look();
    }
  }

  function plug(options: Partial<StandardCameraOptions> = {}): StandardCamera & { readonly device: AmbarellaDevice } {
    const camera = new StandardCamera(usb.clock, { serial: 'A7000123', ...options });
    camera.onDiskMode = () => {
      usb.clock.timer('leave', 10, () => usb.usb.unplug('1-1.3'));
    };
    const device = new AmbarellaDevice(camera);
    usb.plug(device);
    return Object.assign(camera, { device });
  }

  const entered = (): string[] => ledger.entries.map(({ entry }) => entry.kind);

  it('waits amber for a camera that does not come back, for so long and no longer', async () => {
    plug();
    await pass(30_000);
    expect(bay.status()).toMatchObject({ state: 'switching', light: 'amber-breathing', camera: 'A7000123' });
    await pass(10_000);
    expect(bay.status()).toMatchObject({
      state: 'faulty',
      light: 'red-steady',
      error: { code: 'DOCK_CAMERA_NOT_BACK' },
    });
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    // Nothing is there that could be tried again.
    await pass(600_000);
    expect(entered()).toEqual(['camera.docked', 'camera.inspected', 'camera.clock-set-blindly', 'camera.disk-mode']);
  });

  it('stays amber while the camera closes a clip', async () => {
    const camera = plug({ refusesDiskMode: 10 });
    await pass(15_000);
    expect(bay.status()).toMatchObject({ state: 'switching', light: 'amber-breathing' });
    expect(camera.diskModeAsked).toBeGreaterThan(3);
    await pass(15_000);
    expect(camera.diskModeAsked).toBe(11);
    expect(ledger.entries.at(-1)?.entry).toMatchObject({ kind: 'camera.disk-mode', body: { refusals: 10 } });
  });

  it('tries a camera again that answered and stayed', async () => {
    const camera = plug();
    camera.onDiskMode = () => undefined;
    await pass(60_000);
    expect(camera.diskModeAsked).toBeGreaterThan(1);
    expect(log.lines.some(({ error }) => error instanceof DockError && error.code === 'DOCK_CAMERA_NOT_BACK')).toBe(
      true,
    );
  });

  it('sets the clock of a camera that stayed as soon as it can be set, and enters of its retries what is news', async () => {
    const camera = plug();
    camera.onDiskMode = () => undefined;
    camera.device.faults.set('Stm', { fault: 'truncated', times: 1_000 });
    while (camera.diskModeAsked < 3) await pass(10_000);
    expect(entered().filter((kind) => kind.startsWith('camera.clock'))).toEqual(['camera.clock-left']);
    camera.device.faults.clear();
    while (camera.diskModeAsked < 6) await pass(10_000);
    expect(entered().filter((kind) => kind.startsWith('camera.clock'))).toEqual([
      'camera.clock-left',
      'camera.clock-set-blindly',
    ]);
    expect(entered().filter((kind) => kind === 'camera.inspected')).toHaveLength(1);
  });

  it('lets go of the interface when the camera is taken, at any moment', async () => {
    let taken = 0;
    for (let afterMs = 0; afterMs <= 16_000; afterMs += 700) {
      plug();
      await pass(afterMs + 100);
      usb.usb.unplug('1-1.3');
      bay.observe({ ...reading, seating: 'empty' }, {}, 1);
      await usb.clock.advance(20_000);
      taken += 1;
      expect(bay.status()).toMatchObject({ state: 'empty', camera: null });
      expect(entered().filter((kind) => kind === 'camera.undocked')).toHaveLength(taken);
      expect(entered().at(-1)).toBe('camera.undocked');
    }
    // All moments were met: before it was known, on its way, and when it had not come back.
    const during = ledger.entries.flatMap(({ entry }) =>
      entry.kind === 'camera.undocked' ? [Object(entry.body).during] : [],
    );
    expect(new Set(during)).toEqual(new Set(['settling', 'inspecting', 'switching']));
  });
});
