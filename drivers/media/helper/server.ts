/** The helper's socket: one request a line, one answer a line. Few connections, short lines, nobody waits for a slow one (I8). */

import { createServer, type Server, type Socket } from 'node:net';
import { DockError, messageOf } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import type { ClearRequest } from './clearing.js';
import { answerLine, longestRequestBytes, parseRequest } from './request.js';

/** Bays of a large dock that are cleared at once. */
const mostConnections = 64;
/** A connection that asks nothing is closed; ms. Hashing the largest recording takes minutes, and then it waits for us. */
const silenceMs = 10_000;

/** `listen`: the socket that systemd opened (fd), or a path. `clear`: throws what is wrong. */
export function serveRequests(
  listen: { readonly fd: number } | { readonly path: string },
  clear: (request: ClearRequest) => Promise<void>,
  trouble: (error: unknown) => void,
): Promise<Server> {
  const server = createServer((socket) => serve(socket, clear, trouble));
  server.maxConnections = mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen, () => {
      server.off('error', reject);
      server.on('error', trouble);
      resolve(server);
    });
  });
}

function serve(
  socket: Socket,
  clear: (request: ClearRequest) => Promise<void>,
  trouble: (error: unknown) => void,
): void {
  let text = '';
  socket.setEncoding('latin1');
  socket.setTimeout(silenceMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0) {
      if (text.length > longestRequestBytes) socket.destroy();
      return;
    }
    // One request a connection: what comes after its end is not listened to.
    socket.pause();
    socket.setTimeout(0);
    answer(text.slice(0, end), clear)
      .catch(trouble)
      .then((line) => socket.end(line ?? ''), trouble);
  });
}

async function answer(line: string, clear: (request: ClearRequest) => Promise<void>): Promise<string> {
  try {
    await clear(parseRequest(line));
    return answerLine(undefined);
  } catch (error) {
    if (error instanceof DockError) return answerLine(error);
    return answerLine(
      new DockError('DOCK_MEDIA_REQUEST', {
        expected: phrase`the recording to be erased`,
        found: printable(messageOf(error)),
        todo: phrase`Report this with the log of custodock-media; the recording may still be on the camera`,
        retry: 'after-redocking',
        cause: error,
      }),
    );
  }
}
