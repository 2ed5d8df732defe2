/**
 * Past the page cache where the file system allows it, and the truth about whether it did (I2). For the archive and for what is read from cameras.
 *
 * Must never: say `direct` where the answer may come from a cache.
 */
import { constants, type FileHandle, open, statfs } from 'node:fs/promises';
import { errnoOf } from '../../drivers/contract/error.js';

/** How bytes were read: from the medium, or possibly only from the page cache (I2). */
export type ReadPath = 'direct' | 'cached';

/** A file being read. Positions and lengths are multiples of `alignmentBytes`, buffers aligned, where the path is direct. */
export interface ReadableFile {
  readonly readPath: ReadPath;
  readonly sizeBytes: number;
  /** Number of bytes read, short only at the end of the file. */
  read(into: Uint8Array, lengthBytes: number, at: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * File systems (magic numbers of statfs(2)) where `O_DIRECT` is accepted but does not reach a medium: memory, other
 * machines, user-space servers and ZFS, which caches regardless.
 */
const notTheMedium = new Set([
  0x01021994, 0x858458f6, 0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x65735546, 0x2fc12fc1, 0x01021997,
]);

export async function reachesMedium(path: string | Buffer): Promise<boolean> {
  return !notTheMedium.has((await statfs(path)).type);
}

/** Opens direct, or cached where the file system refuses `O_DIRECT` with EINVAL. */
export async function openPreferDirect(
  path: string | Buffer,
  flags: number,
  mode?: number,
): Promise<{ readonly handle: FileHandle; readonly direct: boolean }> {
  try {
    return { handle: await open(path, flags | constants.O_DIRECT, mode), direct: true };
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error;
    return { handle: await open(path, flags, mode), direct: false };
  }
}

/** Opens a file for reading only. `flags`: beyond that. */
export async function openReadable(
  path: string | Buffer,
  flags: number,
): Promise<{ readonly handle: FileHandle; readonly file: ReadableFile }> {
  const { handle, direct } = await openPreferDirect(path, constants.O_RDONLY | flags);
  try {
    const { size } = await handle.stat();
    const file: ReadableFile = {
      readPath: direct && (await reachesMedium(path)) ? 'direct' : 'cached',
      sizeBytes: size,
      read: async (into, lengthBytes, at) => (await handle.read(into, 0, lengthBytes, at)).bytesRead,
      close: () => handle.close(),
    };
    return { handle, file };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
