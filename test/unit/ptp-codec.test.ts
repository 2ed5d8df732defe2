import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHeader,
  decodeParameters,
  encodeData,
  encodeShort,
  headerBytes,
} from '../../drivers/camera/ptp/container.js';
import { DatasetReader, dataTypes } from '../../drivers/camera/ptp/dataset-reader.js';
import {
  decodeDeviceInfo,
  decodeNumbers,
  decodeObjectInfo,
  decodeObjectPropList,
  decodePropertyDescription,
  decodeStorageInfo,
  encodeText,
} from '../../drivers/camera/ptp/datasets.js';
import {
  formatPtpTime,
  fractionMs,
  parsePtpTime,
  ptpTimeToLocalMs,
  ptpTimeToUtcMs,
} from '../../drivers/camera/ptp/date-time.js';
import type { PtpLink } from '../../drivers/camera/ptp/link.js';
import { PartNames, pathPart } from '../../drivers/camera/ptp/names.js';
import { quirksOf } from '../../drivers/camera/ptp/quirks.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { DatasetWriter } from '../../drivers/simulated/ptp/dataset-writer.js';
import { libusb, usbFault } from '../../drivers/usb/transfer.js';
import { meetFirst } from '../support/hostile.js';
import { linkTo, ptpDatasets, ptpLadder, ptpTransactions } from '../support/ptp-hostile.js';

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });

describe('containers (PIMA 15740, annex D)', () => {
  it('are the bytes of the standard', () => {
    // OpenSession of session 1, and the response to it.
    expect(encodeShort('command', 0x1002, 0, [1])).toEqual(hex('10000000 0100 0210 00000000 01000000'));
    expect(decodeHeader(hex('0c000000 0300 0120 00000000'))).toEqual({
      type: 'response',
      code: 0x2001,
      transaction: 0,
      restBytes: 0,
    });
    expect(encodeData(0x1016, 5, hex('aabb'))).toEqual(hex('0e000000 0200 1610 05000000 aabb'));
  });

  it('come back as they went', () => {
    fc.assert(
      fc.property(u16, u32, fc.array(u32, { maxLength: 5 }), (code, transaction, parameters) => {
        const bytes = encodeShort('response', code, transaction, parameters);
        expect(decodeHeader(bytes)).toEqual({ type: 'response', code, transaction, restBytes: parameters.length * 4 });
        expect(decodeParameters(bytes.subarray(12))).toEqual(parameters);
      }),
    );
  });

  it.each([
    ['shorter than itself', '0b000000 0300 0120 00000000'],
    ['of no length', '00000000 0200 0120 00000000'],
    ['of type 0', '0c000000 0000 0120 00000000'],
    ['of type 5', '0c000000 0500 0120 00000000'],
    ['a response with six parameters', '24000000 0300 0120 00000000'],
    ['a response with half a parameter', '0e000000 0300 0120 00000000'],
    ['a response without length', 'ffffffff 0300 0120 00000000'],
  ])('refuse one %s', (_, bytes) => {
    expect(() => decodeHeader(hex(bytes))).toThrow('DOCK_PTP_MALFORMED');
  });

  it('may be of a length that only a short packet tells', () => {
    expect(decodeHeader(hex('ffffffff 0200 0910 07000000')).restBytes).toBeUndefined();
  });
});

describe('datasets', () => {
  it('text is counted UTF-16 with its NUL', () => {
    expect(encodeText('A1')).toEqual(hex('03 4100 3100 0000'));
    expect(encodeText('')).toEqual(hex('00'));
    fc.assert(
      fc.property(fc.string({ maxLength: 254, unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\0') && text.length <= 254);
        expect(new DatasetReader(encodeText(text), 'text').text()).toBe(text);
      }),
    );
    // Nothing behind a NUL, and no NUL at all, are both borne.
    expect(new DatasetReader(hex('03 4100 0000 4200'), 'text').text()).toBe('A');
    expect(new DatasetReader(hex('01 4100'), 'text').text()).toBe('A');
  });

  it('DeviceInfo as a device writes it', () => {
    const bytes = new DatasetWriter()
      .u16(100)
      .u32(6)
      .u16(100)
      .text('android.com: 1.0;')
      .u16(0)
      .u16s([0x1001, 0x95c1])
      .u16s([0x4002])
      .u16s([0x5001])
      .u16s([])
      .u16s([])
      .text('Maker')
      .text('Model')
      .text('1')
      .text('S-1').bytes;
    expect(decodeDeviceInfo(bytes)).toEqual({
      vendorExtension: 'android.com: 1.0;',
      operations: new Set([0x1001, 0x95c1]),
      properties: new Set([0x5001]),
      maker: 'Maker',
      model: 'Model',
      version: '1',
      serial: 'S-1',
    });
  });

  it('StorageInfo: a size that no medium has is refused, free space never exceeds the whole', () => {
    const info = (capacity: bigint, free: bigint) =>
      new DatasetWriter().u16(3).u16(2).u16(1).u64(capacity).u64(free).u32(0).text('').text('').bytes;
    expect(decodeStorageInfo(info(64n, 100n))).toEqual({ access: 1, capacityBytes: 64, freeBytes: 64 });
    expect(() => decodeStorageInfo(info(0xffff_ffff_ffff_ffffn, 0n))).toThrow('DOCK_PTP_MALFORMED');
  });

  it('ObjectInfo with its size in 64 bits, only where the device is known for it', () => {
    const wide = new DatasetWriter().u32(0x10001).u16(0x3000).u16(0).u64(5_000_000_000n).u16(0);
    for (let index = 0; index < 6; index += 1) wide.u32(0);
    const { bytes } = wide.u32(7).u16(0).u32(0).u32(0).text('a.mp4').text('').text('20260302T080000').text('');
    expect(decodeObjectInfo(bytes, true)).toMatchObject({ sizeField: 0xffff_ffff, parent: 7, name: 'a.mp4' });
    expect(decodeObjectInfo(bytes, false).name).toBe('');
  });

  it('a property described as UINT16 with a range, and text without one', () => {
    const level = new DatasetWriter().u16(0x5001).u16(4).u8(0).u16(0).u16(80).u8(1).u16(0).u16(100).u16(1).bytes;
    expect(decodePropertyDescription(level)).toEqual({
      code: 0x5001,
      type: 4,
      writable: false,
      current: 80,
      range: { least: 0, greatest: 100 },
    });
    const time = new DatasetWriter().u16(0x5011).u16(0xffff).u8(1).text('').text('20260302T080000').bytes;
    expect(decodePropertyDescription(time)).toMatchObject({ writable: true, current: '20260302T080000' });
  });

  it('ObjectPropList, element by element', () => {
    const { bytes } = new DatasetWriter()
      .u32(2)
      .u32(9)
      .u16(0xdc04)
      .u16(8)
      .u64(5_000_000_000n)
      .u32(9)
      .u16(0xdc07)
      .u16(0xffff)
      .text('x');
    expect([...decodeObjectPropList(bytes)]).toEqual([
      { handle: 9, property: 0xdc04, value: 5_000_000_000n },
      { handle: 9, property: 0xdc07, value: 'x' },
    ]);
  });

  it('a count that the bytes cannot hold asks for no memory', () => {
    expect(() => decodeNumbers(hex('ffffffff 01000000'), 'handles')).toThrow('DOCK_PTP_MALFORMED');
    expect(() => [...decodeObjectPropList(hex('ffffffff 01000000'))]).toThrow('DOCK_PTP_MALFORMED');
    expect(() => new DatasetReader(hex('ffffff7f 00'), 'array').value(0x4006)).toThrow('DOCK_PTP_MALFORMED');
  });

  it('signed and 128-bit values', () => {
    expect(new DatasetReader(hex('ff'), 'v').value(dataTypes.int8)).toBe(-1);
    expect(new DatasetReader(hex('ffffffffffffffff ffffffffffffffff'), 'v').value(dataTypes.int128)).toBe(-1n);
    expect(new DatasetReader(hex('0100000000000000 0100000000000000'), 'v').value(dataTypes.uint128)).toBe(
      (1n << 64n) + 1n,
    );
    expect(() => new DatasetReader(hex('00'), 'v').value(0)).toThrow('DOCK_PTP_MALFORMED');
  });

  it('whatever bytes come: a value or DOCK_PTP_MALFORMED, nothing else (I11)', () => meetFirst(20_000, ptpDatasets));
});

describe('a device that sends whatever it likes, in whatever pieces (I11)', () => {
  it('has a transaction end within its deadlines, in an answer or an error', () => meetFirst(1_000, ptpTransactions));
  it('is brought back in step or given up within those of the ladder', () => meetFirst(500, ptpLadder));
});

describe('the length that a data container claims', () => {
  const operation = 0x101b;

  /** Gives these, each cut where less was asked for; then nothing comes. */
  function link(transfers: readonly Uint8Array[]): PtpLink {
    const left = [...transfers];
    return linkTo(async (lengthBytes) => {
      const next = left.shift();
      if (next === undefined) throw usbFault(libusb.timedOut, '1-1', phrase`a transfer`);
      if (next.length > lengthBytes) left.unshift(next.subarray(lengthBytes));
      return new Uint8Array(next.subarray(0, lengthBytes));
    });
  }

  type Goes = 'in the answer' | 'to a sink' | 'into memory';

  /** What makes of one data phase, a response behind it, and a length in its header. */
  async function outcomeOf(transfers: readonly Uint8Array[], goes: Goes): Promise<Uint8Array | DockError> {
    const pieces: Uint8Array[] = [];
    const sink = async (piece: Uint8Array): Promise<void> => void pieces.push(piece.slice());
    const into = [Buffer.alloc(100), Buffer.alloc(0), Buffer.alloc(4_096)];
    const asked = { operation, parameters: [], mostBytes: 4_096, silenceMs: 1, wholeMs: 1 };
    try {
      const { data, bytes } = await link(transfers).transact({
        ...asked,
        ...(goes === 'to a sink' ? { sink } : {}),
        ...(goes === 'into memory' ? { into } : {}),
      });
      if (goes === 'into memory') return Buffer.concat(into).subarray(0, bytes);
      return goes === 'to a sink' ? Buffer.concat(pieces) : data;
    } catch (error) {
      if (error instanceof DockError) return error;
      throw error;
    }
  }

  const unknown = 0xffff_ffff;
  // 500 and 1012 bytes fill the last packet together with their header, 512 without it.
  const payloads = [1, 77, 500, 512, 1012].map((length) =>
    Uint8Array.from({ length }, (_, at) => (at * 37 + 11) & 0xff),
  );
  const wires: readonly [string, (data: Uint8Array, response: Uint8Array) => readonly Uint8Array[], boolean][] = [
    ['each in a transfer of its own', (data, response) => [...ended(data), response], true],
    ['the header alone', (data, response) => [data.subarray(0, 12), ...ended(data.subarray(12)), response], true],
    ['the response glued to it', (data, response) => [Buffer.concat([data, response])], false],
  ];

  /** With the empty packet that ends a transfer whose last one is full. */
  function ended(bytes: Uint8Array): readonly Uint8Array[] {
    return bytes.length % 512 === 0 ? [bytes, new Uint8Array(0)] : [bytes];
  }

  it.each(wires)('ends in the right bytes or in an error, whatever it is: %s', async (_, wire, tellsItsEnd) => {
    const response = encodeShort('response', 0x2001, 1, []);
    for (const payload of payloads) {
      const right = headerBytes + payload.length;
      for (const claimed of [...Array.from({ length: right + 65 }, (__, index) => index), unknown]) {
        const data = encodeData(operation, 1, payload);
        new DataView(data.buffer).setUint32(0, claimed, true);
        for (const goes of ['in the answer', 'to a sink', 'into memory'] as const) {
          const outcome = await outcomeOf(wire(data, response), goes);
          const what = `${payload.length} bytes that claim to be ${claimed}`;
          if (!(outcome instanceof DockError)) expect(Buffer.from(outcome).equals(payload), what).toBe(true);
          const mustBeRead = claimed === right || (claimed === unknown && tellsItsEnd);
          if (mustBeRead) expect(outcome, what).not.toBeInstanceOf(DockError);
        }
      }
    }
  });
});

describe('memory', () => {
  const operation = 0x101b;
  const asked = { operation, parameters: [], silenceMs: 1, wholeMs: 1 };

  it('that has no room for all of a payload is filled, and the rest is counted', async () => {
    const data = encodeData(
      operation,
      1,
      Uint8Array.from({ length: 300 }, (_, at) => at & 0xff),
    );
    const transfers = [data, encodeShort('response', 0x2001, 1, [])];
    const into = [new Uint8Array(100), new Uint8Array(150)];
    const link = linkTo(async () => transfers.shift() ?? new Uint8Array(0));
    expect(await link.transact({ ...asked, into, mostBytes: 300 })).toMatchObject({
      bytes: 300,
      data: new Uint8Array(0),
    });
    expect(Buffer.concat(into).equals(data.subarray(12, 262))).toBe(true);
  });

  it('of transfers is the same for all of them, and no answer lies in it', async () => {
    const used = new Set<ArrayBuffer>();
    const payloads = [200_000, 600_000, 600_000].map((length, number) =>
      Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 9) + number) & 0xff),
    );
    const transfers = payloads.flatMap((payload, index) => {
      const data = encodeData(operation, index + 1, payload);
      // The last says nothing of its length; it ends with a short packet.
      if (index === 2) new DataView(data.buffer).setUint32(0, 0xffff_ffff, true);
      const pieces = [data.subarray(0, 5), data.subarray(5)];
      return [...(index === 0 ? pieces : [data]), encodeShort('response', 0x2001, index + 1, [])];
    });
    const link = linkTo(async (lengthBytes, into) => {
      used.add(into);
      const next = transfers.shift() ?? new Uint8Array(0);
      if (next.length > lengthBytes) transfers.unshift(next.subarray(lengthBytes));
      return next.subarray(0, lengthBytes);
    });
    const answers: Uint8Array[] = [];
    for (const _ of payloads) answers.push((await link.transact({ ...asked, mostBytes: 600_000 })).data);
    for (const [index, payload] of payloads.entries()) {
      expect(Buffer.from(answers[index] ?? []).equals(payload), `answer ${index}`).toBe(true);
    }
    expect(used.size).toBe(1);
  });
});

describe('late replies', () => {
  const command = 0x1008;
  const response = (transaction: number): Uint8Array => encodeShort('response', 0x2001, transaction, []);

  /** Answers each read with the next of these; after the last, with the last again. */
  async function talk(transfers: readonly Uint8Array[]): Promise<{ outcome: unknown; reads: number }> {
    let reads = 0;
    const link = linkTo(() => {
      const next = transfers[Math.min(reads, transfers.length - 1)] ?? new Uint8Array(0);
      reads += 1;
      return Promise.resolve(next.slice());
    });
    const asked = { operation: command, parameters: [], mostBytes: 2000, silenceMs: 1, wholeMs: 1 };
    const outcome = await link.transact(asked).catch((error: unknown) => error);
    return { outcome, reads };
  }

  it('are passed over by their own length, data and response', async () => {
    const late = encodeData(0x101b, 0, new Uint8Array(1500));
    const { outcome } = await talk([late, response(0), encodeData(command, 1, Uint8Array.of(7)), response(1)]);
    expect(outcome).toMatchObject({ code: 0x2001, data: Uint8Array.of(7) });
  });

  it('are not passed over for ever, nor are empty packets', async () => {
    for (const transfers of [[response(0)], [new Uint8Array(0)]]) {
      const { outcome, reads } = await talk(transfers);
      expect(outcome).toMatchObject({ code: 'DOCK_PTP_OUT_OF_TURN' });
      expect(reads).toBeLessThan(20);
    }
  });

  it('of a transaction that is still to come are out of turn', async () => {
    expect((await talk([response(2)])).outcome).toMatchObject({ code: 'DOCK_PTP_OUT_OF_TURN' });
  });
});

describe('times', () => {
  it.each([
    ['20260302T080000', 'Asia/Shanghai', Date.UTC(2026, 2, 2, 0)],
    ['20260302T080000.7', 'Asia/Shanghai', Date.UTC(2026, 2, 2, 0)],
    ['20260302T080000Z', 'Asia/Shanghai', Date.UTC(2026, 2, 2, 8)],
    ['20260302T080000.0+0530', 'Asia/Shanghai', Date.UTC(2026, 2, 2, 2, 30)],
    ['20260302T080000-0300', 'Asia/Shanghai', Date.UTC(2026, 2, 2, 11)],
    ['20260702T080000', 'Europe/Berlin', Date.UTC(2026, 6, 2, 6)],
  ])('%s in %s', (raw, timeZone, utcMs) => {
    const time = parsePtpTime(raw);
    if (time === undefined) throw new Error('it is a time');
    expect(ptpTimeToUtcMs(time, timeZone)).toBe(utcMs);
  });

  it('shows a time with a zone as the wall clock of the dock', () => {
    const time = parsePtpTime('20260302T080000Z');
    if (time === undefined) throw new Error('it is a time');
    expect(ptpTimeToLocalMs(time, 'Asia/Shanghai')).toBe(Date.UTC(2026, 2, 2, 16));
  });

  it.each([
    '',
    '20260230T080000',
    '20260302T240000',
    '20260302 080000',
    '2026-03-02T08:00:00',
    '20260302T080000.',
    '20260302T080000+9900',
    'x'.repeat(254),
  ])('refuses %j', (raw) => {
    expect(parsePtpTime(raw)).toBeUndefined();
  });

  it('are written in the manner in which they were read', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'UTC', 'America/St_Johns', 'Asia/Kathmandu');
    const manners = fc.constantFrom('', '.0', '.00', 'Z', '.0Z', '+0800', '-0330', '.0+0545');
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_102_444_800 }), manners, zones, (seconds, suffix, timeZone) => {
        const like = parsePtpTime(`20260302T080000${suffix}`);
        if (like === undefined) throw new Error('it is a time');
        const written = formatPtpTime(seconds * 1000, like, timeZone);
        expect(written.slice(15)).toBe(suffix);
        const read = parsePtpTime(written);
        if (read === undefined) throw new Error(`${written} is no time`);
        expect(fractionMs(read)).toBe(0);
        // In the hour that a clock change repeats, local time means the first of the two.
        const differenceMs = ptpTimeToUtcMs(read, timeZone) - seconds * 1000;
        expect([0, -3_600_000]).toContain(differenceMs);
      }),
    );
  });
});

describe('names', () => {
  it('different names of one folder never become one path (I11)', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom('', '.', '..', '~2', '~3', 'a', '/', '\ufffd', '.\ufffd', '~2\ufffd', '\ud800', '\udfff'),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (names) => {
        const taken = new PartNames();
        const paths = names.map((one) => taken.give(pathPart(one)).toString('latin1'));
        expect(new Set(paths).size).toBe(paths.length);
        for (const path of paths) expect(path.split('/').every((part) => !['', '.', '..'].includes(part))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('halves of surrogate pairs stay different', () => {
    expect(pathPart('\ud800').toString('hex')).toBe('eda080');
    expect(pathPart('\udc80').toString('hex')).toBe('edb280');
    expect(pathPart('😀').toString('utf8')).toBe('😀');
  });
});

describe('quirks', () => {
  const usb = { portPath: '1-1', enumeration: '1', maker: '', product: '', serial: '', interfaces: [] };

  it('are of the devices that are named, and nobody else has any', () => {
    expect(quirksOf({ ...usb, vendorId: 0x04e8, productId: 0x6860 }, undefined).silenceMs).toBe(60_000);
    expect(quirksOf({ ...usb, vendorId: 0x04a9, productId: 1 }, undefined).keepsSession).toBe(true);
    expect(quirksOf({ ...usb, vendorId: 1, productId: 1 }, undefined)).toEqual({
      silenceMs: 20_000,
      wideObjectInfo: false,
      hangsAtFullPacket: false,
      brokenPropList: false,
      keepsSession: false,
    });
  });
});
