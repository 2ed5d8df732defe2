/**
 * A hostile device behind a bad plug: what an orderly one sends comes altered, cut, doubled, glued, late or never, noise comes unasked, and
 * requests fail in every way that a bus knows. Time is virtual, so that each wait is held against the deadline that was asked for.
 */
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { UsbConnection, UsbDevice, UsbInterface, UsbRequest } from '../../drivers/contract/usb.js';
import { libusb, usbFault } from '../../drivers/usb/transfer.js';
import type { Random } from '../simulation/random.js';
import { assertRefusal, damaged, noise } from './hostile.js';
import type { VirtualClock } from './virtual-clock.js';

const failures = {
  stall: libusb.stall,
  overrun: libusb.overflow,
  failed: libusb.transferError,
  gone: libusb.noDevice,
} as const;
const troubles = ['noise', 'altered', 'again', 'split', 'empty', 'silent', ...keysOf(failures)] as const;
type Trouble = (typeof troubles)[number];

/** More in one talk is asking for ever: what floods is left after 64 pieces or some hundred ms, and no transfer is quicker than one. */
const mostTransfers = 20_000;
const nothing = new Uint8Array(0);

export interface HostileOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Longest that the family waits for one transfer, ms. */
  readonly mostWaitMs: number;
}

export class HostileUsb implements UsbConnection {
  readonly #orderly: UsbConnection;
  readonly #options: HostileOptions;
  /** What this device has in store, and how often: one that has it all would never get far. */
  readonly #store: readonly Trouble[];
  readonly #often: number;
  /** How much of its deadline a transfer takes, 0 to 1: a millisecond more would be too late. */
  readonly #pace: () => number;
  #transfers = 0;
  #gone = false;
  /** Of what came before: what was held back, and the last transfer. */
  #held: Uint8Array = nothing;
  #last = nothing;
  /** What was asked of it and may not be: kept, for whoever asked may take the error for a device's. */
  #wrong: Error | undefined;

  constructor(orderly: UsbConnection, options: HostileOptions) {
    this.#orderly = orderly;
    this.#options = options;
    const { random } = options;
    this.#store = Array.from({ length: random.int(1, 4) }, () => random.pick(troubles));
    this.#often = random.pick([0.03, 0.1, 0.4, 1]);
    this.#pace = random.pick([() => 0, () => random.next(), () => 1]);
  }

  get device(): UsbDevice {
    return this.#orderly.device;
  }

  get interface(): UsbInterface {
    return this.#orderly.interface;
  }

  /** Throws where a transfer was asked for that may not be. */
  assertAskedRightly(): void {
    if (this.#wrong !== undefined) throw this.#wrong;
  }

  async transferIn(
    endpoint: number,
    memory: Uint8Array<ArrayBuffer>,
    deadlineMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#came(endpoint, memory.length, deadlineMs);
    memory.set(bytes);
    return memory.subarray(0, bytes.length);
  }

  async #came(endpoint: number, lengthBytes: number, deadlineMs: number): Promise<Uint8Array> {
    const { clock, random } = this.#options;
    const untilMs = clock.monotonicMs() + deadlineMs;
    const trouble = await this.#troubleWithin(deadlineMs);
    if (trouble === 'noise') return noise(random, random.chance(0.9) ? Math.min(40, lengthBytes) : lengthBytes);
    if (trouble === 'empty') return new Uint8Array(0);
    if (trouble === 'again') return this.#last.slice(0, lengthBytes);
    let whole = this.#held;
    this.#held = nothing;
    if (whole.length === 0 || trouble === 'split') {
      const came = await this.#orderly.transferIn(endpoint, new Uint8Array(lengthBytes), untilMs - clock.monotonicMs());
      whole = Buffer.concat([whole, came]);
    }
    if (trouble === 'altered') whole = damaged(random, whole);
    const length = trouble === 'split' ? random.int(0, whole.length) : whole.length;
    this.#held = whole.subarray(Math.min(length, lengthBytes));
    this.#last = new Uint8Array(whole.subarray(0, Math.min(length, lengthBytes)));
    return this.#last;
  }

  async transferOut(endpoint: number, bytes: Uint8Array, withShort: boolean, deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + deadlineMs;
    await this.#troubleWithin(deadlineMs);
    await this.#orderly.transferOut(endpoint, bytes, withShort, untilMs - clock.monotonicMs());
  }

  async controlIn(request: UsbRequest, lengthBytes: number, deadlineMs: number): Promise<Uint8Array> {
    const { clock, random } = this.#options;
    const untilMs = clock.monotonicMs() + deadlineMs;
    if ((await this.#troubleWithin(deadlineMs)) === 'noise') return noise(random, lengthBytes);
    return this.#orderly.controlIn(request, lengthBytes, untilMs - clock.monotonicMs());
  }

  async controlOut(request: UsbRequest, bytes: Uint8Array, deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + deadlineMs;
    await this.#troubleWithin(deadlineMs);
    await this.#orderly.controlOut(request, bytes, untilMs - clock.monotonicMs());
  }

  async clearHalt(endpoint: number): Promise<void> {
    this.#assertThere();
    this.#maybe('failed');
    await this.#orderly.clearHalt(endpoint);
  }

  async reset(): Promise<void> {
    this.#assertThere();
    this.#maybe('failed');
    this.#maybe('gone');
    await this.#orderly.reset();
  }

  async close(): Promise<void> {
    this.#gone = true;
    await this.#orderly.close();
  }

  /** What goes wrong with this transfer; throws where that is all there is to it. */
  async #troubleWithin(deadlineMs: number): Promise<Trouble | undefined> {
    const { clock, random, mostWaitMs } = this.#options;
    this.#transfers += 1;
    if (!(deadlineMs > 0 && deadlineMs <= mostWaitMs)) this.#isWrong(`a wait of ${deadlineMs} ms`);
    if (this.#transfers > mostTransfers) this.#isWrong(`more than ${mostTransfers} transfers`);
    this.#assertThere();
    const trouble = random.chance(this.#often) ? random.pick(this.#store) : undefined;
    // Even what floods takes time.
    const leastMs = trouble === undefined ? 0 : Math.min(1, deadlineMs);
    const takesMs = Math.max(leastMs, Math.floor(this.#pace() * Math.max(0, deadlineMs - 1)));
    if (takesMs > 0) await sleep(clock, 'hostile usb', trouble === 'silent' ? deadlineMs : takesMs);
    this.#assertThere();
    if (trouble === 'silent') throw fault(libusb.timedOut);
    if (trouble !== undefined && trouble in failures) this.#fail(trouble as keyof typeof failures);
    return trouble;
  }

  #isWrong(what: string): void {
    this.#wrong ??= new Error(`asked for ${what}`);
    throw this.#wrong;
  }

  #maybe(trouble: keyof typeof failures): void {
    const { random } = this.#options;
    if (this.#store.includes(trouble) && random.chance(this.#often)) this.#fail(trouble);
  }

  #fail(trouble: keyof typeof failures): never {
    if (trouble === 'gone') this.#gone = true;
    throw fault(failures[trouble]);
  }

  #assertThere(): void {
    if (this.#gone) throw fault(libusb.noDevice);
  }
}

function fault(number: number): DockError {
  return usbFault(number, '1-1', phrase`a transfer`);
}

function keysOf<Key extends string>(of: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(of) as Key[];
}

/** How something ended on virtual time. */
export interface Ended<T> {
  /** Absent where it was refused. */
  readonly value?: T;
  /** How long it took, as a share of how long it may take. */
  readonly share: number;
}

/** Throws where it does not end within `mostMs`, or with anything but a value or an error that may be shown. */
export async function endOf<T>(clock: VirtualClock, work: Promise<T>, mostMs: number): Promise<Ended<T>> {
  const beganMs = clock.monotonicMs();
  const share = (): number => (clock.monotonicMs() - beganMs) / mostMs;
  const outcomes: (Ended<T> & { readonly thrown?: unknown })[] = [];
  work.then(
    (value) => outcomes.push({ value, share: share() }),
    (thrown: unknown) => outcomes.push({ thrown, share: share() }),
  );
  await clock.advance(mostMs);
  const [ended] = outcomes;
  if (ended === undefined) throw new Error(`no end within ${mostMs} ms; waiting: ${clock.waiting().join(', ')}`);
  if ('thrown' in ended) assertRefusal(ended.thrown);
  return ended;
}
