/**
 * What the centre's side of the dock asks of a message broker: one connection at a time, every failure a DockError.
 * `mqtt-link.ts` is the real one; the simulation has a modelled one. Staying connected is `steady-link.ts`.
 */
import type { DockError } from '../../drivers/contract/error.js';

/** What a connection is opened with. */
export interface Hello {
  readonly clientId: string;
  /** Published, retained, by the broker when the connection ends in any way but `close()`. */
  readonly will: { readonly topic: string; readonly payload: Buffer };
  /** Subscribed to, QoS 1, before the connection counts as open. */
  readonly subscriptions: readonly string[];
}

export interface PublishOptions {
  readonly retain: boolean;
  /** MQTT 5 only; 3.1.1 has no place for it. */
  readonly contentType: string;
}

export interface BrokerConnection {
  /**
   * The broker still has the session of the connection before. When it has not, it may also have lost what it had
   * acknowledged and not yet handed on.
   */
  readonly resumed: boolean;
  /**
   * Publishes at QoS 1, in the order of the calls. Resolves when the broker has acknowledged (PUBACK): `heard` is false
   * when it said that nobody is subscribed. Rejects with a DockError when the connection ends first or the broker
   * refuses the message.
   */
  publish(topic: string, payload: Buffer, options: PublishOptions): Promise<{ readonly heard: boolean }>;
  /**
   * Asks for what is on these topics as well, at QoS 0, what is retained there first. Rejects with a DockError when the
   * broker does not allow that: the connection lasts, and nothing comes.
   */
  subscribe(filters: readonly string[]): Promise<void>;
  /** False as soon as the connection is over, before anything that was on its way fails. */
  readonly open: boolean;
  /** Resolves, once, when the connection is over, with why. */
  readonly over: Promise<DockError>;
  /** Says goodbye, so that the broker discards the will. Resolves when the connection is over. */
  close(): Promise<void>;
  /** Ends the connection at once without a goodbye: the broker publishes the will. */
  cut(why: DockError): void;
}

export interface Broker {
  /** How people name it: the URL, without credentials. */
  readonly name: string;
  /**
   * One attempt. Rejects with a DockError, or with the signal's reason once it is aborted, and then leaves nothing open.
   * `receive` gets what arrives on the subscriptions: hostile until it was checked.
   */
  connect(
    hello: Hello,
    receive: (topic: string, payload: Buffer) => void,
    signal: AbortSignal,
  ): Promise<BrokerConnection>;
}
