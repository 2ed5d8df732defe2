import { describe, expect, it } from 'vitest';
import { Mutex } from '../../daemon/runtime/mutex.js';

describe('a mutex', () => {
  it('runs one at a time, in order of arrival, whatever becomes of those before', async () => {
    const mutex = new Mutex();
    const events: string[] = [];
    const work = (name: string, turns: number, fails: boolean) => async (): Promise<string> => {
      events.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
    const outcomes = await Promise.allSettled([
      mutex.run(work('a', 20, true)),
      mutex.run(work('b', 1, false)),
      mutex.run(work('c', 5, false)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });
});
