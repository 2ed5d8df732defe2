/**
 * Whether a unit can be used, judged from how its requests ended. Pure counting; told nothing of what the requests were.
 *
 * One lost frame is no trouble on a long line. Three in a row are, and so is a line that goes on losing more than one in
 * four: a failure weighs three, an answer takes one back, and nine is too much.
 */
import type { DockError } from '../../contract/error.js';
import { halfDead } from './trouble.js';

const failureWeight = 3;
const tooMuch = 9;
const inARow = 3;

export class Health {
  #weight = 0;
  #row = 0;
  #failed = 0;
  #asked = 0;

  answered(): void {
    this.#row = 0;
    this.#asked += 1;
    this.#weight = Math.max(0, this.#weight - 1);
    if (this.#weight === 0) this.reset();
  }

  /** The trouble that this failure makes of it, or undefined while it can still be borne. */
  failed(error: DockError): DockError | undefined {
    this.#row += 1;
    this.#asked += 1;
    this.#failed += 1;
    this.#weight += failureWeight;
    if (this.#weight < tooMuch) return undefined;
    return this.#row >= inARow ? error : halfDead(this.#failed, this.#asked, error);
  }

  reset(): void {
    this.#weight = 0;
    this.#row = 0;
    this.#failed = 0;
    this.#asked = 0;
  }
}
