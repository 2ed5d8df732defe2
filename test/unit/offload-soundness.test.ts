import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointLine, headLine, parseNotes } from '../../daemon/offload/checkpoints.js';
import { soundnessCheck } from '../../daemon/offload/soundness.js';

function box(type: string, content: number | Buffer, wide = false): Buffer {
  const body = typeof content === 'number' ? Buffer.alloc(content, 7) : content;
  const header = Buffer.alloc(wide ? 16 : 8);
  header.writeUInt32BE(wide ? 1 : body.length + 8, 0);
  header.write(type, 4, 'latin1');
  if (wide) header.writeBigUInt64BE(BigInt(body.length + 16), 8);
  return Buffer.concat([header, body]);
}

function whole(name: string, bytes: Buffer, blockBytes = 4096): boolean {
  const check = soundnessCheck(name, bytes.length);
  for (let at = 0; at < bytes.length; at += blockBytes) check.feed(bytes.subarray(at, at + blockBytes), at);
  return check.whole();
}

const mp4 = Buffer.concat([box('ftyp', 16), box('moov', 5000), box('mdat', 20_000, true)]);

describe('soundness', () => {
  it('finds a whole MP4 whole wherever the blocks end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), (blockBytes) => {
        expect(whole('a.mp4', mp4, blockBytes)).toBe(true);
      }),
    );
  });

  it('finds every proper beginning of it truncated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: mp4.length - 1 }), (length) => {
        expect(whole('a.MP4', mp4.subarray(0, length))).toBe(false);
      }),
    );
  });

  it('finds a recording without index, and one that was never written, truncated', () => {
    expect(whole('a.mp4', Buffer.concat([box('ftyp', 16), box('mdat', 9000)]))).toBe(false);
    expect(whole('a.mp4', Buffer.alloc(50_000))).toBe(false);
  });

  it('does not judge what it does not know: other content, encryption, other names', () => {
    expect(whole('a.mp4', Buffer.from('not a film at all, but bytes of some maker'))).toBe(true);
    expect(whole('DSJ_1_2_20260302_093000_enc.mp4', mp4.subarray(0, 100))).toBe(true);
    expect(whole('a.bin', Buffer.alloc(100))).toBe(true);
  });

  it('judges WAV by its length field and JPEG by its end', () => {
    const wav = Buffer.alloc(1000);
    wav.write('RIFF');
    wav.writeUInt32LE(992, 4);
    expect(whole('a.wav', wav)).toBe(true);
    expect(whole('a.wav', wav.subarray(0, 900))).toBe(false);
    wav.writeUInt32LE(0, 4);
    expect(whole('a.wav', wav)).toBe(false);
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(200_000, 1), Buffer.from('ffd9', 'hex')]);
    expect(whole('a.jpg', jpeg)).toBe(true);
    expect(whole('a.jpg', jpeg.subarray(0, 150_000))).toBe(false);
    expect(whole('a.jpg', Buffer.alloc(150_000))).toBe(false);
  });
});

describe('notes of a part', () => {
  const at = (lengthBytes: number) => ({ lengthBytes, sha256: 'a'.repeat(64), sourceRead: 'direct' as const });

  it('give back what was noted, and less, never something else, when cut anywhere', () => {
    const text = `${[headLine('k', 5n), checkpointLine(at(4096)), checkpointLine(at(8192))].join('\n')}\n`;
    expect(parseNotes(text, 'k', 5n)).toEqual([at(4096), at(8192)]);
    for (let length = 0; length < text.length; length += 1) {
      const found = parseNotes(text.slice(0, length), 'k', 5n);
      expect([at(4096), at(8192)].slice(0, found.length)).toEqual(found);
    }
  });

  it('of another recording, or of another writing of this one, are none', () => {
    const text = `${headLine('k', 5n)}\n${checkpointLine(at(4096))}\n`;
    expect(parseNotes(text, 'other', 5n)).toEqual([]);
    expect(parseNotes(text, 'k', 6n)).toEqual([]);
    expect(parseNotes(undefined, 'k', 5n)).toEqual([]);
  });
});
