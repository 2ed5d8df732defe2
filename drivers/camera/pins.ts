/** What a camera tells over the cradle's data pins, for families to compose with what they hear themselves. */
import { type CameraIdentity, cannotTell } from '../contract/camera.js';
import type { SideChannel } from '../contract/cradle.js';
import { DockError } from '../contract/error.js';
import { identified, withoutPadding } from './identity.js';

/** Undefined where there are no data pins or the camera has not got this feature; any other trouble is the caller's. */
export async function toldByPins<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DockError && error.code === cannotTell) return undefined;
    throw error;
  }
}

/** Undefined where the pins have nothing to say. What they say goes before every other source (decision 0022). */
export async function identityByPins(sideChannel: SideChannel | undefined): Promise<CameraIdentity | undefined> {
  const told = await toldByPins(sideChannel?.identity());
  if (told === undefined || withoutPadding(told.serial) === '') return undefined;
  return identified(told.serial, 'side-channel', told);
}
