/**
 * Where a recording goes in the archive: `<year>/<month>/<day>/<camera>/<original name>`. Pure.
 *
 * Answerable for: whatever bytes a camera gives as a name (I11), the result is one plain path component that every file
 * system and tool bears, with room for the receipt's suffix. The raw bytes stay in the ledger.
 */
import { createHash } from 'node:crypto';
import type { CameraRecording } from '../../drivers/contract/camera.js';

/** Where parts lie in the archive: on its file system, so that publishing is a link. */
export const partsFolder = '.parts';

/** Of what lies among the parts under the key of one recording. */
export const partSuffix = '.part';
export const notesSuffix = '.notes';
/** Where its part is about to be published, until that is entered. */
export const announcementSuffix = '.to';

const dayMs = 86_400_000;
/** No recorder is older. */
const earliestYear = 2000;
/** Longest file name on Linux file systems, bytes. */
const longestNameBytes = 255;
/** `~` with 16 hex digits where names collide, and `.sha256` of the receipt. */
const reservedBytes = 17 + 7;
const longestExtensionBytes = 16;

/** What decides the day of a recording. */
export interface RecordingTimes {
  readonly modifiedMs: number;
  readonly named?: CameraRecording['named'];
}

export interface DayContext {
  readonly fileTimes: 'utc' | 'local';
  readonly timeZone: string;
  /** Wall clock of the dock, ms. */
  readonly nowMs: number;
}

/** A time before the year 2000 or more than a day ahead is no time, only what a dead clock battery leaves. */
export function isAbsurdTime(ms: number, nowMs: number): boolean {
  return !(ms >= Date.UTC(earliestYear, 0, 1) && ms <= nowMs + dayMs);
}

export function hasAbsurdTimes({ modifiedMs, named }: RecordingTimes, nowMs: number): boolean {
  if (isAbsurdTime(modifiedMs, nowMs)) return true;
  // The zone moves a local time by at most 14 hours: well within the day of grace.
  return named !== undefined && isAbsurdTime(Date.parse(`${named.startedLocal}Z`), nowMs);
}

/**
 * Year, month and day that a recording is filed under: what its name says, else when it was last written, else,
 * where both are absurd, the day it came to the dock. Only an address: the times themselves are in the ledger.
 */
export function dayFolders(times: RecordingTimes, context: DayContext): readonly [string, string, string] {
  const { nowMs, timeZone, fileTimes } = context;
  const { named, modifiedMs } = times;
  if (named !== undefined && !isAbsurdTime(Date.parse(`${named.startedLocal}Z`), nowMs)) {
    return split(named.startedLocal.slice(0, 10));
  }
  if (!isAbsurdTime(modifiedMs, nowMs)) {
    return split(fileTimes === 'local' ? new Date(modifiedMs).toISOString().slice(0, 10) : dayIn(timeZone, modifiedMs));
  }
  return split(dayIn(timeZone, nowMs));
}

function split(day: string): readonly [string, string, string] {
  const [year = '0000', month = '00', date = '00'] = day.split('-');
  return [year, month, date];
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

function dayIn(timeZone: string, ms: number): string {
  let format = dayFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    dayFormats.set(timeZone, format);
  }
  return format.format(ms);
}

/** Folder of a camera. An id that had to be changed carries a short hash, so that no two cameras share a folder. */
export function cameraFolder(camera: string): string {
  const safe = cut(safeName(Buffer.from(camera)), 64);
  return safe === camera ? safe : `${safe}~${shortHash(camera, 8)}`;
}

/**
 * Names for a recording, the plain one first; the others are for where it is taken.
 * @param path raw bytes on the camera; the last component counts
 * @param identity what tells this recording from all others: the hash in the alternatives comes from it
 */
export function candidateNames(path: Uint8Array, identity: string): readonly [string, string, string] {
  const lastSlash = path.lastIndexOf(0x2f);
  const name = cut(safeName(path.subarray(lastSlash + 1)), longestNameBytes - reservedBytes);
  const [stem, extension] = splitExtension(name);
  return [name, `${stem}~${shortHash(identity, 8)}${extension}`, `${stem}~${shortHash(identity, 16)}${extension}`];
}

/** Two names that some file system or tool takes for the same are equal here. */
export function collisionKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function shortHash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** Names that mean devices on the systems that copies are given out to. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

function safeName(bytes: Uint8Array): string {
  const plain = decode(bytes)
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}/\\:*?"<>|]/gu, '_')
    // Hidden files and parent folders begin with a dot; options of commands with a minus; trailing dots and spaces vanish on FAT.
    .replace(/^[.\- ]+/, '_')
    .replace(/[. ]+$/, '_');
  if (plain === '') return '_';
  return deviceName.test(plain) ? `_${plain}` : plain;
}

/** Names that are not UTF-8 keep their ASCII; other bytes are written as %XX, so that different names stay different. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`,
    ).join('');
  }
}

function splitExtension(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot);
  if (dot <= 0 || Buffer.byteLength(extension) > longestExtensionBytes) return [name, ''];
  return [name.slice(0, dot), extension];
}

/** The stem shortened, by whole characters, until the name has at most `longestBytes`. */
function cut(name: string, longestBytes: number): string {
  if (Buffer.byteLength(name) <= longestBytes) return name;
  const [stem, extension] = splitExtension(name);
  let room = longestBytes - Buffer.byteLength(extension);
  let kept = '';
  for (const character of stem) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}${extension}`;
}
