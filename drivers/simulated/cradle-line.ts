/** The wire side of simulated cradles: Modbus RTU on any ByteLine, Modbus TCP on a port, and the faults a line can have. */
import { createServer, type Socket } from 'node:net';
import type { ByteLine } from '../contract/byte-line.js';
import type { Clock } from '../contract/clock.js';
import { mbapFrame, mbapFrames } from '../cradle/modbus/mbap.js';
import {
  decodeRequest,
  encodeException,
  readFunction,
  readWriteFunction,
  writeFunction,
} from '../cradle/modbus/pdu.js';
import { exceptionCodes } from '../cradle/modbus/registers.js';
import { crc16, rtuFrame } from '../cradle/modbus/rtu.js';
import type { SimulatedCradle } from './cradle.js';

/** What is wrong with one unit's answers. All are off by default and can be changed at any time. */
export interface LineFaults {
  /** Hears and obeys, but never answers. */
  silent?: boolean;
  /** Hears nothing: as if it had no power. */
  dead?: boolean;
  /** Answers with these bytes instead. */
  babble?: Uint8Array;
  /** Turns a bit of each answer. */
  corrupt?: boolean;
  /** Sends only so many bytes of each answer. */
  truncateBytes?: number;
  /** Answers this much later, ms, and obeys then. */
  delayMs?: number;
  /** Leaves every n-th answer out, from 1: 2 is every other. */
  dropEvery?: number;
  /** Answers each request with the answer to the one before. */
  oneBehind?: boolean;
}

/** A reply leaves no earlier than this after its request: 3.5 characters, rounded up; ms. */
const turnaroundMs = 2;
/** Longest Modbus RTU frame. */
const mostBytes = 256;

class Answering {
  readonly cradle: SimulatedCradle;
  readonly faults: LineFaults;
  readonly #clock: Clock;
  readonly #wrap: (unit: number, pdu: Uint8Array, transaction: number) => Uint8Array;
  #count = 0;
  #before: Uint8Array | undefined;

  constructor(
    cradle: SimulatedCradle,
    faults: LineFaults,
    clock: Clock,
    wrap: (unit: number, pdu: Uint8Array, transaction: number) => Uint8Array,
  ) {
    this.cradle = cradle;
    this.faults = faults;
    this.#clock = clock;
    this.#wrap = wrap;
  }

  take(pdu: Uint8Array, transaction: number, send: (frame: Uint8Array) => void): void {
    if (this.faults.dead === true) return;
    const delayMs = this.faults.delayMs ?? 0;
    const heardMs = this.#clock.monotonicMs();
    this.#clock.timer('simulated answer', turnaroundMs + delayMs, () => {
      const answer = this.#answer(pdu, this.#clock.monotonicMs() - heardMs);
      if (answer === undefined) return;
      const frame = this.#spoilt(this.#wrap(this.cradle.unit, answer, transaction));
      if (frame !== undefined) send(frame);
    });
  }

  #answer(pdu: Uint8Array, heldMs: number): Uint8Array | undefined {
    const request = decodeRequest(pdu);
    if (request !== undefined) return this.cradle.answer(request, heldMs);
    const code = pdu[0] ?? 0;
    const known = [readFunction, writeFunction, readWriteFunction].includes(code);
    return encodeException(code & 0x7f, known ? exceptionCodes.illegalValue : exceptionCodes.illegalFunction);
  }

  #spoilt(frame: Uint8Array): Uint8Array | undefined {
    const { faults } = this;
    this.#count += 1;
    if (faults.silent === true) return undefined;
    if (faults.dropEvery !== undefined && this.#count % faults.dropEvery === 0) return undefined;
    if (faults.babble !== undefined) return faults.babble;
    if (faults.corrupt === true) return frame.map((byte, at) => (at === frame.length >> 1 ? byte ^ 0x10 : byte));
    if (faults.truncateBytes !== undefined) return frame.slice(0, faults.truncateBytes);
    if (faults.oneBehind === true) {
      const before = this.#before;
      this.#before = frame;
      return before;
    }
    return frame;
  }
}

/** One cradle with what is wrong with its answers. */
export interface ServedCradle {
  readonly cradle: SimulatedCradle;
  readonly faults?: LineFaults;
}

/** Serves units over RTU on one end of a line, until that is closed. */
export function serveRtu(line: ByteLine, clock: Clock, cradles: readonly ServedCradle[]): void {
  const answering = new Map(
    cradles.map(({ cradle, faults = {} }) => [cradle.unit, new Answering(cradle, faults, clock, rtuFrame)]),
  );
  let bytes: Uint8Array = new Uint8Array(0);
  line.listen({
    bytes(chunk) {
      const { requests, rest } = rtuRequests(Buffer.concat([bytes, chunk]).subarray(-2 * mostBytes));
      bytes = rest;
      for (const { unit, pdu } of requests) {
        answering.get(unit)?.take(pdu, 0, (frame) => {
          // The gateway may have closed the line in the meantime: a unit does not notice that.
          line.write(frame).catch(() => undefined);
        });
      }
    },
    closed() {
      bytes = new Uint8Array(0);
    },
  });
}

/** Requests in a stream that may begin and end anywhere; what is no request is skipped, as firmware skips by silence. */
export function rtuRequests(bytes: Uint8Array): {
  readonly requests: readonly { readonly unit: number; readonly pdu: Uint8Array }[];
  readonly rest: Uint8Array;
} {
  const requests: { unit: number; pdu: Uint8Array }[] = [];
  let at = 0;
  let from = 0;
  while (at < bytes.length) {
    const length = requestLength(bytes, at);
    const end = at + length;
    if (
      length > 0 &&
      end <= bytes.length &&
      crc16(bytes, at, end - 2) === (((bytes[end - 1] ?? 0) << 8) | (bytes[end - 2] ?? 0))
    ) {
      requests.push({ unit: bytes[at] ?? 0, pdu: bytes.slice(at + 1, end - 2) });
      at = end;
      from = end;
    } else {
      at += 1;
    }
  }
  return { requests, rest: bytes.slice(Math.max(from, bytes.length - mostBytes)) };
}

function requestLength(bytes: Uint8Array, at: number): number {
  const code = bytes[at + 1];
  if (code === readFunction) return 8;
  if (code === writeFunction) return 9 + (bytes[at + 6] ?? mostBytes);
  return code === readWriteFunction ? 13 + (bytes[at + 10] ?? mostBytes) : 0;
}

export interface CradleServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves units over Modbus TCP. `port` 0: any free one. */
export function serveTcp(
  options: { readonly host?: string; readonly port: number; readonly clock: Clock },
  cradles: readonly ServedCradle[],
): Promise<CradleServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const wrap = (unit: number, pdu: Uint8Array, transaction: number): Uint8Array => mbapFrame(transaction, unit, pdu);
    const answering = new Map(
      cradles.map(({ cradle, faults = {} }) => [cradle.unit, new Answering(cradle, faults, options.clock, wrap)]),
    );
    let bytes: Uint8Array = new Uint8Array(0);
    socket.on('data', (chunk) => {
      const { frames, rest, broken } = mbapFrames(Buffer.concat([bytes, chunk]));
      bytes = rest;
      for (const { unit, pdu, transaction } of frames) {
        answering.get(unit)?.take(pdu, transaction, (frame) => socket.writable && socket.write(frame));
      }
      if (broken) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('no port'));
        return;
      }
      resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}
