/** A cradle that cannot be seen keeps nothing from a camera that was moved into another one (I8). */
import { afterEach, describe, expect, it } from 'vitest';
import type { SimCamera } from '../simulation/camera.js';
import { DockWorld, type DockWorldOptions } from '../support/dock-world.js';

let dock: DockWorld | undefined;
afterEach(async () => {
  await dock?.remove();
  dock = undefined;
});

/** Camera a is done in the first bay; each cradle has one bay and a line of its own. */
async function ready(options: DockWorldOptions = {}): Promise<DockWorld> {
  const made = await DockWorld.make({ bays: [1, 1], ...options });
  dock = made;
  made.record('video/1.mp4', 20_000);
  await made.world.boot();
  await made.world.plug(made.camera, 1);
  await made.pass(20_000);
  expect(made.light(1)).toBe('green-steady');
  return made;
}

function darken({ world }: DockWorld): void {
  const { wire } = world.cradles.bay(1).unit;
  wire.plugged = false;
  wire.cut();
}

function lighten({ world }: DockWorld): void {
  world.cradles.bay(1).unit.wire.plugged = true;
}

const state = ({ world }: DockWorld, bay: number) => world.dock?.status().bays[bay - 1];

describe('a camera that was moved out of a bay which cannot be seen', () => {
  it('is taken in although that cradle stays dark', async () => {
    const made = await ready();
    darken(made);
    await made.pass(5_000);
    made.world.pull(made.camera);
    made.record('video/2.mp4', 30_000);
    await made.world.plug(made.camera, 2);
    await made.pass(20_000);
    expect(made.light(2)).toBe('green-steady');
    expect(made.entered('recording.offloaded').map(({ bay, path }) => `${bay} ${path}`)).toEqual([
      '1-1 video/1.mp4',
      '2-1 video/2.mp4',
    ]);
    // It was taken out of the other bay: that stay has ended, and nobody is told of two.
    expect(made.entered('camera.undocked')).toMatchObject([{ bay: '1-1', camera: 'CAM-A', verdict: 'ready' }]);
    expect(state(made, 1)).toMatchObject({ state: 'empty', camera: null });
    expect(made.entered('camera.refused')).toEqual([]);
    lighten(made);
    await made.pass(20_000);
    expect(made.light(1)).toBe('off');
    expect(made.light(2)).toBe('green-steady');
    expect(made.entered('camera.undocked')).toHaveLength(1);
  });

  it('is taken in once its volume is known to have gone, however long that takes', async () => {
    const made = await ready();
    darken(made);
    await made.pass(5_000);
    // The media root has the old mount for longer than the new bay needs to find out who came.
    made.world.pull(made.camera, 9_000);
    await made.world.plug(made.camera, 2, false, 9_000);
    await made.pass(40_000);
    expect(made.light(2)).toBe('green-steady');
    expect(made.entered('camera.refused')).toEqual([]);
  });

  it('is taken in where the trouble of the cradle is not known yet', async () => {
    const made = await ready();
    made.world.cradles.bay(1).unit.faults.silent = true;
    made.world.pull(made.camera);
    await made.world.plug(made.camera, 2);
    await made.pass(60_000);
    expect(made.light(2)).toBe('green-steady');
    expect(made.entered('camera.refused')).toEqual([]);
  });
});

describe('two cameras of one identity, one of them in a bay which cannot be seen', () => {
  it('are not offloaded side by side, and both are called twins once both are seen', async () => {
    const made = await ready({ twin: true });
    const [, twin] = made.world.cameras as [SimCamera, SimCamera];
    darken(made);
    await made.pass(5_000);
    await made.world.plug(twin, 2);
    await made.pass(60_000);
    // Its volume is still where it was: nothing says that the first has left.
    expect(state(made, 2)).toMatchObject({ state: 'faulty', error: { code: 'DOCK_CAMERA_ELSEWHERE' } });
    expect(made.light(2)).toBe('red-steady');
    expect(made.entered('camera.undocked')).toEqual([]);
    lighten(made);
    await made.pass(100_000);
    expect(made.light(1)).toBe('green-steady');
    expect(made.light(2)).toBe('red-flashing');
    expect(made.entered('camera.refused')).toMatchObject([{ bay: '2-1', code: 'DOCK_CAMERA_TWIN' }]);
    expect(made.entered('camera.docked')).toHaveLength(1);
  });

  it('stay apart when the first leaves: who was seen beside another is put in anew', async () => {
    const made = await ready({ twin: true });
    const [first, twin] = made.world.cameras as [SimCamera, SimCamera];
    await made.world.plug(twin, 2);
    await made.pass(5_000);
    expect(made.light(2)).toBe('red-flashing');
    made.world.pull(first);
    await made.pass(60_000);
    expect(made.light(2)).toBe('red-flashing');
    expect(made.entered('camera.docked')).toHaveLength(1);
  });
});
