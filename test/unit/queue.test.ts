import { beforeEach, describe, expect, it } from 'vitest';
import { CopyQueue, decide, type LaneView, type LaneWork } from '../../daemon/offload/queue.js';
import { VirtualClock } from '../support/virtual-clock.js';

const lane = (changes: Partial<LaneView> = {}): LaneView => ({
  priority: false,
  running: [],
  reading: changes.running ?? [],
  moves: true,
  next: 1_000_000,
  lastStart: 0,
  ...changes,
});
const large = 100_000_000;

describe('whose turn it is', () => {
  it('is that of the bay with fewest copies under way, then of the one that waited longest', () => {
    expect(decide([lane({ running: [1] }), lane({ lastStart: 9 }), lane({ lastStart: 3 })], 16).start).toBe(2);
  });

  it('never exceeds the copies at once, nor two large ones of one camera', () => {
    expect(decide([lane({ running: [1, 1] }), lane({ running: [1] })], 3).start).toBeUndefined();
    expect(decide([lane({ running: [large, large], next: large })], 16).start).toBeUndefined();
    expect(decide([lane({ running: [large, large], next: 1 })], 16).start).toBe(0);
  });

  it('a copy that is read back does not keep its camera busy, but takes its slot and memory', () => {
    expect(decide([lane({ running: [large, large], reading: [large], next: large })], 16).start).toBe(0);
    expect(decide([lane({ running: [large, large], reading: [large], next: large })], 2).start).toBeUndefined();
    expect(decide([lane({ running: [1], reading: [], copiesAtOnce: 1 })], 16).start).toBe(0);
    expect(decide([lane({ running: [1], copiesAtOnce: 1 })], 16).start).toBeUndefined();
    expect(decide([lane({ running: Array(16).fill(1), reading: [] })], 64).start).toBeUndefined();
  });

  it('a priority bay with work pauses all others, and its copies do not wait for theirs to end', () => {
    const decision = decide([lane({ running: [1, 1] }), lane({ priority: true })], 2);
    expect(decision).toEqual({ start: 1, paused: [true, false] });
    expect(decide([lane({ running: [1] }), lane({ priority: true, next: undefined })], 2).paused).toEqual([
      false,
      false,
    ]);
  });
});

describe('a bay that stands still', () => {
  it('pauses nobody, also with priority, and takes no slot up to as many as there are', () => {
    const stuck = lane({ priority: true, running: [1, 1], moves: false });
    expect(decide([stuck, lane({ running: [1] })], 2)).toEqual({ start: 1, paused: [false, false] });
    const more = lane({ running: [1, 1], moves: false });
    expect(decide([stuck, more, lane()], 2).start).toBeUndefined();
    expect(decide([stuck, more, lane()], 3).start).toBe(2);
  });
});

/** Work that ends when the test says so. */
function pieces(count: number, sizeBytes: number, name: string, log: string[]) {
  const ends: (() => void)[] = [];
  const moves: ((isRead?: boolean) => void)[] = [];
  const work = Array.from(
    { length: count },
    (_, index): LaneWork => ({
      sizeBytes,
      run: ({ attach, moved }) => {
        moves.push((isRead = false) => moved(isRead));
        log.push(`${name}${index}`);
        attach({ pause: () => log.push(`pause ${name}${index}`), resume: () => log.push(`resume ${name}${index}`) });
        return new Promise((resolve) => ends.push(resolve));
      },
    }),
  );
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { work, endOne, moves };
}

describe('the queue', () => {
  const never = new AbortController().signal;
  let clock = new VirtualClock();
  beforeEach(() => {
    clock = new VirtualClock();
  });

  it('shares slots evenly: a bay with many files does not keep a later one waiting (I8)', async () => {
    const log: string[] = [];
    const queue = new CopyQueue(2, clock);
    const many = pieces(4, 1, 'a', log);
    const few = pieces(2, 1, 'b', log);
    const first = queue.run(many.work, false, never);
    const second = queue.run(few.work, false, never);
    await many.endOne();
    await many.endOne();
    expect(log).toEqual(['a0', 'a1', 'b0', 'a2']);
    for (let round = 0; round < 4; round += 1) {
      await few.endOne();
      await many.endOne();
    }
    await Promise.all([first, second]);
    expect(log).toHaveLength(6);
  });

  it('begins the next when the camera has given all of one, not when that is proved', async () => {
    const log: string[] = [];
    const { work, endOne, moves } = pieces(2, large, 'a', log);
    const run = new CopyQueue(4, clock).run(work, false, never, 1);
    moves[0]?.(false);
    expect(log).toEqual(['a0']);
    moves[0]?.(true);
    expect(log).toEqual(['a0', 'a1']);
    await endOne();
    await endOne();
    await run;
  });

  it('pauses the others while a priority bay works, and lets them go on after it', async () => {
    const log: string[] = [];
    const queue = new CopyQueue(1, clock);
    const usual = pieces(1, 1, 'u', log);
    const urgent = pieces(1, 1, 'p', log);
    const first = queue.run(usual.work, false, never);
    const second = queue.run(urgent.work, true, never);
    expect(log).toEqual(['u0', 'pause u0', 'p0']);
    await urgent.endOne();
    await second;
    expect(log.at(-1)).toBe('resume u0');
    await usual.endOne();
    await first;
  });

  it('begins nothing more after an abort, and resolves when what was begun has ended', async () => {
    const log: string[] = [];
    const abort = new AbortController();
    const { work, endOne } = pieces(5, 1, 'a', log);
    let over = false;
    const run = new CopyQueue(2, clock).run(work, false, abort.signal).then(() => {
      over = true;
    });
    abort.abort(new Error('undocked'));
    await endOne();
    expect(over).toBe(false);
    await endOne();
    await run;
    expect(log).toEqual(['a0', 'a1']);
  });

  it('lets the others go on beside a priority bay that stands still, and pauses them again when it moves (I8)', async () => {
    const log: string[] = [];
    const queue = new CopyQueue(1, clock);
    const usual = pieces(1, 1, 'u', log);
    const urgent = pieces(1, 1, 'p', log);
    const runs = [queue.run(usual.work, false, never), queue.run(urgent.work, true, never)];
    await clock.advance(2_000);
    urgent.moves[0]?.();
    await clock.advance(2_900);
    expect(log).toEqual(['u0', 'pause u0', 'p0']);
    await clock.advance(200);
    expect(log.slice(3)).toEqual(['resume u0']);
    urgent.moves[0]?.();
    expect(log.slice(4)).toEqual(['pause u0']);
    await urgent.endOne();
    await usual.endOne();
    await Promise.all(runs);
    expect(clock.waiting()).toEqual([]);
  });

  it('gives the slots of a bay that stands still to the others, and it begins nothing more (I8)', async () => {
    const log: string[] = [];
    const queue = new CopyQueue(2, clock);
    const hung = pieces(5, 1, 'h', log);
    const well = pieces(2, 1, 'w', log);
    const runs = [queue.run(hung.work, false, never), queue.run(well.work, false, never)];
    expect(log).toEqual(['h0', 'h1']);
    await clock.advance(3_000);
    expect(log).toEqual(['h0', 'h1', 'w0', 'w1']);
    await well.endOne();
    await well.endOne();
    await runs[1];
    await clock.advance(3_000);
    expect(log).toHaveLength(4);
    hung.moves[0]?.();
    for (let index = 0; index < 5; index += 1) await hung.endOne();
    await Promise.all(runs);
    expect(log).toHaveLength(7);
  });

  it('has nothing to do for an empty plan', async () => {
    await new CopyQueue(1, clock).run([], false, never);
  });
});
