/**
 * Cards as recorders fill them: folders and names by the DSJ convention, content from a seed. For demo, training and tests.
 *
 * Whoever has a card made gets the truth about it back: every file with its raw path, size, time and hash.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Content, contentBlocks, frameOf } from './card-content.js';

export interface CardRecording {
  readonly kind: 'video' | 'audio' | 'image';
  /** `YYYY-MM-DDThh:mm:ss`, local time of the camera. */
  readonly startedLocal: string;
  readonly sizeBytes: number;
  readonly important?: boolean;
  readonly encrypted?: boolean;
  /** False: the camera lost its power while it recorded. Default true. */
  readonly finished?: boolean;
  /** The noise is left out: a hole of zeros that takes no room, for files that are only to be large. */
  readonly sparse?: boolean;
}

export interface CardOptions {
  /** The same seed gives the same bytes. */
  readonly seed: string;
  readonly device: string;
  readonly user: string;
  readonly recordings: readonly CardRecording[];
  /** Zone of the camera's clock, minutes east of Greenwich; default 480 (China). */
  readonly zoneMinutes?: number;
}

/** What is on a card, for certain. */
export interface CardFile {
  /** Raw bytes relative to the card. */
  readonly path: Buffer;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Undefined for sparse files, which nobody wants to wait for. */
  readonly sha256: string | undefined;
}

/** How fast the simulated recorders fill a card, bytes/s: 1080p by the norm, 2.6 GB/h. */
const bytesPerSecond = 722_000;

const folders = { video: 'video', audio: 'audio', image: 'image' } as const;
const extensions = { video: 'mp4', audio: 'wav', image: 'jpg' } as const;

/** Writes a card into the directory `folder`, which is made where it is missing. No two recordings may begin in the same second. */
export async function writeCard(folder: string, options: CardOptions): Promise<readonly CardFile[]> {
  const files: CardFile[] = [];
  for (const recording of options.recordings) {
    const path = dsjPath(options, recording);
    const startedMs = Date.parse(`${recording.startedLocal}Z`) - (options.zoneMinutes ?? 480) * 60_000;
    const lastsS = recording.kind === 'image' ? 0 : Math.ceil(recording.sizeBytes / bytesPerSecond);
    files.push(
      await writeCardFile(folder, Buffer.from(path), startedMs + lastsS * 1_000, {
        seed: `${options.seed}/${path}`,
        kind: recording.kind,
        sizeBytes: recording.sizeBytes,
        finished: recording.finished ?? true,
        sparse: recording.sparse ?? false,
      }),
    );
  }
  return files;
}

/** Recordings of one kind and size that follow each other without a gap, as a shift leaves them. */
export function segments(
  firstLocal: string,
  count: number,
  sizeBytes: number,
  kind: CardRecording['kind'] = 'video',
): readonly CardRecording[] {
  const everyS = Math.max(1, Math.ceil(sizeBytes / bytesPerSecond));
  const firstMs = Date.parse(`${firstLocal}Z`);
  return Array.from({ length: count }, (_, index) => ({
    kind,
    startedLocal: new Date(firstMs + index * everyS * 1_000).toISOString().slice(0, 19),
    sizeBytes,
  }));
}

function dsjPath({ device, user }: CardOptions, recording: CardRecording): string {
  const [date = '', time = ''] = recording.startedLocal.replaceAll(/[-:]/g, '').split('T');
  const folder = recording.important === true ? 'IMP' : folders[recording.kind];
  const marks = `${recording.important === true ? '_IMP' : ''}${recording.encrypted === true ? '_enc' : ''}`;
  return `${folder}/${date}/DSJ_${device}_${user}_${date}_${time}${marks}.${extensions[recording.kind]}`;
}

/** One file of a card, its folders made as needed. Never overwrites. */
export async function writeCardFile(
  folder: string,
  path: Buffer,
  modifiedMs: number,
  content: Content & { readonly sparse?: boolean },
): Promise<CardFile> {
  const full = Buffer.concat([Buffer.from(`${folder}/`), path]);
  // Bytes that are no UTF-8 would not survive a string: latin1 keeps each of them.
  await mkdir(Buffer.from(dirname(full.toString('latin1')), 'latin1'), { recursive: true });
  const file = await open(full, 'wx');
  let sha256: string | undefined;
  try {
    sha256 = content.sparse === true ? await writeSparse(file, content) : await writeWhole(file, content);
  } finally {
    await file.close();
  }
  await utimes(full, modifiedMs / 1_000, modifiedMs / 1_000);
  return { path, sizeBytes: content.sizeBytes, modifiedMs, sha256 };
}

async function writeWhole(file: FileHandle, content: Content): Promise<string> {
  const hash = createHash('sha256');
  for (const block of contentBlocks(content)) {
    hash.update(block);
    await file.writeFile(block);
  }
  return hash.digest('hex');
}

async function writeSparse(file: FileHandle, content: Content): Promise<undefined> {
  const { head, tail } = frameOf(content);
  await file.truncate(content.sizeBytes);
  await file.write(head, 0, head.length, 0);
  await file.write(tail, 0, tail.length, content.sizeBytes - tail.length);
}
