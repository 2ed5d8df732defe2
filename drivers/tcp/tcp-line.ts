/** A TCP connection as a ByteLine, for cradles on Ethernet and Modbus gateways. Knows nothing of frames. */
import { connect, type Socket } from 'node:net';
import type { ByteLine, ByteReceiver, OpenByteLine } from '../contract/byte-line.js';
import { DockError, type DockErrorCode, errnoOf, messageOf } from '../contract/error.js';
import { phrase } from '../contract/phrase.js';

/** The kernel asks an idle peer after this: a cradle that lost its power says nothing. */
const keepAliveMs = 5_000;
/** Unsent bytes beyond this mean that the peer takes nothing any more; requests are below 300 bytes. */
const mostUnsentBytes = 4_096;
const checkNetwork = phrase`Check network cable, power and address of the cradle (cradles[].line.tcp)`;

export function tcpLine(host: string, port: number): OpenByteLine {
  const place = `${host}:${port}`;
  return (signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
      const settle = (): void => {
        signal.removeEventListener('abort', giveUp);
        socket.removeAllListeners();
      };
      const giveUp = (): void => {
        settle();
        socket.on('error', () => {
          // A destroyed socket may still report the connection that it gave up.
        });
        socket.destroy();
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      socket.once('connect', () => {
        settle();
        resolve(new TcpLine(socket, place));
      });
      socket.once('error', (error) => {
        settle();
        socket.destroy();
        reject(failure(errnoOf(error) === 'ECONNREFUSED' ? 'DOCK_TCP_REFUSED' : 'DOCK_TCP_UNREACHABLE', place, error));
      });
    });
}

function failure(code: DockErrorCode, place: string, error: unknown): DockError {
  return new DockError(code, {
    expected: phrase`connection with ${place}`,
    found: error === undefined ? phrase`closed by the other side` : messageOf(error),
    todo: checkNetwork,
    retry: 'now',
    cause: error,
  });
}

class TcpLine implements ByteLine {
  readonly characterMs = 0;
  readonly #socket: Socket;
  readonly #place: string;
  #receiver: ByteReceiver | undefined;
  #closed = false;

  constructor(socket: Socket, place: string) {
    this.#socket = socket;
    this.#place = place;
    socket.on('data', (chunk) => this.#receiver?.bytes(chunk));
    socket.on('error', (error) => this.#lost(error));
    socket.on('end', () => this.#lost(undefined));
    socket.on('close', () => this.#lost(undefined));
  }

  listen(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed || this.#socket.writableLength > mostUnsentBytes) {
      return Promise.reject(
        new DockError('DOCK_LINE_CLOSED', {
          expected: phrase`connection with ${this.#place} open and taking bytes`,
          found: this.#closed ? phrase`closed` : phrase`${this.#socket.writableLength} bytes unsent`,
          todo: checkNetwork,
          retry: 'now',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(failure('DOCK_TCP_CLOSED', this.#place, error));
      });
    });
  }

  async close(): Promise<void> {
    this.#receiver = undefined;
    this.#closed = true;
    this.#socket.destroy();
  }

  #lost(error: unknown): void {
    const receiver = this.#receiver;
    void this.close();
    receiver?.closed(failure('DOCK_TCP_CLOSED', this.#place, error));
  }
}
