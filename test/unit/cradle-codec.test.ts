/** Frames, messages and registers of the cradle line: whatever bytes come, in whatever pieces (I11). */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { lightPatterns } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import type { Asked, Framing } from '../../drivers/cradle/modbus/framing.js';
import { mbap, mbapFrame, mbapFrames } from '../../drivers/cradle/modbus/mbap.js';
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  type Request,
  replyLength,
} from '../../drivers/cradle/modbus/pdu.js';
import {
  type BayStatus,
  decodeLights,
  decodeSideClock,
  decodeSideHead,
  decodeSideIdentity,
  decodeSideState,
  decodeStatus,
  decodeUnit,
  encodeLights,
  encodeSideClock,
  encodeSideIdentity,
  encodeSideState,
  encodeStatus,
  encodeUnit,
  faultNames,
  textWords,
} from '../../drivers/cradle/modbus/registers.js';
import { crc16, rtu, rtuFrame } from '../../drivers/cradle/modbus/rtu.js';
import { rtuRequests } from '../../drivers/simulated/cradle-line.js';

const word = fc.integer({ min: 0, max: 0xffff });
const bytes = fc.uint8Array({ maxLength: 600 });
const read = fc.record({ address: word, count: fc.integer({ min: 1, max: 125 }) });
const write = fc.record({ address: word, values: fc.array(word, { minLength: 1, maxLength: 121 }) });
const request: fc.Arbitrary<Request> = fc.oneof(fc.record({ read }), fc.record({ write }), fc.record({ read, write }));
const unit = fc.integer({ min: 1, max: 247 });
const asked: fc.Arbitrary<Asked> = fc.record({ unit, transaction: word, request });

function answerTo({ request: { read: wanted } }: Asked, seed: number): number[] {
  return Array.from({ length: wanted?.count ?? 0 }, (_, index) => (seed + index * 257) & 0xffff);
}

describe('messages', () => {
  test.prop([request])('a request survives the wire', (sent) => {
    expect(decodeRequest(encodeRequest(sent))).toEqual(sent);
  });

  test.prop([asked, word])('an answer survives the wire and has the length that was reckoned with', (sent, seed) => {
    const registers = answerTo(sent, seed);
    const pdu = encodeReply(sent.request, registers);
    expect(pdu).toHaveLength(replyLength(sent.request));
    expect(decodeReply(pdu, sent.request)).toEqual({ kind: 'registers', registers });
  });

  test.prop([bytes, request])('any bytes decode to something or nothing, and never throw', (any, sent) => {
    const decoded = decodeRequest(any);
    if (decoded !== undefined) expect(encodeRequest(decoded)).toEqual(any);
    const reply = decodeReply(any, sent);
    if (reply?.kind === 'registers') expect(any.length).toBe(replyLength(sent));
  });
});

describe('RTU', () => {
  it('has the CRC of the standard (Modbus over Serial Line, appendix B: 02 07 gives 41 12)', () => {
    expect(Array.from(rtuFrame(0x02, Uint8Array.of(0x07)))).toEqual([0x02, 0x07, 0x41, 0x12]);
  });

  test.prop([bytes])('a frame with its CRC has the CRC zero', (any) => {
    expect(crc16(rtuFrame(1, any))).toBe(0);
  });

  test.prop([asked, word, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 })])(
    'an answer is found between noise',
    (sent, seed, before, behind) => {
      const pdu = encodeReply(sent.request, answerTo(sent, seed));
      const stream = Uint8Array.from([...before, ...rtuFrame(sent.unit, pdu), ...behind]);
      expect(rtu.answers(stream, sent).some((found) => Buffer.compare(found, pdu) === 0)).toBe(true);
    },
  );

  test.prop([asked, word, fc.nat()])('a turned bit is never an answer', (sent, seed, at) => {
    const frame = rtuFrame(sent.unit, encodeReply(sent.request, answerTo(sent, seed)));
    const bit = at % (frame.length * 8);
    frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(rtu.answers(frame, sent)).toEqual([]);
  });

  test.prop([asked, bytes])('any bytes give a diagnosis and no answer longer than they are', (sent, any) => {
    expect(['silent', 'babble', 'crc', 'truncated', 'out-of-turn']).toContain(rtu.diagnose(any, sent));
    for (const pdu of rtu.answers(any, sent)) expect(pdu.length).toBeLessThanOrEqual(any.length);
  });

  test.prop([fc.array(fc.tuple(unit, request), { maxLength: 5 }), fc.array(fc.nat({ max: 60 }), { minLength: 1 })])(
    'the simulated unit hears the same requests however they are split',
    (sent, cuts) => {
      const stream = Uint8Array.from(sent.flatMap(([to, wanted]) => [...rtuFrame(to, encodeRequest(wanted))]));
      const heard: unknown[] = [];
      let rest: Uint8Array = new Uint8Array(0);
      for (const piece of pieces(stream, cuts)) {
        const taken = rtuRequests(Uint8Array.from([...rest, ...piece]));
        heard.push(...taken.requests.map(({ unit: to, pdu }) => [to, decodeRequest(pdu)]));
        rest = taken.rest;
      }
      expect(heard).toEqual(sent);
    },
  );
});

describe('Modbus TCP', () => {
  test.prop([
    fc.array(fc.record({ transaction: word, unit, pdu: fc.uint8Array({ minLength: 2, maxLength: 253 }) }), {
      maxLength: 6,
    }),
    fc.array(fc.nat({ max: 300 }), { minLength: 1 }),
  ])('gives the same frames however they are split', (frames, cuts) => {
    const stream = Uint8Array.from(frames.flatMap((frame) => [...mbapFrame(frame.transaction, frame.unit, frame.pdu)]));
    const seen: unknown[] = [];
    let rest: Uint8Array = new Uint8Array(0);
    for (const piece of pieces(stream, cuts)) {
      const taken = mbapFrames(Uint8Array.from([...rest, ...piece]));
      expect(taken.broken).toBe(false);
      seen.push(...taken.frames);
      rest = taken.rest;
    }
    expect(seen).toEqual(frames);
  });

  test.prop([asked, word, word])('an answer to another transaction is none', (sent, seed, other) => {
    fc.pre(other !== sent.transaction);
    const pdu = encodeReply(sent.request, answerTo(sent, seed));
    expect(mbap.answers(mbapFrame(other, sent.unit, pdu), sent)).toEqual([]);
    expect(mbap.answers(mbapFrame(sent.transaction, sent.unit, pdu), sent)).toEqual([pdu]);
  });

  test.prop([asked, bytes])('any bytes are taken without harm', (sent, any) => {
    for (const framing of [rtu, mbap] satisfies Framing[]) {
      framing.answers(any, sent);
      framing.leftover(any);
      framing.broken(any);
      framing.diagnose(any, sent);
    }
  });
});

function pieces(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0, index = 0; at < stream.length; index += 1) {
    const length = 1 + (cuts[index % cuts.length] ?? 0);
    found.push(stream.slice(at, at + length));
    at += length;
  }
  return found;
}

describe('registers', () => {
  const pattern = fc.constantFrom(...lightPatterns);
  const bay: fc.Arbitrary<Omit<BayStatus, 'slot'>> = fc.record({
    seating: fc.constantFrom('empty', 'seated', 'not-seated'),
    arrivals: word,
    latched: fc.boolean(),
    charge: fc.constantFrom('none', 'charging', 'full', 'fault'),
    currentMa: word,
    light: fc.oneof(pattern, fc.constant('fallback' as const)),
    lightWanted: pattern,
    sideChannel: fc.boolean(),
    clockResolutionMs: fc.constantFrom(null, 1, 10, 1000),
  });
  const size = fc.nat({ max: Number.MAX_SAFE_INTEGER });

  test.prop([word, word, word, fc.array(bay, { maxLength: 16 })])(
    'a status survives',
    (heartbeat, boot, connection, list) => {
      const bays = list.map((entry, index) => ({ ...entry, slot: index + 1 }));
      const head = { heartbeat, boot, connection };
      expect(decodeStatus(encodeStatus(head, bays))).toEqual({ head, bays });
    },
  );

  test.prop([fc.array(fc.option(fc.record({ arrivals: word, pattern })), { maxLength: 16 })])(
    'lights survive',
    (orders) => {
      expect(decodeLights(encodeLights(orders))).toEqual(orders);
    },
  );

  test.prop([size, size, fc.subarray([...faultNames])])(
    'sizes up to 2^53 and faults survive',
    (capacityBytes, freeBytes, faults) => {
      const state = { batteryPercent: 73, charging: true, faults, capacityBytes, freeBytes };
      expect(decodeSideState([0, 0, 0, 0, 0, ...encodeSideState(state)])).toEqual(state);
    },
  );

  test.prop([size])('camera times survive', (cameraMs) => {
    const clock = { cameraMs, heldMs: 1.5, ageMs: 20, set: 'done', setBy: 9 } as const;
    expect(decodeSideClock([0, 0, 0, 0, 0, ...encodeSideClock(clock)])).toEqual(clock);
  });

  test.prop([fc.array(word, { maxLength: 130 })])(
    'any registers give a value or a DockError, never anything else',
    (any) => {
      for (const decode of [
        decodeUnit,
        decodeStatus,
        decodeSideHead,
        decodeSideState,
        decodeSideClock,
        decodeSideIdentity,
      ]) {
        try {
          decode(any);
        } catch (error) {
          expect(error).toBeInstanceOf(DockError);
        }
      }
    },
  );

  test.prop([
    fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
  ])('texts in UTF-8 survive', (serial) => {
    const identity = { serial, maker: '华', model: '', userNumber: '123' };
    expect(decodeSideIdentity([0, 0, 0, 0, 0, ...encodeSideIdentity(identity)])).toEqual(identity);
  });

  it('keeps two serial numbers apart that are both no UTF-8', () => {
    const serialOf = (raw: number[]): string =>
      decodeSideIdentity([
        0,
        0,
        0,
        0,
        0,
        ...textWords(Uint8Array.from(raw), 16),
        ...Array.from({ length: 48 }, () => 0),
      ]).serial;
    expect(serialOf([0x41, 0xff, 0xfe])).toBe('A\\xff\\xfe');
    expect(serialOf([0x41, 0xfe, 0xff])).not.toBe(serialOf([0x41, 0xff, 0xfe]));
  });

  it('refuses sizes that cannot be, and batteries above 100 %', () => {
    const state = [
      0,
      0,
      0,
      0,
      0,
      ...encodeSideState({ batteryPercent: 5, charging: false, faults: [], capacityBytes: 0, freeBytes: 0 }),
    ];
    expect(() => decodeSideState(state.with(9, 0x8000))).toThrow('DOCK_CRADLE_NONSENSE');
    expect(() => decodeSideState(state.with(5, 101))).toThrow('DOCK_CRADLE_NONSENSE');
  });

  it('has the unit block at the length that is read, whatever the texts', () => {
    const unitBlock = encodeUnit({
      magic: [1, 2, 3, 4],
      mapVersion: 1,
      bayCount: 8,
      boot: 1,
      connection: 2,
      firmware: 'f'.repeat(99),
      serial: '',
    });
    expect(unitBlock).toHaveLength(36);
    expect(decodeUnit(unitBlock).firmware).toBe('f'.repeat(24));
  });
});
