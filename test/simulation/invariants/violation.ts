/** A broken invariant of design section 2. */
export type InvariantName = `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

export function assert(invariant: InvariantName, holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new Violation(invariant, what());
}
