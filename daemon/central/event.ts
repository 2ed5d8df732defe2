/**
 * A ledger entry as the event that the centre receives: CloudEvents 1.0, structured JSON mode. Pure.
 *
 * `data` is the entry's own bytes, spliced in and never written anew: whoever receives the event can hash exactly what was
 * hashed. Canonical JSON (RFC 8785) has one form only, so a receiver that parses and canonicalises gets the same bytes.
 */
import type { EntryKind, StoredEntry } from '../custody/entry.js';

export const eventContentType = 'application/cloudevents+json; charset=utf-8';

export function eventType(kind: EntryKind): string {
  return `cn.custodock.${kind}.v1`;
}

/** Identifies the JSON Schema of `data`; the published schema has it as `$id`. */
export function entrySchemaId(kind: EntryKind): string {
  return `urn:custodock:entry:${kind}:v1`;
}

export function eventSource(bureau: string, dock: string): string {
  return `custodock/${encodeURIComponent(bureau)}/${encodeURIComponent(dock)}`;
}

/** 2^53 has 16 decimal digits: padded to that, sequences sort as text, which the CloudEvents sequence extension asks for. */
const SEQUENCE_DIGITS = 16;

export function eventSequence(seq: number): string {
  return String(seq).padStart(SEQUENCE_DIGITS, '0');
}

/** The bytes that are published for `stored`. */
export function eventPayload(bureau: string, stored: StoredEntry): Buffer {
  const { entry } = stored;
  const envelope = JSON.stringify({
    specversion: '1.0',
    id: `${entry.dock}/${entry.epoch}/${entry.seq}`,
    source: eventSource(bureau, entry.dock),
    type: eventType(entry.kind),
    time: entry.time.utc,
    sequence: eventSequence(entry.seq),
    epoch: entry.epoch,
    leaf: stored.leaf,
    datacontenttype: 'application/json',
    dataschema: entrySchemaId(entry.kind),
  });
  return Buffer.concat([Buffer.from(`${envelope.slice(0, -1)},"data":`), stored.bytes, Buffer.from('}')]);
}
