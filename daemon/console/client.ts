/**
 * Talks to the daemon over its console socket. Answerable for saying what is wrong in words that lead somewhere:
 * not running, no permission, busy, silent.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { type Clock, within } from '../../drivers/contract/clock.js';
import { DockError, type DockErrorCode, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import type { LedgerCheck } from '../custody/check.js';
import type { DockingRow, KnownRecording, RecordingQuery } from '../custody/ledger.js';
import type { DockStatus } from '../status.js';
import { errorFromPlain, type ShownEntry, streamRepeatMs } from './wire.js';

/** More than the daemon's own deadline, so that its reason is heard; ms. */
const replyDeadlineMs = 15_000;
const checkReplyDeadlineMs = 610_000;
/** Three states that should have come. */
const silenceMs = 3 * streamRepeatMs;
/** 1000 entries of hostile names; characters. */
const longestReply = 64_000_000;
/** One state: 1024 bays with everything that can be said of each; characters. */
const longestState = 8_000_000;

export class ConsoleClient {
  readonly #path: string;
  readonly #clock: Clock;

  /** `path`: `consoleSocketPath(config)`. */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async status(): Promise<DockStatus> {
    return (await this.#json('GET', '/status')) as DockStatus;
  }

  /** The latest first. */
  async recordings({
    camera,
    bay,
    important,
    beforeSeq,
    limit,
  }: Omit<RecordingQuery, 'afterSeq'>): Promise<readonly KnownRecording[]> {
    const query = search({ camera, bay, important, before: beforeSeq, limit });
    return (await this.#json('GET', `/recordings${query}`)) as readonly KnownRecording[];
  }

  /** Without `from`: the latest. */
  async ledger(query: { readonly from?: number | undefined; readonly limit: number }): Promise<readonly ShownEntry[]> {
    return (await this.#json('GET', `/ledger${search(query)}`)) as readonly ShownEntry[];
  }

  async checkLedger(): Promise<LedgerCheck> {
    return (await this.#json('POST', '/ledger/check', undefined, checkReplyDeadlineMs)) as LedgerCheck;
  }

  /** The latest first. */
  async custody(limit: number): Promise<readonly DockingRow[]> {
    return (await this.#json('GET', `/custody${search({ limit })}`)) as readonly DockingRow[];
  }

  async identify(bay: string, on: boolean): Promise<void> {
    await this.#json('POST', `/bays/${encodeURIComponent(bay)}/identify`, { on });
  }

  /**
   * The state now and after each change, until the signal is aborted, which ends it without an error.
   * Throws DOCK_NOT_RUNNING when the daemon goes away, DOCK_CONSOLE_SILENT when it says nothing for 15 s.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<DockStatus> {
    if (signal.aborted) return;
    const response = await this.#send('GET', '/status/stream', undefined, signal);
    if (response.statusCode !== 200) throw await this.#refusal(response);
    const chunks = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const next = await within(this.#clock, 'console.watch', silenceMs, chunks.next(), () => silent(silenceMs));
        if (next.done) break;
        rest += decoder.decode(next.value, { stream: true });
        if (rest.length > longestState)
          throw unreadable(phrase`a state of a sensible length`, phrase`${rest.length} characters`);
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        // Only the newest counts: what came while the last one was drawn is past.
        const newest = lines.at(-1);
        if (newest !== undefined) yield parse(newest) as DockStatus;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw this.#explained(error);
    } finally {
      response.destroy();
    }
    if (!signal.aborted) throw this.#notRunning(phrase`it ended while it was watched`);
  }

  async #json(method: 'GET' | 'POST', target: string, body?: unknown, deadlineMs = replyDeadlineMs): Promise<unknown> {
    const abort = new AbortController();
    const work = async (): Promise<unknown> => {
      const response = await this.#send(method, target, body, abort.signal);
      if (response.statusCode !== 200) throw await this.#refusal(response);
      return parse(await textOf(response));
    };
    try {
      return await within(this.#clock, 'console.reply', deadlineMs, work(), () => silent(deadlineMs));
    } catch (error) {
      throw this.#explained(error);
    } finally {
      abort.abort();
    }
  }

  #send(method: 'GET' | 'POST', target: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const sent = request({
        socketPath: this.#path,
        path: target,
        method,
        signal,
        // A connection of its own: none is kept that the process would have to wait for.
        agent: new Agent({ keepAlive: false }),
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      });
      sent.once('response', resolve);
      sent.once('error', (error) => reject(this.#explained(error)));
      sent.end(text);
    });
  }

  async #refusal(response: IncomingMessage): Promise<DockError> {
    const reply = parse(await textOf(response));
    const plain = typeof reply === 'object' && reply !== null && 'error' in reply ? reply.error : undefined;
    return (
      errorFromPlain(plain) ?? unreadable(phrase`an answer of the dock`, phrase`status ${response.statusCode ?? 0}`)
    );
  }

  #explained(error: unknown): DockError {
    if (error instanceof DockError) return error;
    switch (errnoOf(error)) {
      case 'ENOENT':
        return this.#notRunning(phrase`no socket at ${this.#path}`, error);
      case 'ECONNREFUSED':
        return this.#notRunning(phrase`nobody answers at ${this.#path}`, error);
      case 'EACCES':
      case 'EPERM':
        return fault('DOCK_CONSOLE_FORBIDDEN', {
          expected: phrase`permission to open ${this.#path}`,
          found: messageOf(error),
          todo: phrase`Add this user to the group custodock and log in again, or use sudo`,
        });
      case 'ECONNRESET':
      case 'EPIPE':
        return fault('DOCK_CONSOLE_BUSY', {
          expected: phrase`an answer`,
          found: phrase`the connection was closed at once: too many at a time, or the dock is stopping`,
          todo: phrase`Close another custodock status --watch and try again`,
        });
      default:
        return fault('DOCK_CONSOLE_REPLY', {
          expected: phrase`an answer at ${this.#path}`,
          found: messageOf(error),
          todo: phrase`Use the same version of command and daemon`,
        });
    }
  }

  #notRunning(found: Phrase, cause?: unknown): DockError {
    return new DockError('DOCK_NOT_RUNNING', {
      expected: phrase`a running dock`,
      found,
      todo: phrase`Start it: systemctl start custodock; if it does not start, run custodock doctor`,
      retry: 'never',
      cause,
    });
  }
}

function search(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value));
  return `?${query}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) {
    text += chunk;
    if (text.length > longestReply)
      throw unreadable(phrase`an answer of a sensible length`, phrase`${text.length} characters`);
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(verbatim('JSON'), verbatim(JSON.stringify(text.slice(0, 100))));
  }
}

function unreadable(expected: Phrase, found: Phrase): DockError {
  return fault('DOCK_CONSOLE_REPLY', { expected, found, todo: phrase`Use the same version of command and daemon` });
}

function silent(deadlineMs: number): DockError {
  return fault('DOCK_CONSOLE_SILENT', {
    expected: phrase`an answer within ${deadlineMs / 1000} s`,
    found: phrase`none`,
    todo: phrase`Wait and try again; if it stays silent, look at the log: journalctl -u custodock`,
  });
}

function fault(
  code: DockErrorCode,
  details: { readonly expected: Phrase; readonly found: Phrase; readonly todo: Phrase },
): DockError {
  return new DockError(code, { ...details, retry: 'never' });
}
