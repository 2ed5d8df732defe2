/** What can happen in a world: officers, cameras, wires, disks, clocks, brokers and power, each with its weight. */
import type { LineFaults } from '../../drivers/simulated/cradle-line.js';
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

/** A clock that is 700 ppm wrong is worth 3.4 s then, and 2.6 s at the hourly look. */
const longStayMin = 81;

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

/** One cradle's answers are spoilt for a while; whoever shares its line may suffer from it, nobody else. */
function fault<K extends keyof LineFaults>(scene: Scene, name: K, value: LineFaults[K]): string {
  const { world, random } = scene;
  const { name: cradle, faults, wire } = random.pick(world.cradles.units);
  faults[name] = value;
  world.later(random.int(1, 20) * 1_000, () => {
    delete faults[name];
    wire.disturbed();
  });
  return `${cradle} ${JSON.stringify(faults)}`;
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
    return fault(scene, scene.random.pick(['silent', 'dead', 'corrupt', 'oneBehind'] as const), true);
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
    return fault(scene, 'dropEvery', scene.random.int(2, 9));
  }),
  action('cradle reset', 1.5, (scene) => () => {
    const unit = scene.random.pick(scene.world.cradles.units);
    unit.reset();
    unit.wire.disturbed();
    return unit.name;
  }),
  action('cradle unplugged', 1.5, (scene) => {
    const wire = scene.random.pick(scene.world.cradles.wires);
    if (!wire.plugged) return undefined;
    return () => {
      wire.plugged = false;
      wire.cut();
      scene.world.later(scene.random.int(1, 25) * 1_000, () => {
        wire.plugged = true;
        wire.disturbed();
      });
      return wire.name;
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
  action('ledger fails', 1.5, ({ world, random }) => {
    if (!world.alive || world.ledgerFailedMs !== undefined) return undefined;
    return () => {
      world.ledgerFails = random.pick(['before it is written', 'after it was written', 'hangs'] as const);
      return world.ledgerFails;
    };
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
  action('clock stepped', 1.5, ({ world, random }) => {
    if (!world.trusted) return undefined;
    return () => {
      // Somebody sets the clock by hand, and what vouched for it before is still there to be seen.
      world.oldStampMs = world.clock.wallMs() + world.wallErrorMs - random.int(10_000, 3_000_000);
      world.setTrust(false);
      const byMs = random.pick([-900_000, -3_000, 700, 5_000, 900_000]);
      world.wallErrorMs += byMs;
      return `by ${byMs} ms`;
    };
  }),
  action('trust regained', 4, ({ world, random }) => {
    if (world.trusted) return undefined;
    return () => {
      world.oldStampMs = null;
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
  action('broker drops', 2.5, ({ world, random }) => {
    // With the PUBACK for a receipt such a loss is for ever, and shows at the centre as a gap.
    if (world.receipt !== 'centre') return undefined;
    return () => {
      world.broker.dropNext = random.int(1, 4);
      return `${world.broker.dropNext}`;
    };
  }),
  action('centre lags', 2.5, ({ world, random }) => {
    if (world.receipt !== 'centre') return undefined;
    return () => {
      world.centre.silent = random.chance(0.5);
      world.centre.delayMs = random.int(1, 40_000);
      world.later(random.int(5, 600) * 1_000, () => {
        world.centre.silent = false;
        world.centre.delayMs = 1;
        world.centre.acknowledge();
      });
      return world.centre.silent ? 'silent' : `${world.centre.delayMs} ms`;
    };
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
      const failing = world.ledgerFails !== undefined || world.ledgerFailedMs !== undefined;
      const stopped = await world.stop();
      // Without room for its last entry no stop is clean.
      judge.stopped(stopped || world.ledgerFull || failing);
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
  action('long stay', 0.3, (scene) => {
    const { world } = scene;
    const slots = freeSlots(scene);
    // Its own clock is the worst: only whoever looks at it again can know what it shows after an hour.
    const [camera] = [...world.cameras].sort((a, b) => driftOf(b) - driftOf(a));
    if (!world.alive || camera === undefined) return undefined;
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
