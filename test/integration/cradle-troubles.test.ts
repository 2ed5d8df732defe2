/** Every way a line or a unit can fail, in virtual time on a wire of 115200 baud: told once, survived, recovered. */
import { afterEach, describe, expect, it } from 'vitest';
import { CradleRig, failure, one, type RigOptions } from '../support/cradle-rig.js';

let rig: CradleRig;
afterEach(async () => {
  await rig.stop();
});

async function started(options: RigOptions = {}): Promise<CradleRig> {
  rig = new CradleRig(options);
  rig.start();
  await rig.advance(500);
  return rig;
}

/** The longest time between two readings of a cradle. */
function longestGapMs(cradle = '1', fromMs = 0): number {
  const times = rig.ear.readings
    .filter((reading) => reading.cradle === cradle && reading.atMs >= fromMs)
    .map(({ atMs }) => atMs);
  return Math.max(...times.slice(1).map((atMs, index) => atMs - one(times[index])));
}

describe('a unit in trouble', () => {
  const garbage = Uint8Array.from({ length: 40 }, (_, index) => (index * 37 + 11) & 0xff);
  const cases: { name: string; code: string; set: () => void; clear: () => void }[] = [
    {
      name: 'silent',
      code: 'DOCK_CRADLE_SILENT',
      set: () => (rig.first.faults.silent = true),
      clear: () => (rig.first.faults.silent = false),
    },
    {
      name: 'without power',
      code: 'DOCK_CRADLE_SILENT',
      set: () => (rig.first.faults.dead = true),
      clear: () => (rig.first.faults.dead = false),
    },
    {
      name: 'babbling',
      code: 'DOCK_CRADLE_BABBLE',
      set: () => (rig.first.faults.babble = garbage),
      clear: () => delete rig.first.faults.babble,
    },
    {
      name: 'with wrong CRC',
      code: 'DOCK_CRADLE_CRC',
      set: () => (rig.first.faults.corrupt = true),
      clear: () => (rig.first.faults.corrupt = false),
    },
    {
      name: 'with truncated answers',
      code: 'DOCK_CRADLE_TRUNCATED',
      set: () => (rig.first.faults.truncateBytes = 9),
      clear: () => delete rig.first.faults.truncateBytes,
    },
    {
      name: 'always one answer behind',
      code: 'DOCK_CRADLE_OUT_OF_TURN',
      set: () => (rig.first.faults.oneBehind = true),
      clear: () => (rig.first.faults.oneBehind = false),
    },
  ];
  for (const { name, code, set, clear } of cases) {
    it(`${name}: told once, recovered without a restart`, async () => {
      await started();
      expect(rig.ear.founds()).toBe(1);
      set();
      await rig.advance(30_000);
      expect(rig.ear.codes().filter((told) => told === code)).toHaveLength(1);
      const told = rig.ear.codes().length;
      await rig.advance(30_000);
      expect(rig.ear.codes()).toHaveLength(told);
      const before = rig.ear.readings.length;
      clear();
      await rig.advance(4_000);
      expect(rig.ear.founds()).toBe(2);
      expect(rig.ear.readings.length).toBeGreaterThan(before);
    });
  }

  it('that was never there is told once and found when it comes', async () => {
    rig = new CradleRig();
    rig.first.faults.dead = true;
    rig.start();
    await rig.advance(60_000);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_SILENT']);
    rig.first.faults.dead = false;
    await rig.advance(3_000);
    expect(rig.ear.founds()).toBe(1);
  });

  it('that loses every third answer is told as half dead, and found again only when it answers well', async () => {
    await started();
    rig.first.faults.dropEvery = 3;
    await rig.advance(60_000);
    expect(rig.ear.codes()).toContain('DOCK_CRADLE_HALF_DEAD');
    expect(rig.ear.codes().length).toBeLessThanOrEqual(2);
    expect(rig.ear.founds()).toBe(1);
    delete rig.first.faults.dropEvery;
    await rig.advance(10_000);
    expect(rig.ear.founds()).toBe(2);
  });

  it('that says nothing for most of a second, and loses an answer soon after, keeps its connection', async () => {
    await started();
    rig.first.faults.silent = true;
    await rig.advance(900);
    rig.first.faults.silent = false;
    await rig.advance(400);
    rig.first.faults.silent = true;
    await rig.advance(70);
    rig.first.faults.silent = false;
    await rig.advance(5_000);
    expect(rig.ear.codes()).toEqual([]);
    expect(rig.ear.founds()).toBe(1);
  });

  it('that says nothing is told before its light falls back by itself (I12)', async () => {
    await started();
    rig.first.faults.dead = true;
    await rig.advance(1_600);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_SILENT']);
  });

  it('that loses every fifth answer is borne, and still read every 300 ms', async () => {
    await started({ bays: 16 });
    const fromMs = rig.clock.monotonicMs();
    rig.first.faults.dropEvery = 5;
    await rig.advance(20_000);
    expect(rig.ear.codes()).toEqual([]);
    expect(longestGapMs('1', fromMs)).toBeLessThan(300);
  });

  it('does not disturb the others on its line (I8)', async () => {
    await started({ units: 3, bays: 16 });
    const fromMs = rig.clock.monotonicMs();
    one(rig.units[1]).faults.dead = true;
    await rig.advance(20_000);
    expect(rig.ear.codes('1')).toEqual([]);
    expect(rig.ear.codes('3')).toEqual([]);
    expect(rig.ear.codes('2')).toEqual(['DOCK_CRADLE_SILENT']);
    expect(longestGapMs('1', fromMs)).toBeLessThan(300);
    expect(longestGapMs('3', fromMs)).toBeLessThan(300);
  });
});

describe('a stranger on the line', () => {
  it('with another map version is told once and never written to', async () => {
    await started({ simulated: { mapVersion: 2 } });
    await rig.advance(20_000);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_MAP_VERSION']);
    expect(rig.ear.founds()).toBe(0);
    expect(rig.sent.every((frame) => frame[1] === 0x03)).toBe(true);
  });

  it('that is no cradle is told once and never written to', async () => {
    await started({ simulated: { magic: [1, 2, 3, 4] } });
    await rig.advance(20_000);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_FOREIGN']);
    expect(rig.sent.every((frame) => frame[1] === 0x03)).toBe(true);
  });

  it('with fewer bays than configured is told once', async () => {
    await started({ bays: 4, configuredBays: 8 });
    await rig.advance(20_000);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_BAYS']);
  });
});

describe('the port', () => {
  it('unplugged: told once, opened again without a restart, wishes forgotten (I12)', async () => {
    await started();
    rig.line.setLight('1', 3, 'red-steady');
    await rig.advance(200);
    expect(rig.first.cradle.light(3)).toBe('red-steady');
    rig.unplug();
    await rig.advance(30_000);
    expect(rig.ear.codes()).toEqual(['DOCK_LINE_CLOSED', 'DOCK_SERIAL_MISSING']);
    expect(rig.first.cradle.light(3)).toBe('fallback');
    rig.line.setLight('1', 4, 'red-steady');
    rig.plug();
    await rig.advance(5_000);
    expect(rig.ear.founds()).toBe(2);
    expect([rig.first.cradle.light(3), rig.first.cradle.light(4)]).toEqual(['off', 'off']);
  });

  it('is tried again with bounded patience', async () => {
    rig = new CradleRig();
    rig.plugged = false;
    rig.start();
    await rig.advance(60_000);
    expect(rig.opened).toBeGreaterThan(12);
    expect(rig.opened).toBeLessThan(25);
  });

  it('on which nothing answers is opened anew: it may be stuck', async () => {
    await started();
    rig.first.faults.dead = true;
    await rig.advance(25_000);
    expect(rig.opened).toBeGreaterThanOrEqual(2);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_SILENT']);
  });
});

describe('what is late or stale', () => {
  it('an answer that comes after its deadline is never taken for the next one', async () => {
    await started();
    rig.first.cradle.insert(1, { serial: 'A' });
    await rig.advance(400);
    // Each answer comes during the next request: with lengths alike, only the echo tells them apart.
    rig.first.faults.delayMs = 110;
    const from = rig.ear.readings.length;
    await rig.advance(5_000);
    for (const reading of rig.ear.readings.slice(from)) expect(reading.bays[0]?.arrivals).toBe(0x101);
    expect(rig.ear.codes().length).toBeGreaterThan(0);
    rig.first.faults.delayMs = 0;
    await rig.advance(5_000);
    expect(rig.ear.founds()).toBeGreaterThan(1);
  });

  it('noise between frames is skipped', async () => {
    await started();
    rig.ear.onRead = () => void rig.inject(Uint8Array.of(0xff, 0x00, 0x01, 0x17));
    await rig.advance(5_000);
    expect(rig.ear.codes()).toEqual([]);
  });

  it('a unit that restarted is connected anew, and writes for its former life are refused', async () => {
    await started();
    rig.first.cradle.insert(1, { serial: 'A' });
    await rig.advance(500);
    const channel = rig.line.sideChannel('1', 1);
    rig.line.setLight('1', 1, 'green-steady');
    await rig.advance(200);
    expect(rig.first.cradle.light(1)).toBe('green-steady');
    rig.first.cradle.reset();
    await rig.advance(1_500);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_RESTARTED']);
    expect(rig.ear.founds()).toBe(2);
    expect(rig.first.cradle.light(1)).toBe('off');
    expect((await failure(rig.run(channel.identity()))).code).toBe('DOCK_CRADLE_STALE');
  });

  it('a green that was wished for the camera before never shows on the next (I12)', async () => {
    await started();
    rig.first.cradle.insert(1, { serial: 'A' });
    await rig.advance(500);
    rig.line.setLight('1', 1, 'green-steady');
    await rig.advance(200);
    expect(rig.first.cradle.light(1)).toBe('green-steady');
    const shown = new Set<string>();
    rig.first.cradle.remove(1);
    rig.first.cradle.insert(1, { serial: 'B' });
    await rig.advance(31);
    for (let ms = 0; ms < 1_000; ms += 1) {
      shown.add(rig.first.cradle.light(1));
      // The daemon has not yet seen the swap and says it once more.
      if (ms === 0) rig.line.setLight('1', 1, 'green-steady');
      await rig.advance(1);
    }
    expect([...shown]).toEqual(['off']);
    expect(rig.ear.codes()).toEqual([]);
  });

  it('a green whose camera was taken is not wished any more', async () => {
    await started();
    rig.first.cradle.insert(1, { serial: 'A' });
    await rig.advance(500);
    rig.line.setLight('1', 1, 'green-steady');
    await rig.advance(200);
    rig.first.cradle.remove(1);
    await rig.advance(300);
    const from = rig.sent.length;
    await rig.advance(1_000);
    expect(rig.sent.slice(from).every((frame) => frame.length === 19)).toBe(true);
  });

  it('another gateway on the line is noticed', async () => {
    await started();
    rig.first.cradle.answer({ write: { address: 0x100, values: [1, 2, 999] } });
    await rig.advance(2_000);
    expect(rig.ear.codes()).toEqual(['DOCK_CRADLE_TAKEN']);
    expect(rig.ear.founds()).toBe(2);
  });
});

describe('lights', () => {
  it('fall back to red, slowly, 5 s after the daemon stopped, and not before (I12)', async () => {
    await started();
    rig.first.cradle.insert(2, { serial: 'A' });
    await rig.advance(300);
    rig.line.setLight('1', 2, 'green-steady');
    await rig.advance(200);
    await rig.stop();
    await rig.advance(4_800);
    expect(rig.first.cradle.light(2)).toBe('green-steady');
    await rig.advance(300);
    expect(rig.first.cradle.light(2)).toBe('fallback');
  });

  it('fall back while a unit is in trouble, though the daemon runs (I12)', async () => {
    await started();
    rig.line.setLight('1', 2, 'amber-breathing');
    rig.first.faults.silent = true;
    await rig.advance(6_500);
    expect(rig.first.cradle.light(2)).toBe('fallback');
  });

  it('are written until they show, and only what was wished', async () => {
    await started({ bays: 16 });
    for (let slot = 1; slot <= 16; slot += 1) rig.line.setLight('1', slot, 'red-flashing');
    await rig.advance(100);
    expect(rig.ear.last()?.bays.every((bay) => bay.light === 'red-flashing')).toBe(true);
    const lengths = rig.sent.slice(-5).map((frame) => frame.length);
    await rig.advance(1_000);
    expect(Math.max(...rig.sent.slice(-5).map((frame) => frame.length))).toBe(19);
    expect(Math.max(...lengths)).toBe(19 + 16 * 4);
  });

  it('refuses a bay that is not on this line', async () => {
    await started();
    expect(() => rig.line.setLight('9', 1, 'off')).toThrow('DOCK_CRADLE_UNKNOWN_BAY');
    expect(() => rig.line.setLight('1', 9, 'off')).toThrow('DOCK_CRADLE_UNKNOWN_BAY');
  });
});
