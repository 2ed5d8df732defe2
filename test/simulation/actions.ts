/** What can happen in a world: officers, cameras, wires, disks, clocks, brokers and power, each with its weight. */
import type { SimCamera } from './camera.js';
import { content, type Footage, footage, newFootage } from './footage.js';
import type { Judge } from './invariants/judge.js';
import { doneWithinMs } from './invariants/liveness.js';
import type { Random } from './random.js';
import type { World } from './world.js';

export interface Scene {
  readonly world: World;
  readonly random: Random;
  readonly judge: Judge;
}

export interface Action {
  readonly name: string;
  /** How often, against the others. */
  readonly weight: number;
  /** Undefined: not now. Else what it does, which says what it did. */
  prepare(scene: Scene): (() => Promise<string>) | undefined;
}

function action(
  name: string,
  weight: number,
  prepare: (scene: Scene) => (() => Promise<string> | string) | undefined,
): Action {
  return {
    name,
    weight,
    prepare: (scene) => {
      const act = prepare(scene);
      return act === undefined ? undefined : async () => act();
    },
  };
}

const outside = ({ world }: Scene): readonly SimCamera[] => world.cameras.filter(({ place }) => place === undefined);
const docked = ({ world }: Scene): readonly SimCamera[] => world.cameras.filter(({ place }) => place !== undefined);
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

function trouble(scene: Scene, seconds: number, set: () => void, heal: () => void): void {
  const { world } = scene;
  set();
  world.later(seconds * 1_000, () => {
    heal();
    world.disturbed();
  });
}

function fault<K extends keyof World['line']>(scene: Scene, name: K, value: World['line'][K]): void {
  const { line } = scene.world;
  trouble(
    scene,
    scene.random.int(1, 20),
    () => {
      line[name] = value;
    },
    () => {
      delete line[name];
    },
  );
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

const wires: readonly Action[] = [
  action('cradle silent', 1.5, (scene) => () => {
    fault(scene, scene.random.pick(['silent', 'dead', 'corrupt', 'oneBehind'] as const), true);
    return JSON.stringify(scene.world.line);
  }),
  action('cradle babbles', 1, (scene) => () => {
    fault(
      scene,
      'babble',
      Uint8Array.from({ length: 40 }, () => scene.random.int(0, 255)),
    );
    return '';
  }),
  action('cradle drops', 1, (scene) => () => {
    fault(scene, 'dropEvery', scene.random.int(2, 9));
    return JSON.stringify(scene.world.line);
  }),
  action('cradle reset', 1.5, (scene) => () => {
    scene.world.cradle.reset();
    scene.world.disturbed();
    return '';
  }),
  action('cradle unplugged', 1.5, (scene) => {
    if (!scene.world.plugged) return undefined;
    return () => {
      trouble(
        scene,
        scene.random.int(1, 25),
        () => scene.world.unplugCradle(),
        () => {
          scene.world.plugged = true;
        },
      );
      return '';
    };
  }),
];

const disks: readonly Action[] = [
  action('archive full', 1.5, (scene) => () => {
    const { world, random } = scene;
    const wholly = random.chance(0.5);
    if (wholly) world.disk.full = true;
    else world.setReserve(Number.MAX_SAFE_INTEGER);
    for (const camera of docked(scene)) camera.spoilt = true;
    world.later(random.int(1, 40) * 1_000, () => {
      world.disk.full = false;
      world.setReserve(0);
      for (const camera of docked(scene)) camera.spoilt = true;
      world.disturbed();
    });
    return wholly ? 'no space' : 'reserve reached';
  }),
  action('disk fails', 1.5, (scene) => () => {
    scene.world.disk.failing = true;
    trouble(
      scene,
      scene.random.int(1, 30),
      () => undefined,
      () => {
        scene.world.disk.failing = false;
      },
    );
    return '';
  }),
  action('ledger full', 1, (scene) => () => {
    trouble(
      scene,
      scene.random.int(1, 20),
      () => {
        scene.world.ledgerFull = true;
      },
      () => {
        scene.world.ledgerFull = false;
      },
    );
    return '';
  }),
  action('sync fails', 2, (scene) => () => {
    scene.world.disk.failSyncs = scene.random.int(1, 4);
    scene.world.disturbed();
    return `${scene.world.disk.failSyncs}`;
  }),
  action('bit turns', 2.5, (scene) => () => {
    scene.world.disk.turnBits = scene.random.int(1, 2);
    scene.world.disturbed();
    return `${scene.world.disk.turnBits}`;
  }),
];

const clocks: readonly Action[] = [
  action('trust lost', 2, ({ world, random }) => {
    if (!world.trusted) return undefined;
    return () => {
      world.setTrust(false);
      // Time goes wrong because nobody keeps it: at once, or later, or never.
      world.later(random.int(0, 20_000), () => {
        if (!world.trusted) world.wallErrorMs = random.pick([-86_400_000, -3_000, 5_000, 900_000, 31_536_000_000]);
      });
      return '';
    };
  }),
  action('trust regained', 4, ({ world, random }) => {
    if (world.trusted) return undefined;
    return () => {
      world.wallErrorMs = random.int(-80, 80);
      world.setTrust(true);
      return '';
    };
  }),
];

const centre: readonly Action[] = [
  action('broker down', 1.5, ({ world }) => {
    if (!world.broker.up) return undefined;
    return () => {
      world.broker.goDown();
      return '';
    };
  }),
  action('broker up', 4, ({ world }) => {
    if (world.broker.up) return undefined;
    return () => {
      world.broker.comeUp();
      return '';
    };
  }),
  action('broker cuts', 2, ({ world, random }) => () => {
    world.broker.cutAt(random.int(1, 12), random.chance(0.5));
    return '';
  }),
  action('broker forgets', 1.5, ({ world, random }) => () => {
    world.broker.forget();
    world.broker.lag = random.int(0, 5);
    return '';
  }),
];

const power: readonly Action[] = [
  action('die soon', 5, ({ world, random }) => {
    const { process } = world;
    if (process === undefined) return undefined;
    return () => {
      const [operations, death] = [random.int(1, 60), random.pick(['before', 'after'] as const)];
      process.powerCut = random.chance(0.4);
      process.dieAt(operations, death);
      return `${death} operation ${operations}${process.powerCut ? ', without power' : ''}`;
    };
  }),
  action('kill', 2, ({ world, random }) => {
    if (!world.alive) return undefined;
    return async () => {
      await world.kill(random.chance(0.4));
      return '';
    };
  }),
  action('stop', 1.5, ({ world, judge }) => {
    if (!world.alive) return undefined;
    return async () => {
      const stopped = await world.stop();
      // Without room for its last entry no stop is clean.
      judge.stopped(stopped || world.ledgerFull);
      return '';
    };
  }),
  action('start', 40, ({ world }) => {
    if (world.alive) return undefined;
    return async () => {
      await world.boot();
      return '';
    };
  }),
];

const time: readonly Action[] = [
  action('quiet', 1.5, (scene) => () => quiet(scene)),
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

export const actions: readonly Action[] = [
  ...officers,
  ...cameras,
  ...wires,
  ...disks,
  ...clocks,
  ...centre,
  ...power,
  ...time,
];

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
