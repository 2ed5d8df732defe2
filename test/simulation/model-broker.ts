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
  /** How many acknowledged events the centre is behind: what a broker without persistence can lose. */
  lag = 0;
  #up = true;
  #waiting: string[] = [];
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
    this.events.push(...this.#waiting.splice(0));
  }

  async connect(hello: Hello, _receive: unknown, signal: AbortSignal): Promise<BrokerConnection> {
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
      if (withWill) this.retained.set(hello.will.topic, hello.will.payload.toString());
      finish(why);
    };
    this.#end = (why) => end(why, true);
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
      this.retained.set(topic, payload.toString());
      return;
    }
    this.onEvent(payload);
    this.#waiting.push(payload.toString());
    if (this.#waiting.length > this.lag) this.events.push(...this.#waiting.splice(0, this.#waiting.length - this.lag));
  }
}

function gone(found: string): DockError {
  return new DockError('DOCK_CENTRE_CLOSED', {
    expected: verbatim('the connection to the model broker to last'),
    found: verbatim(found),
    todo: verbatim('Wait'),
    retry: 'now',
  });
}
