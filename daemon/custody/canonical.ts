/**
 * Canonical JSON (RFC 8785): one value, one sequence of bytes, on every machine and in every language.
 *
 * Answerable for refusing whatever another reader could take for something else. Must never repair a value silently.
 */
import { DockError } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** No entry of this project nests deeper than 5; the bound keeps a forged document from exhausting the stack. */
const deepest = 64;

/** A number as RFC 8785 section 3.2.2.3 writes it, which is what ECMAScript does. Refuses NaN and the infinities. */
export function ecmaNumber(value: number): string {
  if (!Number.isFinite(value)) throw notCanonical(phrase`a finite number`, verbatim(String(value)));
  // String(-0) is '0', as the RFC asks.
  return String(value);
}

/**
 * As `ecmaNumber`, and refuses integers from 2^53 on: beyond it a reader with 64-bit integers and one with doubles see
 * different values in the same bytes (RFC 7493 section 2.2). Such values are entered as strings.
 */
export function exactNumber(value: number): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw notCanonical(phrase`an integer below 2^53, or a string`, verbatim(String(value)));
  }
  return ecmaNumber(value);
}

/** The canonical text of `value`. Throws DOCK_LEDGER_ENTRY_INVALID for what has none. */
export function canonicalText(value: JsonValue, number: (value: number) => string = exactNumber): string {
  return write(value, number, 0);
}

/** The canonical bytes (UTF-8) of `value`. Throws DOCK_LEDGER_ENTRY_INVALID for what has none. */
export function canonicalBytes(value: JsonValue): Uint8Array {
  return Buffer.from(canonicalText(value), 'utf8');
}

function write(value: unknown, number: (value: number) => string, depth: number): string {
  if (depth > deepest) throw notCanonical(phrase`at most ${deepest} levels`, phrase`a deeper document`);
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      return number(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item) => write(item, number, depth + 1)).join(',')}]`;
      return writeObject(value, number, depth);
    default:
      throw notCanonical(phrase`a JSON value`, phrase`a value of type ${typeof value}`);
  }
}

function writeString(value: string): string {
  // A lone surrogate has no UTF-8 form: encoding it would silently become U+FFFD.
  if (!value.isWellFormed()) throw notCanonical(phrase`well-formed Unicode`, printable(value));
  // JSON.stringify escapes a string exactly as RFC 8785 section 3.2.2.2 asks.
  return JSON.stringify(value);
}

function writeObject(value: object, number: (value: number) => string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A Date or a Map would become something, but not what its writer meant.
  if (prototype !== Object.prototype && prototype !== null)
    throw notCanonical(phrase`a plain object`, phrase`an instance`);
  // The default order of sort() is that of UTF-16 code units, as section 3.2.3 asks.
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${writeString(name)}:${write(item, number, depth + 1)}`).join(',')}}`;
}

function notCanonical(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_LEDGER_ENTRY_INVALID', {
    expected,
    found,
    todo: phrase`Report this as a defect: what is entered must have one exact form`,
    retry: 'never',
  });
}
