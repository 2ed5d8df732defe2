/**
 * Which entry goes next, and how far the centre is told: the arithmetic of the ordered window. Pure, no time, no I/O.
 *
 * Within one attempt entries go out in ascending sequence without a gap; a new attempt begins at the lowest that is not told.
 * `told` never passes an entry that was not acknowledged, and never goes back.
 */

export type Receipt = 'broker' | 'centre';

/**
 * With `receipt: centre`, how many entries may be published beyond the centre's last acknowledgement. The default queue of
 * mosquitto for one subscriber (`max_queued_messages`): more could be dropped by the broker before the centre has seen them.
 */
export const UNCONFIRMED_LIMIT = 1_000;

export class Delivery {
  readonly #receipt: Receipt;
  readonly #window: number;
  #told: number;
  #next: number;
  /** All of this attempt up to here are acknowledged by the broker. */
  #acknowledged: number;
  /** Acknowledged by the broker beyond a gap; at most a window of them. */
  readonly #early = new Set<number>();

  /** `told`: sequence of the last entry that the centre has been told, 0 for none. `window` ≥ 1. */
  constructor(receipt: Receipt, window: number, told: number) {
    this.#receipt = receipt;
    this.#window = window;
    this.#told = told;
    this.#next = told + 1;
    this.#acknowledged = told;
  }

  /** Sequence of the last entry that the centre has been told. */
  get told(): number {
    return this.#told;
  }

  /** Sequence that has to be sent next. */
  get next(): number {
    return this.#next;
  }

  /** Everything of this attempt up to here is acknowledged by the broker. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Sent and not acknowledged by the broker. */
  get inFlight(): number {
    return this.#next - 1 - this.#acknowledged - this.#early.size;
  }

  /** A new attempt: from the lowest that is not told, `rewind` (≥ 0) entries earlier still. */
  restart(rewind = 0): void {
    this.#next = Math.max(1, this.#told + 1 - rewind);
    this.#acknowledged = this.#next - 1;
    this.#early.clear();
  }

  /** May `next` be sent now, with the ledger at `headSeq`? */
  maySend(headSeq: number): boolean {
    if (this.#next > headSeq || this.#next - 1 - this.#acknowledged >= this.#window) return false;
    return this.#receipt === 'broker' || this.#next - 1 - this.#told < UNCONFIRMED_LIMIT;
  }

  /** `next` was handed to the connection. */
  sent(): void {
    this.#next += 1;
  }

  /** The broker acknowledged `seq`, which was sent in this attempt. */
  brokerAcknowledged(seq: number): void {
    if (seq <= this.#acknowledged || seq >= this.#next) return;
    this.#early.add(seq);
    while (this.#early.delete(this.#acknowledged + 1)) this.#acknowledged += 1;
    if (this.#receipt === 'broker') this.#told = Math.max(this.#told, this.#acknowledged);
  }

  /** The centre acknowledged everything up to `seq`, which the caller has checked to be in the ledger. */
  centreAcknowledged(seq: number): void {
    if (this.#receipt !== 'centre' || seq <= this.#told) return;
    this.#told = seq;
    if (seq >= this.#next) {
      this.#next = seq + 1;
    }
    if (seq > this.#acknowledged) {
      this.#acknowledged = seq;
      for (const early of this.#early) if (early <= seq) this.#early.delete(early);
      while (this.#early.delete(this.#acknowledged + 1)) this.#acknowledged += 1;
    }
  }
}
