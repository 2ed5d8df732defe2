/**
 * Keeps one connection to the broker, for ever: deadlines for CONNACK and PUBACK, backoff, trouble reported once.
 *
 * It never holds a message back for later: what was on its way when a connection ends fails, and whoever sent it has it still.
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Broker, BrokerConnection, Hello } from './broker.js';
import { closed, isSlow, stalled } from './broker-trouble.js';

export interface LinkTimings {
  /** From the first packet to the CONNACK and SUBACK, ms. */
  readonly connectMs: number;
  /** How long the broker may acknowledge nothing while something is on its way, ms. */
  readonly acknowledgeMs: number;
  /** Wait before the second attempt, ms; doubles with each up to `retryLongestMs`. */
  readonly retryFirstMs: number;
  readonly retryLongestMs: number;
  /** A connection that lasted longer than this ends the backoff, ms; more than `acknowledgeMs`, or a dumb broker would. */
  readonly lastingMs: number;
  /** Wait after a refusal, which only a person can end, ms. */
  readonly retryRefusedMs: number;
}

export const linkTimings: LinkTimings = {
  connectMs: 15_000,
  acknowledgeMs: 20_000,
  retryFirstMs: 1_000,
  retryLongestMs: 60_000,
  lastingMs: 30_000,
  retryRefusedMs: 60_000,
};

export interface LinkListener {
  up(connection: BrokerConnection): void;
  /** The connection of the last `up` is over. */
  down(): void;
  /**
   * Why there is no connection, after each attempt. `known`: it has been said already and is not news. Every loss of a
   * connection is news, but of attempts that fail alike only the first, and a refusal only once until a connection has
   * lasted, whatever the broker accepted in between.
   */
  trouble(error: DockError, known: boolean): void;
  message(topic: string, payload: Buffer): void;
}

/**
 * Wait after the `attempt`-th failure in a row (from 0), ms. A quarter more or less by `clientId`,
 * so that the docks of a bureau do not all come back in the same moment after its broker was restarted.
 */
export function retryDelayMs(timings: LinkTimings, clientId: string, attempt: number): number {
  let spread = attempt;
  for (const character of clientId) spread = (spread * 31 + (character.codePointAt(0) ?? 0)) % 1_000;
  const delayMs = Math.min(timings.retryFirstMs * 2 ** Math.min(attempt, 20), timings.retryLongestMs);
  return delayMs * (0.75 + spread / 2_000);
}

export class SteadyLink {
  readonly #broker: Broker;
  readonly #hello: Hello;
  readonly #clock: Clock;
  readonly #timings: LinkTimings;
  readonly #listener: LinkListener;
  readonly #stopping = new AbortController();
  #attempt = 0;
  #lastTrouble: DockError | undefined;
  #connection: BrokerConnection | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(broker: Broker, hello: Hello, clock: Clock, listener: LinkListener, timings: LinkTimings = linkTimings) {
    this.#broker = broker;
    this.#hello = hello;
    this.#clock = clock;
    this.#timings = timings;
    this.#listener = listener;
  }

  start(): void {
    this.#ended = this.#keepConnected();
  }

  /** Says goodbye, so that the will is not published, and makes no more attempts. Resolves when nothing is open. */
  async stop(): Promise<void> {
    this.#stopping.abort(closed(this.#broker.name, phrase`the dock is stopping`));
    await this.#connection?.close();
    await this.#ended;
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const why = await this.#oneConnection();
      if (signal.aborted) return;
      const known = why.code === this.#lastTrouble?.code;
      this.#lastTrouble = why;
      this.#listener.trouble(why, known);
      const delayMs = isSlow(why)
        ? this.#timings.retryRefusedMs
        : retryDelayMs(this.#timings, this.#hello.clientId, this.#attempt);
      this.#attempt += 1;
      await this.#pause(delayMs);
    }
  }

  /** From the attempt to the end of the connection; why it ended. */
  async #oneConnection(): Promise<DockError> {
    let connection: BrokerConnection;
    try {
      connection = await this.#connect();
    } catch (thrown) {
      return thrown instanceof DockError ? thrown : closed(this.#broker.name, messageOf(thrown));
    }
    if (this.#stopping.signal.aborted) {
      await connection.close();
      return connection.over;
    }
    const sinceMs = this.#clock.monotonicMs();
    if (this.#lastTrouble !== undefined && !isSlow(this.#lastTrouble)) this.#lastTrouble = undefined;
    this.#connection = this.#watched(connection);
    this.#listener.up(this.#connection);
    const why = await connection.over;
    if (this.#clock.monotonicMs() - sinceMs > this.#timings.lastingMs) {
      this.#attempt = 0;
      this.#lastTrouble = undefined;
    }
    this.#connection = undefined;
    this.#listener.down();
    return why;
  }

  async #connect(): Promise<BrokerConnection> {
    const giveUp = new AbortController();
    const onStop = (): void => giveUp.abort(this.#stopping.signal.reason);
    this.#stopping.signal.addEventListener('abort', onStop, { once: true });
    const { connectMs } = this.#timings;
    const timer = this.#clock.timer('centre.connect', connectMs, () => {
      giveUp.abort(stalled(this.#broker.name, phrase`an answer within ${connectMs} ms`, phrase`no CONNACK`));
    });
    try {
      return await this.#broker.connect(
        this.#hello,
        (topic, payload) => this.#listener.message(topic, payload),
        giveUp.signal,
      );
    } finally {
      timer.cancel();
      this.#stopping.signal.removeEventListener('abort', onStop);
    }
  }

  /** The same connection, cut when acknowledgements stop coming. */
  #watched(connection: BrokerConnection): BrokerConnection {
    const { acknowledgeMs } = this.#timings;
    let outstanding = 0;
    let progressMs = 0;
    let timer: Timer | undefined;
    const look = (): void => {
      timer = undefined;
      if (outstanding === 0) return;
      const quietMs = this.#clock.monotonicMs() - progressMs;
      if (quietMs >= acknowledgeMs) {
        connection.cut(
          stalled(
            this.#broker.name,
            phrase`a PUBACK within ${acknowledgeMs} ms`,
            phrase`none for ${outstanding} messages`,
          ),
        );
      } else {
        timer = this.#clock.timer('centre.acknowledge', acknowledgeMs - quietMs, look);
      }
    };
    void connection.over.then(() => timer?.cancel());
    return {
      resumed: connection.resumed,
      over: connection.over,
      get open() {
        return connection.open;
      },
      subscribe: (filters) => connection.subscribe(filters),
      close: () => connection.close(),
      cut: (why) => connection.cut(why),
      publish: async (topic, payload, options) => {
        if (outstanding === 0) progressMs = this.#clock.monotonicMs();
        outstanding += 1;
        if (connection.open) timer ??= this.#clock.timer('centre.acknowledge', acknowledgeMs, look);
        try {
          return await connection.publish(topic, payload, options);
        } finally {
          outstanding -= 1;
          progressMs = this.#clock.monotonicMs();
        }
      },
    };
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.#clock.timer('centre.retry', delayMs, done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
