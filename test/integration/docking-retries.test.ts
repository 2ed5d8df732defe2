/** What the retries of one docking leave in the ledger (decision 0049). */
import { afterEach, describe, expect, it } from 'vitest';
import { DockWorld, type DockWorldOptions } from '../support/dock-world.js';

/** Hours of virtual time: on a busy machine longer than a test usually gets. */
const slow = { timeout: 90_000 };

let dock: DockWorld | undefined;
afterEach(async () => {
  await dock?.remove();
  dock = undefined;
});

async function docked(options: DockWorldOptions = {}, prepare: (dock: DockWorld) => void): Promise<DockWorld> {
  const made = await DockWorld.make(options);
  dock = made;
  for (const at of [1, 2, 3]) made.record(`video/${at}.mp4`, 20_000 + at);
  prepare(made);
  await made.world.boot();
  await made.world.plug(made.camera, 1);
  return made;
}

const fills = (made: DockWorld): void => {
  made.world.disk.full = true;
};
const count = (made: DockWorld) => ({
  docked: made.entered('camera.docked').length,
  inspected: made.entered('camera.inspected').length,
  clockLeft: made.entered('camera.clock-left').length,
  ended: made.entered('camera.offloaded').length,
  tries: made.logged('offload.ended'),
});

describe('an archive that is full for a while', () => {
  it('is entered once however often the bay tries, and so is the end of it', async () => {
    const made = await docked({}, fills);
    await made.pass(60_000);
    const before = count(made);
    expect(before.tries).toBeGreaterThan(3);
    expect(before).toEqual({ docked: 1, inspected: 1, clockLeft: 1, ended: 1, tries: before.tries });
    expect(made.entered('camera.offloaded')).toMatchObject([{ found: 3, offloaded: 0, failed: 3 }]);
    made.world.disk.full = false;
    await made.pass(120_000);
    expect(count(made)).toMatchObject({ docked: 1, inspected: 1, clockLeft: 1, ended: 2 });
    expect(made.entered('camera.offloaded').at(-1)).toMatchObject({ found: 3, offloaded: 3, failed: 0 });
    expect(made.entered('recording.offloaded')).toHaveLength(3);
    expect(made.light()).toBe('green-steady');
  });

  it('goes on for long with an entry an hour of the clock, and a few of what charging came to', slow, async () => {
    const made = await docked({ pins: { batteryPercent: 20, chargePercentPerMinute: 1 } }, fills);
    await made.pass(3_600_000);
    const { tries, inspected, ended } = count(made);
    expect(tries).toBeGreaterThan(11);
    expect(ended).toBe(1);
    // Six steps of ten percent, and no more than an hour of the clock beside them.
    expect(inspected).toBeGreaterThan(5);
    expect(inspected).toBeLessThanOrEqual(1 + 6 + 1);
  });

  it('enters a clock that jumped while the bay tried again', async () => {
    const made = await docked({}, fills);
    await made.pass(30_000);
    made.camera.pins.setClock(made.camera.pins.exactMs() - 150);
    await made.pass(60_000);
    const clocks = made.entered('camera.inspected').map(({ clock }) => Math.round((clock?.offsetMs ?? 0) / 50) * 50);
    expect(clocks).toHaveLength(2);
    expect((clocks[1] ?? 0) - (clocks[0] ?? 0)).toBe(-150);
  });

  it('says it anew in the next docking', async () => {
    const made = await docked({}, fills);
    await made.pass(30_000);
    made.world.pull(made.camera);
    await made.pass(5_000);
    await made.world.plug(made.camera, 2);
    await made.pass(30_000);
    expect(count(made)).toMatchObject({ docked: 2, inspected: 2, clockLeft: 2, ended: 2 });
  });
});

describe('a camera without a clock', () => {
  it('is not entered as such again and again while it sits there', async () => {
    const made = await docked({ pins: { clockResolutionMs: null } }, () => undefined);
    await made.pass(900_000);
    expect(count(made)).toMatchObject({ inspected: 1, clockLeft: 1, ended: 1 });
  });
});
