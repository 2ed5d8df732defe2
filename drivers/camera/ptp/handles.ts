/**
 * Which object a path was listed from: one number for a path and one for its handle, so that a card of 100,000 objects costs a few
 * megabytes. Handles mean nothing in another session.
 */
import { createHash } from 'node:crypto';

/** Two paths of one key: neither is answered from here. */
const ambiguous = -1;

export class ListedHandles {
  readonly #handles = new Map<number, number>();
  #generation = -1;
  /** Everything of this session is here. */
  #complete = false;

  begin(generation: number): void {
    if (generation === this.#generation) return;
    this.#handles.clear();
    this.#generation = generation;
    this.#complete = false;
  }

  add(path: Uint8Array, handle: number, generation: number): void {
    if (generation !== this.#generation) return;
    const key = keyOf(path);
    const known = this.#handles.get(key);
    this.#handles.set(key, known === undefined || known === handle ? handle : ambiguous);
  }

  completed(generation: number): void {
    if (generation === this.#generation) this.#complete = true;
  }

  /** Undefined: nothing is known of it, and it has to be looked for; null: it was not there. */
  find(path: Uint8Array, generation: number): number | null | undefined {
    if (generation !== this.#generation) return undefined;
    const handle = this.#handles.get(keyOf(path));
    if (handle === ambiguous) return undefined;
    return handle ?? (this.#complete ? null : undefined);
  }
}

function keyOf(path: Uint8Array): number {
  return createHash('sha256').update(path).digest().readUIntBE(0, 6);
}
