/**
 * A whole dock that is only a hub and some LEDs, on trees that look like those of sysfs: what its bays do when cameras come, change their
 * mode, go, and when the kernel numbers its buses anew. A tenth of the waiting.
 */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../config/schema.js';
import { durableFiles } from '../../daemon/archive/durable-files.js';
import { checkLedger } from '../../daemon/custody/check.js';
import { Database } from '../../daemon/custody/database.js';
import { Dock } from '../../daemon/dock.js';
import { BlockPool } from '../../daemon/offload/blocks.js';
import { createLocalCopier } from '../../daemon/offload/local-copier.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { sourceFiles } from '../../daemon/offload/source-files.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { hubLine } from '../../drivers/cradle/hub/line.js';
import { watchMedia } from '../../drivers/media/media-root.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { watchUsb } from '../../drivers/usb/watch.js';
import { eventually } from '../support/daemon-rig.js';
import { FakeLeds } from '../support/fake-leds.js';
import { FakeUsb, ptpInterface, storageInterface } from '../support/fake-usb.js';
import { KeptLog } from '../support/kept-log.js';

const xhci = 'pci0000:00/0000:00:14.0';
const startMs = systemClock.monotonicMs();
const bootWallMs = systemClock.wallMs();
const passedMs = (): number => (systemClock.monotonicMs() - startMs) * 10;
const clock: Clock = {
  wallMs: () => bootWallMs + passedMs(),
  monotonicMs: passedMs,
  timer: (name, delayMs, fire) => systemClock.timer(name, delayMs / 10, fire),
};

let folder: string;
let usb: FakeUsb;
let leds: FakeLeds;
let dock: Dock;
let log: KeptLog;
let config: Config;

async function startDock(): Promise<void> {
  log = new KeptLog();
  const board = new ProgressBoard(() => clock.monotonicMs());
  const sysfs = new UsbSysfs(clock, usb.sysfs);
  dock = new Dock(config, '0', {
    clock,
    log,
    board,
    bootId: '00000000-0000-4000-8000-000000000000',
    bootOffsetMs: 0,
    families: [massStorageFamily({ clock, maxRecordings: () => 1_000 })],
    files: durableFiles,
    copier: createLocalCopier({
      files: durableFiles,
      sources: sourceFiles,
      blocks: new BlockPool(128),
      clock,
      salvage: { ...defaultSalvage, readRetries: 0 },
    }),
    broker: null,
    line: (cradles, feed) =>
      hubLine({
        cradles: cradles.map(({ name, bays }) => ({
          cradle: name,
          bays: bays.map(({ slot, port = '', leds: lights = [] }) => ({ slot, port, leds: lights })),
        })),
        ledFolder: leds.folder,
        usb: feed,
        clock,
      }),
    watchVolumes: (listener) => watchMedia({ ...config.media, clock, ...listener }),
    watchUsb: (onLook, onTrouble) =>
      watchUsb({
        clock,
        sysfs,
        watchHints: () => ({ refresh: async () => undefined, close: () => undefined }),
        onLook,
        onTrouble,
      }),
    checkLedger: (file, _depth, signal) => checkLedger({ file, depth: 'full', clock, signal }),
    gatherTrust: async () => ({ timesyncdAtMs: clock.wallMs() - 1_000, chronyTracking: null, rtc: null }),
  });
  await dock.start();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-hub-'));
  await mkdir(join(folder, 'media'));
  usb = new FakeUsb();
  usb.controller(xhci, { usb2: 1, usb3: 2 }, 4);
  leds = new FakeLeds();
  for (const name of ['b1:red', 'b1:green', 'b2:red', 'b2:green']) leds.add(name);
  config = configSchema.parse({
    version: 1,
    dock: { id: 'd', bureau: 'b', language: 'en', stateDir: join(folder, 'state'), runDir: join(folder, 'run') },
    media: { root: join(folder, 'media'), requireMount: false, settleMs: 15_000 },
    archive: { path: join(folder, 'archive'), reserveBytes: 0 },
    cradles: [
      {
        name: 'h',
        line: { usb: true, leds: leds.folder },
        bays: [
          { slot: 1, port: `1@${xhci}`, leds: ['b1:red', 'b1:green'] },
          { slot: 2, port: `2@${xhci}`, leds: ['b2:red', 'b2:green'] },
        ],
      },
    ],
    cameras: [{ id: 'C0001', officer: '7' }],
  });
  await startDock();
});
afterEach(async () => {
  await dock.stop();
  usb.remove();
  leds.remove();
  await rm(folder, { recursive: true });
});

async function entered(): Promise<string[]> {
  const database = await Database.open(join(folder, 'state', 'ledger.db'), 'read');
  try {
    const rows = await database.all<{ bytes: Buffer }>('SELECT bytes FROM entries ORDER BY seq');
    const kinds = rows.map(({ bytes }): string => JSON.parse(bytes.toString('utf8')).kind);
    return kinds.filter((kind) => kind.startsWith('camera.') || kind.startsWith('recording.'));
  } finally {
    await database.close();
  }
}
const bay = (name: string) => dock.status().bays.find((status) => status.bay === name);
const until = (what: string, met: () => boolean | Promise<boolean>): Promise<void> =>
  eventually(met, 15_000, () => `${what}: ${JSON.stringify(dock.status().bays)}`);

async function card(): Promise<string> {
  const path = join(folder, 'card');
  await writeCard(path, {
    seed: 's',
    device: 'C0001',
    user: '000007',
    recordings: segments('2026-03-02T09:00:00', 3, 40_000),
  });
  return path;
}

describe('a dock that is only a hub', () => {
  it('takes a camera in at its port, whichever half and bus number, through a mode switch, and lets it go', async () => {
    await until('green or dark', () => bay('h-1')?.light === 'off');
    usb.plug('2-1', { interfaces: [ptpInterface] }, '5000');
    await until('settling', () => bay('h-1')?.state === 'settling');
    // Disk mode: away for a while, then another device at the other half, and its volume by the kernel's name.
    usb.unplug('2-1');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(bay('h-1')?.state).not.toBe('empty');
    usb.plug('1-1', { interfaces: [storageInterface] });
    await rename(await card(), join(folder, 'media', '1-1'));
    // Nothing tells its battery: M7 cannot be vouched for, and the light does not.
    await until('judged', () => bay('h-1')?.state === 'not-ready');
    expect(await entered()).toEqual([
      'camera.docked',
      'camera.inspected',
      'camera.clock-left',
      ...Array(3).fill('recording.offloaded'),
      'camera.offloaded',
      'camera.not-ready',
    ]);
    await until('red', () => leds.shows('b1:red', 100) === 255 && leds.shows('b1:green', 100) === 0);
    expect(bay('h-2')?.state).toBe('empty');
    await rename(join(folder, 'media', '1-1'), join(folder, 'card'));
    usb.unplug('1-1');
    await until('gone', async () => (await entered()).at(-1) === 'camera.undocked');
    expect(bay('h-1')).toMatchObject({ state: 'empty', light: 'off' });
  });

  it('takes a camera in that was moved to the next bay within a moment, and calls nobody a twin (I8)', async () => {
    usb.plug('1-1', { interfaces: [storageInterface] });
    await rename(await card(), join(folder, 'media', '1-1'));
    await until('judged', () => bay('h-1')?.state === 'not-ready');
    await rename(join(folder, 'media', '1-1'), join(folder, 'card'));
    usb.unplug('1-1');
    // Three seconds of the dock's: its first bay has lost contact, and is not said to be empty yet.
    await new Promise((resolve) => setTimeout(resolve, 300));
    usb.plug('1-2', { interfaces: [storageInterface] });
    await rename(join(folder, 'card'), join(folder, 'media', '1-2'));
    await until('judged there', () => bay('h-2')?.state === 'not-ready');
    // Its line goes on saying for a while that a camera there has lost contact.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bay('h-1')).toMatchObject({ state: 'empty', light: 'off' });
    const kinds = await entered();
    expect(kinds).not.toContain('camera.refused');
    expect(kinds.filter((kind) => kind === 'camera.docked' || kind === 'camera.undocked')).toEqual([
      'camera.docked',
      'camera.undocked',
      'camera.docked',
    ]);
  });

  it('keeps two bays whose hub resets all its ports docked, and enters nothing of it', async () => {
    usb.plug('1-1', { interfaces: [ptpInterface] });
    usb.plug('1-2', { interfaces: [ptpInterface] });
    await until('both', () => ['h-1', 'h-2'].every((name) => bay(name)?.state === 'settling'));
    for (let round = 0; round < 3; round += 1) {
      usb.reenumerate('1-1', { interfaces: [ptpInterface] });
      usb.reenumerate('1-2', { interfaces: [ptpInterface] });
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(['h-1', 'h-2'].map((name) => bay(name)?.docking === null)).toEqual([false, false]);
    expect((await entered()).filter((kind) => kind === 'camera.undocked')).toEqual([]);
  });

  it('finds the camera of an open docking again after a boot that numbered the buses anew (I7)', async () => {
    usb.plug('1-1', { interfaces: [storageInterface] });
    await rename(await card(), join(folder, 'media', '1-1'));
    await until('judged', () => bay('h-1')?.state === 'not-ready');
    const docking = bay('h-1')?.docking;
    await dock.stop();
    usb.remove();
    usb = new FakeUsb();
    usb.controller('pci0000:00/0000:00:1a.0', { usb2: 1 }, 4);
    usb.controller(xhci, { usb2: 5, usb3: 6 }, 4);
    usb.plug('5-1', { interfaces: [storageInterface] });
    await rename(join(folder, 'media', '1-1'), join(folder, 'media', '5-1'));
    await startDock();
    await until('judged again', () => bay('h-1')?.state === 'not-ready');
    expect(bay('h-1')?.docking).toBe(docking);
    const kinds = await entered();
    expect(kinds.filter((kind) => kind === 'camera.docked')).toHaveLength(1);
    expect(kinds).not.toContain('camera.undocked');
    expect(log.lines.filter(({ key }) => key === 'volume.no-bay')).toEqual([]);
  });
});
