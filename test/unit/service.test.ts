/** Services are started in order, stopped in reverse, and watched by what they get done. */
import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../daemon/runtime/log.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { type Service, startAll, stopAll } from '../../daemon/runtime/service.js';
import type { ServiceNotify } from '../../daemon/runtime/service-notify.js';
import { watchdog } from '../../daemon/runtime/watchdog.js';
import { sleep } from '../../drivers/contract/clock.js';
import { messageOf } from '../../drivers/contract/error.js';
import { KeptLog } from '../support/kept-log.js';
import { VirtualClock } from '../support/virtual-clock.js';

function bench() {
  const clock = new VirtualClock();
  const log = new KeptLog();
  const events: string[] = [];
  const service = (name: string, startMs: number, stopMs: number, fails?: 'start' | 'stop'): Service => ({
    name,
    stopWithinMs: 1_000,
    start: async () => {
      await sleep(clock, name, startMs);
      events.push(`${name} started`);
      if (fails === 'start') throw new Error(`${name} cannot start`);
    },
    stop: async (byMs) => {
      expect(byMs).toBe(clock.monotonicMs() + 1_000);
      await sleep(clock, name, stopMs);
      events.push(`${name} stopped`);
      if (fails === 'stop') throw new Error(`${name} cannot stop`);
    },
  });
  return { clock, log, events, service };
}

function fieldsOf(log: KeptLog, key: string): (LogFields | undefined)[] {
  return log.lines.filter((line) => line.key === key).map(({ fields }) => fields);
}

function errorsOf(log: KeptLog): string[] {
  return log.lines.flatMap(({ error }) => (error === undefined ? [] : [messageOf(error)]));
}

describe('starting and stopping', () => {
  it('starts in order and stops in reverse', async () => {
    const { clock, log, events, service } = bench();
    const services = [service('a', 5, 5), service('b', 0, 0), service('c', 1, 1)];
    const started = startAll(clock, log, services);
    await clock.advance(100);
    await started;
    const stopped = stopAll(clock, log, services);
    await clock.advance(100);
    expect(await stopped).toBe(true);
    expect(events).toEqual(['a started', 'b started', 'c started', 'c stopped', 'b stopped', 'a stopped']);
    expect(log.lines.every(({ level }) => level === 'debug')).toBe(true);
  });

  it('stops what was started when one cannot start, and throws its error', async () => {
    const { clock, log, events, service } = bench();
    const started = startAll(clock, log, [service('a', 0, 0), service('b', 0, 0, 'start'), service('c', 0, 0)]);
    const outcome = expect(started).rejects.toThrow('b cannot start');
    await clock.advance(100);
    await outcome;
    expect(events).toEqual(['a started', 'b started', 'b stopped', 'a stopped']);
  });

  it('leaves a service behind that does not stop in time, and stops the others (I8)', async () => {
    const { clock, log, events, service } = bench();
    const stopped = stopAll(clock, log, [service('a', 0, 0), service('hung', 0, 60_000), service('c', 0, 0, 'stop')]);
    await clock.advance(999);
    expect(events).toEqual(['c stopped']);
    await clock.advance(1);
    expect(await stopped).toBe(false);
    expect(events).toEqual(['c stopped', 'a stopped']);
    expect(fieldsOf(log, 'service.stop-failed')).toEqual([{ service: 'c' }, { service: 'hung' }]);
    expect(errorsOf(log)).toEqual([
      'c cannot stop',
      expect.stringMatching(/^DOCK_SERVICE_STOP_LATE: .*within 1000 ms/),
    ]);
    expect(clock.waiting()).toEqual(['hung']);
  });

  it('still hears of the failure of a service that was left behind', async () => {
    const { clock, log, service } = bench();
    const stopped = stopAll(clock, log, [service('hung', 0, 60_000, 'stop')]);
    await clock.advance(1_000);
    await stopped;
    await clock.advance(60_000);
    expect(errorsOf(log).at(-1)).toBe('hung cannot stop');
  });
});

describe('the watchdog', () => {
  function watched(passedUnseenMs = () => 0) {
    const time = new VirtualClock();
    const clock = {
      advance: (ms: number) => time.advance(ms),
      wallMs: () => time.wallMs(),
      monotonicMs: () => time.monotonicMs() + passedUnseenMs(),
      timer: time.timer.bind(time),
    };
    const log = new KeptLog();
    const board = new ProgressBoard(() => clock.monotonicMs());
    const fed: (string | undefined)[] = [];
    const notify: ServiceNotify = {
      watchdogMs: 20_000,
      ready: () => undefined,
      status: () => undefined,
      reloading: () => undefined,
      stopping: () => undefined,
      alive: (status) => fed.push(status),
    };
    let looks = 0;
    const service = watchdog(clock, log, board, notify, () => `look ${++looks}`);
    return { clock, log, board, service, shown: () => fed.at(-1), fed: () => fed.length };
  }

  it('is fed four times in its period while every service makes progress, and told each time how things are', async () => {
    const { clock, board, service, fed, shown } = watched();
    const progress = board.watch('offload', 6_000);
    await service.start();
    for (let second = 0; second < 20; second++) {
      progress.report();
      await clock.advance(1_000);
    }
    expect(fed()).toBe(5);
    expect(shown()).toBe('look 5');
    await service.stop(0);
    await clock.advance(60_000);
    expect(fed()).toBe(5);
  });

  it('says for how long the whole dock stood still, and of small delays nothing', async () => {
    let unseenMs = 0;
    const { clock, log, service } = watched(() => unseenMs);
    await service.start();
    unseenMs += 1_900;
    await clock.advance(5_000);
    unseenMs += 14_300;
    await clock.advance(10_000);
    expect(log.lines).toMatchObject([{ level: 'info', key: 'dock.stood-still', fields: { ms: 14_300 } }]);
    await service.stop(0);
  });

  it('is not fed while one of them is silent, and says once which', async () => {
    const { clock, log, board, service, fed } = watched();
    const lively = board.watch('bays', 6_000);
    const hung = board.watch('offload', 6_000);
    await service.start();
    const before = fed();
    for (let second = 0; second < 60; second++) {
      lively.report();
      await clock.advance(1_000);
    }
    expect(fed() - before).toBe(1);
    expect(fieldsOf(log, 'service.stalled')).toEqual([{ service: 'offload' }]);
    expect(errorsOf(log)[0]).toMatch(
      /DOCK_SERVICE_STALLED: expected progress of offload every 6000 ms, found none for 10000 ms/,
    );
    hung.report();
    await clock.advance(5_000);
    expect(fed() - before).toBe(2);
    expect(fieldsOf(log, 'service.moving')).toEqual([{ service: 'offload' }]);
  });

  it('does not wait for a service that ended', async () => {
    const { clock, board, service, fed } = watched();
    board.watch('offload', 6_000).end();
    await service.start();
    await clock.advance(20_000);
    expect(fed()).toBe(5);
  });

  it('watches a name once, and again after it ended; an old end ends nothing new', () => {
    const board = new ProgressBoard(() => 0);
    const first = board.watch('a', 1);
    expect(() => board.watch('a', 1)).toThrow(RangeError);
    first.end();
    board.watch('a', 1);
    first.end();
    expect(() => board.watch('a', 1)).toThrow(RangeError);
    expect(() => board.watch('b', 0)).toThrow(RangeError);
    expect(() => board.watch('b', Number.NaN)).toThrow(RangeError);
  });

  it('is exact at the limit and names the longest silence first', () => {
    let nowMs = 0;
    const board = new ProgressBoard(() => nowMs);
    board.watch('a', 100);
    board.watch('b', 50);
    nowMs = 50;
    expect(board.stalled()).toEqual([]);
    nowMs = 51;
    expect(board.stalled()).toEqual([{ service: 'b', silentMs: 51, limitMs: 50 }]);
    board.watch('c', 1);
    nowMs = 101;
    expect(board.stalled().map(({ service }) => service)).toEqual(['a', 'b', 'c']);
  });
});
