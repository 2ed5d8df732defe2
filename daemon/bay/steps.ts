/** The steps of a docking by name, as the log and the bay's own error say them. */
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

/** A step failed with what is no DockError: a defect of ours, kept to this bay (I8). */
export function unexpected(step: Step, cause: unknown): DockError {
  return new DockError('DOCK_BAY_STEP_FAILED', {
    expected: phrase`${steps[step]} to end`,
    found: messageOf(cause),
    todo: phrase`Take the camera out and put it back; give the log to a technician if it happens again`,
    retry: 'now',
    cause,
  });
}
