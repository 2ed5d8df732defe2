/**
 * Cameras that first show a control interface: what they told there is kept for the time after, when only their volume is left (decision 0096).
 */
import type { Battery, CameraAccount, CameraSession, Volume } from '../../drivers/contract/camera.js';
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import type { Charge } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import type { DockingAccount } from '../custody/ledger.js';

/** A clip is closed within seconds; a camera that refuses for longer is in trouble. */
const refusedForMs = 60_000;
const askAgainMs = 2_000;

/** Asks until the camera agrees. Resolves to how often it refused; throws its refusal when it goes on for too long. */
export async function switchToDiskMode(
  toDiskMode: NonNullable<CameraSession['toDiskMode']>,
  clock: Clock,
  signal: AbortSignal,
  onRefused: (error: DockError) => void,
): Promise<number> {
  const untilMs = clock.monotonicMs() + refusedForMs;
  for (let refusals = 0; ; refusals++) {
    signal.throwIfAborted();
    try {
      await toDiskMode();
      return refusals;
    } catch (error) {
      const closing = error instanceof DockError && error.code === 'DOCK_CAMERA_DISK_MODE_REFUSED';
      if (!closing || clock.monotonicMs() >= untilMs) throw error;
      if (refusals === 0) onRefused(error);
    }
    await sleep(clock, 'camera.disk-mode', askAgainMs, signal);
  }
}

/**
 * The camera of a docking that went on over a restart of the dock, in disk mode all the while: it cannot say any more who it is, and is known
 * again by its volume. Undefined where the volume is not the one that was inspected in that docking, or the camera needs no help. Pure.
 */
export function knownAgain(account: DockingAccount | undefined, volume: Volume | undefined): CameraAccount | undefined {
  if (account === undefined || account.identifiedBy !== 'protocol') return undefined;
  if (volume?.uuid === undefined || volume.uuid !== account.volumeUuid) return undefined;
  const { family, camera, batteryPercent } = account;
  return {
    family,
    identity: { id: camera, source: 'protocol' },
    ...(batteryPercent === null ? {} : { battery: { percent: batteryPercent, charging: false } }),
  };
}

/** The battery of a camera that cannot tell it now: what it told before, and what the cradle's charger says since. Pure. */
export function chargedSince(told: Battery | undefined, charge: Charge): Battery | undefined {
  if (charge === 'full') return { percent: 100, charging: false };
  return told && { percent: told.percent, charging: charge === 'charging' };
}
