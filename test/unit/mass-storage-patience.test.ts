import { describe, expect, it } from 'vitest';
import { answered } from '../../drivers/camera/mass-storage/patience.js';
import { VirtualClock } from '../support/virtual-clock.js';

describe('waiting for a card', () => {
  it('gives the answer, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    expect(await answered({ clock, volume: '1-1' }, Promise.resolve(5))).toBe(5);
    await expect(answered({ clock, volume: '1-1' }, Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
    expect(clock.waiting()).toEqual([]);
  });

  it('gives up on a card that hangs, and takes care of what comes too late (I8)', async () => {
    const clock = new VirtualClock();
    let arrive: ((value: string) => void) | undefined;
    const work = new Promise<string>((resolve) => {
      arrive = resolve;
    });
    const late: string[] = [];
    const waiting = answered({ clock, volume: '1-1' }, work, (value) => late.push(value)).catch(
      (error: unknown) => error,
    );
    await clock.advance(39_999);
    expect(clock.waiting()).toEqual(['volume.answer']);
    await clock.advance(1);
    expect(await waiting).toMatchObject({ code: 'DOCK_VOLUME_STALLED', retry: 'after-redocking' });
    arrive?.('handle');
    await clock.advance(1);
    expect(late).toEqual(['handle']);
  });

  it('stops waiting as soon as it is aborted, with the reason, also when it was before', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const reason = new Error('taken');
    const late: string[] = [];
    const hung = new Promise<string>(() => undefined);
    const waiting = answered({ clock, volume: '1-1', signal: abort.signal }, hung).catch((error: unknown) => error);
    abort.abort(reason);
    expect(await waiting).toBe(reason);
    const after = answered({ clock, volume: '1-1', signal: abort.signal }, Promise.resolve('handle'), (value) =>
      late.push(value),
    );
    await expect(after).rejects.toBe(reason);
    expect(late).toEqual(['handle']);
    expect(clock.waiting()).toEqual([]);
  });
});
