import { DockError } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';

/** What a device sent does not have the form that it must have. */
export function malformed(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_PTP_MALFORMED', {
    expected,
    found,
    todo: phrase`Put the camera in again; if it stays so, report its maker, model and firmware`,
    retry: 'now',
  });
}
