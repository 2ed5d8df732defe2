/** One run of one seed: a world, what happens in it, the invariants after every step, and a good end. */
import { partKey } from '../../daemon/offload/checkpoints.js';
import type { Scene } from './action.js';
import { actions, plug, quiet, record } from './actions.js';
import type { CameraTemper, SimCamera } from './camera.js';
import type { Layout } from './cradles.js';
import { content, footage } from './footage.js';
import { Judge } from './invariants/judge.js';
import { assert } from './invariants/violation.js';
import { Random } from './random.js';
import { World } from './world.js';

export interface SimulationOptions {
  /** Called with each line of what happens. */
  readonly trace?: (line: string) => void;
}

export interface SimulationResult {
  readonly steps: number;
  /** How often each action was taken. */
  readonly taken: ReadonlyMap<string, number>;
  /** Kinds of entries that came about, with their number. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly virtualMs: number;
  /** Leaf of the last entry: the same for the same seed. */
  readonly leaf: string;
}

/** Several seconds of reading at the pace of a slow card. */
const longBytes = 16 << 20;

/** Throws a Violation, or whatever else went wrong. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const random = new Random(`custodock ${seed}`);
  const world = await World.make({
    random: random.fork('world'),
    cameras: tempers(random.fork('cameras')),
    layout: layout(random.fork('layout')),
    receipt: random.fork('receipt').chance(0.4) ? 'centre' : 'broker',
    erase: random.chance(0.5) ? 'after-verified' : 'never',
    baud: random.chance(0.1) ? 115_200 : undefined,
  });
  const onUnhandled = (error: unknown): void => void world.unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  try {
    return await run({ world, random: random.fork('actions'), judge: new Judge(world) }, options);
  } finally {
    process.off('unhandledRejection', onUnhandled);
    await world.kill(false);
    world.remove();
  }
}

async function run(scene: Scene, { trace = () => undefined }: SimulationOptions): Promise<SimulationResult> {
  const { world, random, judge } = scene;
  const taken = new Map<string, number>();
  const say = (line: string): void => trace(`${(world.nowMs / 1_000).toFixed(3).padStart(10)} ${line}`);
  for (const camera of world.cameras) record(scene, camera, random.int(0, 6));
  await world.boot();
  const steps = random.int(25, 55);
  for (let step = 1; step <= steps; step += 1) {
    const possible = actions.flatMap((action) => {
      const act = action.prepare({ ...scene, random: random.fork(`${step} ${action.name}`) });
      return act === undefined ? [] : [{ name: action.name, weight: action.weight, act }];
    });
    const { name, act } = random.weighted(possible);
    taken.set(name, (taken.get(name) ?? 0) + 1);
    say(`${step}. ${name} ${printable(await act())}`);
    await judge.check();
    await world.pass(pause(random));
    await judge.check();
    say(`   ${describe(world)}`);
    if (step % 10 === 0) await judge.ledger.checkFull();
  }
  await end(scene, say);
  const kinds = new Map<string, number>();
  for (const { entry } of judge.ledger.entries) kinds.set(entry.kind, (kinds.get(entry.kind) ?? 0) + 1);
  return { steps, taken, kinds, virtualMs: world.nowMs, leaf: judge.ledger.entries.at(-1)?.leaf ?? '' };
}

/** Mostly moments, so that things happen in the middle of others; sometimes a while. */
function pause(random: Random): number {
  const draw = random.next();
  if (draw < 0.4) return random.int(0, 300);
  if (draw < 0.75) return random.int(300, 3_000);
  if (draw < 0.97) return random.int(3_000, 10_000);
  return random.int(10_000, 60_000);
}

/** All faults are healed, every camera is put in once more, and everything has to come right. */
async function end(scene: Scene, say: (line: string) => void): Promise<void> {
  const { world, judge } = scene;
  say('end: everything is healed');
  world.heal();
  // A daemon whose ledger has failed ends by itself.
  while (world.alive && world.ledgerFailedMs !== undefined) {
    await world.pass(5_000);
    await judge.check();
  }
  if (!world.alive) await world.boot();
  await world.pass(15_000);
  world.disturbed();
  await oneHangs(scene);
  await oneGoesAhead(scene);
  say(`   ${describe(world)}`);
  for (const some of rounds(world)) {
    for (const [at, camera] of some.entries()) await plug(scene, camera, at + 1);
    await quiet(scene);
    // What follows the last recording: erasing, the verdict.
    await world.pass(8_000);
    await judge.check();
    say(`   ${describe(world)}`);
    for (const camera of some) {
      const done = !camera.temper.registered || judge.liveness.isDone(camera);
      assert('I8', done, () => `${camera.name} is not done although everything is well`);
      world.pull(camera);
    }
    await world.pass(2_000);
  }
  // What a broker has dropped is sent again after minutes only, when the centre was silent for long.
  for (let waited = 0; waited < 200 && judge.ledger.lastEvent < judge.ledger.entries.length; waited += 1) {
    await world.pass(waited < 100 ? 1_000 : 6_000);
    world.broker.flush();
    await judge.check();
  }
  await judge.ledger.checkFull();
  judge.stopped(await world.stop());
  world.broker.flush();
  await judge.check();
  const { length } = judge.ledger.entries;
  assert('I4', judge.ledger.lastEvent === length, () => `the centre has ${judge.ledger.lastEvent} of ${length} events`);
  judge.archive.atEnd((part) => !current(world).has(part));
}

/** The first camera's card hangs; whoever comes after it gets done all the same (I8). */
async function oneHangs(scene: Scene): Promise<void> {
  const { world, judge } = scene;
  const [hanging, ...others] = rounds(world)[0] ?? [];
  if (hanging === undefined) return;
  for (const camera of [hanging, ...others]) record(scene, camera, 2);
  hanging.stalled = true;
  await plug(scene, hanging, 1);
  hanging.spoilt = true;
  await world.pass(3_000);
  for (const [at, camera] of others.entries()) await plug(scene, camera, at + 2);
  await quiet(scene);
  for (const camera of [hanging, ...others]) world.pull(camera);
  await world.pass(15_000);
  await judge.check();
}

/** In the midst of a long recording a camera comes into the priority bay: that one has to wait, and gets done all the same (I8). */
async function oneGoesAhead(scene: Scene): Promise<void> {
  const { world, random, judge } = scene;
  const priority = world.places.find((bay) => bay.priority);
  const ordinary = world.places.find((bay) => !bay.priority);
  const [waiting, ahead] = (rounds(world)[0] ?? []).filter(({ temper }) => temper.registered);
  if (priority === undefined || ordinary === undefined || waiting === undefined || ahead === undefined) return;
  const path = Buffer.from(`video/long${world.entered.length}.mp4`);
  const startMs = Math.floor(waiting.pins.exactMs() / 1_000) * 1_000;
  waiting.record(footage(path, content(random.fork('long'), longBytes), startMs));
  record(scene, ahead, 2);
  for (const camera of [waiting, ahead]) camera.readMs = 700;
  await plug(scene, waiting, ordinary.slot);
  const offloads = (): boolean => world.dock?.status().bays[ordinary.slot - 1]?.state === 'offloading';
  for (let waited = 0; waited < 30_000 && !offloads(); waited += 250) await world.pass(250);
  await plug(scene, ahead, priority.slot);
  await quiet(scene);
  for (const camera of [waiting, ahead]) {
    world.pull(camera);
    camera.readMs = camera.temper.readMs;
  }
  await world.pass(15_000);
  await judge.check();
}

/** All cameras, as many at a time as there are bays, and never two of one identity. */
function rounds({ cameras, places }: World): readonly (readonly SimCamera[])[] {
  const list: SimCamera[][] = [];
  for (const camera of cameras) {
    const fits = (round: readonly SimCamera[]): boolean =>
      round.length < places.length && !round.some(({ id }) => id === camera.id);
    const round = list.find(fits);
    if (round === undefined) list.push([camera]);
    else round.push(camera);
  }
  return list;
}

/** Names of the parts of everything that is still on a card. */
function current({ cameras }: World): ReadonlySet<string> {
  return new Set(
    cameras.flatMap(({ id, now }) =>
      [...now.values()].map(({ path, bytes, modifiedMs }) =>
        partKey({ camera: id, path, sizeBytes: bytes.length, modifiedMs }),
      ),
    ),
  );
}

function describe(world: World): string {
  const bays = world.dock?.status().bays ?? [];
  const shown = world.places.map(({ slot }) => {
    const bay = bays.find(({ bay }) => bay === world.bayName(slot));
    const trouble = bay?.error?.code ?? bay?.reasons.map(({ reason }) => reason).join('+') ?? '';
    return `${slot}:${world.in(slot)?.name ?? '–'} ${bay?.state ?? '?'} ${trouble} ${world.light(slot)}`;
  });
  return `${world.alive ? '' : 'DEAD '}${world.entered.length} entries; ${shown.join(', ')}`;
}

function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Four bays, in one cradle or two. */
function layout(random: Random): Layout {
  const bays = random.chance(0.4) ? [2, 2] : [4];
  return { bays, shared: random.chance(0.5), priority: random.chance(0.4) ? random.int(1, 4) : null };
}

function tempers(random: Random): readonly CameraTemper[] {
  const usual = (name: string, serial: string): CameraTemper => ({
    name,
    serial,
    user: `10000${name.charCodeAt(0) % 10}`,
    registered: true,
    quarantined: false,
    readOnly: random.chance(0.25),
    readMs: random.pick([0, 0, 0, 30, 300]),
    pins: {
      clockOffsetMs: random.pick([0, 150, -97_000, 3_600_000, -40 * 86_400_000]),
      clockDriftPpm: random.pick([0, 20, -35]),
      clockResolutionMs: random.pick([1, 10, 1_000]),
      batteryPercent: random.int(20, 100),
      chargePercentPerMinute: 120,
      freeBytes: random.chance(0.15) ? 5_000_000_000 : 60_000_000_000,
      wakeMs: random.pick([50, 200, 900]),
    },
  });
  const c = usual('c', 'CAM-C');
  // A second's resolution on top of this drift would be more than a camera may be wrong by within an hour.
  const drifting: CameraTemper = { ...c, pins: { ...c.pins, clockDriftPpm: 700, clockResolutionMs: 10 } };
  const list = [usual('a', 'CAM-A'), usual('b', 'CAM-B'), drifting];
  const odd = usual('d', 'CAM-D');
  const kind = random.int(0, 5);
  if (kind === 0) list.push({ ...usual('twin', 'CAM-A'), name: 'twin', user: '200002' });
  else if (kind === 1) list.push({ ...odd, registered: false });
  else if (kind === 2) list.push({ ...odd, pins: { ...odd.pins, faults: ['lens'] } });
  else if (kind === 3) list.push({ ...odd, quarantined: true });
  else if (kind === 4) list.push({ ...odd, pins: { ...odd.pins, clockResolutionMs: null } });
  else list.push({ ...odd, pins: { ...odd.pins, clockStuck: true } });
  if (random.chance(0.4)) list.push(usual('e', 'CAM-E'));
  return list;
}
