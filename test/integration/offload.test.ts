import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { reportUnentered } from '../../daemon/archive/sweep.js';
import type { KnownRecording } from '../../daemon/custody/ledger.js';
import type { OffloadProgress } from '../../daemon/offload/offload.js';
import { errno, filesWith, noise, sha256, sourcesWith } from '../support/copy-rig.js';
import { OffloadRig, type OffloadRigOptions } from '../support/offload-rig.js';

const mib = 1 << 20;
const rigs: OffloadRig[] = [];
async function rigWith(options: OffloadRigOptions = {}): Promise<OffloadRig> {
  const rig = await OffloadRig.make(options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

async function entered(rig: OffloadRig): Promise<readonly KnownRecording[]> {
  return rig.ledger.recordings({ limit: 1000 });
}

async function kinds(rig: OffloadRig): Promise<readonly string[]> {
  return (await rig.ledger.read(1, 1000)).map(({ entry }) => entry.kind);
}

const named = 'DSJ_1234567_000042_20260302_093000';

describe('offloading a camera', () => {
  it('enters each recording with what was proved, then the total, and says safe only then (I2, I4)', async () => {
    const rig = await rigWith();
    const video = noise(3 * mib);
    await rig.put('cam-a', `video/${named}.mp4`, video);
    await rig.put('cam-a', 'empty.wav', Buffer.alloc(0));
    const told: OffloadProgress[] = [];
    const summary = await rig.run('cam-a', {}, (now) => told.push(now));
    expect(summary).toMatchObject({
      found: 2,
      alreadySafe: 0,
      offloaded: 2,
      failed: [],
      skipped: 0,
      unread: 0,
      bytes: 3 * mib,
    });
    expect(await kinds(rig)).toEqual(['recording.offloaded', 'recording.offloaded', 'camera.offloaded']);
    for (const { body } of await entered(rig)) {
      const stored = await readFile(rig.archived(body.archivePath));
      expect(sha256(stored)).toBe(body.sha256);
      expect(stored.length).toBe(body.sizeBytes);
    }
    const paths = (await entered(rig)).map(({ body }) => [body.archivePath, body.label]);
    expect(paths).toContainEqual([`2026/03/02/cam-a/${named}.mp4`, 'complete']);
    expect(paths).toContainEqual(['2026/03/02/cam-a/empty.wav', 'zero-length']);
    expect(told.at(-1)).toMatchObject({ recordings: { total: 2, done: 2, failed: 0 }, bytes: { done: 3 * mib } });
    expect(await readdir(rig.archived('.parts'))).toEqual([]);
  });

  it('copies nothing twice, and what the archive lost again', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await rig.put('cam-a', 'two.mp4', noise(2000, 2));
    await rig.run('cam-a');
    expect(await rig.run('cam-a')).toMatchObject({ alreadySafe: 2, offloaded: 0 });
    const [first] = await entered(rig);
    await rm(rig.archived(first?.body.archivePath ?? ''), { force: true });
    expect(await rig.run('cam-a')).toMatchObject({ alreadySafe: 1, offloaded: 1 });
    expect(rig.log.lines.map(({ key }) => key)).toContain('offload.lost-from-archive');
  });

  it('takes names of any bytes, and two that differ only in case, into one day without mixing them up (I11)', async () => {
    const rig = await rigWith();
    const names = [
      Buffer.from('a.mp4'),
      Buffer.from('A.MP4'),
      Buffer.from('a.mp4.sha256'),
      Buffer.from('a\nb.mp4'),
      Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x6d, 0x70, 0x34]),
      Buffer.from('..mp4'),
      Buffer.from(`${'長'.repeat(83)}.mp4`),
      Buffer.from(`${'x'.repeat(251)}.mp4`),
      Buffer.from(' -rf .mp4. '),
    ];
    for (const [index, name] of names.entries()) await rig.put('cam-a', name, noise(500 + index, index));
    expect(await rig.run('cam-a')).toMatchObject({ found: names.length, offloaded: names.length, failed: [] });
    const stored = await entered(rig);
    const shas = new Set(stored.map(({ body }) => body.sha256));
    expect(shas.size).toBe(names.length);
    for (const { body } of stored) {
      const original = names.findIndex((name) => Buffer.from(body.pathBytes, 'base64').equals(name));
      expect(body.sha256).toBe(sha256(noise(500 + original, original)));
      expect(sha256(await readFile(rig.archived(body.archivePath)))).toBe(body.sha256);
    }
    const lower = stored.map(({ body }) => body.archivePath.toLowerCase());
    expect(new Set(lower).size).toBe(names.length);
  });

  it('keeps two recordings of one name and one day from two folders apart, also when they are equal', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'x/clip.mp4', noise(700));
    await rig.put('cam-a', 'y/clip.mp4', noise(700));
    await rig.run('cam-a');
    const stored = await entered(rig);
    expect(new Set(stored.map(({ body }) => body.archivePath)).size).toBe(2);
    expect(new Set(stored.map(({ body }) => body.sha256)).size).toBe(1);
  });

  it('files absurd times under the day of arrival, and says how many there were', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'dead-battery.mp4', noise(100, 1), '1980-01-01T00:00:00Z');
    await rig.put('cam-a', 'overflow.mp4', noise(100, 2), '2106-02-07T06:28:15Z');
    await rig.put('cam-a', 'fine.mp4', noise(100, 3), '2026-03-02T08:00:00Z');
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 3, absurdTimes: 2 });
    const days = (await entered(rig)).map(({ body }) => body.archivePath.slice(0, 10)).sort();
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '/');
    expect(days).toEqual(['2026/03/02', today, today].sort());
  });

  it('adopts what a crash published without entering, and enters it once', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'one.mp4', noise(10_000));
    const { ledger } = rig;
    const append = ledger.append.bind(ledger);
    ledger.append = () => Promise.reject(new Error('the dock stopped here'));
    await expect(rig.run('cam-a')).rejects.toThrow();
    ledger.append = append;
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1 });
    expect(await readdir(rig.archived('2026/03/02/cam-a'))).toEqual(['one.mp4', 'one.mp4.sha256']);
    expect((await entered(rig)).length).toBe(1);
  });
});

describe("one recording's trouble stays its own (I8)", () => {
  it('reports what failed, once per docking, and copies the rest', async () => {
    const sources = sourcesWith((file) => ({
      read: (into, lengthBytes, at) =>
        file.sizeBytes === 5000 ? Promise.reject(errno('EIO')) : file.read(into, lengthBytes, at),
    }));
    const rig = await rigWith({ tools: { sources } });
    await rig.put('cam-a', 'bad.mp4', noise(5000));
    for (let index = 0; index < 5; index += 1) await rig.put('cam-a', `good-${index}.mp4`, noise(1000 + index, index));
    const request = await rig.request('cam-a');
    const never = new AbortController().signal;
    const summary = await rig.offload.run(request, () => undefined, never);
    expect(summary).toMatchObject({ offloaded: 5, failed: [{ path: 'bad.mp4' }] });
    expect(summary.failed[0]?.error.code).toBe('DOCK_RECORDING_UNREADABLE');
    await rig.offload.run(request, () => undefined, never);
    expect((await kinds(rig)).filter((kind) => kind === 'recording.failed')).toHaveLength(1);
  });

  it('tries again at once what can succeed at once: a failed fsync', async () => {
    let failures = 0;
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        const part = await real.openPart(path, fresh);
        return {
          ...part,
          seal: async (lengthBytes) => {
            failures += 1;
            if (failures === 1) throw errno('EIO');
            await part.seal(lengthBytes);
          },
        };
      },
    }));
    const rig = await rigWith({ tools: { files } });
    await rig.put('cam-a', 'one.mp4', noise(5000));
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1, failed: [] });
    expect(rig.log.lines.map(({ key }) => key)).toContain('offload.retried');
  });

  it('a card of unreadable recordings is one fault, not thousands', async () => {
    const sources = sourcesWith(() => ({ read: () => Promise.reject(errno('EIO')) }));
    const rig = await rigWith({ tools: { sources } });
    for (let index = 0; index < 60; index += 1) await rig.put('cam-a', `${index}.mp4`, noise(100, index));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_CAMERA_UNREADABLE' });
    expect(await kinds(rig)).toEqual([]);
  });

  it('a camera that stalls is given up in time, and the other bay is done meanwhile', async () => {
    let letGo: (error: Error) => void = () => undefined;
    const hanging = new Promise<number>((_, reject) => {
      letGo = reject;
    });
    const sources = sourcesWith((file) => ({
      read: (into, lengthBytes, at) =>
        file.sizeBytes === 7 * mib && at >= 6 * mib ? hanging : file.read(into, lengthBytes, at),
    }));
    const rig = await rigWith({ tools: { sources }, watch: { stallMs: 400, cancelMs: 100 } });
    await rig.put('hung', 'one.mp4', noise(7 * mib));
    await rig.put('well', 'one.mp4', noise(mib));
    const hung = rig.run('hung', { bay: '1-1' });
    const well = rig.run('well', { bay: '1-2' });
    await expect(hung).rejects.toMatchObject({ code: 'DOCK_CAMERA_STALLED' });
    expect(await well).toMatchObject({ offloaded: 1 });
    // The kernel gives up at last; what was given up must not publish or note anything then.
    const left = async (): Promise<readonly string[]> => {
      const names = (await readdir(rig.archived('.parts'))).sort();
      return Promise.all(names.map(async (name) => sha256(await readFile(rig.archived(`.parts/${name}`)))));
    };
    const before = await left();
    expect(before).toHaveLength(2);
    letGo(errno('ENODEV'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await left()).toEqual(before);
    expect(await readdir(rig.archived('2026/03/02/hung'))).toEqual([]);
  });

  it('refuses the same recording in two bays at once, so that no part has two writers', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'one.mp4', noise(12 * mib));
    const [first, second] = await Promise.all([rig.run('cam-a', { bay: '1-1' }), rig.run('cam-a', { bay: '1-2' })]);
    const failed = [...first.failed, ...second.failed].map(({ error }) => error.code);
    expect([first.offloaded + second.offloaded, ...failed]).toEqual([1, 'DOCK_RECORDING_BUSY']);
  });
});

describe('taken out in the middle', () => {
  it('throws the reason, keeps what is safe, and goes on in another bay reading at most 8 MiB again', async () => {
    const rig = await rigWith();
    const bytes = noise(40 * mib);
    await rig.put('cam-a', 'one.mp4', bytes);
    const abort = new AbortController();
    const reason = new Error('undocked');
    const slow = sourcesWith((file) => ({
      async read(into, lengthBytes, at) {
        if (at >= 16 * mib) abort.abort(reason);
        return file.read(into, lengthBytes, at);
      },
    }));
    const pulled = await rigWith({ dir: `${rig.dir}-2`, tools: { sources: slow } });
    await pulled.put('cam-a', 'one.mp4', bytes);
    await expect(pulled.run('cam-a', {}, () => undefined, abort.signal)).rejects.toBe(reason);
    expect(await kinds(pulled)).toEqual([]);
    expect(await readdir(pulled.archived('2026/03/02/cam-a'))).toEqual([]);
    await pulled.stop();
    rigs.splice(rigs.indexOf(pulled), 1);
    const again = await rigWith({ dir: pulled.dir });
    expect(await again.run('cam-a', { bay: '1-7' })).toMatchObject({ offloaded: 1 });
    const [known] = await entered(again);
    expect(known?.body.sha256).toBe(sha256(bytes));
    expect(known?.body.resumedBytes).toBeGreaterThanOrEqual(8 * mib);
    expect(await readdir(again.archived('.parts'))).toEqual([]);
  });
});

describe('an archive in trouble', () => {
  it('decides before it begins what fits: important and old ones first, the rest is left with figures', async () => {
    const rig = await rigWith();
    await rig.archive.ready();
    await rig.put('cam-a', 'IMP/new.mp4', noise(200_000, 1), '2026-03-02T12:00:00Z');
    await rig.put('cam-a', 'old.mp4', noise(200_000, 2), '2026-03-01T08:00:00Z');
    await rig.put('cam-a', 'newer.mp4', noise(200_000, 3), '2026-03-02T08:00:00Z');
    rig.archive.roomBytes = async () => 450_000;
    const summary = await rig.run('cam-a');
    expect(summary).toMatchObject({ offloaded: 2, failed: [{ path: 'newer.mp4' }] });
    expect(summary.failed[0]?.error).toMatchObject({ code: 'DOCK_ARCHIVE_FULL', found: 'room for 450 kB' });
    expect(await kinds(rig)).toEqual(['recording.offloaded', 'recording.offloaded', 'camera.offloaded']);
  });

  it('throws DOCK_ARCHIVE_FULL when nothing fits into what is really free beside the reserve', async () => {
    const rig = await rigWith({ reserveBytes: Number.MAX_SAFE_INTEGER });
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_FULL' });
    expect((await rig.archive.look()).status.state).toBe('full');
  });

  it('takes an archive without its mark for a missing disk once there are recordings', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await rig.run('cam-a');
    await rename(rig.archived(''), `${rig.dir}/archive-unmounted`);
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_GONE' });
    expect((await rig.archive.look()).status.state).toBe('gone');
    await rename(`${rig.dir}/archive-unmounted`, rig.archived(''));
    expect(await rig.run('cam-a')).toMatchObject({ alreadySafe: 1 });
  });

  it('stops at once when the archive becomes read-only while it copies', async () => {
    const files = filesWith((real) => ({
      openPart: async (path, fresh) => {
        const part = await real.openPart(path, fresh);
        return { ...part, write: () => Promise.reject(errno('EROFS')) };
      },
    }));
    const rig = await rigWith({ tools: { files } });
    for (let index = 0; index < 5; index += 1) await rig.put('cam-a', `${index}.mp4`, noise(1000, index));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_READ_ONLY' });
  });
});

describe('the look over the archive at start', () => {
  it('names files without an entry and leaves them alone (I9)', async () => {
    const rig = await rigWith();
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await rig.run('cam-a');
    const look = (changedSinceMs: number) =>
      reportUnentered(
        { archive: rig.archive, ledger: rig.ledger, log: rig.log, changedSinceMs },
        new AbortController().signal,
      );
    expect(await look(0)).toBe(0);
    await writeFile(rig.archived('2026/03/02/cam-a/stray.mp4'), 'x');
    expect(await look(0)).toBe(1);
    expect(await look(Date.now() + 60_000)).toBe(0);
    expect(rig.log.lines.at(-1)?.fields).toMatchObject({ archivePath: '2026/03/02/cam-a/stray.mp4' });
    expect(await readFile(rig.archived('2026/03/02/cam-a/stray.mp4'), 'utf8')).toBe('x');
  });
});
