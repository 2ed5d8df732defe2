/**
 * The centre's acknowledgement: how far it has received the events without a gap, and which entry it saw there. Held against
 * the ledger before anything is believed (I5, I11).
 */
import { z } from 'zod';
import { DockError } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import type { Ledger } from '../custody/ledger.js';

export const acknowledgement = z.object({
  epoch: z.int().min(1).describe('epoch of the ledger, from the events'),
  sequence: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .describe('the highest sequence up to which every event has been received and kept'),
  leaf: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('leaf hash of the entry with that sequence, recomputed from what was received'),
});
export type Acknowledgement = z.infer<typeof acknowledgement>;

/** An acknowledgement has about 130 bytes; anything beyond this is not one. */
const LONGEST_BYTES = 1_024;

/** Throws DOCK_CENTRE_BAD_ACK: what arrives here is whatever somebody was allowed to publish on the topic (I11). */
export function parseAcknowledgement(payload: Buffer): Acknowledgement {
  if (payload.length > LONGEST_BYTES) throw badAcknowledgement(phrase`${payload.length} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(payload.toString('utf8'));
  } catch {
    throw badAcknowledgement(verbatim(payload.toString('utf8')));
  }
  const parsed = acknowledgement.safeParse(json);
  if (!parsed.success) throw badAcknowledgement(verbatim(payload.toString('utf8')));
  return parsed.data;
}

function badAcknowledgement(found: Phrase): DockError {
  return new DockError('DOCK_CENTRE_BAD_ACK', {
    expected: phrase`an acknowledgement {epoch, sequence, leaf} as in the published contract`,
    found: printable(found),
    todo: phrase`Find out who publishes on the ack topic of this dock; nothing was taken from it`,
    retry: 'never',
  });
}

/** The centre has another history than the ledger: one of the two was rewritten, forged or restored from an older copy. */
export function forked(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_CENTRE_FORKED', {
    expected,
    found,
    todo: phrase`Keep the disk as it is and compare the ledger with what the centre has; one of them was replaced or rewritten`,
    retry: 'never',
  });
}

/** Events are published and the broker has them, but the centre does not say that it has. */
export function silent(sequence: number, silentMs: number): DockError {
  return new DockError('DOCK_CENTRE_SILENT', {
    expected: phrase`the acknowledgement of the centre for sequence ${sequence} within ${silentMs} ms`,
    found: phrase`none`,
    todo: phrase`Check that the centre is running and may publish on the ack topic of this dock; events are sent again meanwhile`,
    retry: 'now',
  });
}

/** Checks acknowledgements one after the other; of a flood only the newest, so that nobody can make the dock read its ledger. */
export class AcknowledgementCheck {
  readonly #ledger: Pick<Ledger, 'head' | 'read'>;
  readonly #accepted: (seq: number) => void;
  readonly #refused: (thrown: unknown) => void;
  #newest: Acknowledgement | undefined;
  #checking = false;

  /** `accepted`: the centre has everything up to `seq`, which is in the ledger with the leaf that it saw. */
  constructor(
    ledger: Pick<Ledger, 'head' | 'read'>,
    accepted: (seq: number) => void,
    refused: (thrown: unknown) => void,
  ) {
    this.#ledger = ledger;
    this.#accepted = accepted;
    this.#refused = refused;
  }

  take(payload: Buffer): void {
    try {
      this.#newest = parseAcknowledgement(payload);
    } catch (thrown) {
      this.#refused(thrown);
      return;
    }
    if (!this.#checking) void this.#check();
  }

  async #check(): Promise<void> {
    this.#checking = true;
    while (this.#newest !== undefined) {
      const ack = this.#newest;
      this.#newest = undefined;
      try {
        if (await this.#isOurs(ack)) this.#accepted(ack.sequence);
      } catch (thrown) {
        this.#refused(thrown);
      }
    }
    this.#checking = false;
  }

  /** False: of an epoch that is over, kept by the broker for a dock that was away. Throws DOCK_CENTRE_FORKED. */
  async #isOurs({ epoch, sequence, leaf }: Acknowledgement): Promise<boolean> {
    const head = this.#ledger.head();
    const claimed = phrase`epoch ${epoch} sequence ${sequence} leaf ${leaf}`;
    if (epoch < head.epoch) return false;
    if (epoch > head.epoch || sequence > head.seq) {
      throw forked(phrase`nothing beyond epoch ${head.epoch} sequence ${head.seq}, the head of the ledger`, claimed);
    }
    const [entry] = await this.#ledger.read(sequence, 1);
    if (entry?.leaf !== leaf) throw forked(phrase`leaf ${entry?.leaf ?? 'none'} at sequence ${sequence}`, claimed);
    return true;
  }
}
