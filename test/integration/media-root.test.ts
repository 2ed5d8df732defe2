import { mkdir, mkdtemp, open, rename, rm, rmdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { Volume } from '../../drivers/contract/camera.js';
import type { DockError } from '../../drivers/contract/error.js';
import { type Phrase, verbatim } from '../../drivers/contract/phrase.js';
import { chokidarHints, type WatchHints } from '../../drivers/media/hints.js';
import { type MediaWatch, type MediaWatchOptions, watchMedia } from '../../drivers/media/media-root.js';
import { isOfVolume } from '../../drivers/media/mount-id.js';
import { type MediaFacts, machineFacts } from '../../drivers/media/volumes.js';
import { VirtualClock } from '../support/virtual-clock.js';

/** Nothing but the timer may find a change in the tests that say so, and only hints in the others. */
const never = 3_600_000;

let folder: string;
let root: string;
let watch: MediaWatch | undefined;
let volumes: readonly Volume[];
let told: number;
let troubles: (DockError | null)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-media-'));
  root = join(folder, 'media');
  await mkdir(root);
  volumes = [];
  told = 0;
  troubles = [];
});

afterEach(async () => {
  await watch?.stop();
  watch = undefined;
  await rm(folder, { recursive: true });
});

async function start(options: Partial<MediaWatchOptions> = {}): Promise<MediaWatch> {
  const started = watchMedia({
    root,
    requireMount: false,
    rescanMs: never,
    clock: systemClock,
    onVolumes: (now) => {
      volumes = now;
      told += 1;
    },
    onTrouble: (error) => troubles.push(error),
    ...options,
  });
  watch = started;
  await started.rescan();
  return started;
}

const names = (): readonly string[] => volumes.map(({ name }) => name);
const codes = (): readonly (string | null)[] => troubles.map((error) => error?.code ?? null);
const soon = (expectation: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(expectation, { timeout: 4_000, interval: 5 });

/** Real folders, and a mount table that says what is mounted on them. */
function factsWith(mountInfo: () => string, more: Partial<MediaFacts> = {}): MediaFacts {
  return { ...machineFacts(join(folder, 'no-udev')), mountInfo, ...more };
}

const mountLine = (id: number, path: string, rest = 'vfat /dev/sda1 rw'): string =>
  `${id} 1 8:${id} / ${path} ro,noatime - ${rest}\n`;

describe('media root with plain folders', () => {
  it('tells what is there at first, even when that is nothing', async () => {
    await start();
    expect(told).toBe(1);
    expect(volumes).toEqual([]);
  });

  it('sees a volume come and go by hints alone', async () => {
    await start();
    const card = join(folder, 'card');
    await mkdir(card);
    await rename(card, join(root, '1-1'));
    await soon(() => expect(names()).toEqual(['1-1']));
    expect(volumes[0]).toMatchObject({ path: join(root, '1-1'), readOnly: false });
    await rename(join(root, '1-1'), card);
    await soon(() => expect(names()).toEqual([]));
  });

  it('sees changes by the timer alone when the watcher is silent', async () => {
    const mute: WatchHints = () => ({ close: () => Promise.resolve() });
    await start({ watchHints: mute, rescanMs: 30 });
    await mkdir(join(root, '1-1'));
    await soon(() => expect(names()).toEqual(['1-1']));
    await rmdir(join(root, '1-1'));
    await soon(() => expect(names()).toEqual([]));
  });

  it('says each list once', async () => {
    const started = await start();
    await started.rescan();
    await started.rescan();
    expect(told).toBe(1);
  });

  it('takes links in the root for what they lead to, and leaves files, dangling links and hidden entries out', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, join(root, '1-2'));
    await symlink(join(folder, 'nothing'), join(root, '1-3'));
    await symlink('1-4', join(root, '1-4'));
    await writeFile(join(root, 'file'), '');
    await symlink(join(root, 'file'), join(root, 'link-to-file'));
    await mkdir(join(root, '.staging'));
    await start();
    expect(volumes.map(({ name, path }) => [name, path])).toEqual([['1-2', elsewhere]]);
    expect(troubles).toEqual([]);
  });

  it('tells one folder from the next at the same place, and knows the same again', async () => {
    const started = await start();
    await mkdir(join(root, '1-1'));
    await started.rescan();
    const first = volumes[0]?.mountId;
    await rename(join(root, '1-1'), join(folder, 'away'));
    await mkdir(join(root, '1-1'));
    await started.rescan();
    expect(volumes[0]?.mountId).not.toBe(first);
    await rmdir(join(root, '1-1'));
    await rename(join(folder, 'away'), join(root, '1-1'));
    await writeFile(join(root, '1-1', 'new'), '');
    await utimes(join(root, '1-1'), 1, 1);
    await started.rescan();
    expect(volumes[0]?.mountId).toBe(first);
  });

  it('survives that the root vanishes and comes back: no volumes meanwhile, one trouble, hints again', async () => {
    await mkdir(join(root, '1-1'));
    await start({ rescanMs: 30 });
    expect(names()).toEqual(['1-1']);
    await rename(root, join(folder, 'gone'));
    await soon(() => expect(names()).toEqual([]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(codes()).toEqual(['DOCK_MEDIA_ROOT_GONE']);
    await rename(join(folder, 'gone'), root);
    await soon(() => expect(names()).toEqual(['1-1']));
    expect(codes()).toEqual(['DOCK_MEDIA_ROOT_GONE', null]);
  });

  it('watches the directory that is the root now when another is put in its place', async () => {
    const watched: string[] = [];
    const closed: string[] = [];
    const counting: WatchHints = (directory, listener) => {
      // The first says nothing, so that no look falls between the two steps of the exchange.
      const hints = chokidarHints(directory, watched.length === 0 ? { ...listener, hint: () => undefined } : listener);
      watched.push(directory);
      return {
        close: () => {
          closed.push(directory);
          return hints.close();
        },
      };
    };
    const started = await start({ watchHints: counting });
    await rename(root, join(folder, 'old'));
    await mkdir(root);
    await started.rescan();
    expect([watched.length, closed.length]).toEqual([2, 1]);
    await mkdir(join(root, '1-7'));
    await soon(() => expect(names()).toEqual(['1-7']));
  });

  it('begins to watch anew after the watcher ended, and says that it had', async () => {
    let end: ((because: Phrase) => void) | undefined;
    let begun = 0;
    const dying: WatchHints = (_, listener) => {
      begun += 1;
      end = (because) => listener.ended(because);
      return { close: () => Promise.resolve() };
    };
    const started = await start({ watchHints: dying });
    end?.(verbatim('ENOSPC: no inotify watches left'));
    await started.rescan();
    expect(begun).toBe(2);
    expect(codes()).toEqual(['DOCK_MEDIA_UNWATCHED']);
    await started.rescan();
    expect(codes()).toEqual(['DOCK_MEDIA_UNWATCHED', null]);
    expect(begun).toBe(2);
  });

  it('calls nobody any more after it was stopped', async () => {
    const started = await start({ rescanMs: 10 });
    await started.stop();
    const before = told;
    await mkdir(join(root, '1-1'));
    await started.rescan();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toBe(before);
  });

  it('sees every one of many volumes that come at once', async () => {
    await start();
    await Promise.all(Array.from({ length: 64 }, (_, bay) => mkdir(join(root, `b-${bay}`))));
    await soon(() => expect(names().length).toBe(64));
    expect(names()).toEqual([...names()].sort());
  });
});

describe('media root with mounts', () => {
  it('never takes an empty mount point for an empty card', async () => {
    await mkdir(join(root, '1-1'));
    let table = '';
    const started = await start({ requireMount: true, facts: factsWith(() => table) });
    expect(volumes).toEqual([]);
    table = mountLine(41, join(root, '1-1'));
    await started.rescan();
    expect(volumes).toEqual([
      { name: '1-1', path: join(root, '1-1'), mountId: 'mount:8:41:41', fileSystem: 'vfat', readOnly: true },
    ]);
    table = mountLine(41, join(root, '1-1', 'below')) + mountLine(42, root);
    await started.rescan();
    expect(volumes).toEqual([]);
  });

  it('tells one mount from the next at the same place', async () => {
    await mkdir(join(root, '1-1'));
    let id = 41;
    const started = await start({ requireMount: true, facts: factsWith(() => mountLine(id, join(root, '1-1'))) });
    const first = volumes[0]?.mountId;
    id = 42;
    await started.rescan();
    expect(volumes[0]?.mountId).not.toBe(first);
    expect(told).toBe(2);
  });

  it('takes a link to a mount point, and not one to a plain folder', async () => {
    await mkdir(join(folder, 'mounted'));
    await mkdir(join(folder, 'plain'));
    await symlink(join(folder, 'mounted'), join(root, '1-1'));
    await symlink(join(folder, 'plain'), join(root, '1-2'));
    await start({ requireMount: true, facts: factsWith(() => mountLine(41, join(folder, 'mounted'))) });
    expect(volumes.map(({ name, path }) => [name, path])).toEqual([['1-1', join(folder, 'mounted')]]);
  });

  it('finds mounts below a root that is itself reached by a link', async () => {
    await mkdir(join(root, '1-1'));
    const link = join(folder, 'link');
    await symlink(root, link);
    await start({ root: link, requireMount: true, facts: factsWith(() => mountLine(41, join(root, '1-1'))) });
    expect(names()).toEqual(['1-1']);
  });

  it('knows the UUID of the device, and tells it as soon as udev shows it', async () => {
    await mkdir(join(root, '1-1'));
    await mkdir(join(root, '1-2'));
    const udev = join(folder, 'udev');
    await mkdir(udev);
    const facts = {
      ...machineFacts(udev),
      mountInfo: () =>
        ['1-1', '1-2']
          .map((port, index) => `${41 + index} 1 8:${17 + index} / ${join(root, port)} ro - vfat /dev/x ro\n`)
          .join(''),
    };
    const started = await start({ requireMount: true, facts });
    expect(volumes[0]?.uuid).toBeUndefined();
    const { mountId } = volumes[0] ?? {};
    // Two cards formatted from one image.
    for (const device of ['8:17', '8:18'])
      await writeFile(join(udev, `b${device}`), 'I:123\nE:ID_FS_UUID_ENC=other\nE:ID_FS_UUID=1A2B-3C4D\nG:systemd\n');
    await started.rescan();
    expect(volumes.map(({ uuid }) => uuid)).toEqual(['1A2B-3C4D', '1A2B-3C4D']);
    expect(volumes[0]?.mountId).toBe(mountId);
  });

  it('does not touch the volumes themselves: one that hangs cannot be noticed here (I8)', async () => {
    await mkdir(join(root, '1-1'));
    const lookAt = vi.fn(() => new Promise<undefined>(() => undefined));
    await start({ requireMount: true, facts: factsWith(() => mountLine(41, join(root, '1-1')), { lookAt }) });
    expect(names()).toEqual(['1-1']);
    expect(lookAt).not.toHaveBeenCalled();
  });

  it('keeps what it saw last while the mount table cannot be read: not seeing is not seeing nothing', async () => {
    await mkdir(join(root, '1-1'));
    let broken = false;
    const facts = factsWith(() => {
      if (broken) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      return mountLine(41, join(root, '1-1'));
    });
    const started = await start({ requireMount: true, facts });
    broken = true;
    await started.rescan();
    expect(names()).toEqual(['1-1']);
    expect(codes()).toEqual(['DOCK_MEDIA_UNREADABLE']);
    broken = false;
    await started.rescan();
    expect(codes()).toEqual(['DOCK_MEDIA_UNREADABLE', null]);
    expect(told).toBe(1);
  });

  it('knows the real mounts of this machine', async () => {
    const real = machineFacts();
    const shm = (await real.mountInfo()).includes(' /dev/shm ');
    await symlink('/dev/shm', join(root, 'shm'));
    await symlink('/proc/self', join(root, 'no-mount'));
    await start({ requireMount: true, facts: real });
    expect(names()).toEqual(shm ? ['shm'] : []);
  });
});

describe('a volume that hangs', () => {
  it('holds up only itself, is asked once, and is there again when it answers (I8)', async () => {
    await mkdir(join(root, '1-1'));
    await mkdir(join(root, '1-2'));
    const real = machineFacts();
    const clock = new VirtualClock();
    const asked: string[] = [];
    let wake: (() => void) | undefined;
    const facts: MediaFacts = {
      ...real,
      lookAt: async (path) => {
        asked.push(path.slice(-3));
        if (path.endsWith('1-1') && wake === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return real.lookAt(path);
      },
    };
    const first = start({ clock, facts });
    await soon(() => expect(asked).toEqual(['1-1', '1-2']));
    // The deadline of one look; real file operations are given the time to end before the virtual one passes.
    await soon(() => expect(clock.waiting()).toEqual(['media.look']));
    await clock.advance(2_000);
    const started = await first;
    expect(names()).toEqual(['1-2']);
    expect(codes()).toEqual(['DOCK_VOLUME_STALLED']);
    await started.rescan();
    await started.rescan();
    expect(asked.filter((name) => name === '1-1').length).toBe(1);
    expect(codes()).toEqual(['DOCK_VOLUME_STALLED']);
    wake?.();
    await soon(async () => {
      await started.rescan();
      expect(names()).toEqual(['1-1', '1-2']);
    });
    expect(codes()).toEqual(['DOCK_VOLUME_STALLED', null]);
  });
});

describe('an open directory', () => {
  it('is known to be of its volume or not, for folders and for mounts', async () => {
    await mkdir(join(root, '1-1'));
    await mkdir(join(root, '1-2'));
    await start();
    const [one, other] = volumes;
    const handle = await open(one?.path ?? '');
    try {
      expect(await isOfVolume(handle, one?.mountId ?? '')).toBe(true);
      expect(await isOfVolume(handle, other?.mountId ?? '')).toBe(false);
      expect(await isOfVolume(handle, 'anything')).toBe(false);
      const info = (await machineFacts().mountInfo()).split('\n').map((line) => line.split(' '));
      const ids = await Promise.all(info.map(async ([id]) => isOfVolume(handle, `mount:0:0:${id}`)));
      // Exactly one mount is the one that the temporary folder lies on.
      expect(ids.filter(Boolean).length).toBe(1);
    } finally {
      await handle.close();
    }
  });
});
