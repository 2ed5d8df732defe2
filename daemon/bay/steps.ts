/** The steps of a docking by name, as the log and the bay's own error say them, and what it means when one fails. Pure. */
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

export const steps = {
  identify: phrase`identify`,
  inspect: phrase`inspect`,
  switch: phrase`switch to disk mode`,
  offload: phrase`offload`,
  clear: phrase`clear`,
  judge: phrase`judge`,
} as const;

export type Step = keyof typeof steps;

/** What a step failed with. Anything but a DockError is a defect of ours, kept to this bay (I8). */
export function troubleOf(step: Step, thrown: unknown): DockError {
  if (thrown instanceof DockError) return thrown;
  return new DockError('DOCK_BAY_STEP_FAILED', {
    expected: phrase`${steps[step]} to end`,
    found: messageOf(thrown),
    todo: phrase`Take the camera out and put it back; give the log to a technician if it happens again`,
    retry: 'now',
    cause: thrown,
  });
}

/** A camera that is refused, or its card, sits in a bay that works: red flashing, take it out. Everything else is a fault. */
export function refuses({ code, retry }: DockError): boolean {
  return retry !== 'now' && (code.startsWith('DOCK_CAMERA_') || code === 'DOCK_VOLUME_UNFIT');
}
