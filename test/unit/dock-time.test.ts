import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.js';
import { DockTime } from '../../daemon/clock/dock-time.js';
import type { EntryTime } from '../../daemon/custody/entry.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { KeptLog } from '../support/kept-log.js';
import { VirtualClock } from '../support/virtual-clock.js';

let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'custodock-time-'));
});
afterAll(() => rm(stateDir, { recursive: true, force: true }));

const { clock: config } = configSchema.parse({ version: 1, dock: { id: 'dock-1', bureau: 'bureau-1' } });
/** The machine runs for an hour when the daemon starts. */
const bootOffsetMs = 3_600_000;

/** `stampMs`: when the network last synchronised the clock, as it is seen now. */
function dockTime(clock: VirtualClock, stampMs: () => number): DockTime {
  return new DockTime({
    config,
    stateDir,
    bootId: 'boot-1',
    bootOffsetMs,
    clock,
    log: new KeptLog(),
    board: new ProgressBoard(() => clock.monotonicMs()),
    gather: async () => ({ timesyncdAtMs: stampMs(), chronyTracking: null, rtc: null }),
  });
}

/** The first judgement of a run that follows another one; `stampAgoMs`: how old the network's stamp looks. */
async function startAfter(before: EntryTime | undefined, clock: VirtualClock, stampAgoMs: number) {
  const time = dockTime(clock, () => clock.wallMs() - stampAgoMs);
  await time.start(before);
  await time.stop();
  return time.trust;
}

/** An entry that was made ten minutes before the daemon starts, while the clock showed `wrongMs` more than it does now. */
function entryBefore(clock: VirtualClock, wrongMs: number, more: Partial<EntryTime> = {}): EntryTime {
  return {
    utc: new Date(clock.wallMs() - 600_000 + wrongMs).toISOString(),
    boot: 'boot-1',
    monotonicMs: bootOffsetMs - 600_000,
    trusted: true,
    source: 'timesyncd',
    errorMs: 100,
    ...more,
  };
}

describe('the time of a daemon that goes on (I6)', () => {
  it.each([
    ['synchronised a minute before', 60_000],
    // By the next look the clock, set back, has come to that stamp.
    ['synchronised just as long ago as it was set back by', 899_000],
  ])(
    'is not believed again by a stamp from before the clock was set back, once it has come to it: %s',
    async (_, agoMs) => {
      const clock = new VirtualClock();
      let stampMs = clock.wallMs() - agoMs;
      const time = dockTime(clock, () => stampMs);
      await time.start();
      expect(time.trust.trusted).toBe(true);
      clock.stepWall(-900_000);
      for (let look = 0; look < 200; look += 1) {
        await clock.advance(5_000);
        expect(time.trust.trusted).toBe(false);
      }
      // The network sets it right.
      clock.stepWall(900_000);
      stampMs = clock.wallMs();
      await clock.advance(5_000);
      expect(time.trust.trusted).toBe(true);
      await time.stop();
    },
  );
});

describe('the time of a daemon that starts again (I6)', () => {
  it('is believed by a stamp from before, when nobody has touched the clock since the last entry', async () => {
    const clock = new VirtualClock();
    expect(await startAfter(entryBefore(clock, 0), clock, 1_200_000)).toMatchObject({ trusted: true });
    expect(await startAfter(entryBefore(clock, 40), clock, 1_200_000)).toMatchObject({ trusted: true });
    expect(await startAfter(undefined, clock, 1_200_000)).toMatchObject({ trusted: true });
  });

  it.each([900_000, 5_000, -700, -900_000])(
    'is not, when the clock was stepped by %i ms meanwhile, until it is synchronised anew',
    async (byMs) => {
      const clock = new VirtualClock();
      const before = entryBefore(clock, -byMs);
      expect(await startAfter(before, clock, 1_200_000)).toMatchObject({ trusted: false });
      // Later than the entry, and perhaps earlier than the step.
      expect(await startAfter(before, clock, 300_000)).toMatchObject({ trusted: false });
      expect(await startAfter(before, clock, 0)).toMatchObject({ trusted: true });
    },
  );

  it('is not, when the run before did not believe it at its end, until it is synchronised anew', async () => {
    const clock = new VirtualClock();
    const before = entryBefore(clock, 0, { trusted: false, source: 'none', errorMs: null });
    expect(await startAfter(before, clock, 1_200_000)).toMatchObject({ trusted: false });
    // Later than the entry: of a synchronisation meanwhile, or from before the clock was set back, and ahead of it at the entry.
    expect(await startAfter(before, clock, 300_000)).toMatchObject({ trusted: false });
    expect(await startAfter(before, clock, 0)).toMatchObject({ trusted: true });
    // It was a year ahead, and is right now.
    const ahead = entryBefore(clock, 31_536_000_000, { trusted: false, source: 'none', errorMs: null });
    expect(await startAfter(ahead, clock, 0)).toMatchObject({ trusted: true });
  });

  it('owes nothing to an entry of another boot, which no stamp of timesyncd outlives', async () => {
    const clock = new VirtualClock();
    const before = entryBefore(clock, 900_000, { boot: 'boot-0', trusted: false });
    expect(await startAfter(before, clock, 1_200_000)).toMatchObject({ trusted: true });
  });
});
