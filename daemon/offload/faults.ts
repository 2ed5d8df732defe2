/**
 * What an error means for a copy: what the camera's side says, what stops all copies, what helps at once. Pure.
 *
 * The same errno means different things on the two sides: EIO from a camera may be a pulled plug, EIO from the archive
 * (`archive/faults.ts`) is a failing disk.
 */
import { badPlace, cameraGone as cameraGoneCode } from '../../drivers/contract/camera.js';
import { DockError, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import { systemErrno } from '../archive/faults.js';

/** The device itself is not there any more: interruption, never salvage. */
const deviceGoneErrnos = new Set(['ENODEV', 'ENXIO', 'ESHUTDOWN', 'ENOTCONN', 'ESTALE', 'ENOMEDIUM', 'EBADF']);
/** A place on the medium cannot be read: worth another try, then salvage. */
const badPlaceErrnos = new Set(['EIO', 'EREMOTEIO', 'EILSEQ', 'EBADMSG', 'ENODATA', 'EUCLEAN', 'ETIMEDOUT', 'EREMCHG']);

export async function onSource<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw sourceFault(error);
  }
}

export function isBadPlace(error: unknown): boolean {
  return badPlaceErrnos.has(errnoOf(error) ?? '') || (error instanceof DockError && error.code === badPlace);
}

export function isDeviceGone(error: unknown): boolean {
  return deviceGoneErrnos.has(errnoOf(error) ?? '') || (error instanceof DockError && error.code === cameraGoneCode);
}

/** A failure on the camera's side. */
export function sourceFault(error: unknown): unknown {
  if (error instanceof DockError) return error.code === badPlace ? recordingUnreadable(error.found, error) : error;
  const errno = systemErrno(error);
  if (errno === undefined) return error;
  if (isDeviceGone(error)) return cameraGone(error);
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') {
    return new DockError('DOCK_RECORDING_GONE', {
      expected: phrase`the recording that was listed`,
      found: printable(messageOf(error)),
      todo: phrase`Put the camera in again so that its card is listed anew`,
      retry: 'after-redocking',
      cause: error,
    });
  }
  return recordingUnreadable(printable(messageOf(error)), error);
}

export function cameraGone(cause: unknown): DockError {
  return new DockError('DOCK_CAMERA_GONE', {
    expected: phrase`the camera to stay until everything is copied`,
    found: printable(messageOf(cause)),
    todo: phrase`Put the camera in again: copying goes on where it stopped`,
    retry: 'after-redocking',
    cause,
  });
}

export function recordingUnreadable(found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_RECORDING_UNREADABLE', {
    expected: phrase`a readable recording`,
    found,
    todo: phrase`Put the camera in again; if it stays so, keep the card and have it read by a specialist`,
    retry: 'after-redocking',
    cause,
  });
}

export function cameraUnreadable(inARow: number, last: DockError): DockError {
  return new DockError('DOCK_CAMERA_UNREADABLE', {
    expected: phrase`recordings that can be read`,
    found: phrase`${inARow} in a row that cannot; last: ${last.found}`,
    todo: phrase`Put the camera in again; if it stays so, keep the card and have it read by a specialist`,
    retry: 'after-redocking',
    cause: last,
  });
}

export function recordingChanged(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_RECORDING_CHANGED', {
    expected,
    found,
    todo: phrase`Stop recording on the camera and put it in again`,
    retry: 'after-redocking',
  });
}

export function recordingBusy(): DockError {
  return new DockError('DOCK_RECORDING_BUSY', {
    expected: phrase`one copy of a recording at a time`,
    found: phrase`the same recording of the same camera is being copied in another bay, or the archive disk still holds an earlier copy`,
    todo: phrase`Check that no two cameras have the same identity, and the archive disk for errors (journalctl -k, smartctl)`,
    retry: 'now',
  });
}

/** Whether the same copy can succeed at once: what stops all needs somebody, or at least time. */
export function helpsAtOnce(error: unknown): boolean {
  return error instanceof DockError && error.retry === 'now' && error.code !== 'DOCK_ARCHIVE_FULL' && !stopsAll(error);
}

/** Errors that stop every recording alike, not only the one at hand. */
export function stopsAll(error: unknown): boolean {
  if (!(error instanceof DockError)) return false;
  return (
    error.code === 'DOCK_CAMERA_GONE' ||
    error.code === 'DOCK_CAMERA_STALLED' ||
    error.code === 'DOCK_ARCHIVE_READ_ONLY' ||
    error.code === 'DOCK_ARCHIVE_GONE' ||
    error.code === 'DOCK_ARCHIVE_REFUSED' ||
    error.code === 'DOCK_ARCHIVE_STALLED' ||
    error.code === 'DOCK_OFFLOAD_MEMORY' ||
    error.code.startsWith('DOCK_LEDGER_')
  );
}

/** Why something on the card is not listed, as the log says it. */
export const unreadReasons = {
  unreadable: phrase`unreadable`,
  'too-deep': phrase`too-deep`,
  'too-many': phrase`too-many`,
} as const;
