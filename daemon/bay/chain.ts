/**
 * What is done in one bay, one thing after another, so that its entries never overtake each other.
 *
 * Must never wait for ever: reads of a dying card can hang in the kernel, and what comes next then goes ahead without them.
 */
import { type Clock, within } from '../../drivers/contract/clock.js';
import type { Log } from '../runtime/log.js';

/** How long the chain waits for an abandoned step, ms. */
const abandonDeadlineMs = 10_000;

export class Chain {
  readonly #bay: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();

  constructor(bay: string, clock: Clock, log: Log) {
    this.#bay = bay;
    this.#clock = clock;
    this.#log = log;
  }

  /** Everything begun until now has ended. */
  get settled(): Promise<void> {
    return this.#last;
  }

  /** What fails here could not even be entered: it is logged, and the restart finds the truth again. */
  add(name: string, work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#log.error('bay.entry-lost', { bay: this.#bay, step: name }, error);
    });
  }

  /** What runs now was abandoned: it may wind down, but is not waited for beyond its deadline. */
  bound(): void {
    this.#last = within(this.#clock, 'bay.abandon', abandonDeadlineMs, this.#last, () => new Error('late')).catch(
      () => {
        this.#log.warn('bay.step-stuck', { bay: this.#bay });
      },
    );
  }
}
