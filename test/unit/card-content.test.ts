import { describe, expect, it } from 'vitest';
import { soundnessCheck } from '../../daemon/offload/soundness.js';
import { contentBlocks, mp4Bytes, smallestFinishedMp4Bytes } from '../../drivers/simulated/card-content.js';

function whole(name: string, bytes: Uint8Array): boolean {
  const check = soundnessCheck(name, bytes.length);
  check.feed(bytes, 0);
  return check.whole();
}

describe('simulated footage', () => {
  it.each([smallestFinishedMp4Bytes, 1_000, 1_048_576, 3_000_001])(
    'has exactly the size asked for: %d',
    (sizeBytes) => {
      for (const finished of [true, false]) {
        for (const kind of ['video', 'audio', 'image', 'noise'] as const) {
          const blocks = [...contentBlocks({ seed: 's', kind, sizeBytes, finished })];
          expect(blocks.reduce((sum, block) => sum + block.length, 0)).toBe(sizeBytes);
        }
      }
    },
  );

  it('is the same for the same seed and another for another', () => {
    expect(mp4Bytes('a', 5_000, { finished: true })).toEqual(mp4Bytes('a', 5_000, { finished: true }));
    expect(mp4Bytes('a', 5_000, { finished: true })).not.toEqual(mp4Bytes('b', 5_000, { finished: true }));
  });

  it('is judged whole when finished and truncated when not', () => {
    for (const sizeBytes of [smallestFinishedMp4Bytes, 5_000, 2_000_000]) {
      expect(whole('a.mp4', mp4Bytes('a', sizeBytes, { finished: true }))).toBe(true);
      expect(whole('a.mp4', mp4Bytes('a', sizeBytes, { finished: false }))).toBe(false);
    }
    for (const [name, kind] of [
      ['a.wav', 'audio'],
      ['a.jpg', 'image'],
    ] as const) {
      const content = { seed: 'a', kind, sizeBytes: 5_000 };
      expect(whole(name, Buffer.concat([...contentBlocks(content)]))).toBe(true);
      expect(whole(name, Buffer.concat([...contentBlocks({ ...content, finished: false })]))).toBe(false);
    }
  });

  it('is cut where it is asked to be smaller than a whole file can be', () => {
    for (const sizeBytes of [0, 1, 7, 24, 40, smallestFinishedMp4Bytes - 1]) {
      expect(mp4Bytes('a', sizeBytes, { finished: true }).length).toBe(sizeBytes);
    }
  });
});
