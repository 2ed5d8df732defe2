/**
 * The local console: HTTP with JSON over a Unix socket in the dock's run directory, for the `custodock` command and the
 * status page. Whoever may open the socket (mode 0660) may look at everything and let a bay flash.
 *
 * Must never hold up the dock: connections, request sizes and times are limited, slow readers are dropped (I8).
 */
import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { type Clock, within } from '../../drivers/contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import type { Log } from '../runtime/log.js';
import type { Service } from '../runtime/service.js';
import { answer, badRequest } from './routes.js';
import { mostReaders, StatusFeed } from './status-feed.js';
import type { DockView } from './view.js';
import { plainError } from './wire.js';

/** Connections at once; the next one is closed at once. */
const mostConnections = 16;
const longestBodyBytes = 4_096;
const longestHeaderBytes = 8_192;
const usualRequestDeadlineMs = 5_000;
/** A query of the ledger takes milliseconds; ms. */
const answerDeadlineMs = 10_000;
/** Years of entries are read in a minute or two (D14); ms. */
export const checkDeadlineMs = 600_000;
/** Whether somebody listens behind a socket file is known at once; ms. */
const probeDeadlineMs = 1_000;
/** `sun_path` of unix(7) has 108 bytes with its NUL; a longer one would be cut silently. */
const longestPathBytes = 107;

export interface ConsoleOptions {
  /** `consoleSocketPath(config)`; its directory exists. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A request has to be complete within this; default 5000 ms. */
  readonly requestDeadlineMs?: number;
}

/** The console of one dock, as a service. `start` fails with DOCK_ALREADY_RUNNING or DOCK_CONSOLE_SOCKET. */
export function consoleService(view: DockView, options: ConsoleOptions): Service {
  const socket = new ConsoleSocket(view, options);
  return {
    name: 'console',
    stopWithinMs: 2_000,
    start: () => socket.open(),
    stop: () => socket.close(),
  };
}

export class ConsoleSocket {
  readonly #view: DockView;
  readonly #options: ConsoleOptions;
  readonly #feed: StatusFeed;
  readonly #server: Server;

  constructor(view: DockView, options: ConsoleOptions) {
    this.#view = view;
    this.#options = options;
    this.#feed = new StatusFeed(view, options.clock, () => options.log.warn('console.slow-reader'));
    const requestDeadlineMs = options.requestDeadlineMs ?? usualRequestDeadlineMs;
    this.#server = createServer(
      {
        maxHeaderSize: longestHeaderBytes,
        headersTimeout: requestDeadlineMs,
        requestTimeout: requestDeadlineMs,
        connectionsCheckingInterval: Math.min(1_000, requestDeadlineMs),
        keepAliveTimeout: 1_000,
      },
      (request, response) => {
        this.#serve(request, response).catch((error: unknown) => options.log.warn('console.trouble', {}, error));
      },
    );
    this.#server.maxConnections = mostConnections;
  }

  async open(): Promise<void> {
    const { path, clock, log } = this.#options;
    if (Buffer.byteLength(path) > longestPathBytes) {
      throw noSocket(
        phrase`a path of at most ${longestPathBytes} bytes`,
        phrase`${Buffer.byteLength(path)} bytes: ${path}`,
      );
    }
    if (!(await this.#listen())) {
      // Something is there already: a live daemon's socket, what a dead one left, or no socket at all.
      if (await answers(path, clock)) throw alreadyRunning(path);
      await removeStale(path);
      log.info('console.stale-socket', { path });
      if (!(await this.#listen())) throw alreadyRunning(path);
    }
    // Until here the umask keeps others from it: to connect one needs write permission.
    await chmod(path, 0o660);
    log.info('console.listening', { path });
  }

  /** Ends streams and connections; removes the socket file (libuv does when it closes what it bound). */
  async close(): Promise<void> {
    this.#feed.close();
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** False: the address is in use. */
  #listen(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        if (errnoOf(error) === 'EADDRINUSE') resolve(false);
        else reject(noSocket(phrase`to listen there`, phrase`${messageOf(error)}: ${this.#options.path}`, error));
      };
      this.#server.once('error', failed);
      this.#server.listen(this.#options.path, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => this.#options.log.warn('console.trouble', {}, error));
        resolve(true);
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      const { method = '', url: target = '' } = request;
      const body = await bodyOf(request);
      const work = answer(this.#view, { method, target, body });
      const deadlineMs = target === '/ledger/check' ? checkDeadlineMs : answerDeadlineMs;
      const answered = await within(this.#options.clock, 'console.answer', deadlineMs, work, () => late(deadlineMs));
      if (answered.kind === 'json') reply(response, 200, answered.value);
      else if (this.#feed.full) throw busy();
      else this.#feed.add(response);
    } catch (error) {
      // Gone before it had asked, or heard, everything: there is nobody to tell, and nothing wrong here.
      if (request.socket.destroyed) return;
      if (response.headersSent) response.destroy();
      else reply(response, httpStatus(error), { error: plainError(error) });
      if (!(error instanceof DockError)) throw error;
    }
  }
}

/** Whoever left it is gone. Anything but a socket is not ours to remove. */
async function removeStale(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isSocket())
      throw noSocket(phrase`a socket, or nothing`, phrase`another kind of file: ${path}`);
    await rm(path);
  } catch (error) {
    if (error instanceof DockError) throw error;
    if (errnoOf(error) !== 'ENOENT') throw noSocket(phrase`to remove a stale socket`, messageOf(error), error);
  }
}

/** Does a daemon listen behind this socket file? */
function answers(path: string, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      timer.cancel();
      socket.destroy();
      resolve(alive);
    };
    // One that takes no connection within the deadline is alive and stuck: never take its place.
    const timer = clock.timer('console.probe', probeDeadlineMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(errnoOf(error) ?? '')));
  });
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Kept open when the body is refused: the refusal still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > longestBodyBytes)
      throw badRequest(phrase`a body of at most ${longestBodyBytes} bytes`, phrase`a longer one`);
    chunks.push(chunk);
  }
  return sizeBytes === 0 ? undefined : Buffer.concat(chunks).toString('utf8');
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    // After a refused request nobody knows where the next one begins.
    ...(status === 200 ? {} : { connection: 'close' }),
  });
  response.end(text);
}

function httpStatus(error: unknown): number {
  if (!(error instanceof DockError)) return 500;
  switch (error.code) {
    case 'DOCK_CONSOLE_REQUEST':
      return 400;
    case 'DOCK_CONSOLE_NO_BAY':
      return 404;
    case 'DOCK_CONSOLE_BUSY':
    case 'DOCK_CONSOLE_LATE':
      return 503;
    default:
      return 500;
  }
}

function alreadyRunning(path: string): DockError {
  return new DockError('DOCK_ALREADY_RUNNING', {
    expected: phrase`no other daemon with this run directory`,
    found: phrase`one that answers at ${path}`,
    todo: phrase`Look at it with custodock status, or stop it first: systemctl stop custodock`,
    retry: 'never',
  });
}

function noSocket(expected: Phrase, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_CONSOLE_SOCKET', {
    expected,
    found,
    todo: phrase`Check that dock.runDir of the configuration exists, can be written and is short`,
    retry: 'never',
    cause,
  });
}

function late(deadlineMs: number): DockError {
  return new DockError('DOCK_CONSOLE_LATE', {
    expected: phrase`an answer within ${deadlineMs / 1000} s`,
    found: phrase`none yet`,
    todo: phrase`Ask for less at once; if it happens again, check the disk`,
    retry: 'now',
  });
}

function busy(): DockError {
  return new DockError('DOCK_CONSOLE_BUSY', {
    expected: phrase`at most ${mostReaders} streams of the status at once`,
    found: phrase`one more`,
    todo: phrase`Close another custodock status --watch and try again`,
    retry: 'now',
  });
}
