import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { appendFile, link, open, readFile, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { reachesMedium } from '../../daemon/archive/direct-io.js';
import { copyRecording } from '../../daemon/offload/copy.js';
import type { CopyTools } from '../../daemon/offload/copying.js';
import {
  CopyRig,
  control,
  errno,
  filesWith,
  folder,
  noise,
  sha256,
  sourcesWith,
  withBadPlaces,
} from '../support/copy-rig.js';

const rigs: CopyRig[] = [];
async function rigWith(changes: Partial<CopyTools> = {}, under?: string): Promise<CopyRig> {
  const rig = await CopyRig.make(changes, under);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

describe('a copy that goes well', () => {
  // Around the block, the alignment and the depth of reading ahead.
  const sizes = [0, 1, 4095, 4096, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 * (1 << 20) + 123];
  it.each(sizes)('stores %i bytes as they are, read-only, with a receipt and no part (I2)', async (size) => {
    const rig = await rigWith();
    const bytes = noise(size);
    const job = await rig.record('a.bin', bytes);
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({
      archivePath: job.finalPath,
      sha256: sha256(bytes),
      label: size === 0 ? 'zero-length' : 'complete',
      missing: [],
      resumedBytes: 0,
      adopted: false,
    });
    expect((await rig.stored(job.finalPath)).equals(bytes)).toBe(true);
    expect(await rig.mode(job.finalPath)).toBe(0o440);
    expect(await rig.left()).toEqual([]);
    expect(await rig.published()).toEqual(['a.bin', 'a.bin.sha256']);
  });

  it('writes receipts that sha256sum checks, also for names that it escapes', async () => {
    const rig = await rigWith();
    for (const name of ['plain name.mp4', 'back\\slash.mp4', 'line\nbreak.mp4']) {
      const job = await rig.record(name, noise(5000));
      await copyRecording(job, rig.tools, control());
      const where = { cwd: join(rig.archive, folder) };
      await promisify(execFile)('sha256sum', ['--check', '--strict', '--status', `${name}.sha256`], where);
    }
  });

  it('reads directly on a disk, and says cached on tmpfs, which has no medium (I2)', async () => {
    // Where the temporary folder itself is memory, there is no disk to show it on.
    const path = (await reachesMedium(tmpdir())) ? 'direct' : 'cached';
    const disk = await rigWith();
    const onDisk = await copyRecording(await disk.record('a.bin', noise(10_000)), disk.tools, control());
    expect(onDisk).toMatchObject({ sourceRead: path, readBack: path });
    const memory = await rigWith({}, '/dev/shm');
    const inMemory = await copyRecording(await memory.record('a.bin', noise(10_000)), memory.tools, control());
    expect(inMemory).toMatchObject({ sourceRead: 'cached', readBack: 'cached' });
  });

  it('leaves the source byte for byte and in its times as it was (I1)', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(100_000));
    const path = join(rig.card, 'a.bin');
    const before = await stat(path, { bigint: true });
    await copyRecording(job, rig.tools, control());
    const { mtimeNs, ctimeNs, size } = await stat(path, { bigint: true });
    expect({ mtimeNs, ctimeNs, size }).toEqual({ mtimeNs: before.mtimeNs, ctimeNs: before.ctimeNs, size: before.size });
  });
});

describe('proof', () => {
  it('notices one byte that the disk gives back differently, and leaves nothing (I2)', async () => {
    const files = filesWith((real) => ({
      // The medium loses a bit between write and read-back.
      async openReadBack(path) {
        const handle = await open(path, 'r+');
        const byte = Buffer.alloc(1);
        await handle.read(byte, 0, 1, 70_000);
        byte[0] = (byte[0] ?? 0) ^ 1;
        await handle.write(byte, 0, 1, 70_000);
        await handle.sync();
        await handle.close();
        return real.openReadBack(path);
      },
    }));
    const rig = await rigWith({ files });
    const job = await rig.record('a.bin', noise(100_000));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({
      code: 'DOCK_COPY_DIFFERS',
      retry: 'now',
    });
    expect(await rig.left()).toEqual([]);
    expect(await rig.published()).toEqual([]);
  });

  it('notices a file that is shorter on the disk', async () => {
    const files = filesWith((real) => ({
      openReadBack: async (path) => {
        const handle = await open(path, 'r+');
        await handle.truncate(50_000);
        await handle.close();
        return real.openReadBack(path);
      },
    }));
    const rig = await rigWith({ files });
    const job = await rig.record('a.bin', noise(100_000));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_COPY_DIFFERS' });
    expect(await rig.published()).toEqual([]);
  });

  it('never tries a failed fsync again: the part is thrown away', async () => {
    let syncs = 0;
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        const part = await real.openPart(path, fresh);
        return {
          ...part,
          seal: async () => {
            syncs += 1;
            throw errno('EIO');
          },
        };
      },
    }));
    const rig = await rigWith({ files });
    const job = await rig.record('a.bin', noise(100_000));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({
      code: 'DOCK_ARCHIVE_WRITE',
      retry: 'now',
    });
    expect(syncs).toBe(1);
    expect(await rig.left()).toEqual([]);
  });
});

describe('names', () => {
  it('never overwrites: a foreign file keeps its name and content, the recording gets the other name', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    await writeFile(join(rig.archive, job.finalPath), 'somebody else');
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({ archivePath: job.alternatePath, adopted: false });
    expect((await rig.stored(job.finalPath)).toString()).toBe('somebody else');
    expect((await rig.stored(job.alternatePath)).equals(noise(10_000))).toBe(true);
  });

  it.each(['before', 'in between'])(
    'leaves no receipt of ours beside a foreign file that came %s: it would look altered (I5)',
    async (when) => {
      const rig = await rigWith();
      const job = await rig.record('a.bin', noise(10_000));
      const foreign = join(rig.archive, job.finalPath);
      let watching = true;
      const comes = (): void => {
        if (watching && !existsSync(foreign) && existsSync(`${foreign}.sha256`))
          writeFileSync(foreign, 'somebody else');
        if (watching) setImmediate(comes);
      };
      if (when === 'before') await writeFile(foreign, 'somebody else');
      else comes();
      expect(await copyRecording(job, rig.tools, control())).toMatchObject({ archivePath: job.alternatePath });
      watching = false;
      expect(await rig.published()).toEqual(['a.bin', 'alternate-a.bin', 'alternate-a.bin.sha256']);
    },
  );

  it('takes over no file whose receipt says something else, and leaves both as they are', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    const final = join(rig.archive, job.finalPath);
    await writeFile(final, noise(10_000));
    await writeFile(`${final}.sha256`, `${'0'.repeat(64)}  a.bin\n`);
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({ archivePath: job.alternatePath, adopted: false });
    expect(await readFile(`${final}.sha256`, 'utf8')).toContain('0'.repeat(64));
    expect((await stat(final)).mode & 0o200).toBe(0o200);
  });

  it('takes over the file that a crash left between publishing and entering: none twice', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    const first = await copyRecording(job, rig.tools, control());
    const second = await copyRecording(job, rig.tools, control());
    expect(second).toMatchObject({ archivePath: first.archivePath, sha256: first.sha256, adopted: true });
    expect(await rig.published()).toEqual(['a.bin', 'a.bin.sha256']);
    expect(await rig.left()).toEqual([]);
  });

  it('does not write to a published recording through the part name that a crash left beside it', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    await copyRecording(job, rig.tools, control());
    const final = join(rig.archive, job.finalPath);
    await link(final, join(rig.archive, '.parts', `${job.part}.part`));
    const before = await stat(final, { bigint: true });
    expect(await copyRecording(job, rig.tools, control())).toMatchObject({ adopted: true });
    const after = await stat(final, { bigint: true });
    expect(after.mtimeNs).toBe(before.mtimeNs);
    expect(after.nlink).toBe(1n);
    expect((await rig.stored(job.finalPath)).equals(noise(10_000))).toBe(true);
  });

  it('says so when both names are taken by other files', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    await writeFile(join(rig.archive, job.finalPath), 'x');
    await writeFile(join(rig.archive, job.alternatePath), 'y');
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_NAME_TAKEN' });
    expect(await rig.left()).toEqual([]);
  });
});

describe('a camera that misbehaves', () => {
  it('refuses a recording that is not the one that was listed (I11)', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(10_000));
    await expect(copyRecording({ ...job, sizeBytes: 9_999 }, rig.tools, control())).rejects.toMatchObject({
      code: 'DOCK_RECORDING_CHANGED',
    });
    await utimes(join(rig.card, 'a.bin'), 1, 1);
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED' });
  });

  it.each(['grows', 'shrinks', 'is written again'])('refuses a recording that %s while it is read', async (how) => {
    const rig = await rigWith();
    const size = 6 << 20;
    const job = await rig.record('a.bin', noise(size));
    const path = join(rig.card, 'a.bin');
    let done = false;
    const sources = sourcesWith((file) => ({
      async read(into, lengthBytes, at) {
        if (!done && at >= 2 << 20) {
          done = true;
          if (how === 'grows') await appendFile(path, 'more');
          else if (how === 'shrinks') await promisify(execFile)('truncate', ['-s', '3000000', path]);
          else await utimes(path, 5, 5);
        }
        return file.read(into, lengthBytes, at);
      },
    }));
    await expect(copyRecording(job, { ...rig.tools, sources }, control())).rejects.toMatchObject({
      code: 'DOCK_RECORDING_CHANGED',
    });
    expect(await rig.left()).toEqual([]);
    expect(await rig.published()).toEqual([]);
  });

  it('does not follow a link, nor wait at a pipe, that took the place of a recording (I11)', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(100));
    const path = join(rig.card, 'a.bin');
    await rename(path, `${path}.old`);
    await symlink(`${path}.old`, path);
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_GONE' });
    await rename(path, `${path}.link`);
    await promisify(execFile)('mkfifo', [path]);
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED' });
  });

  it('reads directly where it can and falls back to the cache where O_DIRECT is refused', async () => {
    const rig = await rigWith();
    // /proc refuses O_DIRECT with EINVAL; what is there has no length, so only the way of reading is looked at.
    const file = await rig.tools.sources.open(
      { kind: 'file', path: Buffer.from('/proc/version') },
      new AbortController().signal,
    );
    expect(file.readPath).toBe('cached');
    const block = new Uint8Array(4096);
    expect(await file.read(block, 4096, 0)).toBeGreaterThan(10);
    await file.close();
  });
});

describe('bad places on the medium', () => {
  it('keeps everything that can be read, names what cannot, and labels it incomplete', async () => {
    const bytes = noise(3 << 20);
    const bad = { from: 1_500_000, to: 1_500_001 };
    const rig = await rigWith({ sources: withBadPlaces([bad]) });
    const job = await rig.record('a.mp4', bytes);
    const result = await copyRecording(job, rig.tools, control());
    const from = Math.floor(bad.from / 4096) * 4096;
    expect(result).toMatchObject({ label: 'incomplete', missing: [{ from, to: from + 4096 }] });
    const expected = Buffer.from(bytes);
    expected.fill(0, from, from + 4096);
    expect((await rig.stored(job.finalPath)).equals(expected)).toBe(true);
    expect(result.sha256).toBe(sha256(expected));
  });

  it('joins neighbours and handles bad places at the beginning and in the last, unaligned piece', async () => {
    const size = (2 << 20) + 777;
    const rig = await rigWith({
      sources: withBadPlaces([
        { from: 0, to: 8192 },
        { from: size - 10, to: size },
      ]),
    });
    const job = await rig.record('a.bin', noise(size));
    const { missing } = await copyRecording(job, rig.tools, control());
    expect(missing).toEqual([
      { from: 0, to: 8192 },
      { from: 2 << 20, to: size },
    ]);
  });

  it('a place that reads at the second try is not missing', async () => {
    let failures = 0;
    const sources = sourcesWith((file) => ({
      read: (into, lengthBytes, at) => {
        if (at === 1 << 20 && failures === 0) {
          failures += 1;
          return Promise.reject(errno('EIO'));
        }
        return file.read(into, lengthBytes, at);
      },
    }));
    const rig = await rigWith({ sources });
    const job = await rig.record('a.bin', noise(3 << 20));
    expect(await copyRecording(job, rig.tools, control())).toMatchObject({ label: 'complete', missing: [] });
    expect(failures).toBe(1);
  });

  it('a camera that gives nothing any more is not salvaged but left for later, without trying all of it', async () => {
    let reads = 0;
    const sources = sourcesWith((file) => ({
      read: (into, lengthBytes, at) => {
        reads += 1;
        return reads > 3 ? Promise.reject(errno('EIO')) : file.read(into, lengthBytes, at);
      },
    }));
    const rig = await rigWith({ sources });
    const job = await rig.record('a.bin', noise(9 << 20));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_UNREADABLE' });
    expect(await rig.published()).toEqual([]);
    // Two blocks were under way, each taken apart into 256 places.
    expect(reads).toBeLessThan(1_100);
  });

  it('believes no salvaged copy of a camera that is not there any more', async () => {
    const bad = withBadPlaces([{ from: 1_500_000, to: 1_500_001 }]);
    const sources = {
      open: async (...of: Parameters<typeof bad.open>) => ({
        ...(await bad.open(...of)),
        reachable: async () => false,
      }),
    };
    const rig = await rigWith({ sources });
    const job = await rig.record('a.bin', noise(3 << 20));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_UNREADABLE' });
    expect(await rig.published()).toEqual([]);
  });

  it('gives up on a medium with more bad places than anybody could list', async () => {
    const places = Array.from({ length: 300 }, (_, index) => ({ from: index * 8192, to: index * 8192 + 1 }));
    const rig = await rigWith({ sources: withBadPlaces(places) });
    const job = await rig.record('a.bin', noise(3 << 20));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_RECORDING_UNREADABLE' });
  });
});

describe('an archive in trouble', () => {
  it.each([
    ['ENOSPC', 'DOCK_ARCHIVE_FULL'],
    ['EDQUOT', 'DOCK_ARCHIVE_FULL'],
    ['EROFS', 'DOCK_ARCHIVE_READ_ONLY'],
    ['EIO', 'DOCK_ARCHIVE_WRITE'],
  ])('%s while writing is %s, never an error of the camera, and leaves nothing', async (code, expected) => {
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        const part = await real.openPart(path, fresh);
        return {
          ...part,
          write: (block, at) => (at >= 2 << 20 ? Promise.reject(errno(code)) : part.write(block, at)),
        };
      },
    }));
    const rig = await rigWith({ files });
    const job = await rig.record('a.bin', noise(6 << 20));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: expected });
    expect(await rig.left()).toEqual([]);
    expect(await rig.published()).toEqual([]);
  });

  it('a folder that vanished is an archive that is gone', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(100));
    await rename(rig.archive, `${rig.archive}-elsewhere`);
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_GONE' });
  });

  it('really has no room: a full file system of its own kind is DOCK_ARCHIVE_FULL', async () => {
    // /dev/full refuses every write with ENOSPC, the real one.
    const full = await open('/dev/full', 'w');
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        const part = await real.openPart(path, fresh);
        return {
          ...part,
          write: async (block: Uint8Array) => {
            await full.write(block);
          },
        };
      },
    }));
    const rig = await rigWith({ files });
    const job = await rig.record('a.bin', noise(100));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_FULL' });
    await full.close();
  });
});
