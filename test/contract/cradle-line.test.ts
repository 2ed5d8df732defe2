/** The contract of CradleLine, held against every line that it runs over: a real tty, TCP, and memory. Real time. */
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../daemon/runtime/clock.js';
import type { OpenByteLine } from '../../drivers/contract/byte-line.js';
import type { CradleLine } from '../../drivers/contract/cradle.js';
import { modbusLine } from '../../drivers/cradle/modbus/line.js';
import { serialLine } from '../../drivers/serial/serial-line.js';
import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import { type LineFaults, serveRtu, serveTcp } from '../../drivers/simulated/cradle-line.js';
import { memoryLinePair } from '../../drivers/simulated/memory-line.js';
import { openPseudoTerminal, type PseudoTerminal } from '../../drivers/simulated/pseudo-terminal.js';
import { tcpLine } from '../../drivers/tcp/tcp-line.js';
import { CradleEar, failure, one, until } from '../support/cradle-rig.js';

interface Laid {
  readonly open: OpenByteLine;
  readonly framing: 'rtu' | 'tcp';
  /** Breaks the line as pulling its plug does. */
  readonly cut: () => Promise<void>;
  /** Puts it back at the same place; undefined: it opens by itself at the next try. */
  readonly mend?: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

interface Served {
  readonly cradle: SimulatedCradle;
  readonly faults: LineFaults;
}

async function laySerial(units: readonly Served[]): Promise<Laid> {
  let terminal = await openPseudoTerminal();
  serveRtu(terminal.line, clock, units);
  return {
    // The next terminal may have another number: what by-path links hide in the field.
    open: (signal) => serialLine(terminal.path, 115_200)(signal),
    framing: 'rtu',
    cut: () => terminal.close(),
    mend: async () => {
      terminal = await openPseudoTerminal();
      serveRtu(terminal.line, clock, units);
    },
    remove: () => terminal.close(),
  };
}

async function layTcp(units: readonly Served[]): Promise<Laid> {
  let server = await serveTcp({ port: 0, clock }, units);
  const { port } = server;
  return {
    open: tcpLine('127.0.0.1', port),
    framing: 'tcp',
    cut: () => server.close(),
    mend: async () => {
      server = await serveTcp({ port, clock }, units);
    },
    remove: () => server.close(),
  };
}

async function layMemory(units: readonly Served[]): Promise<Laid> {
  let cut = (): void => undefined;
  return {
    open: async () => {
      const pair = memoryLinePair(clock, 115_200);
      cut = pair.unplug;
      serveRtu(pair.ends[1], clock, units);
      return pair.ends[0];
    },
    framing: 'rtu',
    cut: async () => cut(),
    remove: async () => undefined,
  };
}

const lines = { serial: laySerial, TCP: layTcp, memory: layMemory };

for (const [name, lay] of Object.entries(lines)) {
  describe(`CradleLine over ${name}`, () => {
    let units: readonly Served[];
    let laid: Laid;
    let line: CradleLine;
    let ear: CradleEar;

    beforeEach(async () => {
      units = [1, 2].map((unit) => ({
        cradle: new SimulatedCradle({ unit, clock, bayCount: 16, serial: `CR-${unit}`, firmware: '1.2' }),
        faults: {},
      }));
      laid = await lay(units);
      ear = new CradleEar();
      line = modbusLine({
        units: [1, 2].map((unit) => ({ cradle: `${unit}`, unit, bayCount: 16 })),
        open: laid.open,
        framing: laid.framing,
        clock,
      });
      line.start(ear);
      await until(clock, 'both found', () => ear.founds('1') === 1 && ear.founds('2') === 1);
    });

    afterEach(async () => {
      await line.stop();
      await laid.remove();
    });

    const first = (): SimulatedCradle => one(units[0]).cradle;

    it('describes its units and reads all their bays', async () => {
      expect(ear.descriptions).toContainEqual({
        cradle: '1',
        serial: 'CR-1',
        firmware: '1.2',
        mapVersion: 1,
        bayCount: 16,
      });
      await until(clock, 'a reading', () => ear.last('2') !== undefined);
      expect(ear.last('2')?.bays.map(({ slot }) => slot)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
      expect(ear.codes()).toEqual([]);
    });

    it('shows arrival, seating, side channel, removal, and each arrival as another', async () => {
      first().insert(3, { wakeMs: 20, serial: 'A' });
      await until(clock, 'side channel', () => ear.bay(3)?.sideChannel === true);
      expect(ear.bay(3)).toMatchObject({ seating: 'seated', latched: true });
      const arrivals = one(ear.bay(3)).arrivals;
      first().remove(3);
      await until(clock, 'empty', () => ear.bay(3)?.seating === 'empty');
      first().insert(3, { wakeMs: 20, serial: 'A' }, true);
      await until(clock, 'askew', () => ear.bay(3)?.seating === 'not-seated');
      expect(ear.bay(3)?.arrivals).toBe(arrivals + 1);
    });

    it('shows the lights that were wished, and forgets them with the connection', async () => {
      line.setLight('1', 1, 'amber-breathing');
      line.setLight('2', 16, 'white-flashing');
      await until(
        clock,
        'lights',
        () => ear.bay(1)?.light === 'amber-breathing' && ear.bay(16, '2')?.light === 'white-flashing',
      );
      await laid.cut();
      await until(clock, 'trouble', () => ear.codes('1').length > 0 && ear.codes('2').length > 0);
      line.setLight('1', 2, 'red-steady');
      await laid.mend?.();
      await until(clock, 'found again', () => ear.founds('1') === 2 && ear.founds('2') === 2);
      const from = ear.readings.length;
      await until(clock, 'readings', () => ear.readings.length > from + 6);
      expect(ear.last('1')?.bays.map(({ light }) => light)).toEqual(Array.from({ length: 16 }, () => 'off'));
      expect(new Set(ear.codes('1')).size).toBe(ear.codes('1').length);
    });

    it('asks the camera over its side channel, whatever it says of itself (I11)', async () => {
      const hostile = Uint8Array.of(0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x0a);
      first().insert(1, {
        wakeMs: 20,
        serial: hostile,
        maker: '华',
        model: 'DSJ-V9',
        userNumber: '031123',
        batteryPercent: 42,
        capacityBytes: 128_000_000_000,
        freeBytes: 5_000_000_000,
        faults: ['lens', 'battery'],
      });
      await until(clock, 'side channel', () => ear.bay(1)?.sideChannel === true);
      const side = line.sideChannel('1', 1);
      const [identity, battery, storage, faults] = await Promise.all([
        side.identity(),
        side.battery(),
        side.storage(),
        side.faults(),
      ]);
      expect(identity).toEqual({ serial: '\\x1b[2J\\xff\\x0a', maker: '华', model: 'DSJ-V9', userNumber: '031123' });
      expect(battery).toEqual({ percent: 42, charging: true });
      expect(storage).toEqual({ capacityBytes: 128_000_000_000, freeBytes: 5_000_000_000 });
      expect(faults).toEqual(['lens', 'battery']);
    });

    it('reads a camera clock within its bounds and sets it at the second', async () => {
      const camera = first().insert(1, { wakeMs: 20, serial: 'A', clockOffsetMs: -97_000 });
      await until(clock, 'side channel', () => ear.bay(1)?.sideChannel === true);
      const side = line.sideChannel('1', 1);
      const trueOffsetMs = camera.exactMs() - clock.monotonicMs();
      for (let reading = 0; reading < 5; reading += 1) {
        const sample = await side.clock.read();
        expect(sample.cameraMs - trueOffsetMs).toBeGreaterThanOrEqual(sample.sentMs - side.clock.resolutionMs);
        expect(sample.cameraMs - trueOffsetMs).toBeLessThanOrEqual(sample.receivedMs);
      }
      const atMs = clock.monotonicMs() + 120;
      await side.clock.set(1_800_000_000_000, atMs);
      expect(Math.abs(camera.exactMs() - 1_800_000_000_000 - (clock.monotonicMs() - atMs))).toBeLessThan(50);
    });

    it('fails side channels whose camera or connection has gone', async () => {
      first().insert(1, { wakeMs: 20, serial: 'A' });
      await until(clock, 'side channel', () => ear.bay(1)?.sideChannel === true);
      const side = line.sideChannel('1', 1);
      first().remove(1);
      await until(clock, 'empty', () => ear.bay(1)?.seating === 'empty');
      first().insert(1, { wakeMs: 20, serial: 'B' });
      await until(clock, 'side channel again', () => ear.bay(1)?.sideChannel === true);
      expect((await failure(side.identity())).code).toBe('DOCK_CRADLE_STALE');
      const next = line.sideChannel('1', 1);
      expect((await next.identity()).serial).toBe('B');
      await laid.cut();
      expect((await failure(next.identity())).code).toBe('DOCK_CRADLE_STALE');
      expect((await failure(next.clock.set(1_800_000_000_000, clock.monotonicMs() + 500))).code).toBe(
        'DOCK_CRADLE_STALE',
      );
    });

    it('says each trouble once, and not of the other unit (I8)', async () => {
      one(units[0]).faults.silent = true;
      await until(clock, 'trouble', () => ear.codes('1').length > 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(ear.codes('1')).toEqual(['DOCK_CRADLE_SILENT']);
      expect(ear.codes('2')).toEqual([]);
      one(units[0]).faults.silent = false;
      await until(clock, 'found again', () => ear.founds('1') === 2);
    });
  });
}

describe('a serial port', () => {
  const signal = new AbortController().signal;
  let terminal: PseudoTerminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  it('carries every byte value in both directions, unchanged', async () => {
    terminal = await openPseudoTerminal();
    const near = await serialLine(terminal.path, 115_200)(signal);
    const all = Uint8Array.from({ length: 512 }, (_, index) => index & 0xff);
    const heard = { near: [] as number[], far: [] as number[] };
    near.listen({ bytes: (chunk) => heard.near.push(...chunk), closed: () => undefined });
    terminal.line.listen({ bytes: (chunk) => heard.far.push(...chunk), closed: () => undefined });
    await Promise.all([near.write(all), terminal.line.write(all)]);
    await until(clock, 'all bytes', () => heard.near.length >= 512 && heard.far.length >= 512);
    expect(heard.near).toEqual([...all]);
    expect(heard.far).toEqual([...all]);
    await near.close();
  });

  it('hands over everything to a line that stands still for a while, and goes on hearing', async () => {
    terminal = await openPseudoTerminal();
    const near = await serialLine(terminal.path, 115_200)(signal);
    // More than the kernel keeps for a terminal: it cannot be taken in one piece.
    const long = new Uint8Array(1 << 20).fill(0x55);
    const heard = { near: 0, far: 0 };
    near.listen({ bytes: (chunk) => (heard.near += chunk.length), closed: () => undefined });
    terminal.line.listen({ bytes: (chunk) => (heard.far += chunk.length), closed: () => undefined });
    const written = near.write(long);
    await terminal.line.write(Uint8Array.of(1, 2, 3));
    await written;
    await until(clock, 'all bytes', () => heard.far === long.length && heard.near === 3);
    await near.close();
  });

  it('that is not there, or is no port, fails with what to do', async () => {
    expect((await failure(serialLine('/dev/serial/by-path/none', 115_200)(signal))).code).toBe('DOCK_SERIAL_MISSING');
    expect((await failure(serialLine('/dev/null', 115_200)(signal))).code).toBe('DOCK_SERIAL_FAILED');
  });

  it('that somebody else holds is refused', async () => {
    terminal = await openPseudoTerminal();
    const first = await serialLine(terminal.path, 115_200)(signal);
    expect((await failure(serialLine(terminal.path, 115_200)(signal))).code).toBe('DOCK_SERIAL_FAILED');
    await first.close();
  });

  it('takes no write once it is closed or gone, and sends none later (stale write)', async () => {
    terminal = await openPseudoTerminal();
    const heard: number[] = [];
    terminal.line.listen({ bytes: (chunk) => heard.push(...chunk), closed: () => undefined });
    const closed = await serialLine(terminal.path, 115_200)(signal);
    await closed.close();
    expect((await failure(closed.write(Uint8Array.of(1)))).code).toBe('DOCK_LINE_CLOSED');
    const next = await serialLine(terminal.path, 115_200)(signal);
    await next.write(Uint8Array.of(2));
    await until(clock, 'the new byte', () => heard.length > 0);
    expect(heard).toEqual([2]);
    const lost: string[] = [];
    next.listen({ bytes: () => undefined, closed: (error) => lost.push(error.code) });
    await terminal.close();
    await until(clock, 'lost', () => lost.length > 0);
    expect(lost).toEqual(['DOCK_SERIAL_UNPLUGGED']);
    expect((await failure(next.write(Uint8Array.of(4)))).code).toBe('DOCK_LINE_CLOSED');
  });
});

describe('a TCP line', () => {
  const signal = new AbortController().signal;
  let server: Server | undefined;
  afterEach(() => server?.close());

  it('that nobody serves is refused, a name that is not known cannot be reached', async () => {
    const probe = await serveTcp({ port: 0, clock }, []);
    await probe.close();
    expect((await failure(tcpLine('127.0.0.1', probe.port)(signal))).code).toBe('DOCK_TCP_REFUSED');
  });

  it('to something that babbles is given up, told once, and tried again', async () => {
    let connections = 0;
    server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => socket.destroy());
      socket.write('SSH-2.0-OpenSSH_9.2p1 Debian\r\n');
    });
    const port = await new Promise<number>((resolve) => {
      server?.listen(0, '127.0.0.1', () => {
        const address = server?.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const ear = new CradleEar();
    const line = modbusLine({
      units: [{ cradle: '1', unit: 1, bayCount: 8 }],
      open: tcpLine('127.0.0.1', port),
      framing: 'tcp',
      clock,
    });
    line.start(ear);
    await until(clock, 'tried again', () => connections >= 2);
    expect(ear.codes()).toEqual(['DOCK_CRADLE_BABBLE']);
    await line.stop();
  });
});
