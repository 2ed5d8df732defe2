/**
 * Two who do not believe the dock: a subscriber that counts what the broker really delivers, and a reader that hashes the cards and the
 * archive again by itself.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { mqttBroker } from '../central/mqtt-link.js';

export interface Subscriber {
  /** Sequences in the order in which they came. */
  readonly sequences: readonly number[];
  close(): Promise<void>;
}

/** Subscribes to the events of all docks as the centre would. */
export async function subscribe(url: string): Promise<Subscriber> {
  const sequences: number[] = [];
  const connection = await mqttBroker({ url, protocol: 4, keepAliveS: 30 }).connect(
    {
      clientId: 'custodock-demo-subscriber',
      will: { topic: 'custodock/demo/subscriber', payload: Buffer.from('lost') },
      subscriptions: ['custodock/v1/+/+/events'],
    },
    (_topic, payload) => {
      const event: unknown = JSON.parse(payload.toString('utf8'));
      if (typeof event === 'object' && event !== null && 'sequence' in event) sequences.push(Number(event.sequence));
    },
    new AbortController().signal,
  );
  return { sequences, close: () => connection.close() };
}

/** Each sequence from `from` to `to` came at least once, and the first comings were in order. */
export function inOrder(sequences: readonly number[], from: number, to: number): boolean {
  const firsts = [...new Set(sequences)].filter((sequence) => sequence >= from && sequence <= to);
  return firsts.length === to - from + 1 && firsts.every((sequence, index) => sequence === from + index);
}

/** SHA-256 of every regular file below a folder, by relative path. */
export async function hashTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const name of await readdir(folder, { recursive: true })) {
    const file = path.join(folder, name);
    if (!(await lstat(file)).isFile()) continue;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
    hashes.set(name, hash.digest('hex'));
  }
  return hashes;
}
