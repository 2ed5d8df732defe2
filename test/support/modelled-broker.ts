/**
 * A broker without a network, on the clock of the test: sessions, retained messages, last will, and the faults that brokers have.
 *
 * It does to the dock what a broker would: acknowledges in order after a latency, publishes the will when a connection ends
 * without a goodbye, and forgets sessions when told to.
 */
import type { Broker, BrokerConnection, Hello, PublishOptions } from '../../daemon/central/broker.js';
import { closed, refusal } from '../../daemon/central/broker-trouble.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

export interface Delivered {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

interface Open {
  readonly receive: (topic: string, payload: Buffer) => void;
  /** With what `subscribe` added. */
  readonly filters: string[];
  end(why: DockError): void;
}

export class ModelledBroker implements Broker {
  readonly name = 'modelled://broker';
  /** All that was published and taken, in order, wills included. */
  readonly delivered: Delivered[] = [];
  readonly retained = new Map<string, Buffer>();
  attempts = 0;
  /** Most publishes of one connection that were without acknowledgement at once. */
  mostOnTheWay = 0;
  /** From a publish to its acknowledgement, ms. */
  latencyMs = 2;
  /** The next attempts are refused with this reason code; 0: let in. */
  refuse = 0;
  /** Attempts are accepted by TCP and never answered. */
  mute = false;
  /** Publishes are taken by TCP and neither handed on nor acknowledged. */
  stalled = false;
  /** The process is not there: attempts fail at once. */
  away = false;
  /** Somebody is subscribed. */
  heard = true;
  /** Reason code with which a subscription beyond those of the greeting is refused; 0: granted. */
  refuseSubscription = 0;
  /** Reason code with which a publish is refused; 0: accepted. */
  refusePublish: (topic: string, payload: Buffer) => number = () => 0;

  readonly #clock: Clock;
  readonly #sessions = new Set<string>();
  readonly #open = new Map<string, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get connections(): number {
    return this.#open.size;
  }

  /** Payloads on topics that end so, in order. */
  on(suffix: string): Buffer[] {
    return this.delivered.filter(({ topic }) => topic.endsWith(suffix)).map(({ payload }) => payload);
  }

  /** As a client of the centre would publish it. */
  say(topic: string, payload: Buffer): void {
    for (const { filters, receive } of [...this.#open.values()])
      if (filters.some((filter) => matches(filter, topic))) receive(topic, payload);
  }

  /** Every connection breaks; wills are published. What was not acknowledged was not handed on. */
  drop(): void {
    for (const { end } of [...this.#open.values()]) end(closed(this.name, verbatim('dropped')));
  }

  /** As if this client had been connected before. */
  remember(clientId: string): void {
    this.#sessions.add(clientId);
  }

  /** As after a crash without persistence. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  async connect(hello: Hello, receive: Open['receive'], signal: AbortSignal): Promise<BrokerConnection> {
    this.attempts += 1;
    signal.throwIfAborted();
    await this.#latency('broker.connect', signal);
    if (this.away) throw closed(this.name, verbatim('ECONNREFUSED'));
    if (this.mute)
      await new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    if (this.refuse !== 0)
      throw refusal(this.name, verbatim('the dock to be let in'), this.refuse, 'Connection refused');
    const resumed = this.#sessions.has(hello.clientId);
    this.#sessions.add(hello.clientId);
    this.#open
      .get(hello.clientId)
      ?.end(refusal(this.name, verbatim('the connection to be kept'), 142, 'Session taken over'));
    return this.#connection(hello, receive, resumed);
  }

  #connection(hello: Hello, receive: Open['receive'], resumed: boolean): BrokerConnection {
    let ended: DockError | undefined;
    let sayOver: (why: DockError) => void = () => undefined;
    const over = new Promise<DockError>((resolve) => {
      sayOver = resolve;
    });
    const pending = new Set<(why: DockError) => void>();
    const end = (why: DockError, goodbye = false): void => {
      if (ended !== undefined) return;
      ended = why;
      this.#open.delete(hello.clientId);
      if (!goodbye) this.#take(hello.will.topic, hello.will.payload, true);
      for (const fail of pending) fail(why);
      pending.clear();
      sayOver(why);
    };
    const publish = (topic: string, payload: Buffer, options: PublishOptions): Promise<{ heard: boolean }> =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        pending.add(reject);
        this.mostOnTheWay = Math.max(this.mostOnTheWay, pending.size);
        if (this.stalled) return;
        this.#clock.timer('broker.puback', this.latencyMs, () => {
          if (!pending.delete(reject)) return;
          const reason = this.refusePublish(topic, payload);
          if (reason !== 0) {
            reject(refusal(this.name, verbatim('a message to be accepted'), reason, 'Publish error'));
            return;
          }
          this.#take(topic, payload, options.retain);
          resolve({ heard: this.heard });
        });
      });
    const filters = [...hello.subscriptions];
    this.#open.set(hello.clientId, { receive, filters, end });
    return {
      resumed,
      get open() {
        return ended === undefined;
      },
      over,
      publish,
      subscribe: async (added) => {
        if (ended !== undefined) throw ended;
        if (this.refuseSubscription !== 0)
          throw refusal(this.name, verbatim('the subscription'), this.refuseSubscription, 'Not authorized');
        filters.push(...added);
        for (const [topic, payload] of this.retained)
          if (added.some((filter) => matches(filter, topic))) receive(topic, payload);
      },
      close: async () => end(closed(this.name, verbatim('closed by the dock')), true),
      cut: end,
    };
  }

  #take(topic: string, payload: Buffer, retain: boolean): void {
    this.delivered.push({ topic, payload, retain });
    if (retain && payload.length === 0) this.retained.delete(topic);
    else if (retain) this.retained.set(topic, payload);
    this.say(topic, payload);
  }

  #latency(name: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(name, this.latencyMs, resolve);
      signal.addEventListener('abort', () => {
        timer.cancel();
        reject(signal.reason);
      });
    });
  }
}

/** MQTT 5 §4.7, as far as the dock uses it: `+` stands for one level. */
function matches(filter: string, topic: string): boolean {
  const [wanted, found] = [filter.split('/'), topic.split('/')];
  return wanted.length === found.length && wanted.every((level, at) => level === '+' || level === found[at]);
}
