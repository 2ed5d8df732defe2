/** From a control interface to a volume, by the whole dock: Ambarella and JieLi cameras on a USB in memory. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import { AmbarellaDevice } from '../../drivers/simulated/ambarella/device.js';
import { eventually } from '../support/daemon-rig.js';
import { portOf, UsbDockRig } from '../support/usb-dock-rig.js';
import { chinaTime } from '../support/usb-rig.js';

/** A dock of its own for each test: most of the time they wait for a camera, and can do so beside each other. */
function onADock(work: (rig: UsbDockRig) => Promise<void>): () => Promise<void> {
  return async () => {
    const rig = await UsbDockRig.make(['A7000123', 'A700012', 'B7000999']);
    try {
      await rig.start();
      await work(rig);
    } finally {
      await rig.close();
    }
  };
}

const kinds = async (rig: UsbDockRig, docking: string | undefined): Promise<string[]> =>
  (await rig.entries()).filter(({ body }) => Object(body).docking === docking).map(({ kind }) => kind);

async function allSafe(rig: UsbDockRig, camera: string): Promise<void> {
  const offloaded = (await rig.entered('recording.offloaded')).filter((body) => body.camera === camera);
  expect(offloaded).toHaveLength(3);
  for (const { archivePath, sha256 } of offloaded) {
    const stored = await readFile(join(rig.config.archive.path, archivePath));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
  }
}

describe.concurrent('a camera with a control interface', () => {
  it('is spoken to as soon as its interfaces follow its device, however long a volume would be waited for', async () => {
    const rig = await UsbDockRig.make(['A7000123'], 2, 60_000);
    try {
      await rig.start();
      await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      await eventually(
        async () => (await rig.entered('camera.docked')).length === 1,
        15_000,
        () => rig.tail(),
      );
    } finally {
      await rig.close();
    }
  }, 30_000);

  it(
    'of the Ambarella family is identified, set, switched, offloaded and ready, and the ledger shows it (M4, M7)',
    onADock(async (rig) => {
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      await rig.light(1, 'amber-breathing');
      await rig.light(1, 'green-steady');
      await allSafe(rig, 'A7000123');
      const [docked] = await rig.entered('camera.docked');
      expect(docked).toMatchObject({ camera: 'A7000123', family: 'ambarella', identifiedBy: 'protocol', bay: '1-1' });
      expect(await kinds(rig, docked?.docking)).toEqual([
        'camera.docked',
        'camera.inspected',
        'camera.clock-set-blindly',
        'camera.disk-mode',
        'camera.inspected',
        'recording.offloaded',
        'recording.offloaded',
        'recording.offloaded',
        'camera.offloaded',
        'camera.ready',
      ]);
      expect(Math.abs(put.camera.shownMs() - chinaTime(systemClock.wallMs()))).toBeLessThan(600);
      // Nobody knows how wrong it was before: no time is made up for what it recorded.
      expect((await rig.entered('recording.offloaded')).map(({ corrected }) => corrected)).toEqual([null, null, null]);
      // It cannot tell its battery; the charger says that it is full.
      expect(await rig.entered('camera.ready')).toMatchObject([{ batteryPercent: 100 }]);
      await rig.takeOut(put);
      expect(await rig.entered('camera.undocked')).toMatchObject([{ verdict: 'ready', safe: 3, of: 3 }]);
    }),
    60_000,
  );

  it(
    'of the JieLi family too, with its battery, after it has closed a clip, and nobody’s name is entered (M14)',
    onADock(async (rig) => {
      const put = await rig.putIn({
        kind: 'jieli',
        slot: 1,
        serial: 'A700012',
        options: { refusesDiskMode: 2, userNumber: '003217', userName: Buffer.from('Zhang Wei'), batteryPercent: 93 },
        chargedPercent: 93,
      });
      await rig.light(1, 'green-steady', 20_000);
      await allSafe(rig, 'A700012');
      const inspected = await rig.entered('camera.inspected');
      expect(inspected[0]).toMatchObject({ batteryPercent: 93, volume: null, clock: null });
      expect(inspected[1]).toMatchObject({ batteryPercent: 93, volume: { readOnly: true } });
      expect(await rig.entered('camera.disk-mode')).toMatchObject([{ refusals: 2 }]);
      expect(put.camera.diskModeAsked).toBe(3);
      expect(JSON.stringify(await rig.entries())).not.toContain('Zhang');
      expect(rig.usb.isOpen(portOf(1))).toBe(false);
    }),
    60_000,
  );

  it(
    'that claims a serial which is docked already is refused and left as it is (I8)',
    onADock(async (rig) => {
      await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      await rig.light(1, 'green-steady');
      const twin = await rig.putIn({ kind: 'ambarella', slot: 2, serial: 'A7000123' });
      await rig.light(2, 'red-flashing');
      expect(await rig.entered('camera.refused')).toMatchObject([{ bay: '1-2', code: 'DOCK_CAMERA_TWIN' }]);
      expect(twin.camera.diskModeAsked).toBe(0);
      expect(twin.camera.timesSet).toBe(0);
      expect(rig.cradle.light(1)).toBe('green-steady');
    }),
    60_000,
  );

  it(
    'that is back before the dock has heard that its volume went is taken in as soon as it has (I8)',
    onADock(async (rig) => {
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      await rig.light(1, 'green-steady');
      rig.volumesLateMs = 1_500;
      await rig.takeOut(put);
      rig.insert(put);
      await eventually(
        async () => (await rig.entered('camera.docked')).length === 2,
        15_000,
        () => rig.tail(),
      );
      await rig.light(1, 'green-steady');
      // The bay goes on by itself: nobody is told to put the camera in again.
      expect(rig.log.lines.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(rig.log.lines.some(({ key }) => key === 'bay.step-lost')).toBe(true);
      expect(await rig.entered('camera.refused')).toEqual([]);
    }),
    60_000,
  );

  it(
    'behind which the card of another camera appears is not taken for it',
    onADock(async (rig) => {
      await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123', cardOf: 'B7000999' });
      await rig.light(1, 'red-flashing');
      expect(rig.log.lines.at(-1)?.error).toMatchObject({ code: 'DOCK_CAMERA_NOT_THE_SAME' });
      expect(await rig.entered('recording.offloaded')).toEqual([]);
    }),
    60_000,
  );

  it(
    'whose file names carry a number that no camera has is offloaded under its own',
    onADock(async (rig) => {
      await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123', cardOf: 'DV16' });
      await rig.light(1, 'green-steady');
      await allSafe(rig, 'A7000123');
    }),
    60_000,
  );

  it(
    'is never given time that is not trusted; its recordings are safe, and it is not ready (I6)',
    onADock(async (rig) => {
      await rig.stop();
      rig.trusted = false;
      await rig.start();
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      await rig.light(1, 'red-steady');
      await allSafe(rig, 'A7000123');
      expect(put.camera.timesSet).toBe(0);
      expect(await rig.entered('camera.clock-left')).toMatchObject([
        { reason: 'dock-clock-not-trusted', measured: null },
      ]);
      expect((await rig.entered('camera.not-ready')).at(-1)?.reasons.map(({ reason }) => reason)).toEqual([
        'clock-unknown',
      ]);
    }),
    60_000,
  );

  it(
    'that is taken on its way to disk mode leaves nothing behind, and comes again as if nothing had been',
    onADock(async (rig) => {
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123', awayMs: 3_000 });
      await eventually(
        async () => (await rig.entered('camera.disk-mode')).length > 0,
        10_000,
        () => rig.tail(),
      );
      await rig.takeOut(put);
      expect(await rig.entered('camera.undocked')).toMatchObject([{ during: 'switching', verdict: 'none', of: null }]);
      await rig.light(1, 'off');
      rig.insert(put);
      await rig.light(1, 'green-steady');
      expect(await rig.entered('camera.docked')).toHaveLength(2);
      await allSafe(rig, 'A7000123');
    }),
    60_000,
  );

  it(
    'that leaves the USB and comes back all the time is a named fault, and is left in peace',
    onADock(async (rig) => {
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123' });
      const { control } = put;
      if (!(control instanceof AmbarellaDevice)) throw new Error('another device');
      for (let flaps = 0; flaps < 12; flaps++) {
        rig.usb.unplug(portOf(1));
        await new Promise((resolve) => setTimeout(resolve, 60));
        rig.usb.plug(portOf(1), control);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      await rig.light(1, 'red-steady');
      const faults = rig.log.lines.filter(({ key }) => key === 'bay.restless');
      expect(faults.at(-1)?.error).toMatchObject({ code: 'DOCK_CAMERA_RESTLESS' });
      expect((await rig.entered('camera.inspected')).length).toBeLessThanOrEqual(7);
      expect(put.camera.diskModeAsked).toBe(0);
      expect(rig.usb.isOpen(portOf(1))).toBe(false);
      await rig.takeOut(put);
    }),
    60_000,
  );
});

describe.concurrent('a restart of the dock under a camera in disk mode', () => {
  it(
    'knows it again by its volume: the same docking, its clock as it was set, and nothing twice',
    onADock(async (rig) => {
      // Its names say nothing of it, so only the volume can.
      const put = await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123', cardOf: 'DV16' });
      rig.uuids.set(portOf(1), '1A2B-3C4D');
      await rig.light(1, 'green-steady');
      await rig.stop();
      await rig.start();
      await rig.light(1, 'green-steady');
      expect(await rig.entered('camera.docked')).toHaveLength(1);
      expect(await rig.entered('recording.offloaded')).toHaveLength(3);
      expect(await rig.entered('camera.clock-set-blindly')).toHaveLength(1);
      expect(await rig.entered('camera.clock-left')).toEqual([]);
      await rig.takeOut(put);
      const [docked] = await rig.entered('camera.docked');
      expect((await rig.entered('camera.undocked')).at(-1)).toMatchObject({
        docking: docked?.docking,
        verdict: 'ready',
      });
    }),
    60_000,
  );

  it(
    'does not take another volume for it (I11)',
    onADock(async (rig) => {
      await rig.putIn({ kind: 'ambarella', slot: 1, serial: 'A7000123', cardOf: 'DV16' });
      rig.uuids.set(portOf(1), '1A2B-3C4D');
      await rig.light(1, 'green-steady');
      await rig.stop();
      rig.uuids.set(portOf(1), 'FFFF-FFFF');
      await rig.start();
      await rig.light(1, 'red-flashing');
      expect((await rig.entered('camera.undocked')).at(-1)).toMatchObject({
        camera: 'A7000123',
        during: 'dock-not-running',
      });
      expect((await rig.entered('camera.refused')).at(-1)).toMatchObject({ claimed: 'DV16' });
    }),
    60_000,
  );
});
