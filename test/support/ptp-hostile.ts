/** Input that no device should send, for the decoders of PTP, for one transaction, and for the ladder that brings a device back in step. */
import { decodeHeader } from '../../drivers/camera/ptp/container.js';
import { DatasetReader } from '../../drivers/camera/ptp/dataset-reader.js';
import {
  decodeDeviceInfo,
  decodeNumbers,
  decodeObjectInfo,
  decodeObjectPropList,
  decodePropertyDescription,
  decodeStorageInfo,
} from '../../drivers/camera/ptp/datasets.js';
import { parsePtpTime, ptpTimeToLocalMs, ptpTimeToUtcMs } from '../../drivers/camera/ptp/date-time.js';
import { PtpLink } from '../../drivers/camera/ptp/link.js';
import { pathPart } from '../../drivers/camera/ptp/names.js';
import { foundAgain, openLink } from '../../drivers/camera/ptp/opening.js';
import { resynchronise } from '../../drivers/camera/ptp/recovery.js';
import type { UsbConnection } from '../../drivers/contract/usb.js';
import { DatasetWriter } from '../../drivers/simulated/ptp/dataset-writer.js';
import { MemoryUsbCamera } from '../../drivers/simulated/ptp/memory-usb.js';
import type { Random } from '../simulation/random.js';
import { assertHolds, damaged, decoded, noise, type Target } from './hostile.js';
import { endOf, HostileUsb } from './hostile-usb.js';
import { VirtualClock } from './virtual-clock.js';

const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => (bytes.length < 12 ? undefined : decodeHeader(bytes)),
  decodeDeviceInfo,
  (bytes) => decodeNumbers(bytes, 'handles'),
  decodeStorageInfo,
  (bytes) => decodeObjectInfo(bytes, false),
  (bytes) => decodeObjectInfo(bytes, true),
  decodePropertyDescription,
  (bytes) => [...decodeObjectPropList(bytes)],
  (bytes) => timesOf(new DatasetReader(bytes, 'text').text()),
  (bytes) => pathPart(new DatasetReader(bytes, 'text').text()),
];

function timesOf(raw: string): unknown {
  const time = parsePtpTime(raw);
  return time === undefined ? undefined : [ptpTimeToUtcMs(time, 'UTC'), ptpTimeToLocalMs(time, 'UTC')];
}

/** What each decoder would take for good: the beginning of the worst input. */
const orderly: readonly Uint8Array[] = [
  Buffer.from('10000000010002100000000001000000', 'hex'),
  new DatasetWriter()
    .u16(100)
    .u32(6)
    .u16(100)
    .text('android.com')
    .u16(0)
    .u16s([1, 2])
    .u16s([])
    .u16s([3])
    .u16s([])
    .u16s([])
    .text('a')
    .text('b')
    .text('c')
    .text('d').bytes,
  new DatasetWriter().u32s([1, 2, 3]).bytes,
  new DatasetWriter().u16(3).u16(2).u16(0).u64(64n).u64(32n).u32(0).text('').text('').bytes,
  new DatasetWriter()
    .u32(0x10001)
    .u16(0x3000)
    .u16(0)
    .u32(5)
    .u16(0)
    .u32s([0, 0, 0, 0, 0])
    .u32(7)
    .u16(0)
    .u32(0)
    .u32(0)
    .text('a.mp4')
    .text('20260302T080000')
    .text('').bytes,
  new DatasetWriter().u16(0x5001).u16(2).u8(0).u8(0).u8(80).u8(1).u8(0).u8(100).u8(1).bytes,
  new DatasetWriter().u32(1).u32(9).u16(0xdc04).u16(8).u64(5n).bytes,
  new DatasetWriter().text('20260302T080000.0+0800').bytes,
];

export const ptpDatasets: Target = {
  name: 'PTP datasets',
  parts: 10,
  decode: (random) => {
    const bytes = random.chance(0.3) ? noise(random, 300) : damaged(random, random.pick(orderly));
    decoded(bytes, 'DOCK_PTP_MALFORMED', random.pick(decoders));
  },
};

/** Waits of ours that a link hands to the pipe: its own question's, and the requests of the ladder. */
const silenceMs = 1_000;
const wholeMs = 3_000;
const mostBytes = 1_000;

/** Status of a device that is still cancelling. */
const busy = Uint8Array.of(4, 0, 0x19, 0x20);

/** A camera without a card behind a hostile wire: what is asked here it answers without one. */
function hostileCamera(random: Random) {
  // The simulated device takes some turns of the event loop over each answer; time waits for it.
  const clock = new VirtualClock(undefined, async () => {
    for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  });
  const camera = new MemoryUsbCamera({ card: '/nonexistent', clock, serial: 'PTP-1' });
  const { temper } = camera.responder;
  temper.splitHeader = random.chance(0.3);
  temper.glueResponse = random.chance(0.3);
  temper.unknownLength = random.chance(0.2);
  if (random.chance(0.6)) temper.reenumeratesAfterMs = random.pick([1, 3_000, 20_000]);
  const alwaysBusy = random.chance(0.3);
  const wires: HostileUsb[] = [];
  const tools = {
    clock,
    find: camera.find,
    open: async (...asked: Parameters<MemoryUsbCamera['open']>) => {
      const orderly = await camera.open(...asked);
      const device = alwaysBusy ? { ...orderly, controlIn: () => Promise.resolve(busy) } : orderly;
      const wire = new HostileUsb(device, { clock, random, mostWaitMs: silenceMs });
      wires.push(wire);
      return wire;
    },
  };
  return {
    clock,
    tools,
    usb: camera.device,
    end: () => {
      camera.pull();
      for (const wire of wires) wire.assertAskedRightly();
    },
  };
}

const never = new AbortController().signal;

export const ptpTransactions: Target = {
  name: 'PTP transactions',
  parts: 8,
  talk: async (random) => {
    const { clock, tools, usb, end } = hostileCamera(random);
    const link = await openLink(usb, tools, never);
    const shares: number[] = [];
    // What the one before left in the pipe is met by the next.
    for (let count = 0; count < 3; count += 1) {
      const operation = random.pick([0x1001, 0x1002, 0x1004, 0x1015]);
      const sunk: number[] = [];
      const sink = async (bytes: Uint8Array): Promise<void> => void sunk.push(bytes.length);
      const asked = { operation, parameters: [0x5001], mostBytes, silenceMs, wholeMs };
      const goes = random.pick([{}, {}, { sink }, { into: [new Uint8Array(100), new Uint8Array(1_000)] }]);
      const answer = link.transact({ ...asked, ...goes });
      const { value, share } = await endOf(clock, answer, wholeMs);
      shares.push(share);
      const got = Math.max(
        value?.bytes ?? 0,
        sunk.reduce((sum, bytes) => sum + bytes, 0),
      );
      assertHolds(got <= mostBytes, `${got} bytes are at most ${mostBytes}`);
      assertHolds((value?.parameters.length ?? 0) <= 5, 'a response has at most five parameters');
    }
    end();
    return Math.max(...shares);
  },
};

/**
 * All rungs of the ladder with each wait in it to its end: cancelling 4.05 s (its request, the pipe emptied, busy for a second and once more at the
 * end of that, the question whether it is in step), 2 s for a class reset, 1 s for a port reset, 4.6 s for finding it again.
 */
const ladderMs = 11_650;

export const ptpLadder: Target = {
  name: 'PTP recovery',
  parts: 8,
  talk: async (random) => {
    const { clock, tools, usb, end } = hostileCamera(random);
    const link = await openLink(usb, tools, never);
    const findAgain = (reset: boolean): Promise<PtpLink> => foundAgain(usb, tools, reset, never);
    const { share } = await endOf(clock, resynchronise(link, clock, findAgain), ladderMs);
    end();
    return share;
  },
};

/** A link to a device of which only the bytes that it sends matter; time stands still. */
export function linkTo(transferIn: (lengthBytes: number, into: ArrayBuffer) => Promise<Uint8Array>): PtpLink {
  const connection = {
    transferOut: () => Promise.resolve(),
    transferIn: async (_endpoint: number, memory: Uint8Array<ArrayBuffer>) => {
      const bytes = await transferIn(memory.length, memory.buffer);
      memory.set(bytes);
      return memory.subarray(0, bytes.length);
    },
  } satisfies Pick<UsbConnection, 'transferOut' | 'transferIn'>;
  const pipes = { bulkIn: 0x81, bulkOut: 2, interruptIn: undefined, packetBytes: 512, interruptBytes: 0 };
  const clock = { wallMs: () => 0, monotonicMs: () => 0, timer: () => ({ cancel: () => undefined }) };
  return new PtpLink(connection as unknown as UsbConnection, pipes, clock);
}
