/**
 * A simulated PTP camera at a port in memory, behaving as USB does: packets, short and empty ones, halted endpoints, transfers that
 * run out of time and lose what had come, a port that is reset, a plug that is pulled.
 */
import type { Clock, Timer } from '../../contract/clock.js';
import { DockError, type DockErrorCode } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import type { OpenUsb, UsbConnection, UsbDevice } from '../../contract/usb.js';
import { HostTransfers } from './host-transfers.js';
import { bulkIn, interruptPacketBytes, ptpInterface } from './interface.js';
import { PtpResponder, type ResponderOptions, type ResponderPipes } from './responder.js';

/** Bytes that a device can have sent before the host takes them. */
const fifoBytes = 64 << 10;
/** An empty packet takes a place too. */
const emptyPacketBytes = 512;

interface Piece {
  readonly bytes: Uint8Array;
  /** Its last packet is short, or an empty one follows. */
  readonly ends: boolean;
}

export interface MemoryUsbOptions extends ResponderOptions {
  readonly portPath?: string;
  readonly packetBytes?: number;
  readonly vendorId?: number;
  readonly productId?: number;
  /** Default 6/1/1; `vendor`: a vendor interface named MTP. */
  readonly interface?: 'still-image' | 'vendor';
}

export class MemoryUsbCamera {
  readonly open: OpenUsb;
  readonly find: (portPath: string) => Promise<UsbDevice | undefined>;
  readonly responder: PtpResponder;
  readonly #options: MemoryUsbOptions;
  readonly #packetBytes: number;
  #enumeration = 1;
  #present = true;
  /** Pipes of the present enumeration. */
  #in = new InPipe();
  #interrupt = new InPipe();
  #out = new HostTransfers();
  /** Times that the host has reset the port. */
  portResets = 0;
  /** Bytes that the host was given. */
  bulkInBytes = 0;
  /** The plug is pulled after so many bytes more of bulk IN. */
  pullAfterBytes = Number.POSITIVE_INFINITY;

  constructor(options: MemoryUsbOptions) {
    this.#options = options;
    this.#packetBytes = options.packetBytes ?? 512;
    const pipes: ResponderPipes = {
      receive: () => this.#out.next(),
      send: (bytes, ends) => this.#in.push({ bytes, ends }),
      event: (bytes) => void this.#interrupt.push({ bytes, ends: true }),
      stall: () => this.#in.halt(),
      vanish: () => this.pull(),
    };
    this.responder = new PtpResponder(options, pipes);
    void this.#serve();
    this.open = (device, _interfaceNumber, signal) => this.#open(device, signal);
    this.find = (portPath) =>
      Promise.resolve(this.#present && portPath === this.device.portPath ? this.device : undefined);
  }

  /** As the host sees it now. */
  get device(): UsbDevice {
    const {
      portPath = '1-1',
      vendorId = 0x1d6b,
      productId = 0x0100,
      maker = 'Simulated',
      model = 'PTP',
    } = this.#options;
    return {
      portPath,
      enumeration: String(this.#enumeration),
      vendorId,
      productId,
      maker,
      product: model,
      serial: '',
      interfaces: [ptpInterface(this.#options.interface ?? 'still-image', this.#packetBytes)],
    };
  }

  pull(): void {
    this.#present = false;
    this.#enumeration += 1;
    for (const pipe of [this.#in, this.#interrupt]) pipe.close();
    this.#out.close(new Error('the plug was pulled'));
  }

  /** Puts the same camera in again. */
  plug(): void {
    this.#in = new InPipe();
    this.#interrupt = new InPipe();
    this.#out = new HostTransfers();
    this.pullAfterBytes = Number.POSITIVE_INFINITY;
    this.responder.reset();
    this.#present = true;
    void this.#serve();
  }

  async #serve(): Promise<void> {
    await this.responder.serve();
  }

  /** Enumeration whose interface somebody has. */
  #claimed: number | undefined;

  #open(device: UsbDevice, signal: AbortSignal): Promise<UsbConnection> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (!this.#present || device.enumeration !== String(this.#enumeration))
      return Promise.reject(fault('DOCK_USB_GONE'));
    // As the kernel does: an interface belongs to one who claimed it until he gives it back.
    if (this.#claimed === this.#enumeration) return Promise.reject(fault('DOCK_USB_BUSY'));
    this.#claimed = this.#enumeration;
    return Promise.resolve(this.#connection());
  }

  #connection(): UsbConnection {
    const { device } = this;
    const { clock } = this.#options;
    const mine = this.#enumeration;
    const [inPipe, interruptPipe, outPipe] = [this.#in, this.#interrupt, this.#out];
    let closed = false;
    const assertThere = (): void => {
      if (closed || mine !== this.#enumeration || !this.#present) throw fault('DOCK_USB_GONE');
    };
    const { interfaces } = device;
    const [only] = interfaces;
    if (only === undefined) throw new Error('the device has one interface');
    const control = async (request: number): Promise<Uint8Array> => {
      assertThere();
      const answer = this.responder.control(request);
      if (answer === 'stall') throw fault('DOCK_USB_STALL');
      // What was on its way is dropped by the device.
      if (request !== 0x67) inPipe.flush();
      return answer;
    };
    return {
      device,
      interface: only,
      controlIn: (request) => control(request.request),
      controlOut: async (request) => {
        await control(request.request);
      },
      transferIn: async (endpoint, memory, deadlineMs) => {
        assertThere();
        const pipe = endpoint === bulkIn ? inPipe : interruptPipe;
        const taken = await pipe.take(memory.length, this.#packetOf(endpoint), deadlineMs, clock);
        memory.set(taken);
        const bytes = memory.subarray(0, taken.length);
        if (endpoint !== bulkIn) return bytes;
        this.bulkInBytes += bytes.length;
        this.pullAfterBytes -= bytes.length;
        if (this.pullAfterBytes < 0) {
          this.pull();
          throw fault('DOCK_USB_GONE');
        }
        return bytes;
      },
      transferOut: async (_endpoint, bytes) => {
        assertThere();
        outPipe.push(bytes.slice());
      },
      clearHalt: async (endpoint) => {
        assertThere();
        if (endpoint === bulkIn) inPipe.clearHalt();
      },
      reset: async () => {
        assertThere();
        this.#reset();
        assertThere();
      },
      close: async () => {
        closed = true;
        if (this.#claimed === mine) this.#claimed = undefined;
        inPipe.letGo();
        interruptPipe.letGo();
      },
    };
  }

  #packetOf(endpoint: number): number {
    return endpoint === bulkIn ? this.#packetBytes : interruptPacketBytes;
  }

  #reset(): void {
    const { temper } = this.responder;
    this.portResets += 1;
    if (temper.deafTo.has('port-reset')) return;
    const { reenumeratesAfterMs } = temper;
    if (reenumeratesAfterMs === undefined) {
      this.responder.reset();
      this.#in.flush();
      return;
    }
    this.pull();
    this.#options.clock.timer('simulated.enumerate', reenumeratesAfterMs, () => this.plug());
  }
}

/** Packets from device to host. */
class InPipe {
  #pieces: Piece[] = [];
  #queued = 0;
  #halted = false;
  #closed = false;
  #room: (() => void)[] = [];
  #taker: { readonly look: () => void; readonly fail: (error: DockError) => void } | undefined;

  push(piece: Piece): Promise<void> {
    if (this.#closed) return new Promise(() => undefined);
    this.#pieces.push(piece);
    this.#queued += Math.max(emptyPacketBytes, piece.bytes.length);
    this.#taker?.look();
    if (this.#queued <= fifoBytes) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => this.#room.push(resolve));
  }

  halt(): void {
    this.#halted = true;
    this.#taker?.fail(fault('DOCK_USB_STALL'));
  }

  clearHalt(): void {
    this.#halted = false;
  }

  flush(): void {
    this.#pieces = [];
    this.#queued = 0;
    for (const go of this.#room.splice(0)) go();
  }

  /** The host's side is closed. */
  letGo(): void {
    this.#taker?.fail(fault('DOCK_USB_GONE'));
  }

  close(): void {
    this.#closed = true;
    this.flush();
    this.letGo();
  }

  take(lengthBytes: number, packetBytes: number, deadlineMs: number, clock: Clock): Promise<Uint8Array> {
    if (lengthBytes % packetBytes !== 0)
      throw new Error(`a transfer of ${lengthBytes} bytes is no multiple of the packet`);
    if (this.#taker !== undefined) throw new Error('two transfers on one endpoint at once');
    if (this.#halted) return Promise.reject(fault('DOCK_USB_STALL'));
    const got: Uint8Array[] = [];
    let gotBytes = 0;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#taker = undefined;
        timer.cancel();
        resolve(
          got.length === 1 && got[0] !== undefined ? Uint8Array.from(got[0]) : Uint8Array.from(Buffer.concat(got)),
        );
      };
      const fail = (error: DockError): void => {
        this.#taker = undefined;
        timer.cancel();
        reject(error);
      };
      const look = (): void => {
        for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
          const taken = piece.bytes.subarray(0, lengthBytes - gotBytes);
          got.push(taken);
          gotBytes += taken.length;
          const rest = piece.bytes.subarray(taken.length);
          const filled = gotBytes === lengthBytes;
          // The empty packet that ends a full one stays in the pipe when the transfer was filled before it.
          const emptyToCome = filled && rest.length === 0 && piece.ends && piece.bytes.length % packetBytes === 0;
          this.#dropped(Math.max(taken.length, rest.length === 0 && !emptyToCome ? emptyPacketBytes : 0));
          if (rest.length > 0 || emptyToCome) this.#pieces[0] = { bytes: rest, ends: piece.ends };
          else this.#pieces.shift();
          if (filled || (piece.ends && rest.length === 0)) {
            done();
            return;
          }
        }
      };
      const timer: Timer = clock.timer('simulated.transfer', deadlineMs, () => fail(fault('DOCK_USB_TIMEOUT')));
      this.#taker = { look, fail };
      look();
    });
  }

  #dropped(bytes: number): void {
    this.#queued = Math.max(0, this.#queued - bytes);
    if (this.#queued <= fifoBytes) for (const go of this.#room.splice(0)) go();
  }
}

const texts: Readonly<Record<string, readonly [Phrase, 'now' | 'after-redocking']>> = {
  DOCK_USB_TIMEOUT: [phrase`no end of the transfer in time`, 'now'],
  DOCK_USB_STALL: [phrase`a halted endpoint`, 'now'],
  DOCK_USB_GONE: [phrase`no device`, 'after-redocking'],
};

function fault(code: DockErrorCode): DockError {
  const [found, retry] = texts[code] ?? [phrase`nothing`, 'now'];
  return new DockError(code, { expected: phrase`a transfer`, found, todo: phrase`Put the camera in again`, retry });
}
