/** What waits on the card until the ledger is checked goes in the same docking (I3, decision 0044). */

import { afterEach, describe, expect, it } from 'vitest';
import { verbatim } from '../../drivers/contract/phrase.js';
import { DockWorld } from '../support/dock-world.js';

const checkMs = 60_000;
let dock: DockWorld | undefined;
afterEach(async () => {
  await dock?.remove();
  dock = undefined;
});

async function dockedWhileChecking(prepare: (dock: DockWorld) => void = () => undefined) {
  const made = await DockWorld.make({ erase: 'after-verified' });
  dock = made;
  made.world.ledgerCheckMs = checkMs;
  made.world.disk.readPath = 'direct';
  for (const at of [1, 2, 3]) made.record(`video/${at}.mp4`, 20_000 + at);
  prepare(made);
  const lights: string[] = [];
  /** What the light showed whenever the dock was about to erase, and for how long already, ms. */
  const erasures: { readonly light: string; readonly forMs: number }[] = [];
  let sinceMs = 0;
  made.world.watch = {
    ...made.world.watch,
    lights: () => {
      if (lights.at(-1) === made.light()) return;
      lights.push(made.light());
      sinceMs = made.world.nowMs;
    },
    erasing: () => erasures.push({ light: made.light(), forMs: made.world.nowMs - sinceMs }),
  };
  await made.world.boot();
  await made.world.plug(made.camera, 1);
  return { made, lights, erasures };
}

describe('a camera that is docked while the ledger is still being checked', () => {
  it('is shown ready at once, and cleared in the same docking when the check has ended clean', async () => {
    const { made, lights, erasures } = await dockedWhileChecking();
    await made.pass(checkMs / 2);
    expect(made.light()).toBe('green-steady');
    expect(made.entered('recording.erasing')).toHaveLength(0);
    await made.pass(checkMs / 2 + 15_000);
    expect(made.camera.tree().size).toBe(0);
    expect(made.entered('recording.erased')).toHaveLength(3);
    expect(made.light()).toBe('green-steady');
    const from = lights.indexOf('amber-breathing');
    expect(lights.slice(from)).toEqual(['amber-breathing', 'green-steady', 'amber-breathing', 'green-steady']);
    // Nobody is told to take a camera whose card is about to be written to.
    expect(erasures).toHaveLength(3);
    for (const { light, forMs } of erasures) {
      expect(light).toBe('amber-breathing');
      expect(forMs).toBeGreaterThan(500);
    }
    const said = { docked: 1, inspected: 1, ready: 1 };
    expect({
      docked: made.entered('camera.docked').length,
      inspected: made.entered('camera.inspected').length,
      ready: made.entered('camera.ready').length,
    }).toEqual(said);
  });

  it('looks at battery and storage as often after the second clearing as after the first', async () => {
    const { made } = await dockedWhileChecking();
    const { pins } = made.camera;
    const batteryPercent = pins.batteryPercent.bind(pins);
    let asked = 0;
    pins.batteryPercent = () => {
      asked += 1;
      return batteryPercent();
    };
    const askedWithin = async (ms: number): Promise<number> => {
      asked = 0;
      await made.pass(ms);
      return asked;
    };
    await made.pass(10_000);
    const before = await askedWithin(30_000);
    await made.pass(checkMs);
    expect(made.entered('recording.erased')).toHaveLength(3);
    const after = await askedWithin(30_000);
    expect(before).toBeGreaterThan(4);
    expect(Math.abs(after - before)).toBeLessThanOrEqual(2);
  });

  it('may be taken before that with all of its recordings on it, and is not erased then', async () => {
    const { made } = await dockedWhileChecking();
    await made.pass(checkMs / 2);
    made.world.pull(made.camera);
    await made.pass(checkMs);
    expect(made.camera.tree().size).toBe(3);
    expect(made.entered('recording.erasing')).toHaveLength(0);
    expect(made.entered('camera.undocked')).toMatchObject([{ verdict: 'ready', safe: 3, of: 3 }]);
  });

  it('does not flicker for a card on which nothing waits', async () => {
    const { made, lights } = await dockedWhileChecking(({ camera }) => {
      for (const footage of camera.now.values()) camera.forget(footage, true);
    });
    await made.pass(checkMs + 30_000);
    expect(lights.slice(lights.indexOf('amber-breathing'))).toEqual(['amber-breathing', 'green-steady']);
  });

  it('keeps everything when the check finds the ledger broken', async () => {
    const { made } = await dockedWhileChecking(({ world }) => {
      world.ledgerProblem = { kind: 'edited', seq: 1, expected: verbatim('one hash'), found: verbatim('another') };
    });
    await made.pass(checkMs + 30_000);
    expect(made.light()).toBe('green-steady');
    expect(made.camera.tree().size).toBe(3);
    expect(made.entered('recording.erasing')).toHaveLength(0);
  });
});
