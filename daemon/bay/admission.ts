/** Who is let into a bay: a camera of the register, the one that this docking began with, with a card that is its own. Pure. */
import type { Config } from '../../config/schema.js';
import type { CameraIdentity } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';

type RegisteredCamera = Config['cameras'][number];

/**
 * `docked`: the camera that this docking began with; null: none yet. Throws DOCK_CAMERA_CHANGED_IDENTITY, DOCK_CAMERA_NOT_REGISTERED, or
 * DOCK_CAMERA_NOT_THE_SAME.
 */
export function admit(
  identity: CameraIdentity,
  docked: string | null,
  register: readonly RegisteredCamera[],
): RegisteredCamera {
  if (docked !== null && docked !== identity.id) {
    throw new DockError('DOCK_CAMERA_CHANGED_IDENTITY', {
      expected: verbatim(docked),
      found: verbatim(identity.id),
      todo: phrase`Take the camera out and put it back`,
      retry: 'after-redocking',
    });
  }
  const registered = register.find(({ id }) => id === identity.id);
  if (registered === undefined) {
    throw new DockError('DOCK_CAMERA_NOT_REGISTERED', {
      expected: phrase`a camera of the register`,
      found: verbatim(identity.id),
      todo: phrase`Enter the camera in the register (cameras: in the configuration), or take it out`,
      retry: 'after-redocking',
    });
  }
  assertNoOther(identity, register);
  return registered;
}

/** The card names another camera of the register, and not the one that was switched to disk mode. */
function assertNoOther({ id, othersNamed }: CameraIdentity, register: readonly RegisteredCamera[]): void {
  const other = othersNamed?.find((named) => register.some((camera) => camera.id === named));
  if (other === undefined) return;
  throw new DockError('DOCK_CAMERA_NOT_THE_SAME', {
    expected: phrase`the card of camera ${id}`,
    found: phrase`file names of camera ${other}`,
    todo: phrase`Take the camera out and put it back; if it happens again have a technician sort its card`,
    retry: 'after-redocking',
  });
}
