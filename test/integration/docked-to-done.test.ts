/** The main job by the built daemon: real serial port, real files, real broker; only the cradle and the cameras are simulated. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../daemon/custody/database.js';
import type { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { type CentreSide, centreSide } from '../support/centre-side.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { Mosquitto } from '../support/mosquitto.js';

const cameras = ['C0001', 'C0002', 'C0003', 'C0004'];
let broker: Mosquitto;
let centre: CentreSide;
let rig: DaemonRig;

beforeAll(async () => {
  broker = await Mosquitto.start();
  centre = await centreSide(broker.url);
  rig = await DaemonRig.make({ bays: 4, brokerUrl: broker.url, cameras });
  await rig.start();
});

afterAll(async () => {
  await rig?.close();
  await centre?.stop();
  await broker?.stop();
});

const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });

async function card(id: string, count: number, bytes: number) {
  const folder = join(rig.cards, `${id}-${count}-${bytes}`);
  const recordings = segments('2026-11-20T09:00:00', count, bytes);
  return { folder, files: await writeCard(folder, { seed: id, device: id, user: '0042', recordings }) };
}

const light = (slot: number, pattern: string): Promise<void> =>
  eventually(
    () => rig.cradle.light(slot) === pattern,
    15_000,
    () => `${rig.cradle.light(slot)}\n${rig.tail()}`,
  );

/** Until it is entered: the light goes out before. */
async function takeOut(slot: number, camera: SimulatedCamera): Promise<void> {
  const undocked = async (): Promise<number> => (await rig.entered('camera.undocked')).length;
  const before = await undocked();
  rig.cradle.remove(slot);
  await camera.remove();
  await light(slot, 'off');
  await eventually(
    async () => (await undocked()) > before,
    5_000,
    () => rig.tail(),
  );
}

describe('from docked to done', () => {
  it('offloads, proves, enters, tells and lights up green, and leaves the card as it was (I1, I2, I4, M4, M7, M13)', async () => {
    const { folder, files } = await card('C0001', 3, 400_000);
    const camera = await rig.putIn(1, folder, { ...pins('C0001'), clockOffsetMs: -97_000 });
    await light(1, 'green-steady');

    const entered = (await rig.entered('recording.offloaded')).filter((body) => body.camera === 'C0001');
    expect(entered.map(({ sha256 }) => sha256).sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
    for (const { archivePath, sha256 } of entered) {
      const stored = await readFile(join(rig.archive, archivePath));
      expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
    }
    const [set] = await rig.entered('camera.clock-set');
    // Known as well as it says, however busy the machine is.
    expect(Math.abs((set?.before.offsetMs ?? Number.NaN) + 97_000)).toBeLessThanOrEqual(set?.before.uncertaintyMs ?? 0);
    // Better than a second on any machine; how much better is the bench's to say.
    expect(Math.abs(set?.after?.offsetMs ?? Number.NaN)).toBeLessThan(1_000);
    // What the name says in Chinese local time, corrected by what the camera was slow.
    expect(entered.map(({ corrected }) => corrected?.startUtc?.slice(0, 16)).sort()[0]).toBe('2026-11-20T01:01');
    expect((await readdir(join(camera.cardFolder, 'video'))).length).toBe(1);
    const kinds = (): string[] =>
      centre.messages
        .filter(({ topic }) => topic.endsWith('/events'))
        .map(({ payload }) => JSON.parse(payload.toString()).data.kind);
    await eventually(
      () => kinds().includes('camera.ready'),
      5_000,
      () => kinds().join(' '),
    );
    expect(kinds().filter((kind) => kind.startsWith('camera.'))).toEqual([
      'camera.docked',
      'camera.inspected',
      'camera.clock-set',
      'camera.offloaded',
      'camera.ready',
    ]);
    await takeOut(1, camera);
    expect((await rig.entered('camera.undocked')).at(-1)).toMatchObject({
      camera: 'C0001',
      verdict: 'ready',
      safe: 3,
      of: 3,
    });
  });

  it('copies nothing twice when the same camera comes again', async () => {
    const before = (await rig.entered('recording.offloaded')).length;
    const camera = await rig.putIn(2, join(rig.cards, 'C0001-3-400000'), pins('C0001'));
    await light(2, 'green-steady');
    expect((await rig.entered('recording.offloaded')).length).toBe(before);
    expect((await rig.entered('camera.offloaded')).at(-1)).toMatchObject({ found: 3, alreadySafe: 3, offloaded: 0 });
    await takeOut(2, camera);
  });

  it('refuses a camera that is not registered: red flashing, nothing read into the archive (M5, I11)', async () => {
    const { folder } = await card('X9999', 1, 50_000);
    const camera = await rig.putIn(1, folder, pins('X9999'));
    await light(1, 'red-flashing');
    expect((await rig.entered('camera.refused')).at(-1)).toMatchObject({
      claimed: 'X9999',
      code: 'DOCK_CAMERA_NOT_REGISTERED',
    });
    await takeOut(1, camera);
    expect((await rig.entered('recording.offloaded')).every((body) => body.camera !== 'X9999')).toBe(true);
  });

  it('refuses the second of two cameras with one identity and leaves the first alone (I8)', async () => {
    const first = await card('C0002', 1, 60_000);
    const second = await card('C0002', 2, 60_000);
    const one = await rig.putIn(1, first.folder, pins('C0002'));
    await light(1, 'green-steady');
    const other = await rig.putIn(2, second.folder, pins('C0002'));
    await light(2, 'red-flashing');
    expect(rig.cradle.light(1)).toBe('green-steady');
    expect((await rig.entered('camera.refused')).at(-1)?.code).toBe('DOCK_CAMERA_TWIN');
    await takeOut(2, other);
    await takeOut(1, one);
  });

  it('goes on in another bay after a pull-out, and never shows a half file (I2)', async () => {
    const { folder, files } = await card('C0003', 1, 160_000_000);
    const camera = await rig.putIn(3, folder, pins('C0003'));
    await eventually(
      () => rig.log.some((line) => line.key === 'offload.planned' && line['camera'] === 'C0003'),
      10_000,
      () => rig.tail(),
    );
    await new Promise((resolve) => setTimeout(resolve, 120));
    await takeOut(3, camera);
    const cut = (await rig.entered('camera.undocked')).at(-1);
    expect(cut).toMatchObject({ camera: 'C0003', verdict: 'none', safe: 0, of: 1 });
    expect(
      (await readdir(rig.archive, { recursive: true })).filter(
        (name) => name.includes('C0003') && name.endsWith('.mp4'),
      ),
    ).toEqual([]);
    const again = await rig.putIn(4, folder, pins('C0003'));
    await light(4, 'green-steady');
    const [body] = (await rig.entered('recording.offloaded')).filter(({ camera: id }) => id === 'C0003');
    expect(body?.sha256).toBe(files[0]?.sha256);
    expect(await readdir(join(rig.archive, '.parts'))).toEqual([]);
    await takeOut(4, again);
  });

  it('goes on in the same docking after the daemon was killed under a camera (I4)', async () => {
    const { folder } = await card('C0004', 2, 50_000);
    const camera = await rig.putIn(1, folder, pins('C0004'));
    await light(1, 'green-steady');
    await rig.end('SIGKILL');
    await light(1, 'fallback');
    await rig.start();
    await light(1, 'green-steady');
    const dockings = (await rig.entered('camera.docked')).filter((body) => body.camera === 'C0004');
    expect(dockings).toHaveLength(1);
    expect((await rig.entered('dock.started')).at(-1)?.previousStop).toBe('unclean');
    await takeOut(1, camera);
    expect((await rig.entered('camera.undocked')).at(-1)?.docking).toBe(dockings[0]?.docking);
  });

  it('closes a docking whose camera left while the dock was not running (M4)', async () => {
    const { folder } = await card('C0004', 1, 40_000);
    const camera = await rig.putIn(1, folder, pins('C0004'));
    await light(1, 'green-steady');
    expect(await rig.end('SIGTERM')).toBe(0);
    rig.cradle.remove(1);
    await camera.remove();
    await rig.start();
    await light(1, 'off');
    await eventually(
      async () => (await rig.entered('camera.undocked')).at(-1)?.during === 'dock-not-running',
      5_000,
      () => rig.tail(),
    );
  });

  it('takes over a changed register while running, and keeps the old configuration when the new one is wrong', async () => {
    const text = await readFile(rig.configFile, 'utf8');
    await writeFile(rig.configFile, text.replace('{ id: C0001,', '{ id: N0001, officer: "7" }, { id: C0001,'));
    await eventually(
      () => rig.log.some(({ key }) => key === 'config.applied'),
      10_000,
      () => rig.tail(),
    );
    const { folder } = await card('N0001', 1, 40_000);
    const camera = await rig.putIn(1, folder, pins('N0001'));
    await light(1, 'green-steady');
    await writeFile(rig.configFile, 'version: 1\ndock: [');
    await eventually(
      () => rig.log.some(({ key }) => key === 'config.refused'),
      10_000,
      () => rig.tail(),
    );
    await takeOut(1, camera);
    await writeFile(rig.configFile, text);
    await rm(folder, { recursive: true });
  });

  it('enters an undocking once the ledger can be written again (I4, M4)', async () => {
    const { folder } = await card('C0001', 1, 70_000);
    const camera = await rig.putIn(1, folder, pins('C0001'));
    await light(1, 'green-steady');
    const before = (await rig.entered('camera.undocked')).length;
    const other = await Database.open(rig.ledgerFile, 'write');
    await other.exec('BEGIN IMMEDIATE');
    rig.cradle.remove(1);
    await camera.remove();
    await eventually(
      () => rig.log.some((line) => line.key === 'bay.entry-waits' && line['code'] === 'DOCK_LEDGER_LOCKED'),
      10_000,
      () => rig.tail(),
    );
    expect(rig.cradle.light(1)).toBe('off');
    await other.exec('ROLLBACK');
    await other.close();
    await eventually(
      async () => (await rig.entered('camera.undocked')).length > before,
      10_000,
      () => rig.tail(),
    );
  });
});
