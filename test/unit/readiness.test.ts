import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseFamily } from '../../daemon/bay/family.js';
import { type ReadinessFacts, readinessReasons } from '../../daemon/bay/readiness.js';
import type { CameraFamily } from '../../drivers/contract/camera.js';
import { verbatim } from '../../drivers/contract/phrase.js';

const wanted = { batteryPercent: 90, recordingMinutes: 480, clockErrorMs: 3_000 };
const fit: ReadinessFacts = {
  battery: { percent: 96, charging: true },
  storage: { capacityBytes: 64e9, freeBytes: 60e9 },
  faults: [],
  clock: { offsetMs: 12, uncertaintyMs: 4 },
  unsafeRecordings: 0,
  bytesPerMinute: 43_400_000,
  quarantined: false,
};
const names = (facts: Partial<ReadinessFacts>) =>
  readinessReasons({ ...fit, ...facts }, wanted).map(({ reason }) => reason);

describe('readiness (M7)', () => {
  it('finds nothing against a camera that is charged, empty, right in time and safe', () => {
    expect(names({})).toEqual([]);
  });

  it('names every reason with what was found and what is wanted', () => {
    expect(readinessReasons({ ...fit, battery: { percent: 37, charging: false } }, wanted)).toEqual([
      { reason: 'battery-low', found: '37 %', wanted: '90 %' },
    ]);
    expect(readinessReasons({ ...fit, clock: { offsetMs: -97_230, uncertaintyMs: 5 } }, wanted)).toEqual([
      { reason: 'clock-wrong', found: '−97.2 s', wanted: '± 3 s' },
    ]);
    expect(names({ storage: { capacityBytes: 64e9, freeBytes: 479 * 43_400_000 } })).toEqual(['storage-low']);
    expect(names({ storage: { capacityBytes: 64e9, freeBytes: 480 * 43_400_000 } })).toEqual([]);
  });

  it('does not take a self-test that cannot be read for one that found nothing', () => {
    expect(names({ faults: undefined })).toEqual(['faults-unknown']);
    expect(names({ faults: 'cannot-tell' })).toEqual([]);
    expect(names({ faults: ['lens'] })).toEqual(['camera-fault']);
  });

  it('takes what is not known as not fit', () => {
    expect(names({ battery: undefined, storage: undefined, clock: undefined })).toEqual([
      'clock-unknown',
      'storage-unknown',
      'battery-unknown',
    ]);
  });

  it('counts the uncertainty of the clock against it', () => {
    expect(names({ clock: { offsetMs: 2_900, uncertaintyMs: 200 } })).toEqual(['clock-wrong']);
  });

  it('never calls a camera ready with one recording that is not safe', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (unsafeRecordings) => {
        expect(names({ unsafeRecordings })).toContain('not-offloaded');
      }),
    );
  });
});

describe('choosing a family', () => {
  const family = (name: string, score: number): CameraFamily => ({
    name,
    probe: () => ({ score, because: verbatim('so') }),
    open: () => Promise.reject(new Error('not here')),
  });

  it('takes the highest score and refuses a tie or nothing, saying what each family said', () => {
    expect(chooseFamily([family('a', 1), family('b', 2)], {}).name).toBe('b');
    expect(() => chooseFamily([family('a', 2), family('b', 2)], {})).toThrow(/DOCK_CAMERA_AMBIGUOUS.*a 2 \(so\), b 2/);
    expect(() => chooseFamily([family('a', 0)], {})).toThrow('DOCK_CAMERA_UNKNOWN');
  });
});
