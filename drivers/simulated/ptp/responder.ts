/**
 * A PTP camera as its firmware would be: commands in, data and responses out, over whatever carries bulk transfers (memory in tests, a
 * FunctionFS gadget in the lab). Its card is a folder. Knows nothing of the initiator; misbehaves as `Temper` says.
 */
import { type CardObject, CardObjects } from './card-objects.js';
import { DatasetWriter } from './dataset-writer.js';
import { deviceInfo, objectInfo, storageId, storageInfo } from './datasets.js';
import { knownProperties, type PropertyOptions, SimulatedProperties } from './properties.js';
import { Cancelled, container, dataReply, ok, type Reply, sendReply, type ToHost } from './reply.js';
import { goodTemper, type Mishap, type Temper } from './temper.js';

export interface ResponderPipes {
  /** The next OUT transfer of the host. Rejects when the device is not there any more. */
  receive(): Promise<Uint8Array>;
  /** One piece of an IN transfer, as packets; `ends`: with a short one, empty where the last is full. Resolves when the host took most of it. */
  send(bytes: Uint8Array, ends: boolean): Promise<void>;
  event(bytes: Uint8Array): void;
  /** Halts the IN endpoint. */
  stall(): void;
  /** The plug is pulled. */
  vanish(): void;
}

export interface ResponderOptions extends PropertyOptions {
  /** Folder with the content of the card. */
  readonly card: string;
  readonly serial: string;
  readonly maker?: string;
  readonly model?: string;
  /** StorageInfo: 0 read-write, 1 read-only, 2 read-only but for deletion. */
  readonly access?: 0 | 1 | 2;
}

const partBytes = 1 << 18;

export class PtpResponder {
  readonly temper: Temper = goodTemper();
  readonly objects: CardObjects;
  readonly #options: ResponderOptions;
  readonly #pipes: ResponderPipes;
  readonly #properties: SimulatedProperties;
  #session = false;
  #busy = false;
  /** Grows when the host cancels or resets: whatever is being sent then stops. */
  #epoch = 0;
  /** A reply that was not sent in its turn. */
  readonly #late: (() => Promise<void>)[] = [];
  /** Every operation that was asked for. */
  readonly asked: number[] = [];

  constructor(options: ResponderOptions, pipes: ResponderPipes) {
    this.#options = options;
    this.#pipes = pipes;
    this.objects = new CardObjects(options.card);
    this.#properties = new SimulatedProperties(options);
  }

  /** Camera minus true time, ms. */
  get clockOffsetMs(): number {
    return this.#properties.clockOffsetMs;
  }

  /** Answers until the device is not there any more. */
  async serve(): Promise<void> {
    for (;;) {
      let command: Uint8Array;
      try {
        command = await this.#pipes.receive();
      } catch {
        return;
      }
      const epoch = this.#epoch;
      try {
        this.#busy = true;
        await this.#command(command, epoch);
      } catch (error) {
        if (!(error instanceof Cancelled)) throw error;
      } finally {
        this.#busy = false;
      }
    }
  }

  /** A class request of the host on endpoint 0; the bytes of the answer, or that the request stalls. */
  control(request: number): Uint8Array | 'stall' {
    if (request === 0x64) {
      if (this.temper.deafTo.has('cancel')) return 'stall';
      this.#epoch += 1;
      return new Uint8Array(0);
    }
    if (request === 0x66) {
      if (this.temper.deafTo.has('class-reset')) return 'stall';
      this.reset();
      return new Uint8Array(0);
    }
    if (request === 0x67) {
      return new DatasetWriter().u16(4).u16(this.#busy && this.temper.deafTo.size === 0 ? 0x2019 : ok).bytes;
    }
    return 'stall';
  }

  /** As after power-up, but with the same card. */
  reset(): void {
    this.#epoch += 1;
    this.#session = false;
    this.#late.splice(0);
    this.objects.renumber();
  }

  storeRemoved(): void {
    this.#pipes.event(container(4, 0x4005, 0, new DatasetWriter().u32(storageId).bytes));
  }

  async #command(bytes: Uint8Array, epoch: number): Promise<void> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 12 || view.getUint16(4, true) !== 1) return;
    const operation = view.getUint16(6, true);
    const transaction = view.getUint32(8, true);
    const parameters = Array.from({ length: (bytes.length - 12) >> 2 }, (_, index) =>
      view.getUint32(12 + index * 4, true),
    );
    this.asked.push(operation);
    const dataOut = operation === 0x1016 ? (await this.#pipes.receive()).subarray(12) : new Uint8Array(0);
    const mishap = this.#mishapOf(operation);
    if (mishap?.kind === 'silent') return;
    if (mishap?.kind === 'stall') return this.#pipes.stall();
    const reply =
      mishap?.kind === 'refuse' ? { code: mishap.code } : await this.#answer(operation, parameters, dataOut);
    const { temper } = this;
    const send = (): Promise<void> =>
      sendReply({ operation, transaction, reply, mishap, temper }, this.#toHost(mishap, epoch));
    if (mishap?.kind === 'late') {
      this.#late.push(send);
      return;
    }
    for (const late of this.#late.splice(0)) await late();
    await send();
  }

  #mishapOf(operation: number): Mishap | undefined {
    const mishap = this.temper.mishaps.get(operation);
    if (mishap === undefined || mishap.times <= 0) return undefined;
    mishap.times -= 1;
    return mishap;
  }

  /** The way to the host for one reply, while the host still wants it. */
  #toHost(mishap: Mishap | undefined, epoch: number): ToHost {
    return {
      send: async (bytes, ends) => {
        if (epoch !== this.#epoch && mishap?.kind !== 'late') throw new Cancelled();
        await this.#pipes.send(bytes, ends);
      },
      vanish: () => this.#pipes.vanish(),
    };
  }

  async #answer(operation: number, parameters: readonly number[], dataOut: Uint8Array): Promise<Reply> {
    if (this.temper.unknown.has(operation)) return { code: 0x2005 };
    if (operation === 0x1001) return dataReply(deviceInfo(this.#options, this.temper.unknown));
    if (operation === 0x1002) return { code: this.#openSession() };
    if (!this.#session) return { code: 0x2003 };
    const [first = 0, second = 0, third = 0, fourth = 0] = parameters;
    switch (operation) {
      case 0x1003:
        this.#session = false;
        return { code: ok };
      case 0x1004:
        return dataReply(new DatasetWriter().u32s([storageId]));
      case 0x1005:
        return first === storageId ? dataReply(storageInfo(this.#options.access)) : { code: 0x2008 };
      case 0x1007:
        return this.#handles(first, third);
      case 0x1008:
        return this.#withObject(first, (object) => dataReply(this.#objectInfo(object)));
      case 0x1009:
        return this.#withObject(first, (object) => this.#content(object, 0, Number.MAX_SAFE_INTEGER));
      case 0x100b:
        return this.#delete(first);
      case 0x1014:
        return this.#property(first, (into) => this.#properties.describe(first, into));
      case 0x1015:
        return this.#property(first, (into) => this.#properties.value(first, into));
      case 0x1016:
        return { code: this.#properties.set(first, dataOut) };
      case 0x101b:
        return this.#withObject(first, (object) => this.#part(object, second, third));
      case 0x95c1:
        return this.#withObject(first, (object) => this.#part(object, third * 0x1_0000_0000 + second, fourth));
      case 0x9803:
        return this.#withObject(first, (object) => dataReply(new DatasetWriter().u64(BigInt(this.#sizeOf(object)))));
      case 0x9805:
        return this.#withObject(first, (object) =>
          dataReply(
            new DatasetWriter()
              .u32(1)
              .u32(first)
              .u16(0xdc04)
              .u16(0x0008)
              .u64(BigInt(this.#sizeOf(object))),
          ),
        );
      default:
        return { code: 0x2005 };
    }
  }

  #openSession(): number {
    if (this.temper.sessionLeftOpen || this.#session) {
      this.temper.sessionLeftOpen = false;
      this.#session = true;
      return 0x201e;
    }
    this.#session = true;
    return ok;
  }

  #handles(storage: number, parent: number): Reply {
    if (storage !== storageId && storage !== 0xffff_ffff) return { code: 0x2008 };
    const folder = parent === 0xffff_ffff ? 0 : parent;
    if (folder !== 0 && this.objects.object(folder)?.isFolder !== true) return { code: 0x201a };
    const all = this.temper.flat || parent === 0;
    const found = all ? this.objects.all(0) : this.objects.children(folder);
    return dataReply(new DatasetWriter().u32s(found.map(({ handle }) => handle)));
  }

  #objectInfo(object: CardObject): DatasetWriter {
    const { handle, parent, name, isFolder } = object;
    const truth = { handle, parent, name, isFolder };
    const modified = this.#properties.written(this.objects.stat(object)?.modifiedMs ?? 0, 'plain');
    return objectInfo({ ...truth, sizeBytes: this.#sizeOf(object), ...this.temper.lie?.(truth) }, modified);
  }

  /** As it tells it, whichever way it is asked. */
  #sizeOf(object: CardObject): number {
    return (this.objects.stat(object)?.sizeBytes ?? 0) + (this.temper.sizeLies.get(object.name) ?? 0);
  }

  #withObject(handle: number, reply: (object: CardObject) => Reply): Reply {
    const object = this.objects.object(handle);
    return object === undefined ? { code: 0x2009 } : reply(object);
  }

  #part(object: CardObject, at: number, most: number): Reply {
    return this.#content(object, at, Math.min(most, this.temper.mostPartialBytes));
  }

  #content(object: CardObject, at: number, most: number): Reply {
    const sizeBytes = this.objects.stat(object)?.sizeBytes ?? 0;
    const dataBytes = Math.max(0, Math.min(most, sizeBytes - at));
    const { objects } = this;
    async function* parts(): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < dataBytes; ) {
        const part = await objects.read(object, at + sent, Math.min(partBytes, dataBytes - sent));
        if (part.length === 0) return;
        yield part;
        sent += part.length;
      }
    }
    return { code: ok, data: parts(), dataBytes };
  }

  #delete(handle: number): Reply {
    if (this.#options.access === 1) return { code: 0x200e };
    return this.#withObject(handle, (object) => {
      this.objects.remove(object);
      return { code: ok };
    });
  }

  #property(property: number, write: (into: DatasetWriter) => DatasetWriter): Reply {
    const known = knownProperties.includes(property) && !this.temper.refusedProperties.has(property);
    return known ? dataReply(write(new DatasetWriter())) : { code: 0x200a };
  }
}
