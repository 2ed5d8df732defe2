/**
 * One device with its session: whoever asks gets the device to himself for one transaction, and an answer or an error that is final.
 *
 * Answerable for: after a transaction that was interrupted the device is brought back in step before anybody else gets it; what can be
 * asked twice is asked once more, here and nowhere else; no handle of an old session reaches a new one, where it may be another object's.
 */
import { sleep, within } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import type { UsbDevice } from '../../contract/usb.js';
import { events, operations, responses } from './codes.js';
import { type DeviceInfo, decodeDeviceInfo } from './datasets.js';
import { EventPump } from './event-pump.js';
import { gone, interrupted, isGone, losesStep, noAnswer, refused, renewed } from './faults.js';
import type { Answer, PtpLink } from './link.js';
import { type DeviceTools, defaultMostBytes, firstWords, foundAgain, type OnInterrupted, openLink } from './opening.js';
import { type Quirks, quirksOf } from './quirks.js';
import { resynchronise } from './recovery.js';
import { Turns } from './turns.js';

export interface Question {
  readonly operation: number;
  readonly parameters?: readonly number[];
  readonly dataOut?: Uint8Array;
  /** Most bytes of payload, default 64 KiB. */
  readonly mostBytes?: number;
  /** Where the payload goes, and how it is taken as it comes: as of a transaction. What is asked once more fills it anew. */
  readonly into?: readonly Uint8Array[];
  readonly sink?: (bytes: Uint8Array) => Promise<void>;
  /** Default: as the quirks say. */
  readonly silenceMs?: number;
  /** Default: three times the silence. */
  readonly wholeMs?: number;
  /** `generation` of the session in which its handles were learnt. */
  readonly generation?: number;
  /** Asking twice does something twice. */
  readonly once?: boolean;
}

export type Ask = (question: Question) => Promise<Answer>;

/** Tries at a device that says it is busy, and the wait between two, ms. */
const busyTries = 15;
const busyWaitMs = 200;
/** How long letting go of a session may take, ms. */
const closeMs = 1_000;

export class PtpDevice {
  readonly quirks: Quirks;
  readonly info: DeviceInfo;
  readonly #usb: UsbDevice;
  readonly #tools: DeviceTools;
  readonly #onInterrupted: OnInterrupted;
  readonly #turns = new Turns();
  readonly #closing = new AbortController();
  #link: PtpLink;
  #pump: EventPump;
  #generation = 0;
  #storeChanges = 0;
  #dead: unknown;
  #closed: Promise<void> | undefined;

  private constructor(
    usb: UsbDevice,
    tools: DeviceTools,
    link: PtpLink,
    info: DeviceInfo,
    onInterrupted: OnInterrupted,
  ) {
    this.#usb = usb;
    this.#tools = tools;
    this.#onInterrupted = onInterrupted;
    this.#link = link;
    this.info = info;
    this.quirks = quirksOf(usb, info);
    this.#pump = this.#listen();
  }

  static async open(
    usb: UsbDevice,
    tools: DeviceTools,
    signal: AbortSignal,
    onInterrupted: OnInterrupted = () => undefined,
  ): Promise<PtpDevice> {
    let link = await openLink(usb, tools, signal);
    // A device that says nothing is not waited for any longer than whoever asked for it.
    const onAbort = (): void => void link.connection.close();
    signal.addEventListener('abort', onAbort, { once: true });
    const findAgain = async (reset: boolean): Promise<PtpLink> => {
      link = await foundAgain(usb, tools, reset, signal);
      return link;
    };
    try {
      const info = await firstWords(link, usb, tools, findAgain, onInterrupted);
      const device = new PtpDevice(usb, tools, link, info, onInterrupted);
      try {
        await device.#exclusive(() => device.#openSession());
        return device;
      } catch (error) {
        device.#dead = error;
        await device.close();
        throw error;
      }
    } catch (error) {
      await link.connection.close();
      signal.throwIfAborted();
      throw isGone(error) ? gone(error) : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Handles that were learnt under another value mean nothing now. */
  get generation(): number {
    return this.#generation;
  }

  /** Grows with each event that says a storage came or went. */
  get storeChanges(): number {
    return this.#storeChanges;
  }

  /** Somebody waits for a turn. */
  get contended(): boolean {
    return this.#turns.contended;
  }

  /** The answer, whatever its response code. Ends with the signal's reason at once; the device is then done with it by itself. */
  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    return this.exclusively((ask) => ask(question), signal);
  }

  /** The payload; DOCK_PTP_REFUSED where the response is not OK. */
  async request(what: Phrase, question: Question, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { code, data } = await this.ask(question, signal);
    if (code !== responses.ok) throw refused(what, code);
    return data;
  }

  /** Several questions with nobody else's in between. */
  exclusively<T>(work: (ask: Ask) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#exclusive(() => work((question) => this.#ask(question)), signal);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock } = this.#tools;
    const leaving = this.#exclusive(async () => {
      if (this.#dead !== undefined || this.quirks.keepsSession) return;
      await this.#transact({ operation: operations.closeSession, silenceMs: closeMs, wholeMs: closeMs });
    });
    // It is let go of either way; a device that does not hear of it is told by whoever opens it next.
    leaving.catch(() => undefined);
    await within(clock, 'ptp.close', closeMs, leaving, () => noAnswer(phrase`the end of the session`)).catch(
      () => undefined,
    );
    this.#dead ??= gone(new Error('the session was closed'));
    this.#closing.abort(this.#dead);
    await this.#link.connection.close();
    await this.#pump.stop();
  }

  async #exclusive<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const giveBack = await this.#turns.take(signal);
    const working = work().finally(giveBack);
    return signal === undefined ? working : untilAborted(working, signal);
  }

  async #ask(question: Question): Promise<Answer> {
    for (let attempt = 1, busy = 0; ; ) {
      this.#assertUsable(question);
      try {
        const answer = await this.#transact(question);
        if (answer.code === responses.deviceBusy && busy < busyTries) {
          busy += 1;
          await sleep(this.#tools.clock, 'ptp.busy', busyWaitMs, this.#closing.signal);
        } else if (answer.code === responses.sessionNotOpen) {
          if (attempt > 1) return answer;
          attempt += 1;
          await this.#openSession();
        } else return answer;
      } catch (error) {
        // A sink that would not go on has left the rest of the payload in the pipe.
        if (!losesStep(error) && question.sink === undefined) throw error;
        await this.#recover(error);
        // What sends too much does so again.
        if (!losesStep(error) || (error instanceof DockError && error.code === 'DOCK_PTP_TOO_MUCH')) throw error;
        if (question.once === true || question.sink !== undefined || attempt > 1) throw interrupted(error);
        attempt += 1;
      }
    }
  }

  #assertUsable({ generation }: Question): void {
    if (this.#dead !== undefined) throw this.#dead;
    if (generation !== undefined && generation !== this.#generation) throw renewed();
  }

  #transact({ operation, parameters = [], mostBytes = defaultMostBytes, ...rest }: Question): Promise<Answer> {
    const silenceMs = rest.silenceMs ?? this.quirks.silenceMs;
    const wholeMs = rest.wholeMs ?? 3 * silenceMs;
    return this.#link.transact({ ...rest, operation, parameters, mostBytes, silenceMs, wholeMs });
  }

  /** Some devices still hold the session of whoever spoke to them before: it is closed, or taken over. */
  async #openSession(): Promise<void> {
    this.#generation += 1;
    const open = { operation: operations.openSession, parameters: [1] };
    let { code } = await this.#transact(open);
    if (code === responses.sessionAlreadyOpen) {
      await this.#transact({ operation: operations.closeSession });
      ({ code } = await this.#transact(open));
    }
    for (let busy = 0; code === responses.deviceBusy && busy < busyTries; busy += 1) {
      await sleep(this.#tools.clock, 'ptp.busy', busyWaitMs, this.#closing.signal);
      ({ code } = await this.#transact(open));
    }
    if (code !== responses.ok && code !== responses.sessionAlreadyOpen) throw refused(phrase`open a session`, code);
  }

  /** Throws DOCK_CAMERA_GONE when nothing helps; then everybody who comes later gets the same. */
  async #recover(cause: unknown): Promise<void> {
    try {
      if (this.#closing.signal.aborted) throw gone(cause);
      const { clock } = this.#tools;
      const startedMs = clock.monotonicMs();
      const { link, by } = await resynchronise(this.#link, clock, (reset) =>
        foundAgain(this.#usb, this.#tools, reset, this.#closing.signal),
      );
      if (link !== this.#link) {
        if (this.#closing.signal.aborted) {
          // Closed meanwhile, with the link that there was then.
          await link.connection.close();
          throw gone(cause);
        }
        this.#link = link;
        await this.#pump.stop();
        this.#pump = this.#listen();
      }
      await this.#assertSame();
      const lasted =
        by === 'cancel' && (await this.#transact({ operation: operations.getStorageIds })).code === responses.ok;
      if (!lasted) await this.#openSession();
      this.#onInterrupted({ cause, by, tookMs: clock.monotonicMs() - startedMs });
    } catch (error) {
      this.#dead = isGone(error) ? gone(error) : gone(cause);
      throw this.#dead;
    }
  }

  /** What answers now has to be the camera that was there before. */
  async #assertSame(): Promise<void> {
    const { data } = await this.#transact({ operation: operations.getDeviceInfo });
    const { serial, model } = decodeDeviceInfo(data);
    if (serial !== this.info.serial || model !== this.info.model) throw gone(new Error('another camera answers'));
  }

  #listen(): EventPump {
    return new EventPump(this.#link, this.#tools.clock, (code) => {
      if (code === events.storeAdded || code === events.storeRemoved) this.#storeChanges += 1;
    });
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}
