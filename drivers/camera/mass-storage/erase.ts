/**
 * Erasing one recording from a volume (I3): the only file of this family that changes anything on a camera.
 *
 * Answerable for: what is unlinked is the very file whose bytes were hashed a moment ago, and these are the bytes of the proof. Every
 * step goes by handle from the volume's root, so that no link and no exchanged folder leads elsewhere. On any difference nothing is erased.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import type { CameraRecording, EraseProof, Volume } from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import { assertProved, eraseChanged, eraseFailed, eraseReadOnly } from '../erasing.js';
import { wholeMs } from '../recording.js';
import { isDeviceGone, volumeFault } from './faults.js';
import { openFolder, openVolume, within } from './folder.js';
import { answered, type Patience } from './patience.js';

/** Hashed at a time: a few milliseconds of the event loop on a processor without SHA instructions. */
const blockBytes = 512 * 1024;

/** Aborted before the recording is unlinked, nothing is erased. */
export async function eraseRecording(
  volume: Volume,
  recording: CameraRecording,
  proof: EraseProof,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  assertProved(recording, proof);
  const patience: Patience = { clock, volume: volume.name, ...(signal === undefined ? {} : { signal }) };
  const parts = partsOf(recording);
  const name = parts.pop() ?? Buffer.alloc(0);
  const folder = await openParent(volume, recording, parts, patience);
  let unlinking: Promise<void> | undefined;
  try {
    await assertSameBytes(folder, name, recording, proof, patience);
    unlinking = unlink(within(folder, name));
    await answered(patience, unlinking);
    await answered(patience, folder.sync());
  } catch (error) {
    throw eraseFault(volume, recording, error);
  } finally {
    // While an unlink is still on its way its path needs this very handle: its number must not be given to another folder.
    await settledOf(unlinking);
    await folder.close();
  }
}

function settledOf(work: Promise<void> | undefined): Promise<void> | undefined {
  // Its failure was thrown to whoever asked for the erasure.
  return work?.catch(() => undefined);
}

function partsOf(recording: CameraRecording): Buffer[] {
  const parts: Buffer[] = [];
  const path = Buffer.from(recording.path);
  for (let from = 0, to = 0; from <= path.length; from = to + 1) {
    to = path.indexOf(0x2f, from);
    if (to < 0) to = path.length;
    const part = path.subarray(from, to);
    if (part.length === 0 || part.equals(Buffer.from('.')) || part.equals(Buffer.from('..')) || part.includes(0)) {
      throw eraseChanged(phrase`a path below the volume`, verbatim(recording.displayPath));
    }
    parts.push(part);
  }
  return parts;
}

async function openParent(
  volume: Volume,
  recording: CameraRecording,
  folders: readonly Buffer[],
  patience: Patience,
): Promise<FileHandle> {
  let folder = await openVolume(volume, patience);
  for (const name of folders) {
    const parent = folder;
    try {
      folder = await openFolder(parent, name, patience);
    } catch (error) {
      throw eraseFault(volume, recording, error);
    } finally {
      await parent.close();
    }
  }
  return folder;
}

/** The file under this name is a plain one of the listed size and time and has the proved hash; nothing is awaited after the last look. */
async function assertSameBytes(
  folder: FileHandle,
  name: Buffer,
  recording: CameraRecording,
  proof: EraseProof,
  patience: Patience,
): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await answered(patience, open(within(folder, name), flags), (late) => void late.close());
  let hashed: BigIntStats | undefined;
  try {
    const before = await answered(patience, file.stat({ bigint: true }));
    assertListed(recording, before);
    const sha256 = await hashOf(file, patience);
    if (sha256 !== proof.sha256) throw eraseChanged(phrase`SHA-256 ${proof.sha256}`, verbatim(sha256));
    assertUntouched(before, await answered(patience, file.stat({ bigint: true })));
    hashed = before;
  } finally {
    const closed = file.close();
    // A handle closes only after the read that hangs on it: that may be never.
    if (hashed === undefined) closed.catch(() => undefined);
    else await closed;
  }
  assertUntouched(hashed, await answered(patience, lstat(within(folder, name), { bigint: true })));
}

async function hashOf(file: FileHandle, patience: Patience): Promise<string> {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(blockBytes);
  for (let at = 0; ; ) {
    const { bytesRead } = await answered(patience, file.read(block, 0, blockBytes, at));
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(block.subarray(0, bytesRead));
    at += bytesRead;
  }
}

function assertListed(recording: CameraRecording, found: BigIntStats): void {
  const sameTime = wholeMs(found.mtimeNs) === recording.modifiedMs;
  if (found.isFile() && Number(found.size) === recording.sizeBytes && sameTime) return;
  throw eraseChanged(
    phrase`a file of ${recording.sizeBytes} bytes, modified at ${recording.modifiedMs} ms`,
    found.isFile()
      ? phrase`${found.size} bytes, modified at ${wholeMs(found.mtimeNs)} ms`
      : phrase`something that is not a file`,
  );
}

function assertUntouched(before: BigIntStats, now: BigIntStats): void {
  const same =
    now.isFile() &&
    now.dev === before.dev &&
    now.ino === before.ino &&
    now.size === before.size &&
    now.mtimeNs === before.mtimeNs;
  if (!same) throw eraseChanged(phrase`the file that was hashed`, phrase`another, or one that changed meanwhile`);
}

function eraseFault(volume: Volume, recording: CameraRecording, error: unknown): unknown {
  const errno = errnoOf(error);
  if (error instanceof DockError || errno === undefined || isDeviceGone(error)) return volumeFault(volume.name, error);
  const found = printable(messageOf(error));
  if (errno === 'EROFS') return eraseReadOnly(phrase`the volume ${volume.name} to be mounted writable`, found, error);
  // Gone, a link now, or a folder that became something else.
  if (errno === 'ENOENT' || errno === 'ELOOP' || errno === 'ENOTDIR' || errno === 'EISDIR') {
    return eraseChanged(verbatim(recording.displayPath), found, error);
  }
  return eraseFailed(recording, found, error);
}
