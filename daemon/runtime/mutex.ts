/**
 * One at a time, in order of arrival.
 *
 * Has no deadline of its own: whoever runs work under it gives the work one.
 */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` after all earlier work has settled, whether it succeeded or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    // Settled, not fulfilled: the failure of one is its own caller's matter.
    this.#last = Promise.allSettled([turn]);
    return turn;
  }
}
