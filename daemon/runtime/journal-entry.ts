/**
 * The bytes of one journal entry in systemd's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL). Pure.
 *
 * Text from devices ends up here (I11): a value with a line break takes the length-prefixed form, so that it can never
 * forge a field or an entry.
 */

/** journald's own limit for a field name (journald-native). */
const LONGEST_NAME = 64;

/** Longest value, bytes: far above anything worth reading. */
const LONGEST_VALUE_BYTES = 8 * 1024;

/** Most fields and bytes of one entry: far below what a unix datagram takes (208 KiB by default, less where it is lowered). */
const MOST_FIELDS = 64;
const LONGEST_ENTRY_BYTES = 48 * 1024;

/** `expectedMs` → `EXPECTED_MS`. Undefined where no valid name comes out; journald would drop the field. */
export function journalName(name: string): string | undefined {
  const upper = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9_]/g, '_')
    .toUpperCase()
    .slice(0, LONGEST_NAME);
  return /^[A-Z][A-Z0-9_]*$/.test(upper) ? upper : undefined;
}

export type JournalField = readonly [name: string, value: string | number | boolean | null | undefined];

/** Fields without a value (null, undefined) and without a possible name are left out; of two with one name the first stays. */
export function encodeJournalEntry(fields: Iterable<JournalField>): Buffer {
  const parts: Buffer[] = [];
  const names = new Set<string>();
  let sizeBytes = 0;
  for (const [name, value] of fields) {
    const journal = journalName(name);
    if (journal === undefined || value === null || value === undefined || names.has(journal)) continue;
    const part = encodeField(journal, String(value));
    if (names.size === MOST_FIELDS || sizeBytes + part.length > LONGEST_ENTRY_BYTES) break;
    names.add(journal);
    sizeBytes += part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function encodeField(name: string, value: string): Buffer {
  const bytes = cut(Buffer.from(value));
  if (!bytes.includes(0x0a)) return Buffer.concat([Buffer.from(`${name}=`), bytes, Buffer.from('\n')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
}

/** At most LONGEST_VALUE_BYTES, never ending inside a character. */
function cut(bytes: Buffer): Buffer {
  if (bytes.length <= LONGEST_VALUE_BYTES) return bytes;
  let end = LONGEST_VALUE_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
