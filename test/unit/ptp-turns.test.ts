import { describe, expect, it } from 'vitest';
import { Turns } from '../../drivers/camera/ptp/turns.js';

describe('turns at one device', () => {
  it('go to who came first, one at a time', async () => {
    const turns = new Turns();
    const order: string[] = [];
    let inside = 0;
    const use = async (name: string): Promise<void> => {
      const giveBack = await turns.take();
      inside += 1;
      expect(inside).toBe(1);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      giveBack();
      // Twice is once.
      giveBack();
    };
    const copies = ['a', 'b'].map(async (copy) => {
      for (let block = 0; block < 3; block += 1) await use(`${copy}${block}`);
    });
    await Promise.all(copies);
    expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  });

  it('are not waited for by who has gone', async () => {
    const turns = new Turns();
    const giveBack = await turns.take();
    const abort = new AbortController();
    const reason = new Error('taken out');
    const waiting = turns.take(abort.signal);
    const behind = turns.take();
    expect(turns.contended).toBe(true);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    giveBack();
    (await behind)();
    expect(turns.contended).toBe(false);
    await expect(turns.take(abort.signal)).rejects.toBe(reason);
  });

  it('have a limit, above what 16 copies ask at once (four reads and a look each)', async () => {
    const turns = new Turns();
    await turns.take();
    const waiting = Array.from({ length: 160 }, () => turns.take());
    await expect(turns.take()).rejects.toMatchObject({ code: 'DOCK_PTP_QUEUE_FULL', retry: 'now' });
    expect(waiting).toHaveLength(160);
  });
});
