/** Side channel, camera clock and presence, in virtual time on a wire of 115200 baud. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SideChannel } from '../../drivers/contract/cradle.js';
import { presenceMs, unansweredMs } from '../../drivers/cradle/modbus/budget.js';
import type { CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { CradleRig, failure, one, type RigOptions } from '../support/cradle-rig.js';

let rig: CradleRig;
afterEach(async () => {
  await rig.stop();
});

async function docked(camera: Partial<CradleCameraOptions> = {}, options: RigOptions = {}): Promise<SideChannel> {
  rig = new CradleRig(options);
  rig.start();
  await rig.advance(300);
  rig.first.cradle.insert(1, { serial: 'A', ...camera });
  await rig.advance(500);
  return rig.line.sideChannel('1', 1);
}

/** A whole second and the moment of our clock at which it is to begin. */
function secondAfter(ms: number): readonly [targetMs: number, atMs: number] {
  return [Date.UTC(2026, 2, 2, 8, 0, 0), rig.clock.monotonicMs() + ms];
}

describe('the camera clock', () => {
  it('is read within bounds that contain the truth and are narrower than the exchange', async () => {
    const side = await docked({ clockOffsetMs: 97_000 });
    const camera = one(rig.first.cradle.camera(1));
    for (let reading = 0; reading < 20; reading += 1) {
      await rig.advance(reading * 3);
      const sample = await rig.run(side.clock.read());
      const trueMs = sample.cameraMs - camera.exactMs() + rig.clock.monotonicMs();
      expect(trueMs).toBeGreaterThanOrEqual(sample.sentMs - 1);
      expect(trueMs).toBeLessThanOrEqual(sample.receivedMs);
      // Of 9 ms on the wire and 2 ms in the unit nothing is left but the 0.1 ms step in which it tells what it held.
      expect(sample.receivedMs - sample.sentMs).toBeLessThan(0.2);
    }
  });

  it('starts the second when ours does, within 1 ms', async () => {
    const side = await docked({ clockOffsetMs: -3_600_000 });
    const [targetMs, atMs] = secondAfter(700);
    await rig.run(side.clock.set(targetMs, atMs));
    const camera = one(rig.first.cradle.camera(1));
    expect(Math.abs(camera.exactMs() - targetMs - (rig.clock.monotonicMs() - atMs))).toBeLessThanOrEqual(1);
  });

  it('is set although the answer to the order was lost', async () => {
    const side = await docked();
    const [targetMs, atMs] = secondAfter(800);
    rig.first.faults.silent = true;
    const setting = side.clock.set(targetMs, atMs);
    await rig.advance(90);
    rig.first.faults.silent = false;
    await rig.run(setting);
    expect(one(rig.first.cradle.camera(1)).exactMs()).toBeGreaterThan(targetMs);
  });

  it('is not said to be set when the order never arrived', async () => {
    const side = await docked({ clockOffsetMs: 5_000 });
    const [targetMs, atMs] = secondAfter(800);
    rig.first.faults.dead = true;
    const setting = failure(rig.run(side.clock.set(targetMs, atMs)));
    await rig.advance(90);
    rig.first.faults.dead = false;
    expect((await setting).code).toBe('DOCK_CRADLE_CLOCK_NOT_SET');
  });

  it('that refuses fails with what to do', async () => {
    const side = await docked({ clockStuck: true });
    expect((await failure(rig.run(side.clock.set(...secondAfter(400))))).code).toBe('DOCK_CRADLE_CLOCK_NOT_SET');
  });

  it('is left alone when the second is too near, or none', async () => {
    const side = await docked();
    const before = one(rig.first.cradle.camera(1)).exactMs() - rig.clock.monotonicMs();
    expect((await failure(rig.run(side.clock.set(...secondAfter(5))))).code).toBe('DOCK_CRADLE_CLOCK_LATE');
    expect((await failure(rig.run(side.clock.set(1_500, 1_000)))).code).toBe('DOCK_CRADLE_CLOCK_RANGE');
    expect((await failure(rig.run(side.clock.set(...secondAfter(90_000))))).code).toBe('DOCK_CRADLE_CLOCK_RANGE');
    expect(one(rig.first.cradle.camera(1)).exactMs() - rig.clock.monotonicMs()).toBeCloseTo(before, 6);
  });

  it('of the next camera is never set by an order for the one before', async () => {
    const side = await docked();
    const setting = failure(rig.run(side.clock.set(...secondAfter(600))));
    await rig.advance(100);
    rig.first.cradle.remove(1);
    rig.first.cradle.insert(1, { serial: 'B', clockOffsetMs: 0 });
    expect((await setting).code).toBe('DOCK_CRADLE_STALE');
    const camera = one(rig.first.cradle.camera(1));
    expect(Math.abs(camera.exactMs() - rig.clock.wallMs())).toBeLessThan(1);
  });

  it('that has whole seconds says so, and one that cannot be reached is not asked', async () => {
    const side = await docked({ clockResolutionMs: 1000, clockOffsetMs: 400 });
    expect(side.clock.resolutionMs).toBe(1000);
    expect((await rig.run(side.clock.read())).cameraMs % 1000).toBe(0);
    await rig.stop();
    const mute = await docked({ clockResolutionMs: null });
    expect((await failure(mute.clock.read())).code).toBe('DOCK_CRADLE_CANNOT_TELL');
  });
});

describe('the side channel', () => {
  it('of an empty bay, a camera without data pins, or before anything was found is stale', async () => {
    const early = new CradleRig();
    expect((await failure(early.line.sideChannel('1', 1).identity())).code).toBe('DOCK_CRADLE_STALE');
    await docked({ dumb: true });
    expect((await failure(rig.line.sideChannel('1', 1).identity())).code).toBe('DOCK_CRADLE_STALE');
    expect((await failure(rig.line.sideChannel('1', 2).identity())).code).toBe('DOCK_CRADLE_STALE');
  });

  it('survives a lost answer without telling anybody', async () => {
    const side = await docked();
    rig.first.faults.dropEvery = 4;
    for (let asking = 0; asking < 10; asking += 1) expect((await rig.run(side.identity())).serial).toBe('A');
    expect(rig.ear.codes()).toEqual([]);
  });

  it('is asked again only after a poll has shown that nothing old is on its way', async () => {
    const side = await docked();
    const identityReads = (): number[] =>
      rig.sent.flatMap((frame, index) => (frame[1] === 0x17 && frame[2] === 0x30 ? [index] : []));
    rig.first.faults.silent = true;
    const asking = side.identity();
    while (identityReads().length === 0) await rig.advance(1);
    await rig.advance(50);
    rig.first.faults.silent = false;
    expect((await rig.run(asking)).serial).toBe('A');
    const [lost, again] = identityReads();
    expect(one(again) - one(lost)).toBeGreaterThan(1);
  });

  it('takes only so many requests for one bay, and none of another bay waits for them', async () => {
    const side = await docked();
    rig.first.cradle.insert(2, { serial: 'B' });
    await rig.advance(500);
    const many = Array.from({ length: 12 }, () =>
      side.identity().then(
        () => rig.clock.monotonicMs(),
        (error: Error) => error,
      ),
    );
    const other = rig.line
      .sideChannel('1', 2)
      .identity()
      .then(() => rig.clock.monotonicMs());
    const ended = await rig.run(Promise.all(many));
    const otherMs = await rig.run(other);
    expect(ended.filter((end) => end instanceof Error && end.message.includes('DOCK_CRADLE_BUSY'))).toHaveLength(4);
    const servedMs = ended.filter((end) => typeof end === 'number');
    expect(servedMs.filter((atMs) => atMs < otherMs).length).toBeLessThanOrEqual(1);
  });

  it('fails everything that waits when the line is lost', async () => {
    const side = await docked();
    const waiting = Array.from({ length: 5 }, () => failure(side.identity()));
    rig.unplug();
    const codes = await rig.run(Promise.all(waiting));
    expect(codes.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'DOCK_CRADLE_STALE'));
  });
});

describe('presence', () => {
  /** From putting a camera in until a reading shows it, for each of `slots`, at moments spread over the poll period. */
  async function presences(slots: number): Promise<number[]> {
    const found: number[] = [];
    for (let slot = 1; slot <= slots; slot += 1) {
      await rig.advance(53.7);
      const fromMs = rig.clock.monotonicMs();
      rig.first.cradle.insert(slot, { serial: `${slot}`, wakeMs: 100_000 });
      let seenMs: number | undefined;
      rig.ear.onRead = (reading) => {
        if (reading.bays[slot - 1]?.seating === 'seated') seenMs ??= rig.clock.monotonicMs();
      };
      while (seenMs === undefined) await rig.advance(0.5);
      found.push(seenMs - fromMs);
    }
    return found;
  }

  it('is seen within its budget with 16 bays, three units, and a side channel that never rests', async () => {
    rig = new CradleRig({ units: 3, bays: 16 });
    rig.start();
    await rig.advance(300);
    const asker = one(rig.units[1]).cradle;
    asker.insert(1, { serial: 'busy' });
    await rig.advance(500);
    let asking = true;
    const ask = async (): Promise<void> => {
      while (asking) await rig.line.sideChannel('2', 1).identity();
    };
    const asked = [ask(), ask()];
    const longestMs = Math.max(...(await presences(16)));
    asking = false;
    await rig.run(Promise.all(asked));
    expect(longestMs).toBeLessThan(presenceMs({ units: 3, bays: 16, baud: 115_200 }));
    expect(longestMs).toBeLessThan(300);
  });

  it('is seen within 300 ms in 16 bays though every sixth answer is lost', async () => {
    rig = new CradleRig({ bays: 16 });
    rig.start();
    await rig.advance(300);
    rig.first.faults.dropEvery = 6;
    const longestMs = Math.max(...(await presences(16)));
    expect(longestMs).toBeLessThan(presenceMs({ units: 1, bays: 16, baud: 115_200 }) + unansweredMs(16, 115_200));
    expect(longestMs).toBeLessThan(300);
  });
});
