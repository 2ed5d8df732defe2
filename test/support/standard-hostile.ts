/** Cameras with the standard device functions behind a hostile wire, and their information block as no device should write it. */
import {
  blockBytes,
  decodeInformation,
  gbkText,
  informationLayouts,
} from '../../drivers/camera/standard/information-block.js';
import type { CameraFamily } from '../../drivers/contract/camera.js';
import type { UsbConnection, UsbDevice } from '../../drivers/contract/usb.js';
import { encodeInformation } from '../../drivers/simulated/standard-block.js';
import { StandardCamera } from '../../drivers/simulated/standard-camera.js';
import type { SimulatedDevice } from '../../drivers/simulated/usb-bus.js';
import type { Random } from '../simulation/random.js';
import { assertHolds, damaged, decoded, noise, type Target } from './hostile.js';
import { endOf, HostileUsb } from './hostile-usb.js';
import { UsbRig } from './usb-rig.js';

const layouts = Object.values(informationLayouts);

/** Every field is the text of its own bytes, or the block is refused for its length: whatever those bytes are. */
function assertBlockRead(block: Uint8Array): void {
  const said = decoded(block, 'DOCK_CAMERA_BLOCK_INVALID', decodeInformation);
  const layout = layouts.find((one) => blockBytes(one) === block.length);
  assertHolds((said === undefined) === (layout === undefined), `a block of ${block.length} bytes is read or refused`);
  if (said === undefined || layout === undefined) return;
  let from = 0;
  for (const [at, text] of Object.values(said).entries()) {
    const width = layout.widths[at] ?? 0;
    const field = block.subarray(from, from + width - (layout.terminated ? 1 : 0));
    assertHolds(text === gbkText(field), `field ${at} is its own text in ${Buffer.from(block).toString('hex')}`);
    assertHolds(!text.includes('\0') && text.length <= field.length, `field ${at} ends at a NUL or its width`);
    from += width;
  }
}

/** Letters, first and second bytes of GBK, NUL and what no character begins with. */
const gbkBytes = [0x41, 0x37, 0x81, 0xd5, 0xc5, 0xfe, 0x40, 0x7f, 0x80, 0xff, 0x00];

export const informationBlocks: Target = {
  name: 'information blocks',
  parts: 10,
  decode: (random) => {
    const field = (): Uint8Array =>
      random.chance(0.3)
        ? noise(random, 40)
        : Uint8Array.from({ length: random.int(0, 40) }, () => random.pick(gbkBytes));
    const block = encodeInformation(random.pick(layouts), [field(), field(), field(), field(), field()]);
    assertBlockRead(random.chance(0.7) ? block : random.chance(0.5) ? damaged(random, block) : noise(random, 600));
  },
};

/** One interface behind a hostile wire, for whoever speaks to it directly. */
export async function hostileWire(
  random: Random,
  deviceOf: (camera: StandardCamera) => SimulatedDevice,
  mostWaitMs: number,
): Promise<{ readonly rig: UsbRig; readonly wire: HostileUsb }> {
  const rig = new UsbRig();
  const { usb } = rig.plug(deviceOf(cameraOf(random, rig)));
  const orderly = await rig.usb.open(usb as UsbDevice, 0, never);
  return { rig, wire: new HostileUsb(orderly, { clock: rig.clock, random, mostWaitMs }) };
}

/** How long a family may take over each of its functions when every wait in it comes to its end, ms. */
export interface FunctionTimes {
  readonly transfer: number;
  readonly open: number;
  readonly battery: number;
  /** Without the second that it waits for the edge. */
  readonly setTime: number;
  readonly toDiskMode: number;
}

export interface HostileFamily {
  readonly family: (options: UsbRig['options']) => CameraFamily;
  readonly device: (camera: StandardCamera, random: Random) => SimulatedDevice;
  readonly mostMs: FunctionTimes;
}

const never = new AbortController().signal;
const edgeAfterMs = 1_000;

/** One docking of a hostile camera, as far as it lets it come; the longest wait as a share of what it may be. */
export async function dockHostile({ family, device, mostMs }: HostileFamily, random: Random): Promise<number> {
  const rig = new UsbRig();
  const { clock, usb, options } = rig;
  const wires: HostileUsb[] = [];
  const openUsb = async (...asked: Parameters<typeof usb.open>): Promise<UsbConnection> => {
    const wire = new HostileUsb(await usb.open(...asked), { clock, random, mostWaitMs: mostMs.transfer });
    wires.push(wire);
    return wire;
  };
  const sighting = rig.plug(device(cameraOf(random, rig), random));
  const shares: number[] = [];
  const told = async <T>(work: Promise<T>, withinMs: number): Promise<T | undefined> => {
    const { value, share } = await endOf(clock, work, withinMs);
    shares.push(share);
    return value;
  };
  const session = await told(family({ ...options, openUsb }).open(sighting, never), mostMs.open);
  if (session !== undefined) {
    assertHolds(/^[A-Za-z0-9][\w.-]{0,63}$/.test(session.identity.id), 'an identity is usable or refused');
    const battery = await told(session.battery?.() ?? Promise.resolve(undefined), mostMs.battery);
    assertHolds(battery === undefined || (battery.percent >= 0 && battery.percent <= 100), 'a battery is 0 to 100 %');
    const [targetMs, atMs] = [clock.wallMs() + edgeAfterMs, clock.monotonicMs() + edgeAfterMs];
    await told(session.blindClock?.set(targetMs, atMs) ?? Promise.resolve(), edgeAfterMs + mostMs.setTime);
    await told(session.toDiskMode?.() ?? Promise.resolve(), mostMs.toDiskMode);
    await session.close();
  }
  for (const wire of wires) wire.assertAskedRightly();
  assertHolds(!usb.isOpen('1-1.3'), 'the interface is given back');
  return Math.max(...shares);
}

function cameraOf(random: Random, { clock }: UsbRig): StandardCamera {
  const serial = random.chance(0.8) ? 'A700012' : noise(random, 40);
  return new StandardCamera(clock, { serial, userName: noise(random, 32), foreignPassword: random.chance(0.1) });
}
