/**
 * Datagrams to a unix socket, which Node itself cannot send; the one importer of `unix-dgram`.
 *
 * A socket for each datagram: it costs microseconds, holds no event loop open, and finds the receiver again after the
 * receiver was restarted, which a connected socket would not. The package is bound to the main thread: never import
 * this file in a worker.
 */
import { getSystemErrorName } from 'node:util';
import { createSocket } from 'unix-dgram';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';

/** `sun_path` has 108 bytes with its NUL (unix(7)); the package would silently cut a longer one. */
const LONGEST_PATH_BYTES = 107;

/**
 * Sends `bytes` to the socket at `path` at once or fails with DOCK_DATAGRAM; never waits.
 * Abstract sockets (`@name`) cannot be reached: the package ends the name at its first NUL.
 */
export function sendDatagram(path: string, bytes: Buffer): void {
  if (!path.startsWith('/') || Buffer.byteLength(path) > LONGEST_PATH_BYTES) {
    throw datagramError(path, phrase`"${path}", which is not an absolute path of at most ${LONGEST_PATH_BYTES} bytes`);
  }
  let socket: ReturnType<typeof createSocket>;
  try {
    socket = createSocket('unix_dgram');
  } catch (error) {
    throw datagramError(path, messageOf(error), error);
  }
  try {
    socket.send(bytes, 0, bytes.length, path, (error) => {
      if (error !== undefined) throw datagramError(path, verbatim(errnoName(error.errno)), error);
    });
  } finally {
    socket.close();
  }
}

/** The package answers before `send` returns, so what the callback throws reaches the caller. */
function errnoName(errno: number): string {
  return errno < 0 ? getSystemErrorName(errno) : 'a full queue';
}

function datagramError(path: string, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_DATAGRAM', {
    expected: phrase`a datagram socket that takes messages at ${path}`,
    found,
    todo: phrase`Check that systemd and systemd-journald are running and that the unit may reach their sockets`,
    retry: 'now',
    cause,
  });
}
