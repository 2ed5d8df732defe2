/**
 * A serial port as a ByteLine. The only importer of `serialport`.
 *
 * Only its binding is used: it opens the port, sets it up and tells when there is something to read. Its stream hands every
 * read and write to a thread, the first of each pair in vain, which was two thirds of what an idle dock cost; on a port that
 * never blocks they are one system call each. The stream also keeps what is written to a closed port and sends it after the
 * next open, and reads a port that was hung up for ever, at full speed.
 * One object is one connection; a write is refused unless the port is open at that moment.
 * Ports are never listed: that runs udevadm; whether a port is there shows by opening it.
 */
import { constants, readSync, writeSync } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { ByteLine, ByteReceiver, OpenByteLine } from '../contract/byte-line.js';
import { DockError, errnoOf, messageOf } from '../contract/error.js';
import { phrase } from '../contract/phrase.js';

/** 8 data bits, even parity, 1 stop bit: the default of Modbus over Serial Line V1.02, section 2.5.1. */
const format = { dataBits: 8, parity: 'even', stopBits: 1 } as const;
/** Start bit, 8 data bits, parity, stop bit. */
export const bitsPerCharacter = 11;

const checkPlug = phrase`Plug in the serial adapter, and check that cradles[].line.serial names it by /dev/serial/by-path/`;

/** Most bytes of one read: what a port has waiting is one frame and the noise around it. */
const readBytes = 1_024;

/** `path` as in cradles[].line.serial; `baud` one of the standard rates. */
export function serialLine(path: string, baud: number): OpenByteLine {
  return async (signal) => {
    const port = await openPort(path, baud);
    const line = new SerialLine(port, path, await characterMs(path, baud));
    if (signal.aborted) {
      await line.close();
      throw signal.reason;
    }
    return line;
  };
}

/** What serialport opens on Linux. */
type Port = Extract<Awaited<ReturnType<typeof SerialPort.binding.open>>, { readonly poller: unknown }>;

async function openPort(path: string, baud: number): Promise<Port> {
  const options = { path, baudRate: baud, ...format, hupcl: false, lock: true };
  const port = await SerialPort.binding.open(options).catch(async (error: unknown) => {
    throw await whyNotOpened(path, error);
  });
  if (!('poller' in port)) throw new Error('serial ports are only read on Linux');
  return port;
}

/** A pseudo-terminal takes any baud and keeps none: to reckon with it would make measured times wrong. */
async function characterMs(path: string, baud: number): Promise<number> {
  const real = await realpath(path).catch(() => path);
  return real.startsWith('/dev/pts/') ? 0 : (bitsPerCharacter * 1_000) / baud;
}

/** Looked at, not read out of serialport's message: that is text for people and changes. */
async function whyNotOpened(path: string, error: unknown): Promise<DockError> {
  const expected = phrase`serial port ${path}`;
  const exists = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (!exists) {
    return new DockError('DOCK_SERIAL_MISSING', {
      expected,
      found: phrase`nothing there`,
      todo: checkPlug,
      retry: 'now',
      cause: error,
    });
  }
  const allowed = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!allowed) {
    return new DockError('DOCK_SERIAL_DENIED', {
      expected: phrase`serial port ${path}, readable and writable`,
      found: phrase`permission denied`,
      todo: phrase`Add the user that Custodock runs as to the group of the port (dialout)`,
      retry: 'now',
      cause: error,
    });
  }
  return new DockError('DOCK_SERIAL_FAILED', {
    expected: phrase`serial port ${path} opens`,
    found: messageOf(error),
    todo: phrase`Stop the program that holds the port, and check that the path is a serial port`,
    retry: 'now',
    cause: error,
  });
}

class SerialLine implements ByteLine {
  readonly characterMs: number;
  readonly #port: Port;
  readonly #path: string;
  readonly #room = new Uint8Array(readBytes);
  #closing: Promise<void> | undefined;
  /** Said before the port is told: closing calls whatever waits on it, and a closed poller must never be asked again. */
  #open = true;
  #receiver: ByteReceiver | undefined;

  constructor(port: Port, path: string, characterMs: number) {
    this.#port = port;
    this.#path = path;
    this.characterMs = characterMs;
    this.#await();
  }

  listen(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { fd } = this.#port;
    if (!this.#open || fd === null) {
      throw new DockError('DOCK_LINE_CLOSED', {
        expected: phrase`serial port ${this.#path} open`,
        found: phrase`closed`,
        todo: phrase`Wait until the line was opened again`,
        retry: 'now',
      });
    }
    try {
      const written = unlessBusy(() => writeSync(fd, bytes)) ?? 0;
      // The kernel has room for many frames: only a line that stands still leaves some of one over.
      if (written < bytes.length) await this.#port.write(Buffer.from(bytes.subarray(written)));
    } catch (error) {
      throw this.#lost(error);
    }
  }

  close(): Promise<void> {
    this.#open = false;
    this.#receiver = undefined;
    // It fails only when the port is closed already, which is what is wanted.
    this.#closing ??= this.#port.close().catch(() => undefined);
    return this.#closing;
  }

  #await(): void {
    this.#port.poller.once('readable', (error) => {
      if (!this.#open) return;
      if (error === null) this.#read();
      else this.#lost(error);
    });
  }

  #read(): void {
    const chunk = this.#chunk();
    if (chunk !== undefined) this.#receiver?.bytes(chunk);
    if (this.#open) this.#await();
  }

  /** What has come; undefined when there is nothing after all, or the port is lost. */
  #chunk(): Uint8Array | undefined {
    const { fd } = this.#port;
    if (fd === null) return undefined;
    try {
      const count = unlessBusy(() => readSync(fd, this.#room));
      if (count === undefined) return undefined;
      if (count > 0) return this.#room.slice(0, count);
      // Readable with nothing in it: hung up.
      this.#lost(undefined);
    } catch (error) {
      this.#lost(error);
    }
    return undefined;
  }

  /** After any error the port is given up: what hung up once never comes back on the same descriptor. */
  #lost(error: unknown): DockError {
    const lost = new DockError('DOCK_SERIAL_UNPLUGGED', {
      expected: phrase`serial port ${this.#path} stays connected`,
      found: error === null || error === undefined ? phrase`closed` : messageOf(error),
      todo: checkPlug,
      retry: 'now',
      cause: error,
    });
    const receiver = this.#receiver;
    void this.close();
    receiver?.closed(lost);
    return lost;
  }
}

/** What a system call on a port gives, undefined when it would have had to wait. */
function unlessBusy(call: () => number): number | undefined {
  try {
    return call();
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN' || errnoOf(error) === 'EINTR') return undefined;
    throw error;
  }
}
