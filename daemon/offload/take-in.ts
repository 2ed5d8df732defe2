/**
 * Makes a recording of what an interrupted copy had got, where the camera does not have it any more (decision 0048).
 *
 * Answerable for: what is published begins with bytes that hash to what was noted while they came from the camera, read from the medium, and is
 * zero behind them; a part is only called held where the archive has all that can be proved of it.
 * Must never: write to a file that was published.
 */
import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import { DockError, errnoOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { ReadPath } from '../archive/direct-io.js';
import { onArchive } from '../archive/faults.js';
import { receiptLine } from '../archive/receipt.js';
import { prove } from './checkpoint-files.js';
import type { Checkpoint } from './checkpoints.js';
import type { CopyResult, PartJob, PartResult } from './copier.js';
import { copying, labelOf } from './copy.js';
import type { CopyControl, Copying, CopyTools } from './copying.js';
import { hashRange, publishProved } from './prove.js';
import { soundnessCheck } from './soundness.js';

export function takeInPart(job: PartJob, tools: CopyTools, control: CopyControl): Promise<PartResult> {
  return copying(job, tools, control, (part) => onArchive(takeIn(part)));
}

async function takeIn(part: Copying<PartJob>): Promise<PartResult> {
  const { job, partPath } = part;
  const published = job.announced === null ? null : join(job.archive, job.announced);
  const isPublished = published !== null && (await isThere(part, published));
  const path = (await isThere(part, partPath)) ? partPath : isPublished ? published : undefined;
  if (path === undefined) return { outcome: 'unproved' };
  const { count } = await prove(part, path, job.checkpoints);
  const last = job.checkpoints[count - 1];
  if (last === undefined) return { outcome: 'unproved' };
  for (const archivePath of job.perhapsIn) {
    if (await beginsWith(part, join(job.archive, archivePath), last)) return { outcome: 'held', archivePath };
  }
  let stored = await readThrough(part, path, last);
  if (stored === undefined) {
    // Of a file that has its name already nobody changes a byte, though it is not what was expected.
    if (isPublished) return { outcome: 'unproved' };
    await fillUp(part, last.lengthBytes);
    stored = await readThrough(part, path, last);
  }
  if (stored === undefined) throw differs(last);
  part.control.signal.throwIfAborted();
  const name =
    path === partPath ? await publishProved(part, stored.sha256, stored.readPath) : await settle(part, path, stored);
  if (name === undefined) return { outcome: 'unproved' };
  const { sizeBytes } = job;
  const missing = last.lengthBytes < sizeBytes ? [{ from: last.lengthBytes, to: sizeBytes }] : [];
  const result: CopyResult = {
    ...name,
    sha256: stored.sha256,
    label: labelOf(sizeBytes, missing.length, stored.whole),
    missing,
    sourceRead: last.sourceRead,
    resumedBytes: last.lengthBytes,
  };
  return { outcome: 'published', result };
}

interface Stored {
  readonly sha256: string;
  readonly readPath: ReadPath;
  /** By its own format. */
  readonly whole: boolean;
}

/** Reads the file from the medium; undefined unless it is of full length, begins with what was noted and is zero behind that. */
async function readThrough(part: Copying<PartJob>, path: string, last: Checkpoint): Promise<Stored | undefined> {
  const { job, tools, control } = part;
  const check = soundnessCheck(job.finalPath, job.sizeBytes);
  const file = await tools.files.openReadBack(path);
  try {
    if (file.sizeBytes !== job.sizeBytes) return undefined;
    const hash = createHash('sha256');
    let zero = true;
    await hashRange(part, file, 0, last.lengthBytes, hash, ({ bytes, at }) => {
      check.feed(bytes, at);
      control.progress({ copiedBytes: 0, verifiedBytes: at + bytes.length });
    });
    if (digestSoFar(hash) !== last.sha256) return undefined;
    await hashRange(part, file, last.lengthBytes, job.sizeBytes, hash, ({ bytes, at }) => {
      zero &&= bytes.every((byte) => byte === 0);
      check.feed(bytes, at);
      control.progress({ copiedBytes: 0, verifiedBytes: at + bytes.length });
    });
    return zero ? { sha256: hash.digest('hex'), readPath: file.readPath, whole: check.whole() } : undefined;
  } finally {
    await file.close();
  }
}

/** Cuts off what nobody can prove; what then misses to the length of the recording is zero, and costs no room. */
async function fillUp({ job, tools, partPath }: Copying<PartJob>, provedBytes: number): Promise<void> {
  const file = await tools.files.openPart(partPath, false);
  try {
    await file.seal(provedBytes);
    if (provedBytes < job.sizeBytes) await file.seal(job.sizeBytes);
  } finally {
    await file.close();
  }
}

async function settle(
  { job, tools, partPath }: Copying<PartJob>,
  path: string,
  { sha256, readPath }: Stored,
): Promise<Pick<CopyResult, 'archivePath' | 'readBack' | 'adopted'> | undefined> {
  const settled = await tools.files.settle(partPath, path, receiptLine(sha256, basename(path)));
  if (settled === 'taken' || job.announced === null) return undefined;
  return { archivePath: job.announced, readBack: readPath, adopted: true };
}

async function beginsWith(part: Copying<PartJob>, path: string, { lengthBytes, sha256 }: Checkpoint): Promise<boolean> {
  try {
    const file = await part.tools.files.openReadBack(path);
    try {
      if (file.sizeBytes < lengthBytes) return false;
      const hash = createHash('sha256');
      await hashRange(part, file, 0, lengthBytes, hash, ({ bytes, at }) =>
        part.control.progress({ copiedBytes: 0, verifiedBytes: at + bytes.length }),
      );
      return hash.digest('hex') === sha256;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function isThere({ tools }: Copying<PartJob>, path: string): Promise<boolean> {
  try {
    const file = await tools.files.openReadBack(path);
    await file.close();
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function digestSoFar(hash: Hash): string {
  return hash.copy().digest('hex');
}

function differs({ lengthBytes, sha256 }: Checkpoint): DockError {
  return new DockError('DOCK_COPY_DIFFERS', {
    expected: phrase`SHA-256 ${sha256} of the first ${lengthBytes} bytes, as they came from the camera`,
    found: phrase`something else, read back from the archive`,
    todo: phrase`Check memory and archive disk of the dock`,
    retry: 'now',
  });
}
