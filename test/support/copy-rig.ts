/** One recording on a camera's card and an empty archive, both real folders, for tests of the copy. */
import { createCipheriv, createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DurableFiles, durableFiles } from '../../daemon/archive/durable-files.js';
import { announcementSuffix, partsFolder } from '../../daemon/archive/names.js';
import { BlockPool, blocksPerCopy } from '../../daemon/offload/blocks.js';
import { partKey } from '../../daemon/offload/checkpoints.js';
import type { CopyJob, CopyProgress } from '../../daemon/offload/copier.js';
import type { CopyControl, CopyTools } from '../../daemon/offload/copying.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { type SourceFile, type SourceFiles, sourceFiles } from '../../daemon/offload/source-files.js';
import { systemClock } from '../../daemon/runtime/clock.js';

export const folder = '2026/03/02/cam';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that repeat nowhere, the same for the same seed. */
export function noise(sizeBytes: number, seed = 1): Buffer {
  const key = createHash('sha256').update(`noise ${seed}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

export class CopyRig {
  readonly dir: string;
  readonly card: string;
  readonly archive: string;
  readonly tools: CopyTools;

  private constructor(dir: string, tools: CopyTools) {
    this.dir = dir;
    this.card = join(dir, 'card');
    this.archive = join(dir, 'archive');
    this.tools = tools;
  }

  static async make(changes: Partial<CopyTools> = {}, under = tmpdir()): Promise<CopyRig> {
    const rig = new CopyRig(await mkdtemp(join(under, 'custodock-copy-')), {
      files: durableFiles,
      sources: sourceFiles,
      blocks: new BlockPool(8 * blocksPerCopy),
      clock: systemClock,
      salvage: { ...defaultSalvage, readRetries: 1 },
      ...changes,
    });
    await mkdir(rig.card);
    await mkdir(join(rig.archive, folder), { recursive: true });
    await mkdir(join(rig.archive, partsFolder));
    return rig;
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Puts a recording on the card and says how it is to be copied. */
  async record(name: string, bytes: Uint8Array): Promise<CopyJob> {
    const path = join(this.card, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    const written = new Date('2026-03-02T08:00:00.000Z');
    await utimes(path, written, written);
    return {
      source: { kind: 'file', path: Buffer.from(path) },
      camera: 'cam',
      recording: {
        path: Buffer.from(name),
        displayPath: name,
        sizeBytes: bytes.length,
        modifiedMs: written.getTime(),
        kind: 'video',
        important: false,
      },
      sizeBytes: bytes.length,
      archive: this.archive,
      part: partKey({ camera: 'cam', path: Buffer.from(name), sizeBytes: bytes.length, modifiedMs: written.getTime() }),
      finalPath: `${folder}/${name}`,
      alternatePath: `${folder}/alternate-${name}`,
    };
  }

  stored(archivePath: string): Promise<Buffer> {
    return readFile(join(this.archive, archivePath));
  }

  async mode(archivePath: string): Promise<number> {
    return (await stat(join(this.archive, archivePath))).mode & 0o7777;
  }

  /** Names of what interrupted copies left. The announcement of a published file stays until it is entered, which no copy does itself. */
  async left(): Promise<readonly string[]> {
    const folder = join(this.archive, partsFolder);
    const names = existsSync(folder) ? await readdir(folder) : [];
    return names.filter((name) => !name.endsWith(announcementSuffix));
  }

  published(): Promise<readonly string[]> {
    return readdir(join(this.archive, folder));
  }
}

/** A copy that nobody pauses; `onProgress` may throw or abort. */
export function control(
  signal: AbortSignal = new AbortController().signal,
  onProgress: (now: CopyProgress) => void = () => undefined,
): CopyControl {
  return {
    signal,
    archiveStep: (step) => step(),
    progress: onProgress,
    alive: () => undefined,
    paused: () => undefined,
  };
}

export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: from the test`), { code });
}

/** The camera's files with one function changed. */
export function sourcesWith(change: (file: SourceFile) => Partial<SourceFile>): SourceFiles {
  return {
    async open(source, signal) {
      const file = await sourceFiles.open(source, signal);
      return { ...file, ...change(file) };
    },
  };
}

/** A source whose medium has bad places: reads that touch them fail with EIO. */
export function withBadPlaces(places: readonly { from: number; to: number }[], code = 'EIO'): SourceFiles {
  return sourcesWith((file) => ({
    read: (into, lengthBytes, at) =>
      places.some(({ from, to }) => at < to && at + lengthBytes > from)
        ? Promise.reject(errno(code))
        : file.read(into, lengthBytes, at),
  }));
}

/** The archive's files with some functions changed. */
export function filesWith(change: (files: DurableFiles) => Partial<DurableFiles>): DurableFiles {
  return { ...durableFiles, ...change(durableFiles) };
}
