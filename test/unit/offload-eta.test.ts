import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishTimesMs, Throughput } from '../../daemon/offload/eta.js';

const pace = (remainingBytes: number, bytesPerSecond: number, bestBytesPerSecond = bytesPerSecond) => ({
  remainingBytes,
  bytesPerSecond,
  bestBytesPerSecond,
});

describe('throughput', () => {
  it('is null at first, measured over the last seconds, and 0 when nothing moved', () => {
    const throughput = new Throughput();
    throughput.note(0, 0);
    expect(throughput.bytesPerSecond(500, 100)).toBeNull();
    for (let ms = 250; ms <= 4_000; ms += 250) throughput.note(ms, ms * 10);
    expect(throughput.bytesPerSecond(4_000, 40_000)).toBeCloseTo(10_000);
    expect(throughput.bytesPerSecond(20_000, 40_000)).toBe(0);
  });
});

describe('when each bay is done', () => {
  it('is the rest at its own pace where nobody can get faster', () => {
    expect(finishTimesMs([pace(1000, 100), pace(3000, 100)])).toEqual([10_000, 30_000]);
  });

  it('counts in what the others leave over when they are done', () => {
    // Both share 200 B/s; alone each was seen at 200.
    expect(finishTimesMs([pace(1000, 100, 200), pace(3000, 100, 200)])).toEqual([10_000, 20_000]);
  });

  it('a paused bay begins when the priority bay is done', () => {
    expect(finishTimesMs([pace(1000, 100, 100), pace(500, 0, 50)])).toEqual([10_000, 20_000]);
  });

  it('cannot be told while nothing moves, and is now for a bay without work', () => {
    expect(finishTimesMs([pace(1000, 0), pace(0, 0)])).toEqual([null, 0]);
  });

  it('is never sooner than the whole dock could do it, nor later than the bay would by itself', () => {
    const bay = fc.record({
      remainingBytes: fc.integer({ min: 0, max: 1e9 }),
      bytesPerSecond: fc.integer({ min: 1, max: 1e6 }),
      more: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(fc.array(bay, { maxLength: 16 }), (bays) => {
        const paces = bays.map(({ remainingBytes, bytesPerSecond, more }) =>
          pace(remainingBytes, bytesPerSecond, bytesPerSecond + more),
        );
        const total = paces.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
        for (const [index, eta] of finishTimesMs(paces).entries()) {
          const { remainingBytes = 0, bytesPerSecond = 1 } = paces[index] ?? {};
          expect(eta).not.toBeNull();
          expect(eta ?? 0).toBeLessThanOrEqual((remainingBytes * 1000) / bytesPerSecond + 1);
          expect(eta ?? 0).toBeGreaterThanOrEqual((remainingBytes * 1000) / total - 1);
        }
      }),
    );
  });
});
