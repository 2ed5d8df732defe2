/**
 * What the lights of one unit shall show, as the daemon last said. Lives as long as a connection. Pure.
 *
 * Green is a promise about one camera and ends with that camera. Any other light is about the place and stays.
 */
import type { LightPattern } from '../../contract/cradle.js';
import { type BayStatus, encodeLights, type Registers } from './registers.js';

interface Wish {
  readonly pattern: LightPattern;
  /** Of the bay when the daemon said it: that camera is meant. */
  readonly arrivals: number;
}

export class Wishes {
  readonly #bySlot = new Map<number, Wish>();

  /** `bay` as it was when the daemon said so. */
  wish(bay: BayStatus, pattern: LightPattern): void {
    this.#bySlot.set(bay.slot, { pattern, arrivals: bay.arrivals });
  }

  clear(): void {
    this.#bySlot.clear();
  }

  /** Lets go of what was promised to cameras that are no longer there. */
  see(bays: readonly BayStatus[]): void {
    for (const bay of bays) {
      const wish = this.#bySlot.get(bay.slot);
      if (wish === undefined || (wish.arrivals === bay.arrivals && bay.seating === 'seated')) continue;
      if (wish.pattern.startsWith('green')) this.#bySlot.delete(bay.slot);
      else this.#bySlot.set(bay.slot, { ...wish, arrivals: bay.arrivals });
    }
  }

  /** The whole table as soon as one bay shows something else than wished; empty when all is as it should be. */
  toWrite(bays: readonly BayStatus[]): Registers {
    const differs = bays.some((bay) => {
      const wish = this.#bySlot.get(bay.slot);
      return wish !== undefined && wish.pattern !== bay.light;
    });
    return differs ? encodeLights(bays.map((bay) => this.#bySlot.get(bay.slot) ?? null)) : [];
  }
}
