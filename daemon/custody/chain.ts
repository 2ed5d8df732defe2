/**
 * Is this still what was entered (I5)? Pure: follows the chain of leaf hashes and names the first place where it breaks.
 *
 * A chain alone cannot see that its tail was cut off, nor that all of it was written anew: decision 0030.
 */
import { messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import { canonicalBytes, type JsonValue } from './canonical.js';
import { entryBodies, entryEnvelope } from './entry.js';
import type { RawEntry } from './entry-turns.js';
import { emptyTreeHash, prefixedLeafHash } from './leaf.js';

/** What is wrong. `at` says what each of them looks like; the texts for people are in `daemon/language/custody.ts`. */
export type LedgerProblemKind =
  /** The bytes of an entry, or its hash, are not those that the chain vouches for. */
  | 'edited'
  /** A sequence is missing, with entries after it. */
  | 'deleted'
  /** An entry stands at another place than it says. */
  | 'reordered'
  /** Something speaks of entries after the last one. */
  | 'truncated'
  /** Entries after the one that the head speaks of. */
  | 'added'
  /** An entry of another dock or epoch. */
  | 'foreign'
  /** The bytes are not the one canonical form of what they say. */
  | 'not-canonical'
  /** The document is not one that this version, or any before it, would have entered. */
  | 'not-an-entry'
  /** A register does not say what the entries say; the entries themselves are sound. */
  | 'register'
  /** The triggers that keep entries from being changed are not those of a ledger. */
  | 'unprotected'
  /** SQLite cannot make sense of the file. */
  | 'file';

export interface LedgerProblem {
  readonly kind: LedgerProblemKind;
  /** Sequence of the first entry that is concerned; null where it is none. */
  readonly seq: number | null;
  readonly expected: Phrase;
  readonly found: Phrase;
}

export function problem(kind: LedgerProblemKind, seq: number | null, expected: Phrase, found: Phrase): LedgerProblem {
  return { kind, seq, expected, found };
}

const tailMark = Buffer.from(',"prev":"');

/** Follows a chain entry by entry. One object a check; after the first problem it is of no use any more. */
export class ChainFollower {
  #seq: number;
  #leaf: string;

  /** From after the entry `seq` with leaf hash `leaf`; from the start by default. */
  constructor(seq = 0, leaf = emptyTreeHash) {
    this.#seq = seq;
    this.#leaf = leaf;
  }

  /** Sequence and leaf hash of the last entry that was sound. */
  get last(): { readonly seq: number; readonly leaf: string } {
    return { seq: this.#seq, leaf: this.#leaf };
  }

  next({ seq, leaf, prefixed }: RawEntry): LedgerProblem | undefined {
    const expectedSeq = this.#seq + 1;
    if (seq !== expectedSeq) return problem('deleted', expectedSeq, phrase`entry ${expectedSeq}`, phrase`entry ${seq}`);
    const hash = prefixedLeafHash(prefixed);
    if (hash !== leaf) return problem('edited', seq, phrase`leaf hash ${leaf}`, phrase`leaf hash ${hash}`);
    // In canonical bytes the last `,"prev":"` is the envelope's: after it come only `seq`, `time` and `v`, and inside a
    // string its quotes would be escaped. Comparing in place is five times faster than reading the document.
    const wanted = `${this.#leaf}","seq":${seq},"time":{`;
    const from = prefixed.lastIndexOf(tailMark) + tailMark.length;
    if (prefixed.toString('latin1', from, from + wanted.length) !== wanted)
      return this.#diagnose(seq, prefixed.subarray(1));
    this.#seq = seq;
    this.#leaf = hash;
    return undefined;
  }

  #diagnose(seq: number, bytes: Buffer): LedgerProblem {
    const read = readDocument(bytes);
    if (read.document === undefined) return problem('not-an-entry', seq, phrase`a JSON document`, read.found);
    const { seq: ownSeq, prev } = read.document;
    if (ownSeq !== seq)
      return problem('reordered', seq, phrase`an entry that says ${seq}`, phrase`one that says ${String(ownSeq)}`);
    if (prev !== this.#leaf)
      return problem('edited', seq, phrase`an entry that follows ${this.#leaf}`, printable(String(prev)));
    return problem('not-canonical', seq, phrase`canonical JSON (RFC 8785)`, phrase`another form of the same document`);
  }
}

/** Is this one entry what it should be in itself? `unknown`: of a kind that only a newer version can judge. */
export function checkDocument(
  seq: number,
  bytes: Buffer,
  dock: string,
  epoch: number,
): LedgerProblem | 'known' | 'unknown' {
  const read = readDocument(bytes);
  if (read.document === undefined) return problem('not-an-entry', seq, phrase`a JSON document`, read.found);
  try {
    // Bytes, not text: decoding has replaced what is no UTF-8.
    if (!bytes.equals(canonicalBytes(read.document as JsonValue))) {
      return problem(
        'not-canonical',
        seq,
        phrase`canonical JSON (RFC 8785)`,
        phrase`another form of the same document`,
      );
    }
  } catch (error) {
    return problem('not-canonical', seq, phrase`canonical JSON (RFC 8785)`, messageOf(error));
  }
  const envelope = entryEnvelope.safeParse(read.document);
  if (!envelope.success)
    return problem('not-an-entry', seq, phrase`the envelope of an entry`, printable(envelope.error.message));
  const { kind, body, dock: ownDock, epoch: ownEpoch } = envelope.data;
  if (ownDock !== dock || ownEpoch !== epoch) {
    return problem(
      'foreign',
      seq,
      phrase`dock ${dock}, epoch ${epoch}`,
      printable(phrase`dock ${String(ownDock)}, epoch ${String(ownEpoch)}`),
    );
  }
  if (!isKnown(kind)) return 'unknown';
  // Not strict: a newer version may have added fields to this kind, never changed one.
  const parsed = entryBodies[kind].safeParse(body);
  if (!parsed.success) return problem('not-an-entry', seq, phrase`a body of ${kind}`, printable(parsed.error.message));
  return 'known';
}

function isKnown(kind: string): kind is keyof typeof entryBodies {
  return Object.hasOwn(entryBodies, kind);
}

function readDocument(
  bytes: Buffer,
): { readonly document: Readonly<Record<string, unknown>> } | { readonly document: undefined; readonly found: Phrase } {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof document === 'object' && document !== null) return { document: document as Record<string, unknown> };
    return { document: undefined, found: phrase`a value of type ${typeof document}` };
  } catch (error) {
    return { document: undefined, found: printable(messageOf(error)) };
  }
}
