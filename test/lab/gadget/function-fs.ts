/**
 * One interface as a FunctionFS function: what the host sends on its OUT endpoint and on endpoint 0 is told, what is sent goes to the host in
 * turn. Moves bytes and knows nothing of what they mean.
 *
 * Every endpoint is a file on which one thread of libuv waits (UV_THREADPOOL_SIZE has to allow for them). Two things differ from a device
 * with its own FIFO: what the kernel was given stays until the host takes it or the bus is reset (dummy_hcd cannot flush, and Node has no
 * ioctl to ask for it), so little is given at a time; and nobody is told when the host clears a halt.
 */
import { openSync, read, write, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../../daemon/runtime/clock.js';
import type { UsbInterface, UsbRequest } from '../../../drivers/contract/usb.js';
import { functionDescriptors, functionStrings } from './descriptors.js';

const readFrom = promisify(read);
const writeTo = promisify(write);

/** What the kernel is given at once, bytes. */
const givenBytes = 32 << 10;
/** Longest transfer that a host sends, bytes; the kernel ends it at a short packet. */
const mostReceivedBytes = 16 << 10;
const eventBytes = 12;
const setupEvent = 4;

/** As Linux numbers them; libuv has no names for some. */
const errno = {
  interrupted: 4,
  noDevice: 19,
  requestGivenUp: 43,
  stalled: 51,
  halted: 74,
  reset: 104,
  shutDown: 108,
} as const;
/** Of an endpoint whose host has gone or has reset it. */
const gone: readonly number[] = [errno.interrupted, errno.noDevice, errno.reset, errno.shutDown];

export interface FunctionListener {
  /** A transfer of the host on the OUT endpoint. The next one waits until this returns. */
  received(bytes: Uint8Array): void;
  /** A class or vendor request: the bytes that an IN request is answered with, or that it stalls. */
  requested(request: UsbRequest, isIn: boolean): Uint8Array | 'stall';
  /** Reset by the bus, or unplugged: nothing that was sent before counts. */
  lost(): void;
}

export class FunctionFs {
  readonly #in: number;
  readonly #out: number;
  readonly #interrupt: number | undefined;
  readonly #packetBytes: number;
  #listener: FunctionListener | undefined;
  /** Work on the IN endpoint, one after the other. */
  #sending: Promise<void> = Promise.resolve();
  #telling: Promise<void> = Promise.resolve();
  /** What was to be sent in another generation is dropped. */
  #generation = 0;
  /** The host has spoken since the bus was reset. */
  #live = false;
  #stallOut = false;
  #lastTakenMs: number | undefined;
  #longestPauseMs = 0;

  /** Says to ep0 what it is; the gadget may be plugged in then. */
  constructor(folder: string, shown: UsbInterface, packetBytes: number) {
    const ep0 = openSync(path.join(folder, 'ep0'), 'r+');
    writeSync(ep0, functionDescriptors(shown));
    writeSync(ep0, functionStrings(shown));
    const fileOf = (wanted: (endpoint: UsbInterface['endpoints'][number]) => boolean): number | undefined => {
      const index = shown.endpoints.findIndex(wanted);
      return index < 0 ? undefined : openSync(path.join(folder, `ep${index + 1}`), 'r+');
    };
    const bulkIn = fileOf(({ address, transfer }) => transfer === 'bulk' && address >= 0x80);
    const bulkOut = fileOf(({ address, transfer }) => transfer === 'bulk' && address < 0x80);
    this.#interrupt = fileOf(({ transfer }) => transfer === 'interrupt');
    if (bulkIn === undefined || bulkOut === undefined) throw new Error('an interface without its two bulk endpoints');
    this.#in = bulkIn;
    this.#out = bulkOut;
    this.#packetBytes = packetBytes;
    void this.#answerControl(ep0);
    void this.#receive();
  }

  listen(listener: FunctionListener): void {
    this.#listener = listener;
  }

  /** In its turn. `ends`: with a short packet, empty where the last is full; else whole packets alone go. Resolves when the host took it. */
  send(bytes: Uint8Array, ends: boolean): Promise<void> {
    const generation = this.#generation;
    this.#sending = this.#sending.then(() => this.#send(bytes, ends, generation));
    return this.#sending;
  }

  /** On the interrupt endpoint. */
  tell(bytes: Uint8Array): void {
    const { interrupt, generation } = { interrupt: this.#interrupt, generation: this.#generation };
    if (interrupt === undefined) return;
    this.#telling = this.#telling.then(() => this.#give(interrupt, bytes, generation));
  }

  /** Halts the IN endpoint, when the host has taken what was sent before; what is sent after it waits for the host to clear the halt. */
  stallIn(): void {
    const generation = this.#generation;
    this.#sending = this.#sending.then(async () => {
      // Reading where only writing makes sense is how FunctionFS is told to halt.
      if (this.#generation === generation)
        await tried(readFrom(this.#in, Buffer.alloc(1), 0, 1, null), [errno.halted, ...gone]);
    });
  }

  /** Halts the OUT endpoint, before the next transfer is received. Only while one is. */
  stallOut(): void {
    this.#stallOut = true;
  }

  /** Forgets what the kernel was not given yet. */
  drop(): void {
    this.#generation += 1;
  }

  /** Longest that the host took nothing on the IN endpoint between two times that it did, since this was asked last, ms. */
  takeLongestPauseMs(): number {
    const longestMs = this.#longestPauseMs;
    this.#lastTakenMs = undefined;
    this.#longestPauseMs = 0;
    return longestMs;
  }

  /** Resolves when all that was sent was taken or dropped. */
  sent(): Promise<void> {
    return this.#sending;
  }

  async #send(bytes: Uint8Array, ends: boolean, generation: number): Promise<void> {
    const whole = bytes.length - (bytes.length % this.#packetBytes);
    const length = ends ? bytes.length : whole;
    for (let at = 0; at < length; at += givenBytes) {
      await this.#give(this.#in, bytes.subarray(at, Math.min(at + givenBytes, length)), generation);
    }
    if (ends && length % this.#packetBytes === 0) await this.#give(this.#in, new Uint8Array(0), generation);
  }

  async #give(file: number, bytes: Uint8Array, generation: number): Promise<void> {
    if (!this.#live || this.#generation !== generation) return;
    const moved = await tried(writeTo(file, bytes, 0, bytes.length, null), gone);
    if (moved === undefined && this.#generation === generation) this.#lose();
    if (moved !== undefined && file === this.#in) this.#taken();
  }

  async #receive(): Promise<never> {
    const buffer = Buffer.alloc(mostReceivedBytes);
    for (;;) {
      const came = await tried(readFrom(this.#out, buffer, 0, buffer.length, null), gone);
      if (came === undefined) {
        this.#lose();
        continue;
      }
      this.#live = true;
      this.#listener?.received(Uint8Array.from(buffer.subarray(0, came.bytesRead)));
      if (this.#stallOut) {
        this.#stallOut = false;
        await tried(writeTo(this.#out, buffer, 0, 1, null), [errno.halted, ...gone]);
      }
    }
  }

  #taken(): void {
    const nowMs = systemClock.monotonicMs();
    this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - (this.#lastTakenMs ?? nowMs));
    this.#lastTakenMs = nowMs;
  }

  #lose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#generation += 1;
    this.#listener?.lost();
  }

  async #answerControl(ep0: number): Promise<never> {
    const events = Buffer.alloc(4 * eventBytes);
    for (;;) {
      const came = await tried(readFrom(ep0, events, 0, events.length, null), [errno.requestGivenUp, ...gone]);
      // The kernel keeps at most one request, as the last of what it tells.
      const at = (came?.bytesRead ?? 0) - eventBytes;
      if (at >= 0 && events[at + 8] === setupEvent) await this.#answer(ep0, events.subarray(at, at + 8));
    }
  }

  /** What goes in the wrong direction stalls the request. A request that the host gave up meanwhile is nobody's any more (EIDRM). */
  async #answer(ep0: number, setup: Buffer): Promise<void> {
    const isIn = (setup[0] ?? 0) >= 0x80;
    const lengthBytes = setup.readUInt16LE(6);
    const answer = this.#listener?.requested(requestOf(setup), isIn) ?? 'stall';
    const overtaken = [errno.stalled, errno.requestGivenUp, ...gone];
    const one = Buffer.alloc(Math.max(1, lengthBytes));
    if (isIn === (answer !== 'stall')) {
      const bytes = answer === 'stall' ? one.subarray(0, 1) : answer.subarray(0, lengthBytes);
      await tried(writeTo(ep0, bytes, 0, bytes.length, null), overtaken);
    } else await tried(readFrom(ep0, one, 0, one.length, null), overtaken);
  }
}

const kinds = ['standard', 'class', 'vendor'] as const;
const recipients = ['device', 'interface', 'endpoint'] as const;

function requestOf(setup: Buffer): UsbRequest {
  const [first = 0, request = 0] = setup;
  return {
    type: kinds[(first >> 5) & 3] ?? 'vendor',
    recipient: recipients[first & 0x1f] ?? 'device',
    request,
    value: setup.readUInt16LE(2),
    index: setup.readUInt16LE(4),
  };
}

/** Undefined where it fails with one of these. */
async function tried<T>(work: Promise<T>, expected: readonly number[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const number = error instanceof Error && 'errno' in error ? error.errno : undefined;
    if (typeof number === 'number' && expected.includes(-number)) return undefined;
    throw error;
  }
}
