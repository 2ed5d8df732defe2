/** The centre as a test plays it: a subscriber that writes down what it gets, with its own MQTT client, none of the dock's code. */
import { connect, type MqttClient } from 'mqtt';

export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly contentType: string | undefined;
}

export interface CentreSide {
  readonly messages: Received[];
  /** Sequences of the events, in the order of arrival, repeats included. */
  readonly sequences: number[];
  readonly client: MqttClient;
  stop(): Promise<void>;
}

/** Subscribes to everything of custodock with a session that outlives connections. */
export async function centreSide(url: string, topic = 'custodock/v1/#', clientId = 'centre'): Promise<CentreSide> {
  const client = connect(url, {
    clientId,
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 3_600, receiveMaximum: 1_000 },
    reconnectPeriod: 50,
  });
  const messages: Received[] = [];
  const sequences: number[] = [];
  client.on('error', () => undefined);
  client.on('message', (name, payload, packet) => {
    messages.push({ topic: name, payload, retain: packet.retain, contentType: packet.properties?.contentType });
    if (name.endsWith('/events')) sequences.push(Number(JSON.parse(payload.toString()).sequence));
  });
  await new Promise<void>((resolve) => client.once('connect', () => resolve()));
  await client.subscribeAsync(topic, { qos: 1, rap: true });
  return { messages, sequences, client, stop: () => client.endAsync(true) };
}

/** Each sequence where it was seen first: what a centre that ignores repeats keeps. */
export function firstOccurrences(sequences: readonly number[]): number[] {
  return [...new Set(sequences)];
}

/** Resolves when `done` is true; fails with `what` after `withinMs`. */
export async function until(done: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!done()) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
