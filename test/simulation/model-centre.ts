/**
 * The centre behind the broker, by the published contract: it takes only the next event, ignores what is beyond a gap, and
 * acknowledges what it has; at once, late, or not at all for a while.
 */
import type { Clock } from '../../drivers/contract/clock.js';
import type { ModelBroker } from './model-broker.js';

export class ModelCentre {
  /** Everything up to here has been received. */
  received = 0;
  /** The highest sequence that was ever acknowledged. */
  acknowledged = 0;
  /** From an event to the acknowledgement, ms. */
  delayMs = 1;
  silent = false;
  readonly #clock: Clock;
  readonly #broker: ModelBroker;
  readonly #topic: string;
  #last: { readonly epoch: number; readonly leaf: string } | undefined;
  #due = false;

  /** `topic`: where acknowledgements go. */
  constructor(clock: Clock, broker: ModelBroker, topic: string) {
    this.#clock = clock;
    this.#broker = broker;
    this.#topic = topic;
    broker.onHanded = (payload) => this.#take(payload);
  }

  /** Says how far it has received, as it does every few seconds and after each event; `silent`: it does not. */
  acknowledge(): void {
    if (this.#due) return;
    this.#due = true;
    this.#clock.timer('model centre', this.delayMs, () => {
      this.#due = false;
      if (this.silent || this.#last === undefined) return;
      this.acknowledged = this.received;
      this.#broker.say(this.#topic, JSON.stringify({ ...this.#last, sequence: this.received }));
    });
  }

  #take(payload: string): void {
    const { sequence, epoch, leaf } = JSON.parse(payload) as { sequence: string; epoch: number; leaf: string };
    if (Number(sequence) === this.received + 1) {
      this.received += 1;
      this.#last = { epoch, leaf };
    }
    this.acknowledge();
  }
}
