/**
 * What a system error means on a camera's volume, and whether another try can help: decided here and nowhere further up. Pure.
 */
import { DockError, errnoOf, messageOf } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';

/** The device under the volume is not there any more. */
const deviceGone = new Set(['ENODEV', 'ENXIO', 'ESHUTDOWN', 'ENOMEDIUM', 'ESTALE', 'ENOTCONN', 'EBADF']);
const pathGone = new Set(['ENOENT', 'ENOTDIR']);

export function isDeviceGone(error: unknown): boolean {
  return deviceGone.has(errnoOf(error) ?? '');
}

/** What a failure at the volume's root, or one of the whole volume, means. */
export function volumeFault(volume: string, error: unknown): unknown {
  if (error instanceof DockError) return error;
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const found = printable(messageOf(error));
  if (isDeviceGone(error) || pathGone.has(errno)) return volumeGone(volume, found, error);
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new DockError('DOCK_VOLUME_REFUSED', {
      expected: phrase`to be allowed to read the volume ${volume}`,
      found,
      todo: phrase`Mount the volume so that the service user of Custodock can read it (uid=, umask=)`,
      retry: 'after-redocking',
      cause: error,
    });
  }
  // EIO of a flaky contact is over at the next try as often as not.
  return new DockError('DOCK_VOLUME_UNREADABLE', {
    expected: phrase`a readable volume ${volume}`,
    found,
    todo: phrase`Put the camera in again; if it stays so, keep the card and have it read by a specialist`,
    retry: 'now',
    cause: error,
  });
}

export function volumeGone(volume: string, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_VOLUME_GONE', {
    expected: phrase`the volume ${volume} to stay as it was found`,
    found,
    todo: phrase`Put the camera in again`,
    retry: 'after-redocking',
    cause,
  });
}
