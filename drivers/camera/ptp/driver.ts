/**
 * Cameras, recorders and terminals that speak PTP or MTP over USB.
 *
 * Answerable for: telling which camera this is by the serial number of its protocol, listing all that is on it, reading it, and never writing
 * to it but to set its clock and to erase one proved recording (I1, I3).
 */
import type {
  CameraFamily,
  CameraIdentity,
  CameraRecording,
  CameraSession,
  EraseProof,
  Listed,
  Probe,
  Sighting,
} from '../../contract/camera.js';
import type { SideChannel } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import type { UsbDevice } from '../../contract/usb.js';
import { identified, withoutPadding } from '../identity.js';
import { readBattery } from './battery.js';
import { PtpClock } from './clock.js';
import { deviceProperties, operations, storageAccess } from './codes.js';
import { PtpDevice } from './device.js';
import { eraseObject } from './erase.js';
import { gone } from './faults.js';
import { ListedHandles } from './handles.js';
import { ptpInterface } from './interface.js';
import { deepestFolder, listObjects } from './listing.js';
import { concernsOneObject, PtpObjects } from './objects.js';
import type { DeviceTools } from './opening.js';
import { PtpReader, type Resolve } from './source.js';

export interface PtpOptions extends DeviceTools {
  /** Most recordings that are taken from one camera; beyond it one entry of the listing says `too-many`. */
  readonly maxRecordings: () => number;
  /** IANA zone of times without one: the dock's, for its cameras belong to the same bureau. */
  readonly timeZone: () => string;
}

/** Above a volume with data pins: whoever has this interface knows more of itself than its card does. */
const score = 30;

export function ptpFamily(options: PtpOptions): CameraFamily {
  return {
    name: 'ptp',
    probe,
    async open({ usb, sideChannel }, signal, onInterrupted) {
      if (usb === undefined) throw gone(new Error('no USB device at the port'));
      const device = await PtpDevice.open(usb, options, signal, onInterrupted);
      try {
        const objects = new PtpObjects(device, options.timeZone);
        return session(objects, identityOf(device, usb), await canErase(objects), sideChannel, options);
      } catch (error) {
        await device.close();
        throw error;
      }
    },
  };
}

function probe({ usb }: Sighting): Probe {
  if (usb === undefined) return { score: 0, because: phrase`no USB device` };
  const found = ptpInterface(usb);
  return found === undefined ? { score: 0, because: phrase`no PTP interface` } : { score, because: found.because };
}

/** The protocol's serial; the device descriptor's where it tells none. A number of nothing but zeros is nobody's. */
function identityOf({ info }: PtpDevice, usb: UsbDevice): CameraIdentity {
  const { maker, model } = info;
  for (const serial of [info.serial, usb.serial]) {
    const told = withoutPadding(serial);
    if (told !== '' && !/^0+$/.test(told)) return identified(told, 'protocol', { maker, model });
  }
  throw new DockError('DOCK_CAMERA_IDENTITY_MISSING', {
    expected: phrase`a serial number in DeviceInfo`,
    found: phrase`none`,
    todo: phrase`Have the maker’s tool give the camera a serial number, and put it in again`,
    retry: 'after-redocking',
  });
}

/** Some storage lets objects be deleted. A camera that does not say so is left alone. */
async function canErase(objects: PtpObjects): Promise<boolean> {
  if (!objects.device.info.operations.has(operations.deleteObject)) return false;
  const { readWrite, readOnlyWithDeletion } = storageAccess;
  try {
    for (const storage of await objects.storages()) {
      const { access } = await objects.storageInfo(storage);
      if (access === readWrite || access === readOnlyWithDeletion) return true;
    }
  } catch (error) {
    if (!concernsOneObject(error)) throw error;
  }
  return false;
}

function session(
  objects: PtpObjects,
  identity: CameraIdentity,
  erasable: boolean,
  pins: SideChannel | undefined,
  options: PtpOptions,
): CameraSession {
  const { device } = objects;
  const { properties } = device.info;
  const handles = new ListedHandles();
  const resolve: Resolve = (path, signal) => resolveIn(objects, handles, options, path, signal);
  const reader = new PtpReader(objects, options.clock, resolve);
  const erase = (recording: CameraRecording, proof: EraseProof) =>
    eraseObject(objects, reader, resolve, recording, proof);
  return {
    identity,
    fileTimes: 'local',
    storage: () => objects.storage(),
    ...batteryBy(device, pins),
    ...(pins === undefined ? {} : { faults: () => pins.faults() }),
    // Data pins read milliseconds; the protocol whole seconds at best.
    ...(pins !== undefined
      ? { clock: pins.clock }
      : properties.has(deviceProperties.dateTime)
        ? { clock: new PtpClock(device, options.clock, options.timeZone) }
        : {}),
    get copiesAtOnce() {
      return reader.someWhole ? 1 : undefined;
    },
    recordings: (signal) => listed(objects, handles, options, signal, reader),
    source: (recording) => reader.source(recording),
    ...(erasable ? { erase } : {}),
    async close() {
      await reader.stop();
      await device.close();
    },
  };
}

function batteryBy(device: PtpDevice, pins: SideChannel | undefined): Pick<CameraSession, 'battery'> {
  if (device.info.properties.has(deviceProperties.batteryLevel)) return { battery: () => readBattery(device) };
  return pins === undefined ? {} : { battery: () => pins.battery() };
}

async function* listed(
  objects: PtpObjects,
  handles: ListedHandles,
  { maxRecordings }: PtpOptions,
  signal: AbortSignal,
  reader?: PtpReader,
): AsyncGenerator<Listed, void, undefined> {
  const { generation } = objects.device;
  handles.begin(generation);
  const limits = { recordings: maxRecordings(), depth: deepestFolder };
  let anyHandle: number | undefined;
  for await (const { listed, handle } of listObjects(objects, limits, signal)) {
    if ('recording' in listed && handle !== undefined) {
      handles.add(listed.recording.path, handle, generation);
      if (listed.recording.sizeBytes > 0) anyHandle ??= handle;
    }
    yield listed;
  }
  handles.completed(generation);
  // Once all is listed: trouble with one object is no reason to know nothing of the others.
  if (anyHandle !== undefined) await reader?.learn(anyHandle, generation, signal);
}

async function resolveIn(
  objects: PtpObjects,
  handles: ListedHandles,
  options: PtpOptions,
  path: Uint8Array,
  signal: AbortSignal,
): Promise<{ readonly handle: number; readonly generation: number } | undefined> {
  const { generation } = objects.device;
  const known = handles.find(path, generation);
  if (known !== undefined) return known === null ? undefined : { handle: known, generation };
  // After a reset, or of a recording that somebody else listed: everything is listed once more.
  for await (const _ of listed(objects, handles, options, signal));
  const found = handles.find(path, generation);
  return found === undefined || found === null ? undefined : { handle: found, generation };
}
