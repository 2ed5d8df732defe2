/**
 * Reading recordings where the camera shows them, as files or through its session: the only file of offload that opens anything on a
 * camera.
 *
 * Must never: open for writing (I1), follow a link, or wait for a pipe that pretends to be a recording (I11).
 */
import { constants, type FileHandle, stat } from 'node:fs/promises';
import type { FileSource, SessionSource } from '../../drivers/contract/camera.js';
import { openReadable, type ReadableFile, type ReadPath } from '../archive/direct-io.js';
import { sessionFile } from './session-file.js';

/** How the bytes came from the camera: a file past or through the page cache of the dock, or over a protocol that has none. */
export type SourceRead = ReadPath | 'protocol';

/** What tells whether a file is still the one that was listed. */
export interface SourceIdentity {
  readonly isFile: boolean;
  readonly sizeBytes: number;
  /** ns since the epoch: exact, so that a change within the same millisecond is seen. */
  readonly modifiedNs: bigint;
}

export interface SourceFile extends Omit<ReadableFile, 'readPath'> {
  readonly readPath: SourceRead;
  /** Nothing of it can be read without all that is before it. */
  readonly inOrder: boolean;
  /** As the open file is now. */
  identity(): Promise<SourceIdentity>;
  /** Whether the path still leads somewhere: false once the volume is gone. */
  reachable(): Promise<boolean>;
}

export interface SourceFiles {
  /** `signal`: of the copy. Reads of a session fail with its reason at once; those of a file are in the kernel's hands. */
  open(source: FileSource | SessionSource, signal: AbortSignal): Promise<SourceFile>;
}

export const sourceFiles: SourceFiles = {
  open: (source, signal) => (source.kind === 'session' ? sessionFile(source, signal) : fileOf(source)),
};

async function fileOf(source: FileSource): Promise<SourceFile> {
  const path = Buffer.from(source.path);
  const { handle, file } = await openReadable(path, constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return {
    ...file,
    inOrder: false,
    identity: () => identityOf(handle),
    reachable: () =>
      stat(path).then(
        () => true,
        () => false,
      ),
  };
}

async function identityOf(handle: FileHandle): Promise<SourceIdentity> {
  const stat = await handle.stat({ bigint: true });
  return { isFile: stat.isFile(), sizeBytes: Number(stat.size), modifiedNs: stat.mtimeNs };
}
