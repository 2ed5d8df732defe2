/** What can happen in a world: officers, cameras and time, and what befalls the dock itself, each with its weight. */
import { type Action, action, docked, type Scene } from './action.js';
import type { SimCamera } from './camera.js';
import { dockActions } from './dock-actions.js';
import { content, type Footage, footage, newFootage } from './footage.js';
import { doneWithinMs } from './invariants/liveness.js';
import type { Random } from './random.js';

/** A clock that is 700 ppm wrong is worth 3.4 s then, and 2.6 s at the hourly look. */
const longStayMin = 81;

const outside = ({ world }: Scene): readonly SimCamera[] => world.cameras.filter(({ place }) => place === undefined);
const freeSlots = ({ world }: Scene): readonly number[] =>
  world.places.map(({ slot }) => slot).filter((slot) => world.in(slot) === undefined);

/** Puts a camera in; two with one identity in the dock at once spoil each other's stay. */
export async function plug(scene: Scene, camera: SimCamera, slot: number, askew = false): Promise<void> {
  const { world, random } = scene;
  await world.plug(camera, slot, askew, random.chance(0.5) ? 0 : random.int(1, 1_500));
  const twins = docked(scene).filter(({ id }) => id === camera.id);
  if (twins.length > 1) for (const twin of twins) twin.spoilt = true;
  if (askew || world.disk.full || world.config.archive.reserveBytes > 0) camera.spoilt = true;
}

function pull({ world, random }: Scene, camera: SimCamera): void {
  world.pull(camera, random.chance(0.5) ? 0 : random.int(1, 1_200));
}

export function record({ random }: Scene, camera: SimCamera, count: number): void {
  const { id, user } = { id: camera.id, user: camera.temper.user };
  for (let made = 0; made < count; made += 1) {
    const startMs = camera.pins.exactMs() + made * (random.chance(0.2) ? 0 : 61_000);
    camera.record(newFootage(random, id, user, startMs, [...camera.now.values()]));
  }
}

/** The recording as it is after somebody went on writing to it. */
function rewritten(random: Random, old: Footage): Footage {
  const grown = random.chance(0.7) ? old.bytes.length + random.int(1, 5_000) : old.bytes.length;
  return footage(old.path, content(random, Math.max(1, grown)), old.modifiedMs + random.int(1, 60) * 1_000);
}

/** Something that happens at one of the next reads of this camera. */
function atRead({ world }: Scene, camera: SimCamera, reads: number, happen: (relative: string) => void): void {
  const before = world.beforeRead;
  let left = reads;
  world.beforeRead = (read, relative) => {
    before(read, relative);
    if (read !== camera) return;
    left -= 1;
    if (left === 0) happen(relative);
  };
}

const officers: readonly Action[] = [
  action('plug', 26, (scene) => {
    const [cameras, slots] = [outside(scene), freeSlots(scene)];
    if (cameras.length === 0 || slots.length === 0) return undefined;
    const [camera, slot] = [scene.random.pick(cameras), scene.random.pick(slots)];
    const askew = scene.random.chance(0.04);
    return async () => {
      await plug(scene, camera, slot, askew);
      return `${camera.name} into ${slot}${askew ? ' askew' : ''}`;
    };
  }),
  action('pull', 8, (scene) => {
    const cameras = docked(scene);
    if (cameras.length === 0) return undefined;
    const camera = scene.random.pick(cameras);
    return () => {
      pull(scene, camera);
      return camera.name;
    };
  }),
  action('swap', 3, (scene) => {
    const [inside, out] = [docked(scene), outside(scene)];
    if (inside.length === 0 || out.length === 0) return undefined;
    const [old, next] = [scene.random.pick(inside), scene.random.pick(out)];
    const slot = old.place?.slot ?? 1;
    return async () => {
      const betweenMs = scene.random.int(0, 120);
      pull(scene, old);
      await scene.world.pass(betweenMs);
      await plug(scene, next, slot);
      return `${old.name} for ${next.name} in ${slot} within ${betweenMs} ms`;
    };
  }),
  action('move', 4, (scene) => {
    const [inside, slots] = [docked(scene), freeSlots(scene)];
    if (inside.length === 0 || slots.length === 0) return undefined;
    const [camera, slot] = [scene.random.pick(inside), scene.random.pick(slots)];
    return async () => {
      pull(scene, camera);
      await scene.world.pass(scene.random.int(0, 400));
      await plug(scene, camera, slot);
      return `${camera.name} to ${slot}`;
    };
  }),
  action('pull while read', 5, (scene) => {
    const cameras = scene.world.cameras.filter(({ now }) => now.size > 0);
    if (cameras.length === 0) return undefined;
    const [camera, reads] = [scene.random.pick(cameras), scene.random.int(1, 12)];
    return () => {
      atRead(scene, camera, reads, () => pull(scene, camera));
      return `${camera.name} at its read ${reads}`;
    };
  }),
];

const cameras: readonly Action[] = [
  action('record', 9, (scene) => {
    const out = outside(scene);
    if (out.length === 0) return undefined;
    const [camera, count] = [scene.random.pick(out), scene.random.int(1, 5)];
    return () => {
      record(scene, camera, count);
      return `${camera.name} ${count}`;
    };
  }),
  action('loop', 2, (scene) => {
    const out = outside(scene).filter(({ now }) => now.size > 3);
    if (out.length === 0) return undefined;
    const camera = scene.random.pick(out);
    const old = scene.random.pick([...camera.now.values()]);
    return () => {
      camera.forget(old, true);
      return `${camera.name} drops ${old.path}`;
    };
  }),
  action('lost while read', 3, (scene) => {
    const out = outside(scene);
    if (out.length === 0) return undefined;
    const { random, world } = scene;
    const [camera, reads] = [random.pick(out), random.int(2, 4)];
    const path = Buffer.from(`video/lost${random.int(1, 99_999)}.mp4`);
    if ([...camera.ever.values()].some((other) => other.path.equals(path))) return undefined;
    const long = footage(
      path,
      content(random, random.int(2 << 20, 7 << 20)),
      Math.floor(camera.pins.exactMs() / 1_000) * 1_000,
    );
    return () => {
      camera.record(long);
      let left = reads;
      const before = world.beforeRead;
      world.beforeRead = (read, relative) => {
        before(read, relative);
        if (read !== camera || relative !== path.toString('latin1')) return;
        left -= 1;
        if (left !== 0) return;
        // Taken out in the middle of it; before it comes again the camera has made room for itself.
        pull(scene, camera);
        if ([...camera.now.values()].includes(long)) camera.forget(long, true);
      };
      return `${camera.name} loses ${path} at its read ${reads}`;
    };
  }),
  action('change while read', 3, (scene) => {
    const all = scene.world.cameras.filter(({ now }) => now.size > 0);
    if (all.length === 0) return undefined;
    const [camera, reads] = [scene.random.pick(all), scene.random.int(1, 6)];
    return () => {
      atRead(scene, camera, reads, (relative) => {
        const old = [...camera.now.values()].find(({ path }) => path.toString('latin1') === relative);
        if (old === undefined || camera.place === undefined) return;
        camera.spoilt = true;
        camera.record(rewritten(scene.random, old));
      });
      return `${camera.name} at its read ${reads}`;
    };
  }),
  action('bad places', 4, (scene) => {
    const choices = scene.world.cameras.flatMap((camera) =>
      [...camera.now.values()].filter(({ bytes }) => bytes.length > 16_384).map((one) => ({ camera, one })),
    );
    if (choices.length === 0) return undefined;
    const { camera, one } = scene.random.pick(choices);
    const from = scene.random.int(0, one.bytes.length - 8_192);
    const to = from + scene.random.int(1, 8_000);
    return () => {
      camera.setBad(one.path, [{ from, to }]);
      camera.troubledMs = scene.world.nowMs;
      return `${camera.name} ${one.path} ${from}–${to}`;
    };
  }),
  action('flaky', 3, (scene) => {
    const camera = scene.random.pick(scene.world.cameras);
    return () => {
      camera.flakyReads = scene.random.int(1, 2);
      camera.troubledMs = scene.world.nowMs;
      return camera.name;
    };
  }),
  action('stall', 3, (scene) => {
    const camera = scene.random.pick(scene.world.cameras);
    const seconds = scene.random.chance(0.5) ? scene.random.int(2, 90) : 3_600;
    return () => {
      camera.stalled = true;
      camera.spoilt = true;
      scene.world.later(seconds * 1_000, () => {
        // It may have been given up meanwhile.
        if (camera.stalled) camera.spoilt = true;
        camera.stalled = false;
        camera.wake();
      });
      return `${camera.name} for ${seconds} s`;
    };
  }),
];

const time: readonly Action[] = [
  action('quiet', 1.5, (scene) => () => quiet(scene)),
  action('long stay', 0.3, (scene) => {
    const { world } = scene;
    const slots = freeSlots(scene);
    // Its own clock is the worst: only whoever looks at it again can know what it shows after an hour.
    const [camera] = [...world.cameras].sort((a, b) => driftOf(b) - driftOf(a));
    if (!world.alive || world.timedWires || camera === undefined) return undefined;
    const slot = camera.place === undefined ? slots[0] : camera.place.slot;
    if (slot === undefined) return undefined;
    return async () => {
      if (camera.place === undefined) await plug(scene, camera, slot);
      return `${camera.name} in ${slot}: ${await stay(scene)} min`;
    };
  }),
  action('night', 3, ({ world, random }) => {
    // Hours go by cheaply only while nobody polls.
    if (world.alive) return undefined;
    return async () => {
      const hours = random.int(1, 9);
      await world.pass(hours * 3_600_000);
      return `${hours} h`;
    };
  }),
];

export const actions: readonly Action[] = [...officers, ...cameras, ...dockActions, ...time];

function driftOf({ temper }: SimCamera): number {
  return Math.abs(temper.pins.clockDriftPpm ?? 0);
}

/** Longer than from one look at a docked camera's clock to the next, unless the daemon ends meanwhile, min. */
async function stay({ world, judge }: Scene): Promise<number> {
  let minutes = 0;
  for (; minutes < longStayMin && world.alive; minutes += 9) {
    await world.pass(9 * 60_000);
    await judge.check();
  }
  return minutes;
}

/** Nothing new happens until all who are well are done, or should be. */
export async function quiet({ world, judge }: Scene): Promise<string> {
  const untilMs = world.nowMs + doneWithinMs + 5_000;
  let waits = 0;
  for (; world.nowMs < untilMs && world.alive; waits += 1) {
    const waiting = world.cameras.filter(
      (camera) => judge.liveness.wellSinceMs(camera) !== undefined && !judge.liveness.isDone(camera),
    );
    if (waiting.length === 0 && waits > 0) break;
    await world.pass(waits < 5 ? 2_000 : 10_000);
    await judge.check();
  }
  return `${waits} looks`;
}
