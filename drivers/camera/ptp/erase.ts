/**
 * Erasing one recording from a device (I3): the only file of this family that has anything deleted.
 *
 * Answerable for: what is deleted is the very object, in this very session, whose path, size and time were just looked at and whose bytes
 * were hashed a moment ago, and these are the bytes of the proof. On any difference nothing is deleted.
 * Must never: delete by anything but the handle of one object that is no folder. Handle 0xFFFFFFFF would be everything.
 */
import { createHash } from 'node:crypto';
import type { CameraRecording, EraseProof } from '../../contract/camera.js';
import { DockError, messageOf } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';
import { assertProved, eraseChanged, eraseFailed, eraseReadOnly } from '../erasing.js';
import { hex4, operations, responses, rootParent } from './codes.js';
import { isGone } from './faults.js';
import { pathPart, storageFolder } from './names.js';
import type { PtpObject, PtpObjects } from './objects.js';
import { carriesName, type PtpReader, type Resolve } from './source.js';

export async function eraseObject(
  objects: PtpObjects,
  reader: PtpReader,
  resolve: Resolve,
  recording: CameraRecording,
  proof: EraseProof,
): Promise<void> {
  assertProved(recording, proof);
  try {
    const found = await resolve(recording.path, new AbortController().signal);
    if (found === undefined) throw eraseChanged(verbatim(recording.displayPath), phrase`no such object on the camera`);
    const { handle, generation } = found;
    await assertThere(objects, recording, handle, generation);
    const hash = createHash('sha256');
    for await (const bytes of reader.bytes(recording, handle, generation)) hash.update(bytes);
    const sha256 = hash.digest('hex');
    if (sha256 !== proof.sha256) throw eraseChanged(phrase`SHA-256 ${proof.sha256}`, verbatim(sha256));
    const last = await assertThere(objects, recording, handle, generation);
    await deleteObject(objects, recording, last, generation);
  } catch (error) {
    throw eraseFault(recording, error);
  }
}

/** The object is a plain one of the listed path, size and time. */
async function assertThere(
  objects: PtpObjects,
  recording: CameraRecording,
  handle: number,
  generation: number,
): Promise<PtpObject> {
  const object = await objects.object(handle, generation);
  if (object === undefined || object.isFolder || !carriesName(object, recording)) {
    throw eraseChanged(verbatim(recording.displayPath), phrase`another object under its handle`);
  }
  if (object.sizeBytes !== recording.sizeBytes || object.modifiedMs !== recording.modifiedMs) {
    throw eraseChanged(
      phrase`an object of ${recording.sizeBytes} bytes, modified at ${recording.modifiedMs} ms`,
      phrase`${object.sizeBytes ?? '?'} bytes, modified at ${object.modifiedMs} ms`,
    );
  }
  await assertFolders(objects, recording, object, generation);
  return object;
}

/** The folders above are those of the path, whatever the listing made of them. */
async function assertFolders(
  objects: PtpObjects,
  { path, displayPath }: CameraRecording,
  object: PtpObject,
  generation: number,
): Promise<void> {
  // What tells doubles apart is ours, not the device's.
  const folders = Buffer.from(path)
    .toString('latin1')
    .split('/')
    .slice(0, -1)
    .filter((part) => !/^~\d+$/.test(part));
  const storage = storageFolder(object.storage);
  if (storage !== '' && folders.shift() !== storage)
    throw eraseChanged(verbatim(displayPath), phrase`the object on another storage`);
  let { parent } = object;
  for (const part of folders.reverse()) {
    const folder = isRoot(parent) ? undefined : await objects.object(parent, generation);
    if (folder?.isFolder !== true || pathPart(folder.name).toString('latin1') !== part) {
      throw eraseChanged(verbatim(displayPath), phrase`the object in another folder`);
    }
    parent = folder.parent;
  }
  if (!isRoot(parent)) throw eraseChanged(verbatim(displayPath), phrase`the object deeper in folders`);
}

function isRoot(parent: number): boolean {
  return parent === 0 || parent === rootParent;
}

async function deleteObject(
  objects: PtpObjects,
  recording: CameraRecording,
  { handle, isFolder }: PtpObject,
  generation: number,
): Promise<void> {
  if (isFolder || isRoot(handle)) throw eraseChanged(phrase`one object`, phrase`a folder, or everything`);
  const question = { operation: operations.deleteObject, parameters: [handle, 0], once: true, generation };
  let code: number | undefined;
  let cause: unknown;
  try {
    ({ code } = await objects.device.ask(question));
  } catch (error) {
    // Perhaps it was done before the answer was lost: only a look tells.
    if (isGone(error)) throw error;
    cause = error;
  }
  if (code === responses.invalidObjectHandle)
    throw eraseChanged(verbatim(recording.displayPath), phrase`no such object any more`);
  if (code !== undefined && readOnly.has(code)) {
    throw eraseReadOnly(phrase`a storage that can be written to`, phrase`response ${hex4(code)}`);
  }
  if (code !== undefined && code !== responses.ok) throw eraseFailed(recording, phrase`response ${hex4(code)}`);
  if ((await objects.object(handle, generation)) === undefined) return;
  throw eraseFailed(recording, cause === undefined ? phrase`it is still there` : messageOf(cause), cause);
}

const readOnly: ReadonlySet<number> = new Set([
  responses.objectWriteProtected,
  responses.storeReadOnly,
  responses.accessDenied,
]);

function eraseFault(recording: CameraRecording, error: unknown): unknown {
  if (!(error instanceof DockError) || isGone(error) || error.code.startsWith('DOCK_ERASE_')) return error;
  // It has more bytes than were listed, or is not there.
  if (error.code === 'DOCK_RECORDING_CHANGED' || error.code === 'DOCK_RECORDING_GONE') {
    return eraseChanged(verbatim(recording.displayPath), error.found, error);
  }
  return eraseFailed(recording, messageOf(error), error);
}
