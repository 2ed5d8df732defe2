/**
 * The proof of a copy: reading back what the medium holds, and publishing what was proved (I2).
 */
import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import { DockError, errnoOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import type { ReadableFile, ReadPath } from '../archive/direct-io.js';
import { receiptLine } from '../archive/receipt.js';
import { blocksPerCopy } from './blocks.js';
import type { ArchiveJob, CopyResult } from './copier.js';
import type { Copying } from './copying.js';
import { hashBlock } from './hash-block.js';
import { type Chunk, readAhead } from './read-ahead.js';

/** Nothing is written meanwhile: all blocks but the one that is hashed can be under way. */
const readBackDepth = blocksPerCopy - 1;

/** The hash of a file of the archive as it is read from the medium; null when it has another length. */
export async function readBack(
  copying: Copying<ArchiveJob>,
  path: string,
  sizeBytes: number,
  seen?: (chunk: Chunk) => void,
): Promise<{ readonly sha256: string | null; readonly readPath: ReadPath }> {
  const file = await copying.tools.files.openReadBack(path);
  try {
    if (file.sizeBytes !== sizeBytes) return { sha256: null, readPath: file.readPath };
    const hash = createHash('sha256');
    await hashRange(copying, file, 0, sizeBytes, hash, seen);
    return { sha256: hash.digest('hex'), readPath: file.readPath };
  } finally {
    await file.close();
  }
}

export async function hashRange(
  { ring, control }: Copying<ArchiveJob>,
  file: ReadableFile,
  from: number,
  to: number,
  hash: Hash,
  seen?: (chunk: Chunk) => void,
): Promise<void> {
  const chunks = readAhead((into, lengthBytes, at) => file.read(into, lengthBytes, at), {
    from,
    to,
    ring,
    depth: readBackDepth,
    gate: () => {
      control.signal.throwIfAborted();
      return control.paused();
    },
    ended: (at) =>
      new DockError('DOCK_ARCHIVE_WRITE', {
        expected: phrase`${to} bytes on the archive disk`,
        found: phrase`the end of the file after ${at}`,
        todo: phrase`Check the archive disk for errors (journalctl -k, smartctl)`,
        retry: 'now',
      }),
  });
  for await (const chunk of chunks) {
    try {
      hashBlock(hash, chunk.bytes);
      seen?.(chunk);
    } finally {
      chunk.release();
    }
  }
}

/**
 * Publishes the proved part under the first of its names that is free. A file of the same content under that name was
 * published before a crash and has no entry yet (the caller knows): it is proved like any copy and taken as it is.
 */
export async function publishProved(
  copying: Copying<ArchiveJob>,
  sha256: string,
  readPath: ReadPath,
): Promise<Pick<CopyResult, 'archivePath' | 'readBack' | 'adopted'>> {
  const { job, tools, partPath, announcementPath } = copying;
  const { files } = tools;
  for (const archivePath of [job.finalPath, job.alternatePath]) {
    const finalPath = join(job.archive, archivePath);
    const receipt = receiptLine(sha256, basename(finalPath));
    await files.announce(announcementPath, archivePath);
    if ((await files.publish(partPath, finalPath, receipt)) === 'published') {
      return { archivePath, readBack: readPath, adopted: false };
    }
    const existing = await readBackIfThere(copying, finalPath);
    if (existing?.sha256 === sha256 && (await files.settle(partPath, finalPath, receipt)) === 'published') {
      await files.remove(partPath);
      return { archivePath, readBack: existing.readPath, adopted: true };
    }
  }
  await files.remove(announcementPath);
  throw new DockError('DOCK_ARCHIVE_NAME_TAKEN', {
    expected: phrase`a free name in the archive`,
    found: phrase`other files under ${printable(job.finalPath)} and its alternative`,
    todo: phrase`Look where these files come from: nothing but Custodock writes to the archive`,
    retry: 'never',
  });
}

async function readBackIfThere(
  copying: Copying<ArchiveJob>,
  path: string,
): Promise<Awaited<ReturnType<typeof readBack>> | undefined> {
  try {
    return await readBack(copying, path, copying.job.sizeBytes);
  } catch (error) {
    // Only its receipt was there.
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
