/** Why the volume of a port is not mounted, for people: in the helper's log, at the bay and in doctor. Pure. */
import { DockError } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import { printable } from '../contract/text.js';
import type { RefusedPort } from './helper/plan.js';

/** `found` may have come by way of a file. */
export function unfitVolume({ reason, found }: Pick<RefusedPort, 'reason' | 'found'>): DockError {
  return new DockError('DOCK_VOLUME_UNFIT', {
    expected: phrase`one volume with vfat, exFAT or ext4, whole and used by nobody else`,
    found: because(reason, printable(found)),
    todo: phrase`Keep the card as it is: nothing was written to it; have a technician look at it`,
    retry: 'after-redocking',
  });
}

function because(reason: RefusedPort['reason'], found: Phrase): Phrase {
  switch (reason) {
    case 'unknown':
      return phrase`unknown: ${found}`;
    case 'damaged':
      return phrase`damaged: ${found}`;
    case 'unreadable':
      return phrase`unreadable: ${found}`;
    case 'not-mounted':
      return phrase`not mounted: ${found}`;
    case 'several':
      return phrase`several: ${found}`;
    case 'in-use':
      return phrase`in use: ${found}`;
  }
}
