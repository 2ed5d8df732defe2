import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BlockPool, BlockRing, blocksPerCopy } from '../../daemon/offload/blocks.js';
import { copyRecording } from '../../daemon/offload/copy.js';
import type { CopyTools } from '../../daemon/offload/copying.js';
import { createLocalCopier } from '../../daemon/offload/local-copier.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { sourceFiles } from '../../daemon/offload/source-files.js';
import { CopyRig, control, errno, filesWith, noise, sha256, sourcesWith, withBadPlaces } from '../support/copy-rig.js';

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

/** A door that the test opens: whoever waits at it stands for a call that hangs in the kernel. */
function door() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
/** What a promise has come to by now. */
const stateOf = (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'done',
      () => 'failed',
    ),
    aMoment().then(() => 'waiting'),
  ]);

describe('a copy that was given up while the kernel held it (I2)', () => {
  it.each(['open', 'identity'] as const)(
    'does not touch the part that another copy proves and publishes when its %s comes back at last',
    async (call) => {
      const hang = door();
      const proved = door();
      const over = door();
      let first = true;
      const atPublish = door();
      const rig = await rigWith({
        sources: {
          async open(source, signal) {
            const hangs = first;
            first = false;
            if (hangs && call === 'open') await hang.opened;
            const file = await sourceFiles.open(source, signal);
            if (!hangs) return file;
            return {
              ...file,
              ...(call === 'identity' ? { identity: () => hang.opened.then(() => file.identity()) } : {}),
              close: () => file.close().then(over.open),
            };
          },
        },
        files: filesWith((real) => ({
          async publish(...names) {
            atPublish.open();
            await proved.opened;
            return real.publish(...names);
          },
        })),
      });
      // Too small for notes: whoever begins on its part empties it.
      const bytes = noise(3 * mib);
      const job = await rig.record('a.bin', bytes);
      const copier = createLocalCopier(rig.tools, { stallMs: 10_000, cancelMs: 20 });
      const hung = copier.start(job, () => undefined);
      await aMoment();
      hung.cancel(new Error('taken out'));
      await expect(hung.result).rejects.toThrow('taken out');
      const again = copier.start(job, () => undefined);
      await atPublish.opened;
      // Between the proof and the name: what empties the part now is published as proved.
      hang.open();
      await over.opened;
      proved.open();
      expect(await again.result).toMatchObject({ sha256: sha256(bytes) });
      expect(sha256(await rig.stored(job.finalPath))).toBe(sha256(bytes));
    },
  );

  it('opens nothing for writing once it was cancelled', async () => {
    const abort = new AbortController();
    const rig = await rigWith({
      sources: {
        open: async (source, signal) => {
          abort.abort(new Error('taken out'));
          return sourceFiles.open(source, signal);
        },
      },
    });
    const job = await rig.record('a.bin', noise(6 * mib));
    const part = join(rig.archive, '.parts', `${job.part}.part`);
    await writeFile(part, 'of another');
    await expect(copyRecording(job, rig.tools, control(abort.signal))).rejects.toThrow('taken out');
    expect(await readFile(part, 'utf8')).toBe('of another');
  });

  it('has let go of its part at once where the camera hangs, and only with the disk where the archive does', async () => {
    for (const side of ['camera', 'archive'] as const) {
      const hang = door();
      const hanging = door();
      const rig = await rigWith({
        sources: sourcesWith((file) => ({
          async read(into, lengthBytes, at) {
            if (side === 'archive') return file.read(into, lengthBytes, at);
            hanging.open();
            await hang.opened;
            throw errno('ENODEV');
          },
        })),
        files: filesWith((real) => ({
          async openPart(path, fresh) {
            if (side === 'archive') {
              hanging.open();
              await hang.opened;
            }
            return real.openPart(path, fresh);
          },
        })),
      });
      const job = await rig.record('a.bin', noise(6 * mib));
      const copy = createLocalCopier(rig.tools, { stallMs: 10_000, cancelMs: 20 }).start(job, () => undefined);
      await hanging.opened;
      copy.cancel(new Error('taken out'));
      await expect(copy.result).rejects.toThrow('taken out');
      expect(await stateOf(copy.released)).toBe(side === 'camera' ? 'done' : 'waiting');
      const before = await rig.left();
      hang.open();
      await copy.released;
      await aMoment();
      // The step that hung ends, none follows it: no notes beside the part.
      expect(await rig.left()).toEqual(side === 'camera' ? before : [`${job.part}.part`]);
    }
  });

  it('is let go of when it ends by itself, before it says how', async () => {
    const rig = await rigWith();
    const copy = createLocalCopier(rig.tools).start(await rig.record('a.bin', noise(100)), () => undefined);
    let released = false;
    void copy.released.then(() => {
      released = true;
    });
    await copy.result;
    expect(released).toBe(true);
  });
});

describe('who is blamed for a copy that stands still (I8)', () => {
  const watch = { stallMs: 150, cancelMs: 50 };

  it('the archive when a write of it hangs, though the camera still has bytes to give', async () => {
    const hang = door();
    const rig = await rigWith({
      files: filesWith((real) => ({
        openPart: async (path, fresh) => ({
          ...(await real.openPart(path, fresh)),
          write: () => hang.opened.then(() => Promise.reject(errno('EIO'))),
        }),
      })),
    });
    const copy = createLocalCopier(rig.tools, watch).start(await rig.record('a.bin', noise(9 * mib)), () => undefined);
    await expect(copy.result).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED', retry: 'now' });
    hang.open();
    await copy.released;
  });

  it('the camera also when its copy has to wait for others again and again', async () => {
    const hang = door();
    const rig = await rigWith({ sources: sourcesWith(() => ({ read: () => hang.opened.then(() => 0) })) });
    const copy = createLocalCopier(rig.tools, watch).start(await rig.record('a.bin', noise(9 * mib)), () => undefined);
    let over = false;
    const result = expect(copy.result).rejects.toMatchObject({ code: 'DOCK_CAMERA_STALLED' });
    void result.finally(() => {
      over = true;
    });
    for (let round = 0; round < 20 && !over; round += 1) {
      copy.pause();
      await aMoment();
      copy.resume();
      await aMoment();
    }
    expect(over).toBe(true);
    await result;
    hang.open();
  });

  it('the camera when a read of it hangs', async () => {
    const hang = door();
    const rig = await rigWith({ sources: sourcesWith(() => ({ read: () => hang.opened.then(() => 0) })) });
    const copy = createLocalCopier(rig.tools, watch).start(await rig.record('a.bin', noise(9 * mib)), () => undefined);
    await expect(copy.result).rejects.toMatchObject({ code: 'DOCK_CAMERA_STALLED', retry: 'after-redocking' });
    hang.open();
  });

  it('nobody at a bad place whose medium answers slowly: each read that ends is life', async () => {
    const bad = { from: 2 * mib, to: 2 * mib + 1 };
    let failed = 0;
    const rig = await rigWith({
      sources: sourcesWith((file) => ({
        async read(into, lengthBytes, at) {
          if (at >= bad.to || at + lengthBytes <= bad.from) return file.read(into, lengthBytes, at);
          failed += 1;
          await aMoment();
          throw errno('EIO');
        },
      })),
      salvage: { ...defaultSalvage, readRetries: 3 },
    });
    const job = await rig.record('a.bin', noise(9 * mib));
    // Less than it takes to find the place, more than one wait between two tries.
    const copy = createLocalCopier(rig.tools, { stallMs: 400, cancelMs: 50 }).start(job, () => undefined);
    expect(await copy.result).toMatchObject({ label: 'incomplete' });
    expect(failed).toBeGreaterThan(10);
  });

  it('nobody as long as a part is taken over, however long that takes', async () => {
    const rig = await rigWith();
    const bytes = noise(30 * mib);
    const job = await rig.record('a.bin', bytes);
    const abort = new AbortController();
    const stop = control(abort.signal, ({ copiedBytes }) => {
      if (copiedBytes >= 26 * mib) abort.abort(new Error('taken out'));
    });
    await expect(copyRecording(job, rig.tools, stop)).rejects.toThrow('taken out');
    const slow = filesWith((real) => ({
      async openReadBack(path) {
        const file = await real.openReadBack(path);
        const late = async (...of: Parameters<typeof file.read>): Promise<number> => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          return file.read(...of);
        };
        return { ...file, read: late };
      },
    }));
    const copy = createLocalCopier({ ...rig.tools, files: slow }, { stallMs: 600, cancelMs: 50 }).start(
      job,
      () => undefined,
    );
    expect((await copy.result).resumedBytes).toBeGreaterThanOrEqual(20 * mib);
  });

  it('neither camera nor disk when copies that hang hold all the memory; blocks that come later are given back', async () => {
    const blocks = new BlockPool(blocksPerCopy);
    const rig = await rigWith({ blocks });
    const held = await BlockRing.of(blocks, 9 * mib);
    const job = await rig.record('a.bin', noise(9 * mib));
    const due: (() => void)[] = [];
    const clock: CopyTools['clock'] = {
      ...rig.tools.clock,
      timer: (name, delayMs, fire) => {
        if (name !== 'offload.memory') return rig.tools.clock.timer(name, delayMs, fire);
        due.push(fire);
        return { cancel: () => undefined };
      },
    };
    const copy = copyRecording(job, { ...rig.tools, clock }, control());
    for (const fire of due) fire();
    await expect(copy).rejects.toMatchObject({ code: 'DOCK_OFFLOAD_MEMORY', retry: 'now' });
    held.close();
    expect(await copyRecording(job, rig.tools, control())).toMatchObject({ label: 'complete' });
  });
});

describe('an archive disk that failed a sync', () => {
  it('is not trusted with the rest of that copy, also behind a bad place of the camera (I2)', async () => {
    let syncs = 0;
    const rig = await rigWith({
      sources: withBadPlaces([{ from: 7 * mib, to: 7 * mib + 1 }]),
      files: filesWith((real) => ({
        openPart: async (path, fresh) => {
          const part = await real.openPart(path, fresh);
          const sync = async (): Promise<void> => {
            syncs += 1;
            await part.sync();
            // The kernel tells of it once.
            if (syncs === 1) throw errno('EIO');
          };
          return {
            ...part,
            sync,
            write: (...of) => part.write(...of),
            seal: (to) => part.seal(to),
            close: () => part.close(),
          };
        },
      })),
    });
    const job = await rig.record('a.bin', noise(8 * mib));
    await expect(copyRecording(job, rig.tools, control())).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_WRITE' });
    expect(syncs).toBeGreaterThan(0);
  });
});

describe('what a copy tells of its progress', () => {
  it('is told at once, and once, when all was read: the camera is free for the next', async () => {
    const rig = await rigWith();
    const clock = { ...rig.tools.clock, monotonicMs: () => 0 };
    const told: number[] = [];
    const job = await rig.record('a.bin', noise(5 * mib));
    // At a time that stands still no other report is due.
    await createLocalCopier({ ...rig.tools, clock }).start(job, ({ copiedBytes }) => told.push(copiedBytes)).result;
    expect(told).toEqual([5 * mib]);
  });
});
