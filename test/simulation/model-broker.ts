/**
 * A broker in memory, as unfriendly as real ones: it is down, it loses the connection between taking a message and
 * acknowledging it, it forgets sessions together with what it had not handed on yet. What the centre got is kept, to be held
 * against the ledger.
 */
import type { Broker, BrokerConnection, Hello } from '../../daemon/central/broker.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

export class ModelBroker implements Broker {
  readonly name = 'the model broker';
  readonly retained = new Map<string, string>();
  /** Payloads on the events topic, in the order in which the centre got them. */
  readonly events: string[] = [];
  /** Every event at the moment at which it leaves the dock. */
  onEvent: (payload: Buffer) => void = () => undefined;
  /** Every event at the moment at which the centre gets it. */
  onHanded: (payload: string) => void = () => undefined;
  /** Sequence of the last event that the dock was told to be taken. */
  taken = 0;
  /** So many of the next events are acknowledged and then lost, as from a queue that is full; the session stays. */
  dropNext = 0;
  /** Sequences of those that were. */
  readonly dropped = new Set<number>();
  /** How many acknowledged events the centre is behind: what a broker without persistence can lose. */
  lag = 0;
  #up = true;
  #waiting: string[] = [];
  /** What the centre said last while the dock was away, and its session was kept. */
  #kept: { readonly topic: string; readonly payload: string } | undefined;
  #hear: ((topic: string, payload: string) => void) | undefined;
  #session = false;
  /** Messages that are still taken before the line goes; null: it holds. */
  #cut: { left: number; readonly taken: boolean } | null = null;
  #end: ((why: DockError) => void) | undefined;

  get up(): boolean {
    return this.#up;
  }

  goDown(): void {
    this.#up = false;
    this.#end?.(gone('the broker went down'));
  }

  comeUp(): void {
    this.#up = true;
  }

  /** It starts anew with nothing: sessions, and what it had not handed on. */
  forget(): void {
    this.#waiting = [];
    this.#kept = undefined;
    this.#session = false;
    this.#end?.(gone('the broker was restarted'));
  }

  /** The connection breaks at the n-th message from now on; that one is handed on, or not, but never acknowledged. */
  cutAt(messages: number, taken: boolean): void {
    this.#cut = { left: messages, taken };
  }

  /** The process at the other end is gone. */
  clientDied(): void {
    this.#end?.(gone('the client is gone'));
  }

  /** The centre catches up. */
  flush(): void {
    this.#handOn(this.#waiting.length);
  }

  /** The centre says something to the dock. */
  say(topic: string, payload: string): void {
    if (this.#hear !== undefined) this.#hear(topic, payload);
    else if (this.#up && this.#session) this.#kept = { topic, payload };
  }

  async connect(
    hello: Hello,
    hear: (topic: string, payload: Buffer) => void,
    signal: AbortSignal,
  ): Promise<BrokerConnection> {
    signal.throwIfAborted();
    if (!this.#up) throw gone('nothing listens');
    const resumed = this.#session;
    this.#session = true;
    let open = true;
    let finish: (why: DockError) => void = () => undefined;
    const over = new Promise<DockError>((resolve) => {
      finish = resolve;
    });
    const end = (why: DockError, withWill: boolean): void => {
      if (!open) return;
      open = false;
      this.#hear = undefined;
      if (withWill) this.retained.set(hello.will.topic, hello.will.payload.toString());
      finish(why);
    };
    this.#end = (why) => end(why, true);
    const receive = (topic: string, payload: string): void => {
      if (open) hear(topic, Buffer.from(payload));
    };
    this.#hear = (topic, payload) => {
      if (hello.subscriptions.includes(topic)) receive(topic, payload);
    };
    const { topic, payload } = this.#kept ?? {};
    this.#kept = undefined;
    if (topic !== undefined && payload !== undefined) this.#hear(topic, payload);
    return {
      resumed,
      get open() {
        return open;
      },
      over,
      publish: async (topic, payload, { retain }) => {
        if (!open) throw gone('the connection is over');
        const cut = this.#isCut();
        if (cut === undefined || cut.taken) this.#take(topic, payload, retain);
        if (cut !== undefined) {
          end(gone('cut before the acknowledgement'), true);
          throw gone('cut before the acknowledgement');
        }
        return { heard: true };
      },
      subscribe: async (filters) => {
        if (!open) throw gone('the connection is over');
        const folders = filters.map((filter) => filter.slice(0, -1));
        for (const [topic, payload] of this.retained)
          if (folders.some((folder) => topic.startsWith(folder))) receive(topic, payload);
      },
      close: async () => end(gone('closed by the dock'), false),
      cut: (why) => end(why, true),
    };
  }

  #isCut(): { readonly taken: boolean } | undefined {
    const cut = this.#cut;
    if (cut === null) return undefined;
    cut.left -= 1;
    if (cut.left > 0) return undefined;
    this.#cut = null;
    return cut;
  }

  #take(topic: string, payload: Buffer, retain: boolean): void {
    if (retain) {
      if (payload.length === 0) this.retained.delete(topic);
      else this.retained.set(topic, payload.toString());
      return;
    }
    this.onEvent(payload);
    const text = payload.toString();
    const sequence = sequenceOf(text);
    this.taken = Math.max(this.taken, sequence);
    if (this.dropNext > 0) {
      this.dropNext -= 1;
      this.dropped.add(sequence);
      return;
    }
    this.#waiting.push(text);
    if (this.#waiting.length > this.lag) this.#handOn(this.#waiting.length - this.lag);
  }

  #handOn(count: number): void {
    for (const text of this.#waiting.splice(0, count)) {
      this.events.push(text);
      this.onHanded(text);
    }
  }
}

export function sequenceOf(event: string): number {
  return Number((JSON.parse(event) as { readonly sequence: string }).sequence);
}

function gone(found: string): DockError {
  return new DockError('DOCK_CENTRE_CLOSED', {
    expected: verbatim('the connection to the model broker to last'),
    found: verbatim(found),
    todo: verbatim('Wait'),
    retry: 'now',
  });
}
