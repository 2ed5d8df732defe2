/** One kind of thing that can happen in a world, and what it is prepared with. */
import type { SimCamera } from './camera.js';
import type { Judge } from './invariants/judge.js';
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

export function action(
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

/** Those that are in a bay. */
export function docked({ world }: Scene): readonly SimCamera[] {
  return world.cameras.filter(({ place }) => place !== undefined);
}
