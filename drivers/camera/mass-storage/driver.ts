/**
 * Cameras that show their card as a mounted volume; whatever the cradle's data pins say of them is composed with it.
 *
 * Answerable for: telling which camera this is, listing its card completely, and never writing to it except to erase one proved recording.
 */
import { statfs } from 'node:fs/promises';
import type {
  CameraFamily,
  CameraIdentity,
  CameraRecording,
  CameraSession,
  EraseProof,
  FileSource,
  Probe,
  Sighting,
  Storage,
  Volume,
} from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import type { SideChannel } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { identified, withoutPadding } from '../identity.js';
import { eraseRecording } from './erase.js';
import { volumeFault } from './faults.js';
import { openVolume, within } from './folder.js';
import { deepestFolder, type ListingLimits, listVolume } from './listing.js';
import { answered } from './patience.js';

export interface MassStorageOptions {
  readonly clock: Clock;
  /** Most recordings that are taken from one card; beyond it one entry of the listing says `too-many`. */
  readonly maxRecordings: () => number;
  /** Erases from a volume that is mounted read-only: the media helper's. Absent: such a volume cannot be cleared. */
  readonly clear?: (volume: Volume, recording: CameraRecording, proof: EraseProof) => Promise<void>;
}

/** File systems that keep wall time without a zone; Linux shows it as if it were UTC when mounted with `tz=UTC`. */
const wallTimeFileSystems = new Set(['vfat', 'msdos', 'exfat']);

/** Fits whatever has a volume; a family that knows more of its device scores higher. */
const volumeScore = 10;
const volumeAndPinsScore = 20;

export function massStorageFamily(options: MassStorageOptions): CameraFamily {
  return {
    name: 'mass-storage',
    probe,
    async open(sighting, signal) {
      const { volume, sideChannel } = sighting;
      if (volume === undefined) {
        throw new DockError('DOCK_VOLUME_GONE', {
          expected: 'a mounted volume',
          found: 'none',
          todo: 'Check that the camera is switched to disk mode, and put it in again',
          retry: 'after-redocking',
        });
      }
      const limits = { recordings: options.maxRecordings(), depth: deepestFolder };
      // What is at the path must be the volume that was seen before anything is said of it.
      await (await openVolume(volume, { clock: options.clock, volume: volume.name, signal })).close();
      const identity = await identityOf(volume, sideChannel, limits, options.clock, signal);
      return session(volume, sideChannel, identity, limits, options);
    },
  };
}

function probe({ volume, sideChannel }: Sighting): Probe {
  if (volume === undefined) return { score: 0, because: 'no volume' };
  return sideChannel === undefined
    ? { score: volumeScore, because: `a ${volume.fileSystem} volume` }
    : { score: volumeAndPinsScore, because: `a ${volume.fileSystem} volume and data pins` };
}

function session(
  volume: Volume,
  sideChannel: SideChannel | undefined,
  identity: CameraIdentity,
  limits: ListingLimits,
  { clock, clear }: MassStorageOptions,
): CameraSession {
  const root = Buffer.from(`${volume.path}/`);
  return {
    identity,
    fileTimes: wallTimeFileSystems.has(volume.fileSystem) ? 'local' : 'utc',
    storage: () => storageOf(volume, sideChannel, clock),
    ...(sideChannel === undefined
      ? {}
      : { battery: () => sideChannel.battery(), faults: () => sideChannel.faults(), clock: sideChannel.clock }),
    recordings: (signal) => listVolume(volume, limits, clock, signal),
    source: (recording): FileSource => ({ kind: 'file', path: Buffer.concat([root, recording.path]) }),
    ...eraser(volume, clock, clear),
    // Nothing is held open between two calls, so that the volume can be unmounted at any time.
    close: () => Promise.resolve(),
  };
}

function eraser(volume: Volume, clock: Clock, clear: MassStorageOptions['clear']): Pick<CameraSession, 'erase'> {
  if (!volume.readOnly) return { erase: (recording, proof) => eraseRecording(volume, recording, proof, clock) };
  // What was not put away in order is not written to, whoever asks: the helper would refuse it.
  if (clear === undefined || volume.dirty === true) return {};
  return { erase: (recording, proof) => clear(volume, recording, proof) };
}

/** Serial from the data pins, else the device number that all file names agree on, else the file system's UUID. */
async function identityOf(
  volume: Volume,
  sideChannel: SideChannel | undefined,
  limits: ListingLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<CameraIdentity> {
  const told = await toldByPins(sideChannel?.identity());
  signal.throwIfAborted();
  if (told !== undefined && withoutPadding(told.serial) !== '') return identified(told.serial, 'side-channel', told);
  const names = await namesOn(volume, limits, clock, signal);
  if (names !== undefined)
    return identified(names.device, 'file-names', names.user === undefined ? {} : { userNumber: names.user });
  if (volume.uuid !== undefined) return identified(volume.uuid, 'volume');
  throw new DockError('DOCK_CAMERA_IDENTITY_MISSING', {
    expected: 'a serial number over data pins, file names with a device number, or a volume with a UUID',
    found: 'none of these',
    todo: 'Dock the camera in a cradle with data pins, or have its maker’s tool give it a device number',
    retry: 'after-redocking',
  });
}

/** The one device number in the file names, and the officer's where they agree on that too; undefined: no name has one. */
async function namesOn(
  volume: Volume,
  limits: ListingLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly device: string; readonly user?: string } | undefined> {
  let first: { readonly device: string; readonly user: string } | undefined;
  let oneUser = true;
  for await (const listed of listVolume(volume, limits, clock, signal)) {
    const named = 'recording' in listed ? listed.recording.named : undefined;
    if (named === undefined) continue;
    first ??= named;
    if (named.device !== first.device) {
      throw new DockError('DOCK_CAMERA_IDENTITY_UNCLEAR', {
        expected: 'file names of one camera',
        found: `device numbers ${first.device} and ${named.device}`,
        todo: 'Take the camera out: its card holds recordings of several cameras, have a technician sort them',
        retry: 'after-redocking',
      });
    }
    if (named.user !== first.user) oneUser = false;
  }
  if (first === undefined) return undefined;
  return oneUser ? first : { device: first.device };
}

/** As the camera tells it, else as the mounted file system does. */
async function storageOf(volume: Volume, sideChannel: SideChannel | undefined, clock: Clock): Promise<Storage> {
  const told = await toldByPins(sideChannel?.storage());
  if (told !== undefined) return told;
  const patience = { clock, volume: volume.name };
  try {
    const root = await openVolume(volume, patience);
    try {
      const { blocks, bsize, bavail } = await answered(patience, statfs(within(root, Buffer.from('.'))));
      return { capacityBytes: blocks * bsize, freeBytes: bavail * bsize };
    } finally {
      await root.close();
    }
  } catch (error) {
    throw volumeFault(volume.name, error);
  }
}

/** Undefined where there are no data pins or the camera has not got this feature; any other trouble is the caller's. */
async function toldByPins<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DockError && error.code === 'DOCK_CRADLE_CANNOT_TELL') return undefined;
    throw error;
  }
}
