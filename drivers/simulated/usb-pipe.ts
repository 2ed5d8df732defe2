/** The two bulk pipes of one claimed interface in memory: packets, short packets, halts, deadlines. */
import type { Clock } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import { phrase, verbatim } from '../contract/phrase.js';
import type { UsbInterface } from '../contract/usb.js';
import { type DevicePipe, stalled } from './usb-bus.js';

/** What a device that babbles may queue; more is lost, as on a bus that nobody reads. */
const mostPackets = 4_096;

export class MemoryPipe implements DevicePipe {
  readonly #clock: Clock;
  readonly #in: number;
  readonly #packetBytes: number;
  readonly #gone: () => DockError;
  readonly #halted = new Set<number>();
  readonly #out: number;
  #packets: Uint8Array[] = [];
  #there = true;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, { endpoints }: UsbInterface, gone: () => DockError) {
    const incoming = endpoints.find(({ address, transfer }) => transfer === 'bulk' && address >= 0x80);
    const outgoing = endpoints.find(({ address, transfer }) => transfer === 'bulk' && address < 0x80);
    this.#clock = clock;
    this.#in = incoming?.address ?? 0x81;
    this.#out = outgoing?.address ?? 0x01;
    this.#packetBytes = incoming?.packetBytes ?? 512;
    this.#gone = gone;
  }

  packet(bytes: Uint8Array): void {
    if (this.#packets.length < mostPackets) this.#packets.push(bytes.slice());
    this.#wake?.();
  }

  transfer(bytes: Uint8Array): void {
    let at = 0;
    for (; bytes.length - at >= this.#packetBytes; at += this.#packetBytes) {
      this.packet(bytes.subarray(at, at + this.#packetBytes));
    }
    if (at < bytes.length) this.packet(bytes.subarray(at));
  }

  stallIn(): void {
    this.#halted.add(this.#in);
    this.#wake?.();
  }

  stallOut(): void {
    this.#halted.add(this.#out);
  }

  isHalted(endpoint: number): boolean {
    return this.#halted.has(endpoint);
  }

  clear(endpoint: number): void {
    this.#halted.delete(endpoint);
  }

  empty(): void {
    this.#packets = [];
    this.#halted.clear();
  }

  lose(): void {
    this.#there = false;
    this.#wake?.();
  }

  assertThere(): void {
    if (!this.#there) throw this.#gone();
  }

  async take(endpoint: number, lengthBytes: number, deadlineMs: number): Promise<Uint8Array> {
    if (endpoint !== this.#in || lengthBytes % this.#packetBytes !== 0) throw new Error('not a transfer of this pipe');
    const byMs = this.#clock.monotonicMs() + deadlineMs;
    const taken: Uint8Array[] = [];
    for (let bytes = 0; ; ) {
      this.assertThere();
      const packet = this.#packets.shift();
      if (packet !== undefined) {
        taken.push(packet);
        bytes += packet.length;
        if (bytes > lengthBytes || packet.length > this.#packetBytes) throw overrun(bytes, lengthBytes);
        if (packet.length < this.#packetBytes || bytes === lengthBytes) return Buffer.concat(taken);
        continue;
      }
      if (this.#halted.has(endpoint)) throw stalled(phrase`endpoint ${endpoint}`);
      // What had come until then is lost, as it is with the real one.
      if (!(await this.#moved(byMs - this.#clock.monotonicMs()))) throw late(deadlineMs);
    }
  }

  /** False: nothing came within that time. */
  #moved(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.timer('simulated usb', Math.max(0, withinMs), () => {
        this.#wake = undefined;
        resolve(false);
      });
      this.#wake = () => {
        this.#wake = undefined;
        timer.cancel();
        resolve(true);
      };
    });
  }
}

function overrun(bytes: number, lengthBytes: number): DockError {
  return new DockError('DOCK_USB_OVERRUN', {
    expected: phrase`at most ${lengthBytes} bytes`,
    found: verbatim(`${bytes}`),
    todo: phrase`Put the camera in again`,
    retry: 'now',
  });
}

function late(deadlineMs: number): DockError {
  return new DockError('DOCK_USB_TIMEOUT', {
    expected: phrase`a transfer within ${deadlineMs} ms`,
    found: phrase`none`,
    todo: phrase`Put the camera in again`,
    retry: 'now',
  });
}
