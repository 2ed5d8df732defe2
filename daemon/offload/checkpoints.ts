/**
 * The notes beside a part: of which recording it is the beginning, and what the camera's bytes hashed to at which lengths. Pure.
 *
 * A part is taken over only up to a length whose bytes, read from the disk again, hash to what was noted while they came
 * from the camera: a torn or stale prefix can never be taken for the camera's bytes. So the notes need no order with the
 * part's own writes, and a torn last line is simply not a checkpoint.
 */
import { createHash } from 'node:crypto';
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { recordingKey } from '../custody/ledger.js';
import type { SourceRead } from './source-files.js';

/** Distance of checkpoints, bytes; a copy never runs further than twice this past the last one that is noted. */
export const checkpointBytes = 4 << 20;

export interface Checkpoint {
  /** A multiple of the alignment, or the whole length. */
  readonly lengthBytes: number;
  /** SHA-256 of the camera's bytes up to there, hex. */
  readonly sha256: string;
  readonly sourceRead: SourceRead;
}

/** What a part belongs to. Two recordings share a part name only if they are one (same camera, path, size, time). */
export interface PartOwner {
  readonly camera: string;
  readonly path: Uint8Array;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Name of the part of a recording, the same in every bay and after every restart. */
export function partKey(owner: PartOwner): string {
  return createHash('sha256')
    .update(`${owner.camera}\0${recordingKey(owner)}`)
    .digest('hex')
    .slice(0, 32);
}

export function headLine(key: string, modifiedNs: bigint): string {
  return `custodock-part 1 ${key} ${modifiedNs}`;
}

/** Says of which recording a part is, so that it can be told when the camera does not have it any more (decision 0048). */
export function ownerLine(camera: string, { path, ...recording }: CameraRecording): string {
  const text = JSON.stringify({ ...recording, camera, path: Buffer.from(path).toString('base64') });
  return `of ${Buffer.from(text).toString('base64')}`;
}

export function checkpointLine(checkpoint: Checkpoint): string {
  return `${checkpoint.lengthBytes} ${checkpoint.sha256} ${checkpoint.sourceRead}`;
}

const checkpointPattern = /^(\d{1,16}) ([0-9a-f]{64}) (direct|cached|protocol)$/;

/** Checkpoints in rising order; none when the notes are of another recording, or the source was written since. */
export function parseNotes(text: string | undefined, key: string, modifiedNs: bigint): readonly Checkpoint[] {
  if (text === undefined) return [];
  const [head, ...lines] = text.split('\n');
  // What follows the last newline was not written whole.
  lines.pop();
  if (head !== headLine(key, modifiedNs)) return [];
  return checkpointsIn(lines);
}

/** Lines that are something else, torn or out of order are none. */
export function checkpointsIn(lines: readonly string[]): readonly Checkpoint[] {
  const checkpoints: Checkpoint[] = [];
  let lastLength = 0;
  for (const line of lines) {
    const match = checkpointPattern.exec(line);
    if (match?.[2] === undefined) continue;
    const lengthBytes = Number(match[1]);
    if (lengthBytes <= lastLength) continue;
    lastLength = lengthBytes;
    checkpoints.push({ lengthBytes, sha256: match[2], sourceRead: sourceReadOf(match[3]) });
  }
  return checkpoints;
}

function sourceReadOf(noted: string | undefined): SourceRead {
  return noted === 'direct' || noted === 'protocol' ? noted : 'cached';
}
