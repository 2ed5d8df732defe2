import { renameSync, writeFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import { eraseRecording } from '../../drivers/camera/mass-storage/erase.js';
import type { CameraRecording, CameraSession, SkippedPath, Volume } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { SideChannel, SideChannelIdentity } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { folderVolume } from '../../drivers/media/volumes.js';
import { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { type CardFile, segments, writeCard } from '../../drivers/simulated/card.js';
import { writeManyNames } from '../../drivers/simulated/card-hostile.js';
import { everything } from '../contract/camera-family.js';
import { fingerprintOf } from '../support/card-tree.js';
import { heldBytes } from '../support/held-bytes.js';

const never = new AbortController().signal;
const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 200_000 });

let folder: string;
let card: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-storage-'));
  card = join(folder, 'card');
  await mkdir(card);
});

afterEach(() => rm(folder, { recursive: true }));

function fill(device: string, user = '0042', from = '2026-03-01T09:00:00', count = 2): Promise<readonly CardFile[]> {
  return writeCard(card, { seed: 'storage', device, user, recordings: segments(from, count, 5_000) });
}

async function volume(more: Partial<Volume> = {}): Promise<Volume> {
  return { ...(await folderVolume('1-1', card)), ...more };
}

function cannotTell(): DockError {
  const details = {
    expected: verbatim('it'),
    found: verbatim('none'),
    todo: verbatim('Nothing'),
    retry: 'never',
  } as const;
  return new DockError('DOCK_CRADLE_CANNOT_TELL', details);
}

function pins(said: Partial<SideChannelIdentity> | DockError): SideChannel {
  return {
    identity: async () => {
      if (said instanceof DockError) throw said;
      return { serial: '', maker: '', model: '', userNumber: '', ...said };
    },
    battery: async () => ({ percent: 55, charging: true }),
    storage: async () => ({ capacityBytes: 1_000, freeBytes: 900 }),
    faults: async () => ['lens'],
    clock: {
      resolutionMs: 1,
      read: async () => ({ cameraMs: 1, sentMs: 0, receivedMs: 0 }),
      set: async () => undefined,
    },
  };
}

async function open(sideChannel?: SideChannel, more: Partial<Volume> = {}): Promise<CameraSession> {
  return family.open({ volume: await volume(more), ...(sideChannel === undefined ? {} : { sideChannel }) }, never);
}

describe('identity of a mass-storage camera', () => {
  it('is the serial that its data pins tell, before anything on the card', async () => {
    await fill('A7000123');
    const { identity } = await open(pins({ serial: 'SN-1\0\0', maker: 'M', model: 'X', userNumber: '0042' }));
    expect(identity).toEqual({ id: 'SN-1', source: 'side-channel', maker: 'M', model: 'X', userNumber: '0042' });
  });

  it('is the device number of the file names where the pins cannot tell, or tell nothing', async () => {
    await fill('A7000123');
    const wanted = { id: 'A7000123', source: 'file-names', userNumber: '0042' };
    expect((await open()).identity).toEqual(wanted);
    expect((await open(pins(cannotTell()))).identity).toEqual(wanted);
    expect((await open(pins({ serial: '\0 ' }))).identity).toEqual(wanted);
  });

  it('does not fall back to the card when the pins only fail now: one camera must not have two names', async () => {
    await fill('A7000123');
    const details = {
      expected: verbatim('it'),
      found: verbatim('none'),
      todo: verbatim('Nothing'),
      retry: 'now',
    } as const;
    const silent = new DockError('DOCK_CRADLE_SILENT', details);
    await expect(open(pins(silent))).rejects.toBe(silent);
  });

  it('names no officer where the file names disagree on him', async () => {
    await fill('A7000123', '0042');
    await fill('A7000123', '0043', '2026-03-01T15:00:00');
    expect((await open()).identity).toEqual({ id: 'A7000123', source: 'file-names' });
  });

  it('is refused where the card holds recordings of two cameras', async () => {
    await fill('A7000123');
    await fill('A7000124', '0042', '2026-03-01T15:00:00');
    await expect(open()).rejects.toMatchObject({ code: 'DOCK_CAMERA_IDENTITY_UNCLEAR' });
    expect((await open(pins({ serial: 'SN-1' }))).identity.id).toBe('SN-1');
  });

  it('is the UUID of the volume where no name has a device number, else none', async () => {
    await writeFile(join(card, 'clip.mp4'), 'x');
    expect((await open(undefined, { uuid: '1A2B-3C4D' })).identity).toEqual({ id: '1A2B-3C4D', source: 'volume' });
    await expect(open()).rejects.toMatchObject({ code: 'DOCK_CAMERA_IDENTITY_MISSING' });
  });

  it.each(['../../etc', 'a/b', 'x'.repeat(65), 'a\nb', '+/#'])(
    'refuses the hostile serial %j (I11)',
    async (serial) => {
      await expect(open(pins({ serial }))).rejects.toMatchObject({ code: 'DOCK_CAMERA_IDENTITY_UNUSABLE' });
    },
  );
});

describe('what a mass-storage camera tells', () => {
  it('composes pins and volume', async () => {
    const session = await open(pins({ serial: 'SN-1' }));
    expect(await session.battery?.()).toEqual({ percent: 55, charging: true });
    expect(await session.faults?.()).toEqual(['lens']);
    expect(await session.storage?.()).toEqual({ capacityBytes: 1_000, freeBytes: 900 });
    expect(session.clock?.resolutionMs).toBe(1);
  });

  it('has no battery, faults and clock without pins, and its storage from the file system', async () => {
    const session = await open(undefined, { uuid: 'U' });
    expect([session.battery, session.faults, session.clock]).toEqual([undefined, undefined, undefined]);
    const storage = await session.storage?.();
    expect(storage?.capacityBytes).toBeGreaterThan(storage?.freeBytes ?? 0);
    const other = { ...pins({ serial: 'SN-1' }), storage: () => Promise.reject(cannotTell()) };
    expect((await (await open(other)).storage?.())?.capacityBytes).toBe(storage?.capacityBytes);
  });

  it('knows which file systems keep wall time without a zone', async () => {
    for (const [fileSystem, fileTimes] of [
      ['vfat', 'local'],
      ['exfat', 'local'],
      ['ext4', 'utc'],
    ] as const) {
      expect((await open(undefined, { uuid: 'U', fileSystem })).fileTimes).toBe(fileTimes);
    }
  });
});

describe('a volume that is not the one that was seen', () => {
  it('is refused wherever it is touched: an unmounted card leaves an empty folder behind', async () => {
    const files = await fill('A7000123');
    const session = await open();
    const { recordings } = await everything(session);
    const seen = await volume();
    await rename(card, join(folder, 'away'));
    // The very same content, but another directory.
    await cp(join(folder, 'away'), card, { recursive: true, preserveTimestamps: true });
    const gone = { code: 'DOCK_VOLUME_GONE', retry: 'after-redocking' };
    await expect(family.open({ volume: seen }, never)).rejects.toMatchObject(gone);
    await expect(everything(session)).rejects.toMatchObject(gone);
    await expect(session.storage?.()).rejects.toMatchObject(gone);
    const [recording] = recordings;
    const sha256 = files.find(({ path }) => path.equals(Buffer.from(recording?.path ?? [])))?.sha256 ?? '';
    const proof = { sha256, sequence: 1, leaf: '0'.repeat(64) };
    await expect(session.erase?.(recording as CameraRecording, proof)).rejects.toMatchObject(gone);
    await rm(card, { recursive: true });
    await expect(everything(session)).rejects.toMatchObject(gone);
    await mkdir(card);
  });
});

describe('erasing (I3)', () => {
  async function prepared() {
    const files = await fill('A7000123');
    const session = await open();
    const [file] = files;
    const recording = (await everything(session)).recordings.find(({ path }) => file?.path.equals(Buffer.from(path)));
    if (recording === undefined || session.erase === undefined) throw new Error('the card is to have a recording');
    const proof = { sha256: file?.sha256 ?? '', sequence: 1, leaf: '0'.repeat(64) };
    return { recording, proof, erase: session.erase, full: join(card, Buffer.from(recording.path).toString()) };
  }

  it('does not follow a folder that became a link to an equal one', async () => {
    const { recording, proof, erase } = await prepared();
    const elsewhere = join(folder, 'elsewhere');
    await rename(join(card, 'video'), elsewhere);
    await symlink(elsewhere, join(card, 'video'));
    const before = await fingerprintOf(folder);
    await expect(erase(recording, proof)).rejects.toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
    expect(await fingerprintOf(folder)).toBe(before);
  });

  it('does not follow a file that became a link to an equal one', async () => {
    const { recording, proof, erase, full } = await prepared();
    await rename(full, join(folder, 'equal.mp4'));
    await symlink(join(folder, 'equal.mp4'), full);
    const before = await fingerprintOf(folder);
    await expect(erase(recording, proof)).rejects.toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
    expect(await fingerprintOf(folder)).toBe(before);
  });

  it('does not erase a second time what is gone', async () => {
    const { recording, proof, erase } = await prepared();
    await erase(recording, proof);
    await expect(erase(recording, proof)).rejects.toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
  });

  it('does not erase a file that is put in its place, at whatever step before the last look', async () => {
    const { recording, proof, full } = await prepared();
    const original = await readFile(full);
    const { mtime } = await stat(full);
    const aside = join(folder, 'aside.mp4');
    /** Erases while another file takes the name at the n-th question to the card; resolves to the number of questions. */
    const eraseExchanging = async (atQuestion: number): Promise<number> => {
      let questions = 0;
      const clock: Clock = {
        ...systemClock,
        timer: (name, delayMs, fire) => {
          questions += 1;
          if (questions === atQuestion) {
            renameSync(full, aside);
            writeFileSync(full, 'new footage of the same name');
          }
          return systemClock.timer(name, delayMs, fire);
        },
      };
      await eraseRecording(await volume(), recording, proof, clock);
      return questions;
    };
    const questions = await eraseExchanging(0);
    expect(questions).toBeGreaterThan(8);
    // The last three are the last look, the unlinking and the fsync.
    for (let atQuestion = 1; atQuestion <= questions - 3; atQuestion++) {
      await writeFile(full, original);
      await utimes(full, mtime, mtime);
      await expect(eraseExchanging(atQuestion)).rejects.toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
      expect(await readFile(full, 'utf8')).toBe('new footage of the same name');
      await rm(aside);
    }
  });
});

describe('large cards', () => {
  it('lists 100,000 files without holding them in memory', async () => {
    // In memory where there is such a place: making and removing the files is not what is measured.
    const inMemory = await mkdtemp(join(await stat('/dev/shm').then(() => '/dev/shm', tmpdir), 'custodock-many-'));
    try {
      writeManyNames(inMemory, 100_000);
      const { count, heldBytes } = await measureListing(inMemory);
      expect(count).toBe(100_000);
      // 100,000 recordings that are kept take about 60 MB.
      expect(heldBytes).toBeLessThan(8_000_000);
    } finally {
      await rm(inMemory, { recursive: true });
    }
  });

  it('says that there are more than it takes, and ends', async () => {
    writeManyNames(card, 50);
    const limited = massStorageFamily({ clock: systemClock, maxRecordings: () => 20 });
    const session = await limited.open({ volume: await volume(), sideChannel: pins({ serial: 'S' }) }, never);
    const { recordings, skipped } = await everything(session);
    expect(recordings.length).toBe(20);
    expect(skipped.map(({ reason }) => reason)).toEqual(['too-many']);
  });

  it('takes exactly as many as it may without a word', async () => {
    writeManyNames(card, 20);
    const limited = massStorageFamily({ clock: systemClock, maxRecordings: () => 20 });
    const session = await limited.open({ volume: await volume(), sideChannel: pins({ serial: 'S' }) }, never);
    expect(await everything(session)).toMatchObject({ recordings: { length: 20 }, skipped: [] });
  });

  it('comes to an end on a card of nothing but links', async () => {
    for (let index = 0; index < 100; index++) await symlink('x', join(card, `${index}`));
    const limited = massStorageFamily({ clock: systemClock, maxRecordings: () => 10 });
    const session = await limited.open({ volume: await volume(), sideChannel: pins({ serial: 'S' }) }, never);
    const reasons = (await everything(session)).skipped.map(({ reason }) => reason);
    expect(reasons.length).toBe(41);
    expect(reasons.at(-1)).toBe('too-many');
  });
});

async function measureListing(path: string): Promise<{ count: number; heldBytes: number }> {
  const session = await family.open(
    { volume: await folderVolume('1-1', path), sideChannel: pins({ serial: 'S' }) },
    never,
  );
  const before = heldBytes();
  const measured = { count: 0, heldBytes: 0 };
  for await (const listed of session.recordings(never)) {
    if (!('recording' in listed)) throw new Error('nothing is to be skipped');
    measured.count += 1;
    if (measured.count % 20_000 === 0) measured.heldBytes = Math.max(measured.heldBytes, heldBytes() - before);
  }
  return measured;
}

describe('folders that cannot be read', () => {
  it('are said and do not hide the rest', async () => {
    await fill('A7000123');
    await mkdir(join(card, 'locked'));
    await writeFile(join(card, 'locked', 'clip.mp4'), 'x');
    await chmod(join(card, 'locked'), 0o000);
    const listing = await asNobody(async () => everything(await open(pins({ serial: 'S' }))));
    expect(listing.recordings.length).toBe(2);
    expect(listing.skipped).toEqual<SkippedPath[]>([{ displayPath: 'locked', reason: 'unreadable' }]);
  });

  it('are an error where it is the whole card: a card that cannot be read is not empty', async () => {
    const session = await open(pins({ serial: 'S' }));
    await chmod(card, 0o000);
    const refused = await asNobody(() => everything(session).catch((error: unknown) => error));
    expect(refused).toMatchObject({ code: 'DOCK_VOLUME_REFUSED' });
    await chmod(card, 0o755);
  });

  /** Root reads everything: the effective user is another one meanwhile. */
  async function asNobody<T>(work: () => Promise<T>): Promise<T> {
    if (process.geteuid?.() !== 0) return work();
    await chmod(folder, 0o755);
    process.seteuid?.(65_534);
    try {
      return await work();
    } finally {
      process.seteuid?.(0);
    }
  }
});

describe('simulated camera', () => {
  it('comes and goes in one step without a byte of its card changing', async () => {
    await fill('A7000123');
    const root = join(folder, 'media');
    await mkdir(root);
    const before = await fingerprintOf(join(card, 'video'));
    const camera = new SimulatedCamera({ card, by: 'move', pins: { serial: 'S' } });
    await camera.insert(root, '1-1');
    expect(camera.cardFolder).toBe(join(root, '1-1'));
    await expect(camera.insert(root, '1-2')).rejects.toThrow('already');
    const session = await family.open({ volume: await folderVolume('1-1', join(root, '1-1')) }, never);
    await camera.remove();
    await camera.remove();
    await expect(everything(session)).rejects.toMatchObject({ code: 'DOCK_VOLUME_GONE' });
    expect(await fingerprintOf(join(card, 'video'))).toBe(before);
    const link = new SimulatedCamera({ card, by: 'link', pins: { serial: 'S' } });
    const untouched = await fingerprintOf(card);
    await link.insert(root, '1-1');
    await expect(camera.insert(root, '1-1')).rejects.toThrow('already');
    await link.remove();
    expect(await fingerprintOf(card)).toBe(untouched);
  });
});
