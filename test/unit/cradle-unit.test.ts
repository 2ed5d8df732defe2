/** The simulated unit keeps the map as firmware must (REGISTERS.md): what is stale is refused, whole or not at all. */
import { beforeEach, describe, expect, it } from 'vitest';
import { lightPatterns } from '../../drivers/contract/cradle.js';
import { decodeReply, type Reply, type Request } from '../../drivers/cradle/modbus/pdu.js';
import { decodeStatus, type Registers, statusLength } from '../../drivers/cradle/modbus/registers.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import { one } from '../support/cradle-rig.js';
import { VirtualClock } from '../support/virtual-clock.js';

const boot = 7;
const firstArrivals = boot << 8;
const off = lightPatterns.indexOf('off');
const amber = lightPatterns.indexOf('amber-breathing');
const green = lightPatterns.indexOf('green-steady');

let clock: VirtualClock;
let cradle: SimulatedCradle;
let connection: number;

function ask(request: Request): Reply {
  return one(decodeReply(one(cradle.answer(request)), request));
}

function write(values: Registers, address = 0x100): number {
  const reply = ask({ write: { address, values } });
  return reply.kind === 'exception' ? reply.code : 0;
}

function status(): ReturnType<typeof decodeStatus> {
  const reply = ask({ read: { address: 0x200, count: statusLength(4) } });
  if (reply.kind === 'exception') throw new Error(`exception ${reply.code}`);
  return decodeStatus(reply.registers);
}

beforeEach(async () => {
  clock = new VirtualClock();
  cradle = new SimulatedCradle({ unit: 1, clock, bayCount: 4, boot });
  connection = 1;
  expect(write([boot, connection, 1])).toBe(0);
  cradle.insert(1, { serial: 'A' });
  await clock.advance(500);
});

describe('a write', () => {
  it('for another start is refused and is no heartbeat', () => {
    expect(write([boot + 1, connection, 2])).toBe(0x41);
    expect(status().head.heartbeat).toBe(1);
  });

  it('for an earlier connection is refused as soon as the next was opened (stale write)', () => {
    expect(write([boot, connection + 1, 2])).toBe(0);
    expect(write([boot, connection, 3, firstArrivals + 1, amber])).toBe(0x42);
    expect(status().bays[0]?.light).toBe('off');
  });

  it('with lights opens no connection', () => {
    expect(write([boot, connection + 1, 2, firstArrivals + 1, amber])).toBe(0x42);
    expect(status().head.connection).toBe(connection);
  });

  it('for another arrival is refused whole', () => {
    expect(write([boot, connection, 2, firstArrivals + 1, amber, firstArrivals + 9, amber])).toBe(0x43);
    expect(status().bays.map(({ light }) => light)).toEqual(['off', 'off', 'off', 'off']);
    expect(status().head.heartbeat).toBe(1);
    expect(write([boot, connection, 2, firstArrivals + 1, amber, firstArrivals, amber, 0, 0xffff])).toBe(0);
    expect(status().bays.map(({ light }) => light)).toEqual(['amber-breathing', 'amber-breathing', 'off', 'off']);
  });

  it('of a light that is not in the map, or of the fall-back, is refused', () => {
    expect(write([boot, connection, 2, firstArrivals + 1, 8])).toBe(0x03);
    expect(write([boot, connection, 2, firstArrivals + 1, 7])).toBe(0x03);
  });

  it('beyond its bays, too short, or elsewhere is refused', () => {
    const lights = [0, 0xffff, 0, 0xffff, 0, 0xffff, 0, 0xffff];
    expect(write([boot, connection, 2, ...lights])).toBe(0);
    expect(write([boot, connection, 2, ...lights, 0, 0xffff])).toBe(0x02);
    expect(write([boot, connection])).toBe(0x02);
    expect(write([boot, connection, 2], 0x200)).toBe(0x02);
    expect(write([boot, connection, 2, 1, firstArrivals + 1, 0, 0], 0x180)).toBe(0x02);
  });

  it('of green is refused where no camera is seated, and green goes with its camera (I12)', async () => {
    expect(write([boot, connection, 2, 0, 0xffff, firstArrivals, green])).toBe(0x43);
    expect(write([boot, connection, 2, firstArrivals + 1, green])).toBe(0);
    expect(cradle.light(1)).toBe('green-steady');
    cradle.remove(1);
    await clock.advance(40);
    expect(cradle.light(1)).toBe('off');
    expect(write([boot, connection, 3, firstArrivals + 1, off])).toBe(0);
  });

  it('of a clock order for another arrival or out of range is refused', () => {
    const order = (arrivals: number, delayMs: number, slot = 1): number =>
      write([boot, connection, 2, slot, arrivals, 0x6a00, 0, delayMs], 0x180);
    expect(order(firstArrivals, 500)).toBe(0x43);
    expect(order(firstArrivals + 1, 9)).toBe(0x03);
    expect(order(firstArrivals + 1, 60_001)).toBe(0x03);
    expect(order(firstArrivals + 1, 500, 5)).toBe(0x03);
    expect(order(firstArrivals, 500, 2)).toBe(0x43);
    expect(order(firstArrivals + 1, 500)).toBe(0);
  });
});

describe('a start', () => {
  it('is silent until the unit knows its bays, and begins arrivals at another number', async () => {
    cradle.reset();
    expect(cradle.answer({ read: { address: 0, count: 36 } })).toBeUndefined();
    await clock.advance(100);
    const { head, bays } = status();
    expect(head).toEqual({ heartbeat: 0, boot: boot + 1, connection: 0 });
    expect(bays.map(({ seating }) => seating)).toEqual(['seated', 'empty', 'empty', 'empty']);
    expect(bays[0]?.arrivals).toBe(((boot + 1) << 8) + 1);
    expect(bays.every(({ light }) => light === 'fallback')).toBe(true);
  });
});

describe('the fall-back', () => {
  it('comes after 5 s without an accepted write, refused ones do not count, and forgets what was wished (I12)', async () => {
    expect(write([boot, connection, 2, firstArrivals + 1, green])).toBe(0);
    await clock.advance(4_900);
    expect(write([boot + 1, connection, 3])).toBe(0x41);
    expect(cradle.light(1)).toBe('green-steady');
    await clock.advance(200);
    expect([1, 2, 3, 4].map((slot) => cradle.light(slot))).toEqual(['fallback', 'fallback', 'fallback', 'fallback']);
    expect(write([boot, connection, 4])).toBe(0);
    expect(cradle.light(1)).toBe('off');
  });
});

describe('a read', () => {
  it('may take part of a block and never crosses its end', () => {
    expect(ask({ read: { address: 4, count: 2 } })).toEqual({ kind: 'registers', registers: [1, 4] });
    expect(ask({ read: { address: 35, count: 2 } })).toEqual({ kind: 'exception', code: 2 });
    expect(ask({ read: { address: 0x100, count: 1 } })).toEqual({ kind: 'exception', code: 2 });
  });
});
