/** What a system error of the archive's disk means: pure, and the one place that decides it. */
import { DockError, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';

/** Only what the kernel says is translated; a DockError, an abort or a bug passes as it is. */
export function systemErrno(error: unknown): string | undefined {
  const errno = error instanceof DockError ? undefined : errnoOf(error);
  return errno !== undefined && /^E[A-Z0-9]+$/.test(errno) ? errno : undefined;
}

export async function onArchive<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw archiveFault(error);
  }
}

/**
 * A failure on the archive's side. It is not an error of the camera: whoever puts the archive right need not put every camera in again,
 * so all of them are worth another try in a while.
 */
export function archiveFault(error: unknown): unknown {
  const errno = systemErrno(error);
  if (errno === undefined) return error;
  const found = printable(messageOf(error));
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return archiveError(
      'DOCK_ARCHIVE_FULL',
      phrase`room in the archive`,
      found,
      phrase`Make room on the archive disk`,
      error,
    );
  }
  if (errno === 'EROFS') {
    const todo = phrase`Check the archive disk: Linux turns it read-only after an error`;
    return archiveError('DOCK_ARCHIVE_READ_ONLY', phrase`a writable archive`, found, todo, error);
  }
  if (errno === 'ENOENT' || errno === 'ENODEV' || errno === 'ENXIO' || errno === 'ENOTDIR' || errno === 'ESHUTDOWN') {
    const todo = phrase`Check that the archive disk is connected and mounted`;
    return archiveError('DOCK_ARCHIVE_GONE', phrase`the archive where it was`, found, todo, error);
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    const todo = phrase`Give the service user of Custodock the archive folder, on a file system that knows hard links`;
    return archiveError('DOCK_ARCHIVE_REFUSED', phrase`an archive that this service may write`, found, todo, error);
  }
  const todo = phrase`Check the archive disk for errors (journalctl -k, smartctl)`;
  return archiveError('DOCK_ARCHIVE_WRITE', phrase`the archive to keep what was written`, found, todo, error);
}

function archiveError(
  code: `DOCK_ARCHIVE_${string}`,
  expected: Phrase,
  found: Phrase,
  todo: Phrase,
  cause: unknown,
): DockError {
  return new DockError(code, { expected, found, todo, retry: 'now', cause });
}
