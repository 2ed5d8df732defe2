/** What every family owes before it erases (I3). Pure. */
import type { CameraRecording, EraseProof } from '../contract/camera.js';
import { DockError } from '../contract/error.js';
import { type Phrase, phrase, verbatim } from '../contract/phrase.js';
import { printable } from '../contract/text.js';
import { recordingAt } from './recording.js';

/** What must hold before anything is looked at: a proof that is one, and a recording that may be erased at all. */
export function assertProved(recording: CameraRecording, { sha256, leaf, sequence }: EraseProof): void {
  const hex64 = /^[0-9a-f]{64}$/;
  if (!hex64.test(sha256) || !hex64.test(leaf) || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw new DockError('DOCK_ERASE_NO_PROOF', {
      expected: phrase`a ledger entry that proves the copy of ${recording.displayPath}`,
      found: printable(phrase`sha256 “${sha256}”, leaf “${leaf}”, sequence ${sequence}`),
      todo: phrase`Report this as a defect of Custodock; the recording is still on the camera`,
      retry: 'never',
    });
  }
  // Judged by the path once more: what the caller holds may have lost the mark on its way.
  if (recording.important || recordingAt(recording.path, 0, 0).important) {
    throw new DockError('DOCK_ERASE_IMPORTANT', {
      expected: phrase`a recording without the important mark`,
      found: verbatim(recording.displayPath),
      todo: phrase`Keep it on the camera: recordings that are marked important are never erased by the dock`,
      retry: 'never',
    });
  }
}

export function eraseChanged(expected: Phrase, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_ERASE_CHANGED', {
    expected,
    found,
    todo: phrase`Put the camera in again so that its card is listed and offloaded anew`,
    retry: 'after-redocking',
    cause,
  });
}

export function eraseReadOnly(expected: Phrase, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_ERASE_READ_ONLY', {
    expected,
    found,
    todo: phrase`Nothing needs to be done: the recording stays on the camera`,
    retry: 'never',
    cause,
  });
}

export function eraseFailed({ displayPath }: CameraRecording, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_ERASE_FAILED', {
    expected: phrase`the camera to erase ${displayPath}`,
    found,
    todo: phrase`Put the camera in again; the recording is safe in the archive`,
    retry: 'after-redocking',
    cause,
  });
}
