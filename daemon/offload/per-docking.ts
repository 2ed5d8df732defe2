/** What is remembered of dockings while they last: bounded, for nobody says when one is over. */

/** A dock has at most 1,024 bays. */
const remembered = 1_024;

export class PerDocking<T> {
  readonly #make: () => T;
  readonly #known = new Map<string, T>();

  constructor(make: () => T) {
    this.#make = make;
  }

  of(docking: string): T {
    const known = this.#known.get(docking);
    if (known !== undefined) return known;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= remembered) this.#known.delete(oldest);
    const made = this.#make();
    this.#known.set(docking, made);
    return made;
  }
}
