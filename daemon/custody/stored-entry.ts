/** From facts to the bytes that are stored, and back. Pure. */
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import { canonicalBytes, canonicalText, type JsonValue } from './canonical.js';
import {
  type Entry,
  type EntryTime,
  entryBodies,
  entryTime,
  entryVersion,
  type Fact,
  type StoredEntry,
} from './entry.js';
import { leafHash } from './leaf.js';
import type { LedgerHead } from './ledger.js';

/**
 * Longest body of an entry, bytes: 256 KiB. The longest that the daemon writes is a salvaged recording with a few thousand
 * missing ranges of 40 bytes each; everything else is below 32 KiB.
 */
export const longestBodyBytes = 262_144;

/** A fact and its time, found fit to be entered. */
export interface CheckedFact {
  readonly fact: Fact;
  readonly time: EntryTime;
  /** Of the body alone: the bound that the queue is kept by. */
  readonly sizeBytes: number;
}

/**
 * Sees to it that the fact is exactly what its schema says: nothing missing, nothing of another type, nothing more.
 * Throws DOCK_LEDGER_ENTRY_INVALID, which is always a defect of the caller.
 */
export function checkFact(fact: Fact, time: EntryTime): CheckedFact {
  const schema = Object.hasOwn(entryBodies, fact.kind) ? entryBodies[fact.kind] : undefined;
  if (schema === undefined) throw invalid(phrase`a known kind of entry`, printable(String(fact.kind)));
  const body = schema.safeParse(fact.body);
  if (!body.success) throw invalid(phrase`a body of ${fact.kind}`, printable(issuesOf(body.error.issues)));
  const when = entryTime.safeParse(time);
  if (!when.success) throw invalid(phrase`a time of entry`, printable(issuesOf(when.error.issues)));
  // The schema has dropped what it does not know; a difference is a field that nobody would ever check or read.
  const text = canonicalText(body.data as JsonValue);
  if (text !== canonicalText(fact.body as JsonValue))
    throw invalid(phrase`only the fields of ${fact.kind}`, phrase`others as well`);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > longestBodyBytes)
    throw invalid(phrase`at most ${longestBodyBytes} bytes`, phrase`${sizeBytes} bytes`);
  return { fact: { kind: fact.kind, body: body.data } as Fact, time: when.data, sizeBytes };
}

/** The entry that follows `head`. */
export function sealEntry(dock: string, head: LedgerHead, { fact, time }: CheckedFact): StoredEntry {
  const seq = head.seq + 1;
  const bytes = canonicalBytes({
    v: entryVersion,
    dock,
    epoch: head.epoch,
    seq,
    prev: head.leaf,
    time,
    kind: fact.kind,
    body: fact.body as JsonValue,
  });
  return { seq, bytes, leaf: leafHash(bytes), entry: parse(bytes) };
}

/** An entry as it comes from the medium, with its hash proved. Throws DOCK_LEDGER_BROKEN. */
export function openEntry(seq: number, bytes: Uint8Array, leaf: string): StoredEntry {
  const found = leafHash(bytes);
  if (found !== leaf) throw broken(phrase`entry ${seq} with leaf hash ${leaf}`, phrase`leaf hash ${found}`);
  try {
    return { seq, bytes, leaf, entry: parse(bytes) };
  } catch (error) {
    throw broken(phrase`entry ${seq} as JSON`, messageOf(error));
  }
}

/** The document is taken as what its leaf hash vouches for; `check.ts` holds it against the schema. */
function parse(bytes: Uint8Array): Entry {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Entry;
}

function issuesOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function invalid(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_LEDGER_ENTRY_INVALID', {
    expected,
    found,
    todo: phrase`Report this as a defect: what is entered must have one exact form`,
    retry: 'never',
  });
}

/** The ledger is not what was written (I5). */
export function broken(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_LEDGER_BROKEN', {
    expected,
    found,
    todo: phrase`Keep the ledger as it is, run \`custodock ledger check\` and tell the custodian: entries were changed after they were made`,
    retry: 'never',
  });
}
