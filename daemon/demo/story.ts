/** What happens in the demo, in order: people come and put cameras in, one pulls his out again. */

import { bayName } from '../../config/schema.js';
import { sleep } from '../../drivers/contract/clock.js';
import type { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import type { CradleCamera, CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import type { BayStatus } from '../bay/status.js';
import { systemClock } from '../runtime/clock.js';
import type { DockStatus } from '../status.js';
import type { DemoCamera } from './cameras.js';

export const demoCradle = '1';

export interface Stage {
  readonly cradle: SimulatedCradle;
  readonly mediaRoot: string;
  readonly status: () => DockStatus;
  readonly signal: AbortSignal;
  /** Longest that the whole story may take, ms. */
  readonly deadlineMs: number;
}

const betweenPeopleMs = 400;
const lookEveryMs = 40;
/** How long an officer holds the camera in his hand before he thinks better of it. */
const inHandMs = 1_500;
/** How much of the pulled camera is copied when it is pulled. */
const pulledAt = 0.05;

/** Resolves when every camera has come to its end: true if it is the one it should come to. */
export async function play(stage: Stage, cameras: readonly DemoCamera[]): Promise<boolean> {
  for (const camera of cameras) {
    await putIn(stage, camera, camera.slot);
    await pause(stage, betweenPeopleMs);
  }
  const pulls = cameras.map((camera) =>
    camera.backInSlot === undefined ? Promise.resolve() : pullAndPutBack(stage, camera, camera.backInSlot),
  );
  await Promise.all(pulls);
  return until(stage, () => cameras.every((camera) => bayOf(stage, camera)?.state === camera.outcome));
}

/** `pins`: those of a camera that was in before, with the clock that was set then. */
async function putIn(
  { cradle, mediaRoot }: Stage,
  { camera }: DemoCamera,
  slot: number,
  pins: CradleCamera | CradleCameraOptions = camera.pins,
): Promise<void> {
  cradle.insert(slot, pins);
  await camera.insert(mediaRoot, bayName(demoCradle, slot));
}

async function pullAndPutBack(stage: Stage, camera: DemoCamera, slot: number): Promise<void> {
  await until(stage, () => {
    const bytes = bayOf(stage, camera)?.progress?.bytes;
    return bytes !== undefined && bytes.done >= pulledAt * bytes.total && bytes.done > 0;
  });
  const pins = stage.cradle.remove(camera.slot);
  await camera.camera.remove();
  await pause(stage, inHandMs);
  await putIn(stage, camera, slot, pins);
}

/** Where the camera sits: by bay, since one that is refused is not known by name. */
function bayOf(stage: Stage, { id, slot, backInSlot }: DemoCamera): BayStatus | undefined {
  const bays = stage.status().bays;
  const named = bays.find(({ camera }) => camera === id);
  return named ?? (backInSlot === undefined ? bays.find(({ bay }) => bay === bayName(demoCradle, slot)) : undefined);
}

function pause({ signal }: Stage, ms: number): Promise<void> {
  return sleep(systemClock, 'demo', ms, signal);
}

async function until(stage: Stage, met: () => boolean): Promise<boolean> {
  const byMs = systemClock.monotonicMs() + stage.deadlineMs;
  while (!met()) {
    if (systemClock.monotonicMs() > byMs) return false;
    await pause(stage, lookEveryMs);
  }
  return true;
}

/** The story's outcome; false when it was ended before. */
export function playable(story: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  return story.catch((error: unknown) => {
    if (signal.aborted) return false;
    throw error;
  });
}
