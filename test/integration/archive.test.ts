import { execFile } from 'node:child_process';
import { constants, mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archive, type ArchiveOptions } from '../../daemon/archive/archive.js';
import { ArchiveWatch } from '../../daemon/archive/archive-watch.js';
import { durableFiles } from '../../daemon/archive/durable-files.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { filesWith } from '../support/copy-rig.js';
import { KeptLog } from '../support/kept-log.js';
import { VirtualClock } from '../support/virtual-clock.js';

let dir = '';
let clock: VirtualClock;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodock-archive-'));
  clock = new VirtualClock();
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const marker = (): string => join(dir, 'archive', 'custodock-archive.json');

function archiveWith(changes: Partial<ArchiveOptions> = {}): Archive {
  const path = join(dir, 'archive');
  return new Archive({
    path,
    reserveBytes: 0,
    files: durableFiles,
    clock,
    hasRecordings: async () => true,
    ...changes,
  });
}

async function ready(changes: Partial<ArchiveOptions> = {}): Promise<Archive> {
  await archiveWith({ hasRecordings: async () => false }).ready();
  return archiveWith(changes);
}

/** A disk that hangs: opening a pipe waits for its other end. Resolves to what lets it go. */
async function hangs(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.real`);
  await promisify(execFile)('mkfifo', [path]);
  return async () => {
    const end = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await end.close();
    await rm(path);
    await rename(`${path}.real`, path);
  };
}

describe('an archive disk that hangs (I8)', () => {
  it('is given up in time by whoever makes sure of it, and asked nothing more until it answers', async () => {
    const archive = await ready();
    const letGo = await hangs(marker());
    const first = expect(archive.ready()).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED', retry: 'now' });
    await clock.advance(44_000);
    await clock.advance(2_000);
    await first;
    // At once: each question that hangs would keep one more thread.
    await expect(archive.ready()).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED' });
    await expect(archive.holds('2026/a.mp4', 1)).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED' });
    await letGo();
    await expect
      .poll(() =>
        archive.ready().then(
          () => 'ready',
          () => 'waits',
        ),
      )
      .toBe('ready');
  });

  it.each(['folder', 'names'] as const)('is given up in time when it is asked for a %s', async (what) => {
    const never = new Promise<never>(() => undefined);
    const files = filesWith(() => ({ makeFolder: () => never, names: () => never }));
    const archive = await ready({ files });
    const asked = what === 'folder' ? archive.folder(['2026']) : archive.names('2026');
    const refused = expect(asked).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED' });
    await clock.advance(46_000);
    await refused;
  });
});

describe('what is left of interrupted copies', () => {
  it('is not taken for finished where the disk cannot say', async () => {
    const archive = await ready();
    await rm(join(dir, 'archive', '.parts'), { recursive: true });
    await promisify(execFile)('ln', ['-s', '.parts', join(dir, 'archive', '.parts')]);
    const looping = archiveWith({ files: filesWith(() => ({ names: async () => ['a.part'] })) });
    await expect(looping.left()).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_WRITE' });
    await rm(join(dir, 'archive', '.parts'));
    await mkdir(join(dir, 'archive', '.parts'));
    expect((await archive.left()).parts.size).toBe(0);
    expect((await looping.left()).parts.size).toBe(0);
  });
});

describe('the watch over the archive', () => {
  async function watched(changes: Partial<ArchiveOptions> = {}) {
    const archive = await ready(changes);
    const log = new KeptLog();
    const watch = new ArchiveWatch(archive, clock, log, new ProgressBoard(() => clock.monotonicMs()), () => undefined);
    await watch.start();
    /** Lets looks happen: their answers come in real time. */
    const looks = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await clock.advance(5_000);
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
    };
    const said = (): readonly string[] => log.lines.map(({ key, error }) => `${key} ${codeOf(error)}`.trim());
    return { watch, looks, said };
  }
  const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? '';

  it('says once that the archive is gone and why, and that it is back', async () => {
    const { watch, looks, said } = await watched();
    await looks();
    expect(said()).toEqual([]);
    await rename(join(dir, 'archive'), join(dir, 'unmounted'));
    await looks();
    expect(watch.status.state).toBe('gone');
    expect(said()).toEqual(['archive.unusable DOCK_ARCHIVE_GONE']);
    await rename(join(dir, 'unmounted'), join(dir, 'archive'));
    await looks();
    expect(watch.status.state).toBe('ok');
    expect(said()).toEqual(['archive.unusable DOCK_ARCHIVE_GONE', 'archive.recovered']);
    await watch.stop();
  });

  it('says that the archive is full', async () => {
    const { watch, looks, said } = await watched({ reserveBytes: Number.MAX_SAFE_INTEGER });
    await looks();
    expect(watch.status.state).toBe('full');
    expect(said()).toEqual(['archive.unusable DOCK_ARCHIVE_FULL']);
    await watch.stop();
  });

  it('says each trouble as it is: a disk that is gone, then one whose mark cannot be read', async () => {
    const { watch, looks, said } = await watched();
    await rm(marker());
    await looks();
    await mkdir(marker());
    await looks();
    await rm(marker(), { recursive: true });
    await writeFile(marker(), '{}');
    await looks();
    expect(said()).toEqual([
      'archive.unusable DOCK_ARCHIVE_GONE',
      'archive.unusable DOCK_ARCHIVE_WRITE',
      'archive.recovered',
    ]);
    await watch.stop();
  });
});
