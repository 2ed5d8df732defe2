/**
 * A serial port as a ByteLine. The only importer of `serialport`.
 *
 * A new port object per connection: serialport keeps what is written to a closed port and sends it after the next open,
 * with success. So a port that was closed is thrown away, and a write is refused unless the port is open at that moment.
 * Ports are never listed: that runs udevadm; whether a port is there shows by opening it.
 */
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import type { ByteLine, ByteReceiver, OpenByteLine } from '../contract/byte-line.js';
import { DockError, messageOf } from '../contract/error.js';

/** 8 data bits, even parity, 1 stop bit: the default of Modbus over Serial Line V1.02, section 2.5.1. */
const format = { dataBits: 8, parity: 'even', stopBits: 1 } as const;
/** Start bit, 8 data bits, parity, stop bit. */
export const bitsPerCharacter = 11;

const checkPlug = 'Plug in the serial adapter, and check that cradles[].line.serial names it by /dev/serial/by-path/';

/** `path` as in cradles[].line.serial; `baud` one of the standard rates. */
export function serialLine(path: string, baud: number): OpenByteLine {
  return async (signal) => {
    const port = new SerialPort({ path, baudRate: baud, ...format, autoOpen: false, hupcl: false, lock: true });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error === null || error === undefined ? resolve() : reject(error)));
    }).catch(async (error: unknown) => {
      throw await whyNotOpened(path, error);
    });
    const line = new SerialLine(port, path, await characterMs(path, baud));
    if (signal.aborted) {
      await line.close();
      throw signal.reason;
    }
    return line;
  };
}

/** A pseudo-terminal takes any baud and keeps none: to reckon with it would make measured times wrong. */
async function characterMs(path: string, baud: number): Promise<number> {
  const real = await realpath(path).catch(() => path);
  return real.startsWith('/dev/pts/') ? 0 : (bitsPerCharacter * 1_000) / baud;
}

/** Looked at, not read out of serialport's message: that is text for people and changes. */
async function whyNotOpened(path: string, error: unknown): Promise<DockError> {
  const expected = `serial port ${path}`;
  const exists = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
  if (!exists) {
    return new DockError('DOCK_SERIAL_MISSING', {
      expected,
      found: 'nothing there',
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
      expected: `${expected}, readable and writable`,
      found: 'permission denied',
      todo: 'Add the user that Custodock runs as to the group of the port (dialout)',
      retry: 'now',
      cause: error,
    });
  }
  return new DockError('DOCK_SERIAL_FAILED', {
    expected: `${expected} opens`,
    found: messageOf(error),
    todo: 'Stop the program that holds the port, and check that the path is a serial port',
    retry: 'now',
    cause: error,
  });
}

class SerialLine implements ByteLine {
  readonly characterMs: number;
  readonly #port: SerialPort;
  readonly #path: string;
  #closing: Promise<void> | undefined;
  #receiver: ByteReceiver | undefined;

  constructor(port: SerialPort, path: string, characterMs: number) {
    this.#port = port;
    this.#path = path;
    this.characterMs = characterMs;
    port.on('data', (chunk: Uint8Array) => this.#receiver?.bytes(chunk));
    port.on('error', (error) => this.#lost(error));
    port.on('close', (error: unknown) => this.#lost(error));
  }

  listen(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closing !== undefined || !this.#port.isOpen) {
      return Promise.reject(
        new DockError('DOCK_LINE_CLOSED', {
          expected: `serial port ${this.#path} open`,
          found: 'closed',
          todo: 'Wait until the line was opened again',
          retry: 'now',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#port.write(Buffer.from(bytes), (error) => {
        if (error === null || error === undefined) resolve();
        else reject(this.#lost(error));
      });
    });
  }

  close(): Promise<void> {
    this.#receiver = undefined;
    this.#closing ??= new Promise((resolve) => {
      // It fails only when the port is closed already, which is what is wanted.
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
    return this.#closing;
  }

  /**
   * After any error the port is given up: on a port that was hung up serialport reads nothing for ever, at full speed,
   * and only a failing write tells.
   */
  #lost(error: unknown): DockError {
    const lost = new DockError('DOCK_SERIAL_UNPLUGGED', {
      expected: `serial port ${this.#path} stays connected`,
      found: error === null || error === undefined ? 'closed' : messageOf(error),
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
