/**
 * SQL with its values, and the one way to write values into SQL text.
 *
 * A whole transaction is handed to SQLite as one text in one call, so that no other flow can get between its BEGIN and
 * COMMIT (decision 0031). Text and bytes are therefore written in hexadecimal: no content can end a literal.
 */

export type SqlValue = null | number | string | Uint8Array;

/** One statement; each `?` outside of it being text takes the next value. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export function statement(sql: string, ...values: readonly SqlValue[]): Statement {
  return { sql, values };
}

/** The statement with its values in place. Statements are constants of this project and use `?` for values only. */
export function inlined({ sql, values }: Statement): string {
  const parts = sql.split('?');
  if (parts.length !== values.length + 1) throw new RangeError(`${values.length} values for: ${sql}`);
  return parts.reduce((text, part, index) => `${text}${literal(values[index - 1] ?? null)}${part}`);
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `CAST(x'${Buffer.from(value, 'utf8').toString('hex')}' AS TEXT)`;
  if (typeof value !== 'number') return `x'${Buffer.from(value).toString('hex')}'`;
  // Fractions stay in the entries: SQLite and ECMAScript need not agree on the last bit of a decimal.
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number below 2^53: ${value}`);
  return String(value);
}
