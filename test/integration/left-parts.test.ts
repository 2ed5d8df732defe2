/** Parts of recordings that are not on their camera any more (decision 0048). */
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { EntryBody } from '../../daemon/custody/entry.js';
import type { OffloadSummary } from '../../daemon/offload/offload.js';
import type { SourceFiles } from '../../daemon/offload/source-files.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { errno, noise, sha256, sourcesWith } from '../support/copy-rig.js';
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

/** A camera that is pulled out when this much of a recording was read. */
function pulledAt(bytes: number): SourceFiles & { inPlace: boolean } {
  const camera = { inPlace: false };
  const sources = sourcesWith((file) => ({
    read: (into, lengthBytes, at) =>
      at >= bytes && !camera.inPlace ? Promise.reject(errno('ENODEV')) : file.read(into, lengthBytes, at),
  }));
  return Object.assign(camera, sources);
}

/** A recording of cam-a of which the dock has a part, and the camera has nothing any more. */
async function interrupted(bytes: Buffer, atBytes: number, name = 'long.bin') {
  const sources = pulledAt(atBytes);
  const rig = await rigWith({ tools: { sources } });
  await rig.put('cam-a', name, bytes);
  await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE' });
  sources.inPlace = true;
  await rm(rig.cardPath('cam-a', name));
  return rig;
}

const parts = (rig: OffloadRig): Promise<string[]> => readdir(rig.archived('.parts'));
async function entered(rig: OffloadRig): Promise<readonly EntryBody<'recording.offloaded'>[]> {
  return (await rig.ledger.recordings({ limit: 100 })).map(({ body }) => body);
}
const stored = (rig: OffloadRig, path: string): Promise<Buffer> => readFile(rig.archived(path));

describe('a part whose recording is gone from the camera', () => {
  it.each([
    ['large', 20 * mib, 10 * mib],
    ['smaller than the distance of checkpoints', 3 * mib + 77, 2 * mib],
  ])(
    'is taken into the archive as what it is, with what is missing, and entered: %s (I2, M18)',
    async (_, sizeBytes, atBytes) => {
      const bytes = noise(sizeBytes);
      const rig = await interrupted(bytes, atBytes);
      expect(await rig.run('cam-a')).toMatchObject({ found: 0, failed: [] });
      const [body, ...more] = await entered(rig);
      expect(more).toEqual([]);
      expect(body).toMatchObject({ path: 'long.bin', label: 'incomplete', madeOf: 'part', sizeBytes, corrected: null });
      const from = body?.missing[0]?.from ?? 0;
      expect(body?.missing).toEqual([{ from, to: sizeBytes }]);
      // Not what nobody had yet seen to be unchanged: that question was under way.
      expect(from).toBeGreaterThan(0);
      const expected = Buffer.alloc(sizeBytes);
      bytes.copy(expected, 0, 0, from);
      const found = await stored(rig, body?.archivePath ?? '');
      expect(found.equals(expected)).toBe(true);
      expect(body?.sha256).toBe(sha256(found));
      expect((await stored(rig, `${body?.archivePath}.sha256`)).toString()).toMatch(new RegExp(`^${body?.sha256}  `));
      expect(await parts(rig)).toEqual([]);
      expect(rig.log.lines.map(({ key }) => key)).toContain('offload.part-taken-in');
    },
  );

  it('is no copy of it: should it come back, it is copied whole', async () => {
    const bytes = noise(9 * mib);
    const rig = await interrupted(bytes, 5 * mib);
    await rig.run('cam-a');
    await rig.put('cam-a', 'long.bin', bytes);
    expect(await rig.run('cam-a')).toMatchObject({ found: 1, alreadySafe: 0, offloaded: 1 });
    const [part, whole] = await entered(rig);
    expect(whole).toMatchObject({ label: 'complete', missing: [], sha256: sha256(bytes) });
    expect(whole?.archivePath).not.toBe(part?.archivePath);
    expect(sha256(await stored(rig, part?.archivePath ?? ''))).toBe(part?.sha256);
    expect(await rig.run('cam-a')).toMatchObject({ alreadySafe: 1, offloaded: 0 });
  });

  it('is removed where the recording that took its place begins with all of it', async () => {
    const bytes = noise(9 * mib);
    const rig = await interrupted(bytes, 5 * mib);
    await rig.put('cam-a', 'long.bin', Buffer.concat([bytes, noise(1_000, 7)]), '2026-03-02T09:00:00Z');
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1 });
    expect(await entered(rig)).toMatchObject([{ sizeBytes: 9 * mib + 1_000, label: 'complete' }]);
    expect(await parts(rig)).toEqual([]);
  });

  it('is kept beside a recording of the same name with other bytes', async () => {
    const rig = await interrupted(noise(9 * mib), 5 * mib);
    await rig.put('cam-a', 'long.bin', noise(9 * mib, 8), '2026-03-02T09:00:00Z');
    await rig.run('cam-a');
    expect(await entered(rig)).toMatchObject([{ label: 'complete' }, { label: 'incomplete', madeOf: 'part' }]);
    expect(await parts(rig)).toEqual([]);
  });

  it('is all of it where only the proof was interrupted', async () => {
    const bytes = noise(2 * mib);
    let cut = true;
    const rig = await rigWith();
    const taken = new AbortController();
    const copier = rig.copier;
    const start = copier.start.bind(copier);
    copier.start = (job, progress) =>
      start(job, (now) => {
        progress(now);
        if (cut && now.verifiedBytes > 0) taken.abort(new Error('undocked'));
      });
    await rig.put('cam-a', 'short.bin', bytes);
    // Progress is told four times a second at most: where it came too late there was nothing to interrupt.
    const run: Promise<OffloadSummary> = rig.run('cam-a', {}, () => undefined, taken.signal);
    const ended = await run.then(
      () => true,
      () => false,
    );
    cut = false;
    await rm(rig.cardPath('cam-a', 'short.bin'));
    await rig.run('cam-a');
    expect(await entered(rig)).toMatchObject([{ label: 'complete', missing: [], sha256: sha256(bytes) }]);
    if (!ended) expect((await entered(rig))[0]?.madeOf).toBe('part');
    expect(await parts(rig)).toEqual([]);
  });

  it('is kept to the last byte that can be proved, when its own bytes changed on the disk', async () => {
    const bytes = noise(20 * mib);
    const rig = await interrupted(bytes, 15 * mib);
    const [part = ''] = (await parts(rig)).filter((name) => name.endsWith('.part'));
    const found = await stored(rig, `.parts/${part}`);
    found.writeUInt8((found.readUInt8(9 * mib) + 1) % 256, 9 * mib);
    await writeFile(rig.archived(`.parts/${part}`), found);
    await rig.run('cam-a');
    const [body] = await entered(rig);
    const from = body?.missing[0]?.from ?? 0;
    expect(from).toBeGreaterThanOrEqual(4 * mib);
    expect(from).toBeLessThanOrEqual(9 * mib);
    expect((await stored(rig, body?.archivePath ?? '')).subarray(0, from).equals(bytes.subarray(0, from))).toBe(true);
  });

  describe('stays as it is', () => {
    const unchanged = async (rig: OffloadRig, act: () => Promise<unknown>): Promise<void> => {
      const before = await parts(rig);
      expect(before.length).toBeGreaterThan(0);
      await act();
      expect(await parts(rig)).toEqual(before);
      expect(await entered(rig)).toEqual([]);
    };

    it('while the listing is not complete', async () => {
      const rig = await interrupted(noise(9 * mib), 5 * mib);
      const request = await rig.request('cam-a');
      const session = {
        ...request.session,
        async *recordings() {
          yield { skipped: { displayPath: 'DCIM', reason: 'unreadable' as const } };
        },
      };
      await unchanged(rig, () =>
        rig.offload.run({ ...request, session }, () => undefined, new AbortController().signal),
      );
    });

    it('while another camera is docked', async () => {
      const rig = await interrupted(noise(9 * mib), 5 * mib);
      await unchanged(rig, () => rig.run('cam-b'));
    });

    it('when nothing of it can be proved, and when nobody knows what it is', async () => {
      const rig = await interrupted(noise(9 * mib), 5 * mib);
      const [part = ''] = (await parts(rig)).filter((name) => name.endsWith('.part'));
      await truncate(rig.archived(`.parts/${part}`), 4_096);
      await unchanged(rig, () => rig.run('cam-a'));
      await unchanged(rig, () => rig.run('cam-a'));
      // Each docking of its camera finds it again, and there is nothing new to say.
      expect(rig.log.lines.filter(({ key }) => key === 'offload.part-unproved')).toHaveLength(1);
      await rm(rig.archived(`.parts/${part.replace('.part', '.notes')}`));
      await unchanged(rig, () => rig.run('cam-a'));
    });
  });

  it('that cannot be taken in is told of and kept; what is on the camera is offloaded all the same (I8)', async () => {
    const rig = await interrupted(noise(9 * mib), 5 * mib);
    await rig.put('cam-a', 'next.bin', noise(1000));
    const error = new DockError('DOCK_COPY_DIFFERS', {
      expected: verbatim('bytes'),
      found: verbatim('others'),
      todo: verbatim('Look'),
      retry: 'never',
    });
    const failing = Promise.reject(error);
    failing.catch(() => undefined);
    const idle = (): void => undefined;
    rig.copier.takeIn = () => ({
      result: failing,
      released: Promise.resolve(),
      cancel: idle,
      pause: idle,
      resume: idle,
    });
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1, failed: [] });
    expect(rig.log.lines.map(({ key }) => key)).toContain('offload.part-failed');
    expect((await parts(rig)).filter((name) => name.endsWith('.part'))).toHaveLength(1);
  });

  it('is not there twice when the dock dies between publishing and entering, or entering and tidying up, under any clock', async () => {
    const bytes = noise(9 * mib);
    for (const dies of ['append', 'tidying'] as const) {
      const rig = await interrupted(bytes, 5 * mib);
      if (dies === 'append') rig.ledger.append = () => Promise.reject(new Error('the dock dies'));
      const removeLeft = rig.archive.removeLeft.bind(rig.archive);
      if (dies !== 'append') rig.archive.removeLeft = () => Promise.reject(new Error('the dock dies'));
      await expect(rig.run('cam-a')).rejects.toThrow();
      rig.archive.removeLeft = removeLeft;
      await rig.stop();
      const again = await rigWith({ dir: rig.dir, wallErrorMs: 5 * 86_400_000 });
      expect(await again.run('cam-a')).toMatchObject({ failed: [] });
      const [body, ...more] = await entered(again);
      expect(more).toEqual([]);
      expect(body).toMatchObject({ madeOf: 'part', label: 'incomplete' });
      const folder = (body?.archivePath ?? '').split('/').slice(0, -1).join('/');
      expect(await readdir(again.archived(folder))).toHaveLength(2);
      expect(await parts(again)).toEqual([]);
      rigs.splice(rigs.indexOf(rig), 1);
    }
  });
});
