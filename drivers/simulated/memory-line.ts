/** Two ends of one wire in memory, with the wire's speed: virtual time runs over it as over a real line. */
import type { ByteLine, ByteReceiver } from '../contract/byte-line.js';
import type { Clock } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import { phrase } from '../contract/phrase.js';

/** Start bit, 8 data bits, parity, stop bit. */
const bitsPerCharacter = 11;

export interface MemoryLinePair {
  readonly ends: readonly [ByteLine, ByteLine];
  /** As if the plug was pulled: both ends are told. */
  unplug(): void;
}

/** `baud` absent: bytes take no time, but still come in a later turn, in order. */
export function memoryLinePair(clock: Clock, baud?: number): MemoryLinePair {
  const characterMs = baud === undefined ? 0 : (bitsPerCharacter * 1_000) / baud;
  const one = new MemoryEnd(clock, characterMs);
  const other = new MemoryEnd(clock, characterMs);
  one.peer = other;
  other.peer = one;
  return {
    ends: [one, other],
    unplug: () => {
      one.lose();
      other.lose();
    },
  };
}

class MemoryEnd implements ByteLine {
  readonly characterMs: number;
  peer: MemoryEnd | undefined;
  readonly #clock: Clock;
  #receiver: ByteReceiver | undefined;
  #open = true;
  #wireFreeMs = 0;

  constructor(clock: Clock, characterMs: number) {
    this.#clock = clock;
    this.characterMs = characterMs;
  }

  listen(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#open) throw closed();
    const copy = bytes.slice();
    const nowMs = this.#clock.monotonicMs();
    this.#wireFreeMs = Math.max(nowMs, this.#wireFreeMs) + copy.length * this.characterMs;
    this.#deliver(copy, this.#wireFreeMs);
  }

  /** Real timers fire up to a millisecond early; bytes never arrive before the wire could carry them. */
  #deliver(bytes: Uint8Array, atMs: number): void {
    this.#clock.timer('memory line', Math.max(0, atMs - this.#clock.monotonicMs()), () => {
      if (this.#clock.monotonicMs() < atMs) this.#deliver(bytes, atMs);
      else this.peer?.take(bytes);
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#receiver = undefined;
    this.peer?.lose();
  }

  take(bytes: Uint8Array): void {
    if (this.#open) this.#receiver?.bytes(bytes);
  }

  lose(): void {
    if (!this.#open) return;
    this.#open = false;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(closed());
  }
}

function closed(): DockError {
  return new DockError('DOCK_LINE_CLOSED', {
    expected: phrase`the line in memory open`,
    found: phrase`closed`,
    todo: phrase`Open a new pair`,
    retry: 'now',
  });
}
