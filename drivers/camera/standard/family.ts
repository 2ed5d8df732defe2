/**
 * What families with the standard device functions have in common: a control interface tells identity and battery, takes the time, and then
 * gives way to disk mode, in which the camera is a volume (decision 0095). A family adds its models and how to talk.
 */
import type { CameraFamily, CameraSession, Listed, Probe, Sighting } from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import type { SideChannel } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import type { OpenUsb, UsbConnection, UsbDevice, UsbInterface } from '../../contract/usb.js';
import { identified } from '../identity.js';
import { identityByPins, toldByPins } from '../pins.js';
import { assertConfirmedInTime, edge, type LocalSecond, type LocalTime, localSecond } from './edge.js';

/** One camera that answers at its control interface. */
export interface StandardDevice {
  /** As it says it, unchecked. */
  readonly says: {
    readonly serial: string;
    readonly maker?: string;
    readonly model?: string;
    readonly userNumber?: string;
  };
  /** Percent, 0–100. Absent: it cannot tell. */
  readonly battery?: () => Promise<number>;
  /** Makes the camera show `second` from when `edge` resolves; resolves when it has confirmed. */
  setTime(second: LocalSecond, edge: () => Promise<void>): Promise<void>;
  /** Resolves when it has agreed, or has left without a word; DOCK_CAMERA_DISK_MODE_REFUSED while it closes a clip. */
  toDiskMode(): Promise<void>;
}

/**
 * Whether a camera that was told to switch may have left the bus before its answer came: that is an answer too, and whether it comes back is seen at
 * its port. A controller reports a failed transfer before the hub tells that the plug is empty.
 */
export function mayHaveLeft(error: unknown): boolean {
  return error instanceof DockError && ['DOCK_USB_GONE', 'DOCK_USB_TIMEOUT', 'DOCK_USB_FAILED'].includes(error.code);
}

/** How a camera with its control interface open shows itself on the bus, and what is particular about it. */
export interface StandardModel {
  readonly name: string;
  fits(device: UsbDevice): boolean;
  /** Tried one after another. Defaults of the makers, printed in their manuals: no secrets, and no security. */
  readonly passwords: readonly string[];
}

export interface StandardOptions {
  readonly clock: Clock;
  readonly openUsb: OpenUsb;
  /** Cameras keep the local time of the bureau. */
  readonly localTime: LocalTime;
}

export interface StandardFamily<Model extends StandardModel> {
  readonly name: string;
  readonly models: readonly Model[];
  /** The interface to talk to. */
  interfaceOf(device: UsbDevice): UsbInterface | undefined;
  /** Logs in and asks who it is. */
  connect(usb: UsbConnection, model: Model, clock: Clock): Promise<StandardDevice>;
}

/** Knows its device by what that says of itself: more than any volume, whose device says nothing. */
const modelScore = 50;

export function standardFamily<Model extends StandardModel>(
  family: StandardFamily<Model>,
  { clock, openUsb, localTime }: StandardOptions,
): CameraFamily {
  const modelOf = (device: UsbDevice | undefined): Model | undefined =>
    device === undefined || family.interfaceOf(device) === undefined
      ? undefined
      : family.models.find((model) => model.fits(device));
  return {
    name: family.name,
    probe: ({ usb, volume }): Probe => {
      const model = modelOf(usb);
      if (model === undefined) return { score: 0, because: phrase`no ${family.name} device` };
      if (volume !== undefined) return { score: 0, because: phrase`${model.name}, in disk mode already` };
      return { score: modelScore, because: phrase`the control interface of ${model.name}` };
    },
    async open({ usb, sideChannel }: Sighting, signal) {
      const model = modelOf(usb);
      const control = usb === undefined ? undefined : family.interfaceOf(usb);
      if (usb === undefined || control === undefined || model === undefined) throw gone(family.name);
      const connection = await openUsb(usb, control.number, signal);
      try {
        const device = await twice(() => family.connect(connection, model, clock), signal);
        return await session(device, connection, sideChannel, clock, localTime);
      } catch (error) {
        await connection.close();
        throw error;
      }
    },
  };
}

async function session(
  device: StandardDevice,
  connection: UsbConnection,
  sideChannel: SideChannel | undefined,
  clock: Clock,
  localTime: LocalTime,
): Promise<CameraSession> {
  const { serial, ...notes } = device.says;
  const identity = (await identityByPins(sideChannel)) ?? identified(serial, 'protocol', notes);
  // A clock that can be read is measured; only where there is none is this one set blindly.
  const readable = sideChannel !== undefined && (await toldByPins(sideChannel.clock.read())) !== undefined;
  const battery = batteryOf(device, sideChannel);
  return {
    identity,
    fileTimes: 'local',
    ...(battery === undefined ? {} : { battery }),
    ...(sideChannel === undefined ? {} : { faults: () => sideChannel.faults() }),
    ...(readable
      ? { clock: sideChannel.clock }
      : {
          blindClock: {
            resolutionMs: 1_000,
            set: async (targetMs, atMs) => {
              await device.setTime(localSecond(localTime(targetMs)), () => edge(clock, atMs));
              assertConfirmedInTime(clock, atMs);
            },
          },
        }),
    recordings: nothingYet,
    source: () => {
      throw new Error('no recording was listed');
    },
    toDiskMode: () => device.toDiskMode(),
    close: () => connection.close(),
  };
}

/** What the pins tell is alive; without them the camera is asked while it can be. */
function batteryOf(device: StandardDevice, pins: SideChannel | undefined): CameraSession['battery'] {
  const { battery } = device;
  if (battery === undefined) return pins === undefined ? undefined : () => pins.battery();
  return async () => (await toldByPins(pins?.battery())) ?? { percent: await twice(() => battery()), charging: false };
}

/** Its recordings are seen in disk mode: an empty list would say that it has none. */
function nothingYet(signal: AbortSignal): AsyncIterable<Listed> {
  const next = async (): Promise<never> => {
    signal.throwIfAborted();
    throw new DockError('DOCK_CAMERA_NOT_A_DISK', {
      expected: phrase`a camera in disk mode`,
      found: phrase`its control interface`,
      todo: phrase`Report this as a defect of Custodock; the recordings are still on the camera`,
      retry: 'now',
    });
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** A question whose answer was lost is asked once more: after disk mode nobody can ask it any more. */
async function twice<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DockError) || error.retry !== 'now') throw error;
    return ask();
  }
}

/** The two bulk endpoints of an interface; undefined where it has not exactly one in each direction. */
export function bulkPair(
  control: UsbInterface,
): { readonly out: number; readonly in: number; readonly packetBytes: number } | undefined {
  const bulk = control.endpoints.filter(({ transfer }) => transfer === 'bulk');
  const incoming = bulk.filter(({ address }) => address >= 0x80);
  const outgoing = bulk.filter(({ address }) => address < 0x80);
  const [to] = outgoing;
  const [from] = incoming;
  if (to === undefined || from === undefined || incoming.length + outgoing.length !== 2) return undefined;
  // Descriptors lie: what is no packet would be no end of a transfer.
  if (!(from.packetBytes >= 8 && from.packetBytes <= 1_024)) return undefined;
  return { out: to.address, in: from.address, packetBytes: from.packetBytes };
}

function gone(family: string): DockError {
  return new DockError('DOCK_CAMERA_CONTROL_GONE', {
    expected: phrase`the control interface of a camera of the family ${family}`,
    found: phrase`none`,
    todo: phrase`Put the camera in again`,
    retry: 'after-redocking',
  });
}
