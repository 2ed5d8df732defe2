import { DockError } from '../../contract/error.js';

/** What a device sent does not have the form that it must have. */
export function malformed(expected: string, found: string): DockError {
  return new DockError('DOCK_PTP_MALFORMED', {
    expected,
    found,
    todo: 'Put the camera in again; if it stays so, report its maker, model and firmware',
    retry: 'now',
  });
}
