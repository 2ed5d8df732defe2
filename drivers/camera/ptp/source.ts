/**
 * Reading the recordings of one session, block by block. Nothing here writes (I1).
 *
 * Answerable for: bytes are of the object that was listed under this path, however often the session was renewed meanwhile; a device
 * that has more or fewer bytes than it listed is found out, not believed.
 */
import { badPlace, type CameraRecording, recordingGone, type SessionSource } from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import { DockError, type DockErrorCode, messageOf } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import { operations, responses } from './codes.js';
import type { PtpDevice } from './device.js';
import { isGone } from './faults.js';
import { pathPart } from './names.js';
import { concernsOneObject, type PtpObject, type PtpObjects } from './objects.js';
import { mostAtOnce, PartialReads } from './partial-reads.js';
import { WholeObject } from './whole-object.js';

/** A session that is renewed more often in one read is of a device that keeps resetting. */
const mostRenewals = 3;
/** GetPartialObject counts from the beginning in 32 bits. */
const most32Bits = 0xffff_ffff;

/** Finds the object of a path: from the listing, or by listing again. Undefined: there is none. */
export type Resolve = (
  path: Uint8Array,
  signal: AbortSignal,
) => Promise<{ handle: number; generation: number } | undefined>;

export class PtpReader {
  readonly #objects: PtpObjects;
  readonly #device: PtpDevice;
  readonly #clock: Clock;
  readonly #resolve: Resolve;
  readonly #parts: PartialReads;
  /** What the device has refused to do once is not asked again. */
  #partial: '64-bit' | '32-bit' | 'none';
  #learnt = false;
  #whole: { readonly path: string; readonly object: WholeObject } | undefined;
  /** Reads of whole objects one after the other: they share one data phase. */
  #wholeReads: Promise<unknown> = Promise.resolve();

  constructor(objects: PtpObjects, clock: Clock, resolve: Resolve) {
    this.#objects = objects;
    this.#device = objects.device;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#parts = new PartialReads(this.#device);
    const { operations: known } = this.#device.info;
    this.#partial = known.has(operations.getPartialObject64)
      ? '64-bit'
      : known.has(operations.getPartialObject)
        ? '32-bit'
        : 'none';
  }

  /** Some objects come only whole: two copies at once would take the device from each other. */
  get someWhole(): boolean {
    return this.#partial !== '64-bit';
  }

  /**
   * Asks once for a byte of an object: devices claim partial reads that they refuse, and how recordings are copied depends on it from the first one on.
   * What else is wrong with the object is told to whoever reads it.
   */
  async learn(handle: number, generation: number, signal: AbortSignal): Promise<void> {
    if (this.#learnt) return;
    this.#learnt = true;
    const oneByte = { handle, generation, at: 0, into: new Uint8Array(1), askedBytes: 1 };
    try {
      while (this.#partial !== 'none') {
        const { code } = await this.#parts.read(this.#partialOperation(), oneByte, signal);
        if (code !== responses.operationNotSupported) return;
        this.#partialRefused();
      }
    } catch (error) {
      const isRenewed = error instanceof DockError && error.code === 'DOCK_PTP_RENEWED';
      if (!isRenewed && !concernsOneObject(error)) throw error;
    }
  }

  #partialOperation(): number {
    return this.#partial === '64-bit' ? operations.getPartialObject64 : operations.getPartialObject;
  }

  #partialRefused(): void {
    this.#partial = this.#partial === '64-bit' && this.#knows(operations.getPartialObject) ? '32-bit' : 'none';
  }

  #comesWhole({ sizeBytes }: CameraRecording): boolean {
    return this.#partial === 'none' || (this.#partial === '32-bit' && sizeBytes > most32Bits);
  }

  source(recording: CameraRecording): SessionSource {
    return {
      kind: 'session',
      inOrder: this.#comesWhole(recording),
      read: (memory, at, signal) => this.read(recording, memory, at, signal),
      identity: async () => {
        const object = await this.#found(recording, new AbortController().signal, (handle, generation) =>
          this.#objects.object(handle, generation),
        );
        if (object === undefined || !carriesName(object, recording)) throw recordingIsGone(recording);
        return { sizeBytes: object.sizeBytes ?? 0, modifiedMs: object.modifiedMs };
      },
    };
  }

  async read(
    recording: CameraRecording,
    memory: Uint8Array<ArrayBuffer>,
    at: number,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    signal.throwIfAborted();
    const wanted = memory.subarray(0, Math.max(0, recording.sizeBytes - at));
    let got = 0;
    while (got < wanted.length) {
      const part = { at: at + got, into: wanted.subarray(got) };
      const came = await this.#found(recording, signal, (handle, generation) =>
        this.#piece(recording, { ...part, handle, generation }, signal),
      );
      if (came === 0) break;
      got += came;
    }
    return wanted.subarray(0, got);
  }

  /** Runs `step` with the handle of the recording, again where the session was renewed meanwhile. */
  async #found<T>(
    recording: CameraRecording,
    signal: AbortSignal,
    step: (handle: number, generation: number) => Promise<T>,
  ): Promise<T> {
    for (let renewals = 0; ; renewals += 1) {
      try {
        const found = await this.#resolve(recording.path, signal);
        if (found === undefined) throw recordingIsGone(recording);
        return await step(found.handle, found.generation);
      } catch (error) {
        signal.throwIfAborted();
        const isRenewed = error instanceof DockError && error.code === 'DOCK_PTP_RENEWED';
        if (isRenewed && renewals < mostRenewals) continue;
        // That too many ask is no fault of the medium.
        const isQueue = error instanceof DockError && error.code === 'DOCK_PTP_QUEUE_FULL';
        if (error instanceof DockError && !isGone(error) && !isQueue && error.code.startsWith('DOCK_PTP_')) {
          throw fault(badPlace, phrase`the bytes of ${recording.displayPath}`, messageOf(error), error);
        }
        throw error;
      }
    }
  }

  /** How many of the next bytes of this very object came, of no other session: DOCK_PTP_RENEWED where it is not this one any more. */
  async #piece(recording: CameraRecording, part: Part, signal: AbortSignal): Promise<number> {
    const { handle, generation, at, into } = part;
    const length = this.#lengthOf(part);
    // One byte beyond the listed end: a device that has more says so here, and not to a court.
    const asked = at + length === recording.sizeBytes ? length + 1 : length;
    if (this.#comesWhole(recording)) return this.#ofWhole(recording, part, asked, signal);
    const read = { handle, generation, at, into: into.subarray(0, length), askedBytes: asked };
    const { code, bytes } = await this.#parts.read(this.#partialOperation(), read, signal);
    if (code === responses.operationNotSupported) {
      this.#partialRefused();
      return this.#piece(recording, part, signal);
    }
    if (code === responses.invalidObjectHandle) throw recordingIsGone(recording);
    if (code !== responses.ok) throw unreadable(recording, at, code);
    return this.#listedOnly(recording, bytes, length);
  }

  #lengthOf({ into }: Part): number {
    const length = Math.min(into.length, mostAtOnce);
    const fillsPacket = (12 + length) % 512 === 0;
    // A byte less is asked for than would fill the last packet; it comes with the next piece.
    return this.#device.quirks.hangsAtFullPacket && fillsPacket && length > 1 ? length - 1 : length;
  }

  #knows(operation: number): boolean {
    return this.#device.info.operations.has(operation);
  }

  #listedOnly(recording: CameraRecording, bytes: number, length: number): number {
    if (bytes <= length) return bytes;
    throw new DockError('DOCK_RECORDING_CHANGED', {
      expected: phrase`${recording.sizeBytes} bytes of ${recording.displayPath}`,
      found: phrase`more`,
      todo: phrase`Stop recording on the camera and put it in again`,
      retry: 'after-redocking',
    });
  }

  #ofWhole(recording: CameraRecording, part: Part, asked: number, signal: AbortSignal): Promise<number> {
    const reading = this.#wholeReads.then(async () => {
      // Whoever gave up while others read before him must not have the device send anything.
      signal.throwIfAborted();
      const object = await this.#wholeAt(recording, part, signal);
      const bytes = await object.read(part.into, asked);
      return this.#listedOnly(recording, bytes, Math.min(asked, recording.sizeBytes - part.at));
    });
    this.#wholeReads = reading.catch(() => undefined);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        void this.stop();
        reject(signal.reason);
      };
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  /** The data phase of this object, at this place. */
  async #wholeAt(
    { path, sizeBytes }: CameraRecording,
    { handle, generation, at }: Part,
    signal: AbortSignal,
  ): Promise<WholeObject> {
    const key = Buffer.from(path).toString('latin1');
    const now = this.#whole;
    if (now?.path === key && now.object.at === at && !now.object.over) return now.object;
    await now?.object.stop();
    signal.throwIfAborted();
    const object = new WholeObject(this.#device, this.#clock, handle, sizeBytes, generation);
    this.#whole = { path: key, object };
    await object.skipTo(at);
    return object;
  }

  /** All bytes of one object of this session in order, for hashing: each piece is good until the next is asked for. */
  async *bytes(
    recording: CameraRecording,
    handle: number,
    generation: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal } = new AbortController();
    const memory = new Uint8Array(Math.min(recording.sizeBytes, mostAtOnce));
    for (let at = 0; at < recording.sizeBytes; ) {
      const into = memory.subarray(0, recording.sizeBytes - at);
      const came = await this.#piece(recording, { handle, generation, at, into }, signal);
      if (came === 0) return;
      yield into.subarray(0, came);
      at += came;
    }
  }

  /** Lets go of an object that is being read whole. */
  async stop(): Promise<void> {
    await this.#whole?.object.stop();
  }
}

interface Part {
  readonly handle: number;
  readonly generation: number;
  readonly at: number;
  readonly into: Uint8Array;
}

/** Whether an object still has the name that the last part of the path was made from. */
export function carriesName(object: PtpObject, { path }: Pick<CameraRecording, 'path'>): boolean {
  const raw = Buffer.from(path);
  return raw.subarray(raw.lastIndexOf('/') + 1).equals(pathPart(object.name));
}

export function recordingIsGone({ displayPath }: CameraRecording): DockError {
  return fault(recordingGone, verbatim(displayPath), phrase`no such object on the camera`);
}

function unreadable({ displayPath }: CameraRecording, at: number, code: number): DockError {
  return fault(badPlace, phrase`the bytes of ${displayPath} from ${at} on`, phrase`response ${code.toString(16)}`);
}

function fault(code: DockErrorCode, expected: Phrase, found: Phrase, cause?: unknown): DockError {
  const todo = phrase`Put the camera in again; if it stays so, keep it and have its card read by a specialist`;
  return new DockError(code, { expected, found, todo, retry: 'after-redocking', cause });
}
