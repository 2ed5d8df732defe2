/** What a file on a card is taken for, by its path alone. Pure: whoever lists has looked at size and times. */
import type { CameraRecording, RecordingKind } from '../contract/camera.js';
import { printableBytes } from '../contract/text.js';
import { hasImportantMark, parseDsjName } from './dsj.js';

/** Longest path that is shown whole, in characters. */
const longestShownPath = 512;

const extensions: Readonly<Record<Exclude<RecordingKind, 'other'>, ReadonlySet<string>>> = {
  video: words('mp4 mov m4v avi mkv ts mts m2ts 3gp 3g2 mpg mpeg vob wmv asf flv webm h264 264 h265 265 hevc'),
  audio: words('wav aac mp3 m4a amr ogg opus flac wma'),
  image: words('jpg jpeg png bmp gif heic heif tif tiff webp dng raw cr2 cr3 nef arw'),
};

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

export function recordingKind(name: string): RecordingKind {
  // What macOS leaves beside every file that it touches: `._clip.mp4` holds attributes, not footage.
  if (name.startsWith('._')) return 'other';
  const extension = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined) return 'other';
  if (extensions.video.has(extension)) return 'video';
  if (extensions.audio.has(extension)) return 'audio';
  return extensions.image.has(extension) ? 'image' : 'other';
}

/** `path`: raw bytes relative to the volume. */
export function recordingAt(path: Uint8Array, sizeBytes: number, modifiedMs: number): CameraRecording {
  // One character a byte: what the convention looks at is ASCII, and bytes that are no UTF-8 must not disturb it.
  const text = Buffer.from(path).toString('latin1');
  const name = text.slice(text.lastIndexOf('/') + 1);
  const dsj = parseDsjName(name);
  return {
    path,
    displayPath: displayPath(path),
    sizeBytes,
    modifiedMs,
    kind: recordingKind(name),
    important: hasImportantMark(text),
    ...(dsj === undefined
      ? {}
      : {
          named: {
            device: dsj.device,
            user: dsj.user,
            startedLocal: dsj.startedLocal,
            encrypted: dsj.encrypted,
          },
        }),
  };
}

export function displayPath(path: Uint8Array): string {
  return printableBytes(path, longestShownPath);
}

/** Milliseconds of a time in nanoseconds, rounded towards the past also before 1970. */
export function wholeMs(timeNs: bigint): number {
  const ms = timeNs / 1_000_000n;
  return Number(timeNs < 0n && ms * 1_000_000n !== timeNs ? ms - 1n : ms);
}
