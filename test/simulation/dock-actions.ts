/** What can happen to a dock itself: wires, disks, clocks, broker and centre, power. */
import type { LineFaults } from '../../drivers/simulated/cradle-line.js';
import { type Action, action, docked, type Scene } from './action.js';

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

export const dockActions: readonly Action[] = [...wires, ...disks, ...clocks, ...centre, ...power];
