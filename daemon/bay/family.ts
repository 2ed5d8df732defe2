/** Which family a camera is of: the highest score wins, a tie is refused rather than guessed. Pure. */
import type { CameraFamily, Sighting } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

/** Throws what is wrong with its volume, DOCK_CAMERA_UNKNOWN or DOCK_CAMERA_AMBIGUOUS; the latter with what every family said. */
export function chooseFamily(families: readonly CameraFamily[], sighting: Sighting): CameraFamily {
  const probes = families
    .map((family) => ({ family, ...family.probe(sighting) }))
    .sort((one, other) => other.score - one.score);
  const [best, second] = probes;
  const found = probes
    .map(({ family, score, because }) => phrase`${`${family.name} ${score}`} (${because})`)
    .reduce((all, one) => phrase`${all}, ${one}`);
  if (best === undefined || best.score <= 0) {
    // That no family sees a volume is what follows from it, and would send people looking in the wrong place.
    if (sighting.unfit !== undefined) throw sighting.unfit;
    throw new DockError('DOCK_CAMERA_UNKNOWN', {
      expected: phrase`a camera of a known family`,
      found,
      todo: phrase`Check that the camera is switched to disk mode and its plug is clean, or take it out`,
      retry: 'after-redocking',
    });
  }
  if (second !== undefined && second.score === best.score) {
    throw new DockError('DOCK_CAMERA_AMBIGUOUS', {
      expected: phrase`one family that fits best`,
      found,
      todo: phrase`Take the camera out and report it: its kind cannot be told`,
      retry: 'never',
    });
  }
  return best.family;
}
