/**
 * Footage that is none: bytes that look like what a camera writes, the same for the same seed. Pure.
 *
 * The structure is real enough for whoever judges whether a recording is whole; the picture is noise, so that no two blocks are alike.
 */
import { createCipheriv, createHash } from 'node:crypto';

export type ContentKind = 'video' | 'audio' | 'image' | 'noise';

export interface Content {
  readonly seed: string;
  readonly kind: ContentKind;
  readonly sizeBytes: number;
  /** False: as a camera leaves it whose battery was pulled while it recorded. Default true. */
  readonly finished?: boolean;
}

/** A finished MP4 cannot be smaller: what is asked for below this size comes out truncated. */
export const smallestFinishedMp4Bytes = 156;

const blockBytes = 1024 * 1024;

/** The bytes in order, at most 1 MiB at a time. */
export function* contentBlocks(content: Content): Generator<Buffer, void, undefined> {
  const { head, tail } = frameOf(content);
  const bodyBytes = content.sizeBytes - head.length - tail.length;
  if (head.length > 0) yield head;
  const key = createHash('sha256').update(content.seed).digest();
  const noise = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  const zeros = Buffer.alloc(Math.min(blockBytes, Math.max(bodyBytes, 0)));
  for (let left = bodyBytes; left > 0; left -= blockBytes) {
    yield noise.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
  }
  if (tail.length > 0) yield tail;
}

/** What stands before and behind the noise; together never more than the size. */
export function frameOf({ kind, sizeBytes, finished = true }: Content): { head: Buffer; tail: Buffer } {
  const { head, tail } = wholeFrame(kind, sizeBytes, finished);
  if (head.length + tail.length <= sizeBytes) return { head, tail };
  return { head: head.subarray(0, sizeBytes), tail: Buffer.alloc(0) };
}

function wholeFrame(kind: ContentKind, sizeBytes: number, finished: boolean): { head: Buffer; tail: Buffer } {
  const nothing = Buffer.alloc(0);
  switch (kind) {
    case 'video':
      return mp4Frame(sizeBytes, finished);
    case 'audio':
      return { head: wavHeader(sizeBytes, finished), tail: nothing };
    case 'image':
      return {
        head: Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
        tail: finished ? Buffer.from('ffd9', 'hex') : nothing,
      };
    case 'noise':
      return { head: nothing, tail: nothing };
  }
}

/** A whole MP4 file in memory: ftyp, mdat, moov, as ISO/IEC 14496-12 orders them; unfinished without its index. */
export function mp4Bytes(seed: string, sizeBytes: number, { finished }: { readonly finished: boolean }): Buffer {
  return Buffer.concat([...contentBlocks({ seed, kind: 'video', sizeBytes, finished })]);
}

function mp4Frame(sizeBytes: number, finished: boolean): { head: Buffer; tail: Buffer } {
  const ftyp = box('ftyp', Buffer.concat([Buffer.from('isom'), Buffer.from([0, 0, 2, 0]), Buffer.from('isommp42')]));
  const mdat = Buffer.alloc(16);
  mdat.write('mdat', 4, 'latin1');
  // Size 0 runs to the end of the file: what a camera writes first, and puts right only when it closes the file.
  if (!finished) return { head: Buffer.concat([ftyp, mdat]), tail: Buffer.alloc(0) };
  const moov = box('moov', movieHeader());
  mdat.writeUInt32BE(1, 0);
  mdat.writeBigUInt64BE(BigInt(Math.max(mdat.length, sizeBytes - ftyp.length - moov.length)), 8);
  return { head: Buffer.concat([ftyp, mdat]), tail: moov };
}

/** `mvhd`, version 0: ten minutes at 1000 units a second, no tracks. */
function movieHeader(): Buffer {
  const body = Buffer.alloc(100);
  body.writeUInt32BE(1_000, 12);
  body.writeUInt32BE(600_000, 16);
  body.writeUInt32BE(0x0001_0000, 20);
  body.writeUInt16BE(0x0100, 24);
  for (const [at, value] of [
    [36, 0x0001_0000],
    [52, 0x0001_0000],
    [68, 0x4000_0000],
    [96, 1],
  ] as const) {
    body.writeUInt32BE(value, at);
  }
  return box('mvhd', body);
}

function box(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

/** RIFF/WAVE, PCM, 16 bit, mono, 8 kHz. Unfinished: lengths not filled in yet. */
function wavHeader(sizeBytes: number, finished: boolean): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  if (finished) {
    header.writeUInt32LE(Math.max(0, Math.min(sizeBytes - 8, 0xffff_fffe)), 4);
    header.writeUInt32LE(Math.max(0, Math.min(sizeBytes - 44, 0xffff_fffe)), 40);
  }
  return header;
}
