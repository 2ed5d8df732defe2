/**
 * A broker in memory, as unfriendly as real ones: it is down, it loses the connection between taking a message and
 * acknowledging it, it forgets sessions. What it handed on is kept, to be held against the ledger.
 */
import type { Broker, BrokerConnection, Hello } from '../../daemon/central/broker.js';
import { DockError } from '../../drivers/contract/error.js';

export class ModelBroker implements Broker {
  readonly name = 'the model broker';
  readonly retained = new Map<string, string>();
  /** Payloads on the events topic, in the order in which subscribers got them. */
  readonly events: string[] = [];
  #up = true;
  /** Messages that are still taken before the line goes, the last of them without acknowledgement; null: it holds. */
  #cutAfter: number | null = null;
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

  /** The connection breaks after so many more messages, the last one handed on but not acknowledged. */
  cutAfter(messages: number): void {
    this.#cutAfter = messages;
  }

  async connect(hello: Hello, _receive: unknown, _signal: AbortSignal): Promise<BrokerConnection> {
    if (!this.#up) throw gone('nothing listens');
    let over = false;
    let finish: (why: DockError) => void = () => undefined;
    const ended = new Promise<DockError>((resolve) => {
      finish = resolve;
    });
    const end = (why: DockError, withWill: boolean): void => {
      if (over) return;
      over = true;
      if (withWill) this.retained.set(hello.will.topic, hello.will.payload.toString());
      finish(why);
    };
    this.#end = (why) => end(why, true);
    return {
      resumed: false,
      over: ended,
      publish: async (topic, payload, { retain }) => {
        if (over) throw gone('the connection is over');
        if (retain) this.retained.set(topic, payload.toString());
        else this.events.push(payload.toString());
        if (this.#cutAfter !== null) {
          this.#cutAfter -= 1;
          if (this.#cutAfter <= 0) {
            this.#cutAfter = null;
            end(gone('cut before the acknowledgement'), true);
          }
        }
        if (over) throw gone('the connection is over');
        return { heard: true };
      },
      close: async () => end(gone('closed by the dock'), false),
      cut: (why) => end(why, true),
    };
  }
}

function gone(found: string): DockError {
  return new DockError('DOCK_CENTRE_CLOSED', {
    expected: 'the connection to the model broker to last',
    found,
    todo: 'Wait',
    retry: 'now',
  });
}
