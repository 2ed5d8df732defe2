import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedInterval } from '../../daemon/clock/correction.js';
import { decideSetting, driftMsPerDay, measureClock } from '../../daemon/clock/measure.js';
import { chronyTracking, judgeClock, type TrustEvidence } from '../../daemon/clock/trust.js';
import type { CameraClock } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { localToUtcMs } from '../../drivers/contract/zone.js';

/** Time that passes only when somebody waits, and by a round trip at every read. */
function bench(offsetMs: number, resolutionMs: number, roundTripMs: number, startMs = 1_790_000_000_123) {
  let nowMs = 0;
  let reads = 0;
  const clock: Clock = {
    wallMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    timer: (_name, delayMs, fire) => {
      nowMs += delayMs;
      queueMicrotask(fire);
      return { cancel: () => undefined };
    },
  };
  const camera: CameraClock = {
    resolutionMs,
    async read() {
      reads += 1;
      const sentMs = nowMs;
      nowMs += roundTripMs * 0.7;
      const shownMs = Math.floor((startMs + nowMs + offsetMs) / resolutionMs) * resolutionMs;
      nowMs += roundTripMs * 0.3;
      return { cameraMs: shownMs, sentMs, receivedMs: nowMs };
    },
    async set() {
      throw new Error('not here');
    },
  };
  return { clock, camera, reads: () => reads };
}

const never = new AbortController().signal;

describe('measuring a camera clock (M7)', () => {
  it('contains the true offset, for any offset, resolution and round trip', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -100_000_000, max: 100_000_000 }),
        fc.constantFrom(1, 10, 1_000, 2_000),
        fc.integer({ min: 0, max: 200 }),
        async (offsetMs, resolutionMs, roundTripMs) => {
          const { clock, camera } = bench(offsetMs, resolutionMs, roundTripMs);
          const measured = await measureClock(camera, clock, never);
          expect(Math.abs(measured.offsetMs - offsetMs)).toBeLessThanOrEqual(measured.uncertaintyMs + 1e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('knows a clock of whole seconds to the round trip, by reading around the edge', async () => {
    const { clock, camera, reads } = bench(-97_321, 1_000, 12);
    const measured = await measureClock(camera, clock, never);
    expect(measured.uncertaintyMs).toBeLessThanOrEqual(12);
    expect(reads()).toBeLessThanOrEqual(12);
  });

  it('refuses readings that contradict each other', async () => {
    const { clock, camera } = bench(0, 1, 100);
    let jump = 0;
    const jumping: CameraClock = {
      ...camera,
      async read() {
        const sample = await camera.read();
        jump += 5_000;
        return { ...sample, cameraMs: sample.cameraMs + jump };
      },
    };
    await expect(measureClock(jumping, clock, never)).rejects.toThrow('DOCK_CAMERA_CLOCK_ERRATIC');
  });
});

describe('deciding to set a camera clock', () => {
  it('never pushes time that is not trusted into a camera (I6)', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true }),
        fc.nat(),
        fc.constantFrom(1, 1_000),
        (offsetMs, toleranceMs, resolution) => {
          const decision = decideSetting({ offsetMs, uncertaintyMs: 1 }, false, toleranceMs, resolution);
          expect(decision).toBe('dock-clock-not-trusted');
        },
      ),
    );
  });

  it('leaves alone what is within tolerance, and no tighter than the clock can show', () => {
    expect(decideSetting({ offsetMs: 190, uncertaintyMs: 1 }, true, 200, 1)).toBe('within-tolerance');
    expect(decideSetting({ offsetMs: -210, uncertaintyMs: 1 }, true, 200, 1)).toBe('set');
    expect(decideSetting({ offsetMs: 400, uncertaintyMs: 1 }, true, 0, 1_000)).toBe('within-tolerance');
  });

  it('tells drift per day only over a time that can show it', () => {
    const day = 86_400_000;
    expect(driftMsPerDay({ atMs: 0, offsetMs: 10 }, { atMs: 2 * day, offsetMs: 6_010 })).toBe(3_000);
    expect(driftMsPerDay({ atMs: 0, offsetMs: 10 }, { atMs: 60_000, offsetMs: 6_010 })).toBeNull();
    expect(driftMsPerDay(null, { atMs: day, offsetMs: 5 })).toBeNull();
  });
});

describe('the dock clock', () => {
  const config = {
    trust: ['timesyncd', 'chrony', 'rtc'] as const,
    maxErrorMs: 2_000,
    rtcDriftPpm: 5,
    rtcTrustHours: 72,
    setWhenOverMs: 200,
  };
  const judge = (evidence: Partial<TrustEvidence>, wallMs = 1_000_000_000) =>
    judgeClock(
      { timesyncdAtMs: null, chronyTracking: null, rtc: null, ...evidence },
      { ...config, trust: [...config.trust] },
      wallMs,
    );

  it('is not trusted until something vouches for it: a Pi boots in the past', () => {
    expect(judge({})).toMatchObject({ trusted: false, source: 'none', errorMs: null });
  });

  it('is trusted after a synchronisation, with an error that grows with its age', () => {
    expect(judge({ timesyncdAtMs: 1_000_000_000 })).toMatchObject({ trusted: true, source: 'timesyncd', errorMs: 100 });
    expect(judge({ timesyncdAtMs: 0 }, 10 * 3_600_000)).toMatchObject({ trusted: true, errorMs: 1_900 });
    expect(judge({ timesyncdAtMs: 0 }, 24 * 3_600_000)).toMatchObject({ trusted: false, source: 'none' });
  });

  it('believes a battery-backed clock only as long after its last discipline as the bureau allows', () => {
    const hours = 3_600_000;
    const rtc = (ageHours: number) => judge({ rtc: { nowMs: 1e12, disciplinedAtMs: 1e12 - ageHours * hours } }, 1e12);
    expect(rtc(10)).toMatchObject({ trusted: true, source: 'rtc', errorMs: 1_180 });
    expect(rtc(73).trusted).toBe(false);
    expect(judge({ rtc: { nowMs: 1e12, disciplinedAtMs: null } }, 1e12).trusted).toBe(false);
    expect(judge({ rtc: { nowMs: 0, disciplinedAtMs: 1e12 } }, 0).trusted).toBe(false);
  });

  it('reads what chrony says of its error', () => {
    const line = 'C0A80101,192.168.1.1,3,1790000000.1,0.000210,-0.00001,0.0003,1.2,0.01,0.2,0.012,0.004,64.2,Normal';
    expect(chronyTracking(line)?.errorMs).toBeCloseTo(10.21);
    expect(chronyTracking(line)?.referenceMs).toBe(1_790_000_000_100);
    expect(chronyTracking(line.replace('Normal', 'Not synchronised'))).toBeNull();
    expect(chronyTracking('506 Cannot talk to daemon')).toBeNull();
  });

  it('is not trusted after somebody set it, until the network has vouched for it again (I6)', () => {
    const hour = 3_600_000;
    const syncedMs = 1e12;
    const set = (wallMs: number, steppedToMs: number, timesyncdAtMs = syncedMs) =>
      judgeClock({ timesyncdAtMs, chronyTracking: null, rtc: null }, { ...config, trust: ['timesyncd'] }, wallMs, {
        steppedToMs,
        worthless: [],
      });
    expect(set(syncedMs + hour + 5_000, syncedMs + hour).trusted).toBe(false);
    expect(set(syncedMs - hour + 5_000, syncedMs - hour).trusted).toBe(false);
    // The step was the synchronisation's own.
    expect(set(syncedMs + hour + 5_000, syncedMs + hour, syncedMs + hour + 200).trusted).toBe(true);
  });
});

describe('corrected times of recordings', () => {
  const zone = 'Asia/Shanghai';
  const measuredAtMs = Date.parse('2026-11-20T10:00:00.000Z');
  const slow = { offsetMs: -97_000, uncertaintyMs: 5, measuredAtMs, lastSet: null };
  const times = {
    startedLocal: '2026-11-20T17:00:00',
    modifiedMs: Date.parse('2026-11-20T09:10:00.000Z'),
    fileTimes: 'utc' as const,
  };

  /** Set to the right time then, from 97 s slow. */
  const setAt = (atMs: number) => ({
    atMs,
    before: { offsetMs: -97_000, uncertaintyMs: 5 },
    after: { offsetMs: 0, uncertaintyMs: 5 },
    previousAtMs: null,
  });

  it('adds what the camera was slow', () => {
    expect(correctedInterval(times, slow, zone)).toMatchObject({
      startUtc: '2026-11-20T09:01:37.000Z',
      endUtc: '2026-11-20T09:11:37.000Z',
    });
  });

  it('reads FAT times as the wall time they are', () => {
    const fat = { ...times, modifiedMs: Date.parse('2026-11-20T17:10:00.000Z'), fileTimes: 'local' as const };
    expect(correctedInterval(fat, slow, zone)?.endUtc).toBe('2026-11-20T09:11:37.000Z');
  });

  it('widens the bound with the time since this dock knew the clock', () => {
    const old = { ...times, startedLocal: '2026-11-10T17:00:00' };
    const near = correctedInterval(times, slow, zone)?.errorMs ?? 0;
    const far = correctedInterval(old, slow, zone)?.errorMs ?? 0;
    expect(far - near).toBeCloseTo(30_000, -2);
  });

  it('interpolates between the last setting and now', () => {
    const lastSet = setAt(measuredAtMs - 10 * 86_400_000);
    const drifting = { ...slow, offsetMs: 20_000, lastSet };
    const half = { ...times, startedLocal: '2026-11-15T18:00:10', modifiedMs: 0 };
    expect(correctedInterval(half, drifting, zone)?.startUtc).toBe('2026-11-15T10:00:00.000Z');
  });

  it('corrects what was recorded before the clock was set by what was measured then', () => {
    // Pulled out in the middle and put back ten minutes later, with its clock set meanwhile.
    const right = { offsetMs: 0, uncertaintyMs: 5, measuredAtMs, lastSet: setAt(measuredAtMs - 600_000) };
    expect(correctedInterval(times, right, zone)).toMatchObject({ startUtc: '2026-11-20T09:01:37.000Z' });
  });

  it('widens the bound where something else set the clock meanwhile', () => {
    // Right when it was set a day ago, 97 s slow now: no clock drifts like that.
    const strange = { ...slow, lastSet: setAt(measuredAtMs - 86_400_000) };
    expect(correctedInterval(times, strange, zone)?.errorMs).toBeGreaterThan(97_000);
  });

  it('goes by the present offset where the camera was taken before its new setting could be measured', () => {
    const unmeasured = { ...setAt(measuredAtMs - 3_600_000), after: null };
    const right = { offsetMs: 40, uncertaintyMs: 5, measuredAtMs, lastSet: unmeasured };
    const since = { ...times, startedLocal: '2026-11-20T17:30:00', modifiedMs: 0 };
    expect(correctedInterval(since, right, zone)?.startUtc).toBe('2026-11-20T09:29:59.960Z');
    expect(
      correctedInterval({ ...times, startedLocal: '2026-11-20T12:00:00', modifiedMs: 0 }, right, zone)?.startUtc,
    ).toBe('2026-11-20T04:01:37.000Z');
  });

  it('widens the bound where a fast camera showed a time twice', () => {
    const fast = { ...setAt(measuredAtMs - 600_000), before: { offsetMs: 97_000, uncertaintyMs: 5 } };
    const right = { offsetMs: 0, uncertaintyMs: 5, measuredAtMs, lastSet: fast };
    const twice = { ...times, startedLocal: '2026-11-20T17:50:30', modifiedMs: 0 };
    expect(correctedInterval(twice, right, zone)?.errorMs).toBeGreaterThan(97_000);
  });

  it('says nothing where nothing can be known', () => {
    expect(correctedInterval(times, null, zone)).toBeNull();
    const lastSet = { ...setAt(measuredAtMs - 3_600_000), previousAtMs: measuredAtMs - 86_400_000 };
    const before = { ...times, startedLocal: '2026-11-01T00:00:00', modifiedMs: Date.parse('2026-11-01T00:00:00Z') };
    expect(correctedInterval(before, { ...slow, lastSet }, zone)).toBeNull();
    for (const absurd of ['1980-01-01T00:00:00', '2106-02-07T06:28:15']) {
      const modifiedMs = Date.parse(`${absurd}Z`);
      expect(correctedInterval({ ...times, startedLocal: absurd, modifiedMs }, slow, zone)).toBeNull();
    }
  });

  it('knows local time in every zone, and no time that is none', () => {
    expect(localToUtcMs('2026-07-01T12:00:00', 'Asia/Shanghai')).toBe(Date.parse('2026-07-01T04:00:00Z'));
    expect(localToUtcMs('2026-07-01T12:00:00', 'Europe/Berlin')).toBe(Date.parse('2026-07-01T10:00:00Z'));
    expect(localToUtcMs('2026-13-01T12:00:00', 'Asia/Shanghai')).toBeNull();
  });
});
