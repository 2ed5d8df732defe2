/**
 * Copies one recording from a camera into the archive and proves it (D8).
 *
 * Answerable for: a result means that the published file was read back and hashes to what the camera gave (I2); whatever
 * happens before that leaves either nothing or a part that the next copy can prove before going on from it.
 * Must never: write to the camera (I1), overwrite anything in the archive, go on with a file whose fsync failed,
 * begin another read once it was cancelled, or touch its part once nobody waits for it any more.
 */
import { join } from 'node:path';
import { within } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { onArchive } from '../archive/faults.js';
import { announcementSuffix, notesSuffix, partSuffix, partsFolder } from '../archive/names.js';
import { BlockRing } from './blocks.js';
import type { ArchiveJob, CopyJob, CopyResult } from './copier.js';
import type { CopyControl, Copying, CopyTools } from './copying.js';
import { fillPart } from './fill.js';
import { ownedFiles } from './owned-files.js';
import { publishProved, readBack } from './prove.js';
import { soundnessCheck } from './soundness.js';

export async function copyRecording(job: CopyJob, tools: CopyTools, control: CopyControl): Promise<CopyResult> {
  return copying(job, tools, control, async (copy) => {
    try {
      return await copyAndProve(copy);
    } catch (error) {
      if (!leavesGoodPart(error)) await discard(copy);
      throw error;
    }
  });
}

/** Runs `work` with the memory and the paths of one part, by whoever watches it. */
export async function copying<J extends ArchiveJob, R>(
  job: J,
  tools: CopyTools,
  control: CopyControl,
  work: (copying: Copying<J>) => Promise<R>,
): Promise<R> {
  control.signal.throwIfAborted();
  const ring = await ringFor(job, tools);
  const part = join(job.archive, partsFolder, job.part);
  const files = ownedFiles(tools.files, control.archiveStep);
  const owned: CopyTools = { ...tools, files };
  const all: Copying<J> = {
    job,
    tools: owned,
    control,
    ring,
    partPath: `${part}${partSuffix}`,
    notesPath: `${part}${notesSuffix}`,
    announcementPath: `${part}${announcementSuffix}`,
  };
  try {
    control.signal.throwIfAborted();
    return await work(all);
  } finally {
    ring.close();
  }
}

/** Copies that hang hold their blocks until the kernel lets go of them; below the time after which a copy counts as stalled. */
const memoryDeadlineMs = 30_000;

async function ringFor({ sizeBytes }: ArchiveJob, { blocks, clock }: CopyTools): Promise<BlockRing> {
  const taking = BlockRing.of(blocks, sizeBytes);
  const late = (): DockError =>
    new DockError('DOCK_OFFLOAD_MEMORY', {
      expected: phrase`memory for one more copy within ${memoryDeadlineMs / 1000} s`,
      found: phrase`all of it held by copies whose camera or disk does not answer`,
      todo: phrase`Take out the cameras that stand still; if there are none, check the archive disk (journalctl -k, smartctl)`,
      retry: 'now',
    });
  try {
    return await within(clock, 'offload.memory', memoryDeadlineMs, taking, late);
  } catch (error) {
    void taking.then((ring) => ring.close());
    throw error;
  }
}

async function copyAndProve(copying: Copying): Promise<CopyResult> {
  const { job, control } = copying;
  const filled = await fillPart(copying);
  const check = soundnessCheck(job.finalPath, job.sizeBytes);
  const reading = readBack(copying, copying.partPath, job.sizeBytes, ({ bytes, at }) => {
    check.feed(bytes, at);
    control.progress({ copiedBytes: job.sizeBytes, verifiedBytes: at + bytes.length });
  });
  const stored = await onArchive(reading).catch(async (error: unknown) => {
    if (leavesGoodPart(error)) await onArchive(filled.note());
    throw error;
  });
  if (stored.sha256 !== filled.sha256) {
    throw new DockError('DOCK_COPY_DIFFERS', {
      expected: phrase`SHA-256 ${filled.sha256} as it came from the camera`,
      found: phrase`${stored.sha256 ?? phrase`another length`}, read back from the archive (${stored.readPath})`,
      todo: phrase`Check memory and archive disk of the dock`,
      retry: 'now',
    });
  }
  control.signal.throwIfAborted();
  const published = await onArchive(publishProved(copying, filled.sha256, stored.readPath));
  await onArchive(copying.tools.files.remove(copying.notesPath));
  return {
    ...published,
    sha256: filled.sha256,
    label: labelOf(job.sizeBytes, filled.missing.length, check.whole()),
    missing: [...filled.missing],
    sourceRead: filled.sourceRead,
    resumedBytes: filled.resumedBytes,
  };
}

export function labelOf(sizeBytes: number, missingRanges: number, whole: boolean): CopyResult['label'] {
  if (sizeBytes === 0) return 'zero-length';
  if (missingRanges > 0) return 'incomplete';
  return whole ? 'complete' : 'truncated';
}

/** After an interruption on the camera's side the part is kept; after anything else nobody knows what the part holds. */
function leavesGoodPart(error: unknown): boolean {
  if (!(error instanceof DockError)) return true;
  return (
    error.code === 'DOCK_CAMERA_GONE' ||
    error.code === 'DOCK_CAMERA_STALLED' ||
    error.code === 'DOCK_ARCHIVE_STALLED' ||
    error.code === 'DOCK_RECORDING_GONE' ||
    error.code === 'DOCK_RECORDING_UNREADABLE'
  );
}

async function discard({ tools, partPath, notesPath }: Copying): Promise<void> {
  // Where the archive itself is in trouble, this fails too: the first error is the one to report, and the part is
  // proved before it is ever used.
  await Promise.allSettled([tools.files.remove(partPath), tools.files.remove(notesPath)]);
}
