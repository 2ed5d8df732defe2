/**
 * Cameras that show their card as a mounted volume; what the cradle's data pins say of them, or they themselves before they switched to
 * disk mode, is composed with it.
 *
 * Answerable for: telling which camera this is, listing its card completely, and never writing to it except to erase one proved recording.
 */
import { statfs } from 'node:fs/promises';
import type {
  Battery,
  CameraAccount,
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
import { phrase } from '../../contract/phrase.js';
import { identified } from '../identity.js';
import { identityByPins, toldByPins } from '../pins.js';
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
      const { volume, sideChannel, before } = sighting;
      if (volume === undefined) {
        throw new DockError('DOCK_VOLUME_GONE', {
          expected: phrase`a mounted volume`,
          found: phrase`none`,
          todo: phrase`Check that the camera is switched to disk mode, and put it in again`,
          retry: 'after-redocking',
        });
      }
      const limits = { recordings: options.maxRecordings(), depth: deepestFolder };
      // What is at the path must be the volume that was seen before anything is said of it.
      await (await openVolume(volume, { clock: options.clock, volume: volume.name, signal })).close();
      const identity = await identityOf(volume, sideChannel, before, limits, options.clock, signal);
      return session(volume, sideChannel, before?.battery, identity, limits, options);
    },
  };
}

function probe({ volume, sideChannel }: Sighting): Probe {
  if (volume === undefined) return { score: 0, because: phrase`no volume` };
  return sideChannel === undefined
    ? { score: volumeScore, because: phrase`a ${volume.fileSystem} volume` }
    : { score: volumeAndPinsScore, because: phrase`a ${volume.fileSystem} volume and data pins` };
}

function session(
  volume: Volume,
  sideChannel: SideChannel | undefined,
  toldBefore: Battery | undefined,
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
      ? toldBefore && { battery: () => Promise.resolve(toldBefore) }
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

/** By the data pins, else by what it said before disk mode, else the device number that all file names agree on, else the file system's UUID. */
async function identityOf(
  volume: Volume,
  sideChannel: SideChannel | undefined,
  before: CameraAccount | undefined,
  limits: ListingLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<CameraIdentity> {
  const told = await identityByPins(sideChannel);
  signal.throwIfAborted();
  if (told !== undefined) return told;
  if (before !== undefined) {
    const othersNamed = await othersNamedOn(volume, before.identity.id, limits, clock, signal);
    return othersNamed.length === 0 ? before.identity : { ...before.identity, othersNamed };
  }
  const names = await namesOn(volume, limits, clock, signal);
  if (names !== undefined)
    return identified(names.device, 'file-names', names.user === undefined ? {} : { userNumber: names.user });
  if (volume.uuid !== undefined) return identified(volume.uuid, 'volume');
  throw new DockError('DOCK_CAMERA_IDENTITY_MISSING', {
    expected: phrase`a serial number over data pins, file names with a device number, or a volume with a UUID`,
    found: phrase`none of these`,
    todo: phrase`Dock the camera in a cradle with data pins, or have its maker’s tool give it a device number`,
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
        expected: phrase`file names of one camera`,
        found: phrase`device numbers ${first.device} and ${named.device}`,
        todo: phrase`Take the camera out: its card holds recordings of several cameras, have a technician sort them`,
        retry: 'after-redocking',
      });
    }
    if (named.user !== first.user) oneUser = false;
  }
  if (first === undefined) return undefined;
  return oneUser ? first : { device: first.device };
}

/** Enough to say whose card this might be. */
const mostOthersNamed = 4;

/** Device numbers in the file names; none where one of them is `id`, which is soon found on an ordinary card. */
async function othersNamedOn(
  volume: Volume,
  id: string,
  limits: ListingLimits,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const others = new Set<string>();
  for await (const listed of listVolume(volume, limits, clock, signal)) {
    const device = 'recording' in listed ? listed.recording.named?.device : undefined;
    if (device === id) return [];
    if (device !== undefined && others.size < mostOthersNamed) others.add(device);
  }
  return [...others];
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
