import { open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { checkpointsIn } from '../../daemon/offload/checkpoints.js';
import { copyRecording } from '../../daemon/offload/copy.js';
import type { CopyTools } from '../../daemon/offload/copying.js';
import { CopyRig, control, errno, noise, sha256, sourcesWith } from '../support/copy-rig.js';

const mib = 1 << 20;
const rigs: CopyRig[] = [];
async function rigWith(changes: Partial<CopyTools> = {}): Promise<CopyRig> {
  const rig = await CopyRig.make(changes);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

/** Counts what is read from the camera; the plug is pulled after so many bytes. */
function pulledAfter(bytes: number, code = 'ENODEV') {
  const seen = { bytes: 0 };
  let pulled = false;
  const sources = sourcesWith((file) => ({
    async read(into, lengthBytes, at) {
      // A card takes its time: meanwhile the camera is asked whether what came before is unchanged.
      await new Promise((resolve) => setTimeout(resolve, 5));
      pulled ||= seen.bytes + lengthBytes > bytes;
      if (pulled) throw errno(code);
      // Counted before it is read, for others are read at the same time.
      seen.bytes += lengthBytes;
      const got = await file.read(into, lengthBytes, at);
      seen.bytes += got - lengthBytes;
      return got;
    },
  }));
  return { seen, sources };
}

describe('pulled out and put back', () => {
  it.each(['ENODEV', 'ENXIO', 'EIO'])(
    'goes on where it stopped after %s, reading at most 8 MiB again',
    async (code) => {
      const rig = await rigWith();
      const bytes = noise(24 * mib + 5);
      const job = await rig.record('a.bin', bytes);
      const first = pulledAfter(13 * mib, code);
      await expect(copyRecording(job, { ...rig.tools, sources: first.sources }, control())).rejects.toMatchObject({
        retry: 'after-redocking',
      });
      expect(await rig.published()).toEqual([]);
      const second = pulledAfter(Number.POSITIVE_INFINITY);
      const result = await copyRecording(job, { ...rig.tools, sources: second.sources }, control());
      expect(result.sha256).toBe(sha256(bytes));
      expect(result.resumedBytes).toBeGreaterThan(0);
      expect(first.seen.bytes + second.seen.bytes - bytes.length).toBeLessThanOrEqual(8 * mib);
      expect((await rig.stored(job.finalPath)).equals(bytes)).toBe(true);
      expect(await rig.left()).toEqual([]);
    },
  );

  it.each([3 * mib, 20 * mib])(
    'reads nothing again that came before a plug was pulled, though the kernel calls it bad places (EIO): %i bytes (I2)',
    async (sizeBytes) => {
      const rig = await rigWith();
      const bytes = noise(sizeBytes);
      const job = await rig.record('a.bin', bytes);
      const { sources } = pulledAfter(2 * mib, 'EIO');
      await expect(copyRecording(job, { ...rig.tools, sources }, control())).rejects.toMatchObject({
        code: 'DOCK_RECORDING_UNREADABLE',
      });
      const result = await copyRecording(job, rig.tools, control());
      expect(result).toMatchObject({ sha256: sha256(bytes), missing: [] });
      expect(result.resumedBytes).toBeGreaterThan(0);
      expect(result.resumedBytes).toBeLessThanOrEqual(2 * mib);
    },
  );

  it('goes on after being cancelled, and throws the reason it was given', async () => {
    const rig = await rigWith();
    const bytes = noise(20 * mib);
    const job = await rig.record('a.bin', bytes);
    const abort = new AbortController();
    const reason = new Error('taken out');
    const stopped = copyRecording(
      job,
      rig.tools,
      control(abort.signal, ({ copiedBytes }) => {
        if (copiedBytes >= 10 * mib) abort.abort(reason);
      }),
    );
    await expect(stopped).rejects.toBe(reason);
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({ sha256: sha256(bytes) });
    // Not what nobody had yet seen to be unchanged: a question about it may be under way.
    expect(result.resumedBytes).toBeGreaterThanOrEqual(8 * mib);
    expect(result.resumedBytes).toBeLessThanOrEqual(10 * mib);
  });

  it('reads nothing again from the camera when only the proof was interrupted', async () => {
    const rig = await rigWith();
    const bytes = noise(10 * mib + 1);
    const job = await rig.record('a.bin', bytes);
    const abort = new AbortController();
    const stopped = copyRecording(
      job,
      rig.tools,
      control(abort.signal, ({ verifiedBytes }) => {
        if (verifiedBytes >= 3 * mib) abort.abort(new Error('stopped'));
      }),
    );
    await expect(stopped).rejects.toThrow('stopped');
    const again = pulledAfter(0);
    const result = await copyRecording(job, { ...rig.tools, sources: again.sources }, control());
    expect(result).toMatchObject({ sha256: sha256(bytes), resumedBytes: bytes.length });
    expect(again.seen.bytes).toBe(0);
  });
});

describe('what is never taken over', () => {
  async function interrupted() {
    const rig = await rigWith();
    const bytes = noise(20 * mib);
    const job = await rig.record('a.bin', bytes);
    const { sources } = pulledAfter(14 * mib);
    await expect(copyRecording(job, { ...rig.tools, sources }, control())).rejects.toThrow();
    return {
      rig,
      bytes,
      job,
      part: join(rig.archive, '.parts', `${job.part}.part`),
      notes: join(rig.archive, '.parts', `${job.part}.notes`),
    };
  }

  /** The last length that the notes speak of and that is not beyond `most`. */
  async function lastNoted(notes: string, most: number): Promise<number> {
    const lengths = checkpointsIn((await readFile(notes, 'utf8')).split('\n')).map(({ lengthBytes }) => lengthBytes);
    return Math.max(...lengths.filter((length) => length <= most));
  }

  it('what was read after the recording was written again in its place, though the camera is gone before anybody can ask', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(20 * mib));
    const path = join(rig.card, 'a.bin');
    const reads = { count: 0 };
    const sources = sourcesWith((file) => ({
      async read(into, lengthBytes, at) {
        reads.count += 1;
        if (reads.count === 7) await writeFile(path, noise(20 * mib, 7), { flag: 'r+' });
        // So that the copy asks in between, and gets no answer any more.
        if (reads.count >= 7) await new Promise((resolve) => setTimeout(resolve, 20));
        if (reads.count > 14) throw errno('ENODEV');
        return file.read(into, lengthBytes, at);
      },
      identity: () => (reads.count < 7 ? file.identity() : Promise.reject(errno('ENODEV'))),
    }));
    await expect(copyRecording(job, { ...rig.tools, sources }, control())).rejects.toThrow();
    const kept = await readFile(join(rig.archive, '.parts', `${job.part}.part`));
    const noted = await lastNoted(join(rig.archive, '.parts', `${job.part}.notes`), kept.length);
    expect(noted).toBeGreaterThan(0);
    expect(kept.subarray(0, noted).equals(noise(20 * mib).subarray(0, noted))).toBe(true);
  });

  it('a recording that is written again while it is read: it is not read to its end', async () => {
    const rig = await rigWith();
    const job = await rig.record('a.bin', noise(20 * mib));
    const reads = { count: 0 };
    const sources = sourcesWith((file) => ({
      async read(into, lengthBytes, at) {
        reads.count += 1;
        if (reads.count === 4) await writeFile(join(rig.card, 'a.bin'), noise(20 * mib, 7), { flag: 'r+' });
        await new Promise((resolve) => setTimeout(resolve, 20));
        return file.read(into, lengthBytes, at);
      },
    }));
    const copy = copyRecording(job, { ...rig.tools, sources }, control());
    await expect(copy).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED' });
    expect(reads.count).toBeLessThan(20);
  });

  it('a prefix that was torn on the disk: only the checkpoints before it hold', async () => {
    const { rig, bytes, job, part, notes } = await interrupted();
    const held = await lastNoted(notes, 9 * mib);
    const handle = await open(part, 'r+');
    await handle.write(Buffer.alloc(4096), 0, 4096, 9 * mib);
    await handle.close();
    const result = await copyRecording(job, rig.tools, control());
    expect(held).toBeGreaterThan(0);
    expect(result).toMatchObject({ sha256: sha256(bytes), resumedBytes: held });
    expect((await rig.stored(job.finalPath)).equals(bytes)).toBe(true);
  });

  it('a part that is shorter than its notes say', async () => {
    const { rig, bytes, job, part, notes } = await interrupted();
    const held = await lastNoted(notes, 6 * mib);
    const handle = await open(part, 'r+');
    await handle.truncate(6 * mib);
    await handle.close();
    const result = await copyRecording(job, rig.tools, control());
    expect(held).toBeGreaterThan(0);
    expect(result).toMatchObject({ sha256: sha256(bytes), resumedBytes: held });
  });

  it('a part of a recording that was written again since, though its size is the same', async () => {
    const { rig, job } = await interrupted();
    const other = noise(20 * mib, 7);
    const path = join(rig.card, 'a.bin');
    await writeFile(path, other);
    // Within the same millisecond: only the nanoseconds tell.
    const { modifiedMs } = job.recording;
    await utimes(path, (modifiedMs + 0.5) / 1000, (modifiedMs + 0.5) / 1000);
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({ sha256: sha256(other), resumedBytes: 0 });
  });

  it('a part without notes, with torn notes or with notes of another recording', async () => {
    for (const spoil of [
      (_: string) => undefined,
      (text: string) => text.slice(0, 40),
      (text: string) => text.replace(/custodock-part 1 ./, 'custodock-part 1 x'),
      (text: string) => text.replace(/ [0-9a-f]{64} /g, ` ${'0'.repeat(64)} `),
    ]) {
      const { rig, bytes, job, notes } = await interrupted();
      const text = spoil(await readFile(notes, 'utf8'));
      if (text === undefined) await rm(notes);
      else await writeFile(notes, text);
      expect(await copyRecording(job, rig.tools, control())).toMatchObject({ sha256: sha256(bytes), resumedBytes: 0 });
      expect(await rig.left()).toEqual([]);
    }
  });

  it('zero bytes that stand for a bad place: the next copy tries that place again', async () => {
    const rig = await rigWith();
    const bytes = noise(24 * mib);
    const job = await rig.record('a.bin', bytes);
    const { sources } = pulledAfter(20 * mib);
    const bad = {
      open: async (...of: Parameters<typeof sources.open>) => {
        const file = await sources.open(...of);
        return {
          ...file,
          read: (into: Uint8Array, lengthBytes: number, at: number) =>
            at <= 10 * mib && at + lengthBytes > 10 * mib
              ? Promise.reject(errno('EIO'))
              : file.read(into, lengthBytes, at),
        };
      },
    };
    await expect(copyRecording(job, { ...rig.tools, sources: bad }, control())).rejects.toThrow();
    const result = await copyRecording(job, rig.tools, control());
    expect(result).toMatchObject({ sha256: sha256(bytes), missing: [], label: 'complete' });
    expect(result.resumedBytes).toBeLessThanOrEqual(10 * mib);
  });
});

describe('whatever interrupts, however often', () => {
  it('ends with the same hash, one file and nothing left over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 14 * mib }),
        fc.array(
          fc.record({
            afterBytes: fc.integer({ min: 0, max: 9 * mib }),
            how: fc.constantFrom('ENODEV', 'EIO', 'cancel', 'fsync', 'write'),
          }),
          { maxLength: 4 },
        ),
        async (size, interruptions) => {
          const rig = await CopyRig.make();
          try {
            const bytes = noise(size);
            const job = await rig.record('a.bin', bytes);
            for (const { afterBytes, how } of interruptions) {
              const abort = new AbortController();
              const { sources } = pulledAfter(
                how === 'ENODEV' || how === 'EIO' ? afterBytes : Number.POSITIVE_INFINITY,
                how,
              );
              const { files } = rig.tools;
              const failing: CopyTools['files'] = {
                ...files,
                async openPart(path, fresh) {
                  const part = await files.openPart(path, fresh);
                  const failed = (): Promise<never> => Promise.reject(errno('EIO'));
                  return {
                    ...part,
                    ...(how === 'fsync' ? { sync: failed, seal: failed } : {}),
                    ...(how === 'write'
                      ? { write: (block, at) => (at >= afterBytes ? failed() : part.write(block, at)) }
                      : {}),
                  };
                },
              };
              await copyRecording(
                job,
                { ...rig.tools, sources, files: failing },
                control(abort.signal, ({ copiedBytes }) => {
                  if (how === 'cancel' && copiedBytes >= afterBytes) abort.abort(new Error('cancelled'));
                }),
              ).catch(() => undefined);
            }
            const result = await copyRecording(job, rig.tools, control());
            expect(result.sha256).toBe(sha256(bytes));
            expect((await rig.stored(job.finalPath)).equals(bytes)).toBe(true);
            expect(await rig.published()).toEqual(['a.bin', 'a.bin.sha256']);
            expect(await rig.left()).toEqual([]);
          } finally {
            await rig.remove();
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});
