/**
 * What may be a camera's identity. Pure.
 *
 * An id becomes a folder name in the archive, a level of an MQTT topic and a key of the register, and it comes from the camera:
 * hostile input (I11). So it is taken as it is or refused, never repaired: two cameras must not be mended into one.
 */
import type { CameraIdentity } from '../contract/camera.js';
import { DockError } from '../contract/error.js';
import { phrase, verbatim } from '../contract/phrase.js';
import { printable } from '../contract/text.js';

/** Letters, digits, `.`, `_`, `-`; begins with a letter or digit, so that it is never `..` or hidden; at most 64 characters. */
const usable = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Longest maker, model or officer number that is kept, in characters. */
const longestNote = 64;

/** `claimed` without the padding of fixed fields (NUL, space); throws DOCK_CAMERA_IDENTITY_UNUSABLE where that is no usable id. */
export function usableCameraId(claimed: string): string {
  const id = withoutPadding(claimed);
  if (usable.test(id)) return id;
  throw new DockError('DOCK_CAMERA_IDENTITY_UNUSABLE', {
    expected: phrase`an identity of 1–64 letters, digits, dots, hyphens or underscores that begins with a letter or digit`,
    found: verbatim(`“${printable(claimed, 80)}”`),
    todo: phrase`Give the camera a proper serial number with its maker’s tool, and put it in again`,
    retry: 'after-redocking',
  });
}

/** Text that a camera says of itself, fit to be kept and shown; undefined where it says nothing. */
export function identityNote(said: string): string | undefined {
  const note = printable(withoutPadding(said), longestNote);
  return note === '' ? undefined : note;
}

export function withoutPadding(text: string): string {
  let from = 0;
  let to = text.length;
  const isPadding = (at: number): boolean => text[at] === '\0' || text[at] === ' ';
  while (from < to && isPadding(from)) from++;
  while (to > from && isPadding(to - 1)) to--;
  return text.slice(from, to);
}

/** An identity with the notes that say something. */
export function identified(
  id: string,
  source: CameraIdentity['source'],
  notes: { readonly maker?: string; readonly model?: string; readonly userNumber?: string } = {},
): CameraIdentity {
  const maker = identityNote(notes.maker ?? '');
  const model = identityNote(notes.model ?? '');
  const userNumber = identityNote(notes.userNumber ?? '');
  return {
    id: usableCameraId(id),
    source,
    ...(maker === undefined ? {} : { maker }),
    ...(model === undefined ? {} : { model }),
    ...(userNumber === undefined ? {} : { userNumber }),
  };
}
