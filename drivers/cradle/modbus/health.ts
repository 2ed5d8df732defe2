/**
 * Whether a unit can be used, judged from how its requests ended. Pure counting; told nothing of what the requests were.
 *
 * One lost frame is no trouble on a long line. Three in a row are, and so is a line that goes on losing more than one in
 * four: a failure weighs three, an answer takes one back, and nine is too much. Even that has to last: a gateway or a serial
 * server that was busy for a moment is not worth losing the connection and all that was asked over it.
 */
import type { DockError } from '../../contract/error.js';
import { halfDead } from './trouble.js';

const failureWeight = 3;
const tooMuch = 9;
/** So that a few answers show that it is over, however long it was. */
const mostWeight = 12;
const inARow = 3;
/** How long it may be too much, ms: far below the 5 s after which a unit that hears nothing shows its own light (I12). */
export const patienceMs = 1_000;

export class Health {
  #weight = 0;
  #row = 0;
  #failed = 0;
  #asked = 0;
  /** Since when it is too much. */
  #sinceMs: number | undefined;

  answered(): void {
    this.#row = 0;
    this.#asked += 1;
    this.#weight = Math.max(0, this.#weight - 1);
    if (this.#weight < tooMuch) this.#sinceMs = undefined;
    if (this.#weight === 0) this.reset();
  }

  /** The trouble that this failure makes of it, or undefined while it can still be borne. */
  failed(error: DockError, nowMs: number): DockError | undefined {
    this.#row += 1;
    this.#asked += 1;
    this.#failed += 1;
    this.#weight = Math.min(mostWeight, this.#weight + failureWeight);
    if (this.#weight < tooMuch) return undefined;
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < patienceMs) return undefined;
    return this.#row >= inARow ? error : halfDead(this.#failed, this.#asked, error);
  }

  reset(): void {
    this.#weight = 0;
    this.#row = 0;
    this.#failed = 0;
    this.#asked = 0;
    this.#sinceMs = undefined;
  }
}
