import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import { within } from '../../drivers/contract/clock.js';
import { VirtualClock } from '../support/virtual-clock.js';

const late = (): Error => new Error('late');

function standStill(forMs: number): void {
  const untilMs = systemClock.monotonicMs() + forMs;
  while (systemClock.monotonicMs() < untilMs);
}

describe('a deadline', () => {
  it('does not pass over an answer that came while the process stood still', async () => {
    const outcome = within(systemClock, 'test', 20, stat('/'), late);
    standStill(200);
    expect((await outcome).isDirectory()).toBe(true);
  });

  it('ends the wait for what has not come, also after the process stood still', async () => {
    const outcome = within(systemClock, 'test', 20, new Promise(() => undefined), late);
    standStill(200);
    await expect(outcome).rejects.toThrow('late');
  });

  it('ends the wait at once where the process runs, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    const outcome = within(clock, 'test', 100, new Promise(() => undefined), late);
    const ended = expect(outcome).rejects.toThrow('late');
    await clock.advance(100);
    await ended;
    expect(clock.waiting()).toEqual([]);
    await expect(within(clock, 'test', 100, Promise.resolve(1), late)).resolves.toBe(1);
    expect(clock.waiting()).toEqual([]);
  });
});
