/**
 * From the camera into the part: reading, hashing and writing at once, with checkpoints on the way.
 *
 * Answerable for: when it returns, the part holds exactly the camera's bytes (zero where they could not be read), synced,
 * of the listed length, and the hash is of the bytes as they came.
 */
import type { Hash } from 'node:crypto';
import { phrase } from '../../drivers/contract/phrase.js';
import type { PartFile } from '../archive/durable-files.js';
import { onArchive } from '../archive/faults.js';
import { blocksPerCopy } from './blocks.js';
import { noteLeft, type PartCheckpoints, takeOver } from './checkpoint-files.js';
import { checkpointBytes } from './checkpoints.js';
import { assertUnchanged, Confirmed } from './confirmed.js';
import type { Copying } from './copying.js';
import { onSource, recordingChanged, sourceFault } from './faults.js';
import { hashBlock } from './hash-block.js';
import { readAhead } from './read-ahead.js';
import { type ByteRange, Salvage } from './salvage.js';
import type { SourceFile, SourceIdentity, SourceRead } from './source-files.js';
import { Writes } from './writes.js';

export interface Filled {
  readonly sha256: string;
  readonly missing: readonly ByteRange[];
  readonly sourceRead: SourceRead;
  readonly resumedBytes: number;
  /** Notes all of it, for a copy that is interrupted from here on. */
  note(): Promise<void>;
}

const readDepth = blocksPerCopy / 2;

export async function fillPart(copying: Copying): Promise<Filled> {
  const { control } = copying;
  const source = await onSource(copying.tools.sources.open(copying.job.source, control.signal));
  let closing: readonly (() => Promise<void>)[] = [() => source.close()];
  try {
    // Whatever was awaited may have hung: nothing is opened for writing for a copy that was cancelled meanwhile.
    control.signal.throwIfAborted();
    const listed = await onSource(source.identity());
    control.signal.throwIfAborted();
    assertListed(copying, listed);
    const { part, hash, checkpoints, ...taken } = await onArchive(takeOver(copying, listed.modifiedNs, source.inOrder));
    closing = [() => source.close(), () => part.close(), () => checkpoints.close()];
    const sourceRead = taken.sourceRead === 'cached' ? 'cached' : source.readPath;
    const missing = await transfer(copying, {
      source,
      part,
      hash,
      checkpoints,
      listed,
      sourceRead,
      from: taken.lengthBytes,
    });
    await onArchive(part.seal(copying.job.sizeBytes));
    const { sizeBytes } = copying.job;
    // Behind a bad place nothing is noted; a large recording has its notes already.
    const note = async (): Promise<void> => {
      if (missing.length === 0)
        await noteLeft(copying, listed.modifiedNs, { lengthBytes: sizeBytes, sha256, sourceRead });
    };
    const sha256 = hash.digest('hex');
    return { sha256, missing, sourceRead, resumedBytes: taken.lengthBytes, note };
  } finally {
    // The bytes are synced, or given up: what close says changes neither.
    await Promise.allSettled(closing.map((close) => close()));
  }
}

interface Transfer {
  readonly source: SourceFile;
  readonly part: PartFile;
  readonly hash: Hash;
  readonly checkpoints: PartCheckpoints;
  readonly listed: SourceIdentity;
  readonly sourceRead: SourceRead;
  readonly from: number;
}

async function transfer(copying: Copying, transfer: Transfer): Promise<readonly ByteRange[]> {
  const { job, control, ring } = copying;
  const { source, part, hash, checkpoints, listed, sourceRead, from } = transfer;
  const salvage = salvageOf(copying, source);
  const writes = new Writes(part);
  const everyBytes = source.inOrder ? Number.POSITIVE_INFINITY : sourceRead === 'protocol' ? checkpointBytes : 1;
  const confirmed = new Confirmed(() => source.identity(), listed, { lengthBytes: from, hash }, everyBytes);
  let reached = from;
  try {
    const chunks = readAhead(salvage.read, {
      from,
      to: job.sizeBytes,
      ring,
      depth: readDepth,
      gate: () => {
        control.signal.throwIfAborted();
        return control.paused();
      },
      ended: (at) => recordingChanged(phrase`${job.sizeBytes} bytes`, phrase`the end of the file after ${at}`),
    });
    for await (const { bytes, padded, at, release } of chunks) {
      padded.fill(0, bytes.length);
      // Hashed while it is written. The block is not given back before: that happens in a later turn of the event loop.
      writes.add(padded, at, release);
      hashBlock(hash, bytes);
      reached = at + bytes.length;
      control.progress({ copiedBytes: reached, verifiedBytes: 0 });
      writes.assertWell();
      // Behind a bad place the stored bytes are not the camera's: the next copy tries that place again. Reads ahead may have met it already.
      if (salvage.missing.length > 0 || reached === job.sizeBytes) continue;
      confirmed.read(reached, hash);
      await onArchive(checkpoints.reached(confirmed.beginning, sourceRead, writes));
    }
    if (salvage.missing.length > 0) await salvage.assertAnswering(undefined);
    assertUnchanged(listed, await onSource(source.identity()));
  } catch (error) {
    // Also behind a bad place, as which a pulled plug may show first: the beginning ends before it.
    if (await writes.finished()) await onArchive(checkpoints.interrupted(confirmed.beginning, sourceRead));
    throw sourceFault(error);
  }
  if (!(await writes.finished())) writes.assertWell();
  // Behind a bad place nothing was noted since, but a sync that failed before it spoils this file too.
  await onArchive(checkpoints.settled());
  if (salvage.missing.length === 0) await onArchive(checkpoints.ended({ lengthBytes: reached, hash }, sourceRead));
  return salvage.missing;
}

function salvageOf({ job, tools, control }: Copying, source: SourceFile): Salvage {
  return new Salvage(
    async (into, lengthBytes, at) => {
      control.signal.throwIfAborted();
      return source.read(into, lengthBytes, at);
    },
    {
      sizeBytes: job.sizeBytes,
      limits: tools.salvage,
      clock: tools.clock,
      signal: control.signal,
      reachable: () => source.reachable(),
      alive: () => control.alive(),
      blocks: tools.blocks,
    },
  );
}

/** The listing shows whole milliseconds, rounded one way or the other. */
const listedToleranceNs = 1_000_000n;

function assertListed({ job }: Copying, found: SourceIdentity): void {
  const differenceNs = found.modifiedNs - BigInt(job.recording.modifiedMs) * 1_000_000n;
  const sameTime = differenceNs <= listedToleranceNs && differenceNs >= -listedToleranceNs;
  if (found.isFile && found.sizeBytes === job.sizeBytes && sameTime) return;
  throw recordingChanged(
    phrase`a file of ${job.sizeBytes} bytes, written ${new Date(job.recording.modifiedMs).toISOString()}`,
    found.isFile
      ? phrase`${found.sizeBytes} bytes, written ${new Date(Number(found.modifiedNs / 1_000_000n)).toISOString()}`
      : phrase`something that is not a file`,
  );
}
