/** Input for the decoders of PTP that no device should send, and what they may do with it. */
import fc from 'fast-check';
import { decodeHeader, encodeData, encodeShort } from '../../drivers/camera/ptp/container.js';
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
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { UsbConnection } from '../../drivers/contract/usb.js';
import { DatasetWriter } from '../../drivers/simulated/ptp/dataset-writer.js';

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
const orderly: readonly Buffer[] = [
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

export interface Hostile {
  readonly decoder: number;
  readonly bytes: Uint8Array;
}

const decoder = fc.nat({ max: decoders.length - 1 });

/** Noise; and orderly datasets cut, with a few bytes turned and noise behind. */
export const hostileInput: fc.Arbitrary<Hostile> = fc.oneof(
  fc.record({ decoder, bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc
    .tuple(
      decoder,
      fc.constantFrom(...orderly),
      fc.nat({ max: 200 }),
      fc.array(fc.tuple(fc.nat({ max: 150 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 20 }),
    )
    .map(([which, whole, cutAt, turns, behind]) => {
      const bytes = Uint8Array.from(Buffer.concat([whole.subarray(0, cutAt), behind]));
      for (const [at, value] of turns) if (at < bytes.length) bytes[at] = value;
      return { decoder: which, bytes };
    }),
);

/** The same from a stream of random numbers, without what makes a property test slow. */
export function hostileFrom(random: () => number): Hostile {
  const below = (most: number): number => Math.floor(random() * most);
  const whole = orderly[below(orderly.length)] ?? Buffer.alloc(0);
  const noisy = below(3) === 0;
  const bytes = noisy ? new Uint8Array(below(300)) : Uint8Array.from(whole.subarray(0, below(whole.length + 1)));
  for (let turns = noisy ? bytes.length : below(5); turns > 0; turns -= 1) bytes[below(bytes.length)] = below(256);
  return { decoder: below(decoders.length), bytes };
}

/** Decodes; whatever is thrown has to be what a decoder may throw. */
export function decodeHostile({ decoder, bytes }: Hostile): void {
  try {
    decoders[decoder]?.(bytes);
  } catch (error) {
    if (!(error instanceof DockError) || error.code !== 'DOCK_PTP_MALFORMED') throw error;
  }
}

/** What a device sends after one command, transfer by transfer; afterwards it is silent. */
export type Conversation = readonly Uint8Array[];

const commandCode = 0x1008;

/** Pieces that a conversation is made of: right ones, and whatever else. */
export function conversationFrom(random: () => number): Conversation {
  const below = (most: number): number => Math.floor(random() * most);
  const bytes: Uint8Array[] = [];
  for (let pieces = below(6); pieces >= 0; pieces -= 1) {
    const transaction = below(4);
    const kind = below(6);
    if (kind < 2) bytes.push(encodeData(commandCode, transaction, new Uint8Array(below(1200))));
    else if (kind < 4) bytes.push(encodeShort('response', 0x2001, transaction, []));
    else bytes.push(Uint8Array.from({ length: below(600) }, () => below(256)));
    const last = bytes.at(-1);
    if (last !== undefined && last.length > 4 && below(5) === 0) last[below(12)] = below(256);
  }
  // Where one transfer ends and the next begins is chance too.
  const stream = Buffer.concat(bytes);
  const transfers: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = 1 + below(below(2) === 0 ? 20 : 1500);
    transfers.push(Uint8Array.from(stream.subarray(at, at + length)));
    if (below(4) === 0) transfers.push(new Uint8Array(0));
    at += length;
  }
  return transfers;
}

/** One transaction against it: an answer within the limits, or an error that the initiator may throw; and no more reads than there are transfers. */
export async function talkToHostile(transfers: Conversation): Promise<void> {
  let reads = 0;
  const silence = new DockError('DOCK_USB_TIMEOUT', {
    expected: phrase`a transfer`,
    found: phrase`none`,
    todo: phrase`Wait`,
    retry: 'now',
  });
  const link = linkTo((lengthBytes) => {
    const next = transfers[reads];
    reads += 1;
    return next === undefined ? Promise.reject(silence) : Promise.resolve(next.slice(0, lengthBytes));
  });
  const mostBytes = 1000;
  try {
    const { data, parameters } = await link.transact({
      operation: commandCode,
      parameters: [1],
      mostBytes,
      silenceMs: 1,
      wholeMs: 1,
    });
    if (data.length > mostBytes || parameters.length > 5)
      throw new Error(`${data.length} bytes, ${parameters.length} parameters`);
  } catch (error) {
    if (!(error instanceof DockError)) throw error;
  }
  if (reads > transfers.length + 1) throw new Error(`${reads} reads of ${transfers.length} transfers`);
}

/** A link to a device of which only the bytes that it sends matter; time stands still. */
export function linkTo(transferIn: (lengthBytes: number) => Promise<Uint8Array>): PtpLink {
  const connection = {
    transferOut: () => Promise.resolve(),
    transferIn: (_endpoint: number, lengthBytes: number) => transferIn(lengthBytes),
  } satisfies Pick<UsbConnection, 'transferOut' | 'transferIn'>;
  const pipes = { bulkIn: 0x81, bulkOut: 2, interruptIn: undefined, packetBytes: 512, interruptBytes: 0 };
  const clock = { wallMs: () => 0, monotonicMs: () => 0, timer: () => ({ cancel: () => undefined }) };
  return new PtpLink(connection as unknown as UsbConnection, pipes, clock);
}
