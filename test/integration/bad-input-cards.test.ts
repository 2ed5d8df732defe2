/** Cameras and cards that no camera should be, put into the built daemon, each beside a sound camera that has to be done all the same (I8, I11). */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOnlyBeginning } from '../../daemon/offload/plan.js';
import { deepestFolder } from '../../drivers/camera/mass-storage/listing.js';
import { reportsFile } from '../../drivers/media/helper-client.js';
import { type CardFile, segments, writeCard } from '../../drivers/simulated/card.js';
import { writeHostileCard } from '../../drivers/simulated/card-hostile.js';
import { DaemonRig, eventually, obeyingModes } from '../support/daemon-rig.js';

const run = promisify(execFile);
const registered = Array.from({ length: 20 }, (_, index) => `C${String(index + 1).padStart(4, '0')}`);
let rig: DaemonRig;

beforeAll(async () => {
  rig = await DaemonRig.make({ bays: 8, cameras: registered, settleMs: 1_000, through: obeyingModes });
  await rig.start();
});

afterEach(() => rig.takeOutAll());
afterAll(() => rig?.close());

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });
const dumb = { serial: '', dumb: true };

async function card(device: string, count: number, sizeBytes: number, folder = device) {
  const path = join(rig.cards, folder);
  const recordings = segments('2026-11-20T09:00:00', count, sizeBytes);
  return { folder: path, files: await writeCard(path, { seed: folder, device, user: '0042', recordings }) };
}

async function emptyCard(name: string): Promise<string> {
  const folder = join(rig.cards, name);
  await mkdir(folder);
  return folder;
}

/** A camera that is sound is done beside whatever the others are (I8). */
async function soundCamera(slot: number, id: string): Promise<void> {
  const { folder, files } = await card(id, 2, 300_000);
  await rig.putIn(slot, folder, pins(id));
  await rig.light(slot, 'green-steady');
  expect(await archived(id)).toEqual(expectedOf(files));
}

/** What stands in the archive for a camera, by raw path on the card: the hash of each stored file as it is now. */
async function archived(id: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const body of await rig.entered('recording.offloaded')) {
    // Of a card that was exchanged in the middle the beginning was kept (decision 0048): no second copy of what came after.
    if (body.camera !== id || isOnlyBeginning({ body })) continue;
    expect(found[body.pathBytes], `${body.path} is entered twice`).toBeUndefined();
    found[body.pathBytes] = await hashOf(join(rig.archive, body.archivePath));
    expect(found[body.pathBytes]).toBe(body.sha256);
  }
  return found;
}

const hashOf = async (path: string): Promise<string> => sha256(await readFile(path));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function expectedOf(files: readonly CardFile[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(files.map(({ path, sha256 }) => [path.toString('base64'), sha256]));
}

const lastOffload = async (id: string) =>
  (await rig.entered('camera.offloaded')).findLast(({ camera }) => camera === id);

describe('a camera that cannot be taken in', () => {
  it('is refused with its reason, red flashing, whatever it is, and nothing of it is read into the archive (I8, I11)', async () => {
    await soundCamera(6, 'C0001');
    const mixed = await card('C0002', 1, 40_000, 'mixed');
    const recordings = segments('2026-11-21T09:00:00', 1, 40_000);
    await writeCard(mixed.folder, { seed: 'x', device: 'C0003', user: '1', recordings });
    const nameless = await emptyCard('nameless');
    await writeFile(join(nameless, 'holiday.mp4'), 'no device number');
    const twin = await card('C0001', 1, 50_000, 'twin');
    await rig.putIn(1, await emptyCard('climber'), pins('../../etc'));
    await rig.putIn(2, mixed.folder, dumb);
    await rig.putIn(3, nameless, dumb);
    await rig.putIn(4, twin.folder, dumb);
    rig.cradle.insert(5, pins('C0004'));
    const refusals = [
      ['1-1', 'DOCK_CAMERA_IDENTITY_UNUSABLE'],
      ['1-2', 'DOCK_CAMERA_IDENTITY_UNCLEAR'],
      ['1-3', 'DOCK_CAMERA_IDENTITY_MISSING'],
      ['1-4', 'DOCK_CAMERA_TWIN'],
      ['1-5', 'DOCK_CAMERA_UNKNOWN'],
    ] as const;
    for (const [index, [bay, code]] of refusals.entries()) {
      await rig.light(index + 1, 'red-flashing');
      expect(await rig.logged('camera.refused', { bay, code })).toMatchObject({
        level: 'warn',
        todo: expect.any(String),
      });
    }
    expect((await rig.entered('camera.refused')).map(({ bay, code }) => [bay, code]).sort()).toEqual(refusals);
    expect(rig.cradle.light(6)).toBe('green-steady');
    expect(new Set((await rig.entered('recording.offloaded')).map(({ camera }) => camera))).toEqual(new Set(['C0001']));
  });

  it('for its card alone is refused with what is wrong with that, not for the volume that is missing then', async () => {
    const reports = join(rig.mediaRoot, reportsFile);
    const found = 'FAT of 4294967296 bytes on a device of 133169152';
    await writeFile(reports, JSON.stringify([{ port: '1-7', state: 'refused', reason: 'damaged', found }]));
    rig.cradle.insert(7, pins('C0007'));
    await rig.light(7, 'red-flashing');
    const code = 'DOCK_VOLUME_UNFIT';
    expect(await rig.logged('volume.refused', { bay: '1-7', code })).toMatchObject({ found: `damaged: ${found}` });
    expect(await rig.logged('camera.refused', { bay: '1-7', code })).toMatchObject({ found: `damaged: ${found}` });
    await rm(reports);
  });

  it('is taken in in the same bay as soon as its volume shows', async () => {
    const { folder, files } = await card('C0004', 2, 50_000);
    await rename(folder, join(rig.mediaRoot, '1-5'));
    await rig.light(5, 'green-steady');
    expect(await archived('C0004')).toEqual(expectedOf(files));
    rig.cradle.remove(5);
    await rename(join(rig.mediaRoot, '1-5'), folder);
    await rig.light(5, 'off');
  });
});

describe('a card', () => {
  it('of hostile names and times is archived whole, with receipts that sha256sum takes, and is not ready for what could not be listed (I2, I11)', async () => {
    const folder = await emptyCard('C0005');
    const hostile = await writeHostileCard(folder, 'hostile', deepestFolder);
    // Four gigabytes would take most of the time of this file, and show nothing that the copy's own tests do not.
    await rm(join(folder, 'sizes/beyond-4-GiB.mp4'));
    const files = hostile.files.filter(({ sha256 }) => sha256 !== undefined);
    await rig.putIn(1, folder, pins('C0005'));
    await soundCamera(2, 'C0006');
    await rig.logged('camera.not-ready', { camera: 'C0005' });
    expect(await archived('C0005')).toEqual(expectedOf(files));
    const { length } = files;
    expect(await lastOffload('C0005')).toMatchObject({ found: length, offloaded: length, failed: 0, unread: 1 });

    const bodies = (await rig.entered('recording.offloaded')).filter(({ camera }) => camera === 'C0005');
    for (const { archivePath } of bodies) expect(archivePath).toMatch(/^\d{4}\/\d\d\/\d\d\/C0005\/[^/]+$/);
    // Wherever it is copied to: not every file system tells these apart.
    expect(new Set(bodies.map(({ archivePath }) => archivePath.toLowerCase())).size).toBe(length);
    for (const day of new Set(bodies.map(({ archivePath }) => dirname(archivePath)))) {
      const inDay = bodies.filter(({ archivePath }) => dirname(archivePath) === day);
      const receipts = inDay.map(({ archivePath }) => `${basename(archivePath)}.sha256`);
      await run('sha256sum', ['--check', '--strict', '--quiet', '--', ...receipts], { cwd: join(rig.archive, day) });
    }
    await rig.takeOut(1);
    await rm(join(folder, 'd0'), { recursive: true });
    await rig.putIn(1, folder, pins('C0005'));
    await rig.light(1, 'green-steady');
    expect(await lastOffload('C0005')).toMatchObject({ offloaded: 0, unread: 0 });
  });

  it('with times in 1970, 1980, 2106 and the future has them entered as it says, and is filed under today', async () => {
    const times = (await rig.entered('recording.offloaded')).filter(({ path }) => path.startsWith('times/'));
    expect(Object.fromEntries(times.map(({ path, modifiedMs }) => [path, new Date(modifiedMs).toISOString()]))).toEqual(
      {
        'times/time-1970.mp4': '1970-01-01T00:00:00.000Z',
        'times/time-1980.mp4': '1980-01-01T00:00:00.000Z',
        'times/time-2038.mp4': '2038-01-19T03:14:08.000Z',
        'times/time-2106.mp4': '2106-02-07T06:28:16.000Z',
        'times/time-future.mp4': '2099-12-31T00:00:00.000Z',
      },
    );
    const days = new Set(times.map(({ archivePath }) => archivePath.slice(0, 10).replaceAll('/', '-')));
    expect(days.size).toBe(1);
    for (const day of days) expect(Math.abs(Date.parse(day) - Date.now())).toBeLessThan(2 * 86_400_000);
  });

  it('full of nothing is done: without files, of thousands of empty folders, of empty files', async () => {
    const folders = await emptyCard('C0008');
    for (let index = 0; index < 3_000; index += 1) {
      await mkdir(join(folders, `d${index % 50}`, `e${index}`), { recursive: true });
    }
    const files = await emptyCard('C0009');
    for (let index = 10; index < 50; index += 1)
      await writeFile(join(files, `DSJ_C0009_1_20261120_0900${index}.mp4`), '');
    await rig.putIn(1, await emptyCard('C0007'), pins('C0007'));
    await rig.putIn(2, folders, pins('C0008'));
    await rig.putIn(3, files, pins('C0009'));
    for (const [slot, id, found] of [
      [1, 'C0007', 0],
      [2, 'C0008', 0],
      [3, 'C0009', 40],
    ] as const) {
      await rig.light(slot, 'green-steady');
      expect(await lastOffload(id)).toMatchObject({ found, offloaded: found, failed: 0, unread: 0, bytes: 0 });
    }
    const entered = (await rig.entered('recording.offloaded')).filter(({ camera }) => camera === 'C0009');
    expect(new Set(entered.map(({ label }) => label))).toEqual(new Set(['zero-length']));
    expect(Object.values(await archived('C0009'))).toEqual(Array(40).fill(sha256(Buffer.alloc(0))));
  });

  it('with a folder that cannot be read is never ready, and gives it up once it can be (I8)', async () => {
    const { folder, files } = await card('C0010', 2, 60_000);
    const recordings = segments('2026-11-19T09:00:00', 2, 60_000);
    const hidden = await writeCard(join(folder, 'hidden'), { seed: 'h', device: 'C0010', user: '0042', recordings });
    await chmod(join(folder, 'hidden'), 0);
    await rig.putIn(1, folder, pins('C0010'));
    await soundCamera(2, 'C0011');
    await rig.logged('camera.not-ready', { camera: 'C0010' });
    expect(await rig.logged('offload.unread', { camera: 'C0010' })).toMatchObject({
      path: 'hidden',
      reason: 'unreadable',
    });
    expect(await archived('C0010')).toEqual(expectedOf(files));
    const verdicts = (await rig.entered('camera.not-ready')).filter(({ camera }) => camera === 'C0010');
    expect(verdicts.map(({ reasons }) => reasons)).toEqual([[{ reason: 'not-offloaded', found: '1', wanted: '0' }]]);
    await rig.takeOut(1);
    expect((await rig.entered('camera.undocked')).at(-1)).toMatchObject({ verdict: 'not-ready', safe: 2, of: 3 });
    expect((await rig.entered('camera.ready')).filter(({ camera }) => camera === 'C0010')).toEqual([]);

    await chmod(join(folder, 'hidden'), 0o755);
    await rig.putIn(1, folder, pins('C0010'));
    await rig.light(1, 'green-steady');
    const inside = hidden.map((file) => ({ ...file, path: Buffer.concat([Buffer.from('hidden/'), file.path]) }));
    expect(await archived('C0010')).toEqual(expectedOf([...files, ...inside]));
  });
});

describe('a camera that changes while it is read', () => {
  it.each([
    { id: 'C0012', sound: 'C0014', what: 'goes on recording', write: (path: string) => appendFile(path, 'more') },
    { id: 'C0013', sound: 'C0015', what: 'writes its file again', write: overwriteStart },
  ])(
    'because it $what, is not ready, nothing half of it is kept, and it is offloaded once it rests (I2)',
    async ({ id, sound, write }) => {
      const folder = join(rig.cards, id);
      const recordings = [
        ...segments('2026-11-20T09:00:00', 1, 80_000_000),
        ...segments('2026-11-20T12:00:00', 1, 60_000),
      ];
      const files = await writeCard(folder, { seed: id, device: id, user: '0042', recordings });
      const [changing, resting] = files;
      if (changing === undefined || resting === undefined) throw new Error('two files were asked for');
      await rig.putIn(1, folder, pins(id));
      const path = join(rig.mediaRoot, '1-1', changing.path.toString());
      // In the midst of the copy: what changed before it began is noticed in another way.
      const parts = join(rig.archive, '.parts');
      while (!(await readdir(parts)).some((name) => name.endsWith('.part'))) await sleep(1);
      const failed = rig.logged('offload.recording-failed', { camera: id, code: 'DOCK_RECORDING_CHANGED' });
      let writing = true;
      failed.finally(() => (writing = false)).catch(() => undefined);
      const soundIsDone = soundCamera(2, sound);
      while (writing) {
        await write(path);
        await sleep(5);
      }
      await failed;
      await soundIsDone;
      await rig.logged('camera.not-ready', { camera: id });
      const entered = (await rig.entered('recording.failed')).filter(({ camera }) => camera === id);
      expect(entered.map(({ code }) => code)).toEqual(['DOCK_RECORDING_CHANGED']);
      expect(await archived(id)).toEqual(expectedOf([resting]));
      const names = await readdir(rig.archive, { recursive: true });
      expect(names.filter((name) => name.includes(`/${id}/`) && name.endsWith('.mp4'))).toHaveLength(1);

      await rig.takeOut(1);
      const restingHash = await hashOf(join(folder, changing.path.toString()));
      await rig.putIn(1, folder, pins(id));
      await rig.light(1, 'green-steady');
      expect(await archived(id)).toEqual({ ...expectedOf([resting]), [changing.path.toString('base64')]: restingHash });
      expect(await readdir(join(rig.archive, '.parts'))).toEqual([]);
    },
  );

  it('because its card is exchanged under it, is offloaded of both, and never ready for a card that was not read (I2)', async () => {
    const { folder, files } = await card('C0016', 3, 20_000_000);
    const other = join(rig.cards, 'other');
    const recordings = segments('2026-11-22T09:00:00', 2, 70_000);
    const others = await writeCard(other, { seed: 'other', device: 'C0016', user: '0042', recordings });
    const volume = join(rig.mediaRoot, '1-1');
    const exchange = async (out: string, into: string): Promise<void> => {
      await rename(volume, out);
      await rename(into, volume);
    };
    await rig.putIn(1, folder, pins('C0016'));
    await rig.logged('offload.planned', { camera: 'C0016' });
    await exchange(folder, other);
    await rig.light(1, 'green-steady');
    expect(await archived('C0016')).toMatchObject(expectedOf(others));

    await exchange(other, folder);
    await eventually(
      () => rig.cradle.light(1) !== 'green-steady',
      5_000,
      () => 'still green for the card before',
    );
    await rig.light(1, 'green-steady');
    expect(await archived('C0016')).toEqual(expectedOf([...files, ...others]));
    expect(await readdir(join(rig.archive, '.parts'))).toEqual([]);
    // One camera all the time.
    expect((await rig.entered('camera.docked')).filter(({ camera }) => camera === 'C0016')).toHaveLength(1);
  });
});

/** Same size, other bytes, other time. */
async function overwriteStart(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.from(`${performance.now()}`.padEnd(32)), 0, 32, 4_096);
  } finally {
    await file.close();
  }
}
