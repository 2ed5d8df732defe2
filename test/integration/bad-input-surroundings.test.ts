/** What a dock hangs on, taken away from the built daemon and given back: broker, media root, cradle, archive. Nothing is lost, the others go on (I8). */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CardFile, segments, writeCard } from '../../drivers/simulated/card.js';
import { BrokerDoor } from '../support/broker-door.js';
import { type CentreSide, centreSide, firstOccurrences } from '../support/centre-side.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { Mosquitto } from '../support/mosquitto.js';

const run = promisify(execFile);
const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });
const registered = Array.from({ length: 12 }, (_, index) => `C${String(index + 1).padStart(4, '0')}`);

async function card(rig: DaemonRig, id: string, count: number, sizeBytes: number) {
  const folder = join(rig.cards, id);
  const recordings = segments('2026-11-20T09:00:00', count, sizeBytes);
  return { folder, files: await writeCard(folder, { seed: id, device: id, user: '0042', recordings }) };
}

/** Each recording of these once in the ledger, and in the archive what the card had. `root`: as the daemon sees the file system. */
async function expectArchived(rig: DaemonRig, id: string, files: readonly CardFile[], root = '/'): Promise<void> {
  const bodies = (await rig.entered('recording.offloaded')).filter(({ camera }) => camera === id);
  expect(bodies.map(({ sha256 }) => sha256).sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
  for (const { archivePath, sha256 } of bodies) {
    const stored = await readFile(join(root, rig.archive, archivePath));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
  }
}

let door: BrokerDoor;
let lockedBroker: Mosquitto;
let broker: Mosquitto;
let centre: CentreSide;
let rig: DaemonRig;

beforeAll(async () => {
  door = await BrokerDoor.open();
  lockedBroker = await Mosquitto.start({ users: { somebody: 'else' } });
  broker = await Mosquitto.start();
  centre = await centreSide(broker.url);
  rig = await DaemonRig.make({ bays: 2, cradles: 2, cameras: registered, brokerUrl: door.url, settleMs: 500 });
});
afterEach(() => rig.takeOutAll());
afterAll(async () => {
  await rig?.close();
  await centre?.stop();
  await door?.close();
  await broker?.stop();
  await lockedBroker?.stop();
});

describe('what the dock hangs on', () => {
  it('a broker that refuses the dock is said, and does not keep a camera from being done', async () => {
    door.leadTo(lockedBroker.port);
    await rig.start();
    const { folder, files } = await card(rig, 'C0001', 2, 60_000);
    await rig.putIn(1, folder, pins('C0001'));
    await rig.light(1, 'green-steady');
    await expectArchived(rig, 'C0001', files);
    expect(await rig.logged('centre.refused')).toMatchObject({ code: 'DOCK_CENTRE_REFUSED', todo: expect.any(String) });
    await rig.takeOut(1);
    expect(await rig.end('SIGTERM')).toBe(0);
    expect(centre.sequences).toEqual([]);
  });

  it('a media root that is missing at the start is said; cameras that wait are done when it is there', async () => {
    door.leadTo(undefined);
    await rename(rig.mediaRoot, `${rig.mediaRoot}-away`);
    await rig.start();
    expect(await rig.logged('media.trouble')).toMatchObject({ code: 'DOCK_MEDIA_ROOT_GONE' });
    const { folder, files } = await card(rig, 'C0002', 2, 60_000);
    rig.cradle.insert(1, pins('C0002'));
    await rig.light(1, 'red-flashing');
    await rename(folder, join(`${rig.mediaRoot}-away`, '1-1'));
    await rename(`${rig.mediaRoot}-away`, rig.mediaRoot);
    await rig.light(1, 'green-steady');
    await rig.logged('media.recovered');
    await expectArchived(rig, 'C0002', files);
    rig.cradle.remove(1);
    await rename(join(rig.mediaRoot, '1-1'), folder);
    await rig.light(1, 'off');
  });

  it('a cradle that is unplugged in the midst of an offload is said; the other goes on, and so does this one when it is back', async () => {
    const { folder, files } = await card(rig, 'C0003', 3, 30_000_000);
    await rig.putIn(1, folder, pins('C0003'));
    await rig.logged('offload.planned', { camera: 'C0003' });
    await rig.unplug(1);
    expect(await rig.logged('cradle.lost', { cradle: '1' })).toMatchObject({
      code: expect.stringMatching(/^DOCK_SERIAL_(UNPLUGGED|MISSING)$/),
    });
    const other = await card(rig, 'C0004', 2, 60_000);
    await rig.putIn(1, other.folder, pins('C0004'), 2);
    await rig.light(1, 'green-steady', 2);
    expect(rig.cradle.light(1)).not.toBe('green-steady');
    await rig.plug(1);
    await rig.light(1, 'green-steady');
    await expectArchived(rig, 'C0003', files);
    await expectArchived(rig, 'C0004', other.files);
    expect((await rig.entered('cradle.lost')).map(({ cradle }) => cradle)).toEqual(['1']);
    expect((await rig.entered('camera.docked')).filter(({ camera }) => camera === 'C0003')).toHaveLength(1);
  });

  it('an archive that is gone is no empty one: said, not begun anew, and filled when it is back', async () => {
    const before = await card(rig, 'C0005', 1, 60_000);
    await rig.putIn(1, before.folder, pins('C0005'), 2);
    await rig.light(1, 'green-steady', 2);
    await rename(rig.archive, `${rig.archive}-away`);
    const { folder, files } = await card(rig, 'C0006', 2, 60_000);
    await rig.putIn(1, folder, pins('C0006'));
    await rig.light(1, 'red-steady');
    expect(await rig.logged('bay.step-failed', { bay: '1-1' })).toMatchObject({
      code: 'DOCK_ARCHIVE_GONE',
      step: 'offload',
    });
    expect(rig.cradle.light(1)).toBe('red-steady');
    expect(await readdir(rig.folder)).not.toContain('archive');
    await rename(`${rig.archive}-away`, rig.archive);
    await rig.takeOut(1);
    await rig.putIn(2, folder, pins('C0006'));
    await rig.light(2, 'green-steady');
    await expectArchived(rig, 'C0005', before.files);
    await expectArchived(rig, 'C0006', files);
  });
});

const ownMounts = ['--map-root-user', '--mount'];
/** Some systems let nobody but root have mounts of his own. */
const canMount = spawnSync('unshare', [...ownMounts, 'true']).status === 0;

/** The archive on a small disk of its own, that only the daemon sees. The configuration file is the daemon's last argument. */
const onSmallDisk = [
  'unshare',
  ...ownMounts,
  'sh',
  '-c',
  `for config; do :; done
   archive="\${config%/*}/archive"
   mkdir -p "$archive" && mount -t tmpfs -o size=24m archive "$archive" && exec "$0" "$@"`,
];

describe.runIf(canMount)('an archive disk', () => {
  let disk: DaemonRig;

  beforeAll(async () => {
    disk = await DaemonRig.make({ bays: 3, cameras: registered, through: onSmallDisk });
    await disk.start();
  });
  afterEach(() => disk.takeOutAll());
  afterAll(() => disk?.close());

  const remount = (option: string) =>
    run('nsenter', [
      ...['--target', `${disk.pid}`, '--user', '--mount', '--preserve-credentials'],
      ...['mount', '-o', `remount,${option}`, disk.archive],
    ]);

  it('that is full is said, a camera that still fits is done, and the other one as soon as there is room', async () => {
    const large = await card(disk, 'C0001', 1, 30_000_000);
    const small = await card(disk, 'C0002', 2, 60_000);
    await disk.putIn(1, large.folder, pins('C0001'));
    await disk.putIn(2, small.folder, pins('C0002'));
    await disk.light(2, 'green-steady');
    await disk.light(1, 'red-steady');
    expect(await disk.logged('bay.step-failed', { bay: '1-1' })).toMatchObject({ code: 'DOCK_ARCHIVE_FULL' });
    await remount('size=100m');
    await disk.takeOut(1);
    await disk.putIn(3, large.folder, pins('C0001'));
    await disk.light(3, 'green-steady');
    const root = `/proc/${disk.pid}/root`;
    await expectArchived(disk, 'C0001', large.files, root);
    await expectArchived(disk, 'C0002', small.files, root);
  });

  it('that turns read-only is said, and takes everything when it is writable again', async () => {
    await remount('ro');
    const { folder, files } = await card(disk, 'C0003', 2, 60_000);
    await disk.putIn(1, folder, pins('C0003'));
    await disk.light(1, 'red-steady');
    expect(await disk.logged('bay.step-failed', { bay: '1-1', camera: 'C0003' })).toMatchObject({
      code: 'DOCK_ARCHIVE_READ_ONLY',
    });
    await remount('rw');
    await disk.takeOut(1);
    await disk.putIn(1, folder, pins('C0003'));
    await disk.light(1, 'green-steady');
    await expectArchived(disk, 'C0003', files, `/proc/${disk.pid}/root`);
  });
});

describe('a broker', () => {
  it('that takes the connection and says nothing is said; one that answers gets every event in order, one that drops as well (I4)', async () => {
    // Its deadline has been running since the second start above.
    expect(await rig.logged('centre.unreachable', { code: 'DOCK_CENTRE_STALLED' })).toMatchObject({
      todo: expect.any(String),
    });
    const { folder, files } = await card(rig, 'C0007', 40, 30_000);
    const events = () =>
      centre.messages
        .filter(({ topic }) => topic.endsWith('/events'))
        .map(({ payload }) => JSON.parse(payload.toString()));
    door.leadTo(broker.port);
    await eventually(
      () => events().length > 0,
      10_000,
      () => `nothing told\n${rig.tail()}`,
    );
    // In the midst of all that has waited until now, and again while more comes.
    door.cut();
    await rig.putIn(1, folder, pins('C0007'));
    await rig.logged('offload.planned', { camera: 'C0007' });
    door.cut();
    await rig.light(1, 'green-steady');
    await eventually(
      () => events().some(({ data }) => data.kind === 'camera.ready' && data.body.camera === 'C0007'),
      15_000,
      () => `${events().length} told, the last ${JSON.stringify(events().at(-1))}\n${rig.tail()}`,
    );
    const sequences = firstOccurrences(centre.sequences);
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
    await expectArchived(rig, 'C0007', files);
    const told = new Set(
      events().flatMap(({ data }) => (data.kind === 'recording.offloaded' ? [data.body.sha256] : [])),
    );
    expect([...told].sort()).toEqual((await rig.entered('recording.offloaded')).map(({ sha256 }) => sha256).sort());
  });
});
