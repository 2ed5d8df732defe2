/**
 * What people read about a fault, marked where it arises so that none can be forgotten in translation.
 *
 * A phrase is its English text and nothing more: it goes through stack traces, threads, the ledger, events and JSON as a string.
 * `daemon/language/` recognises it by its template and says it in Chinese; a test holds that table against every phrase here.
 */

declare const marked: unique symbol;

/** Text that was marked by one of the two functions below: a plain string does not pass where people will read it. */
export type Phrase = string & { readonly [marked]: true };

/** Words of ours: `phrase\`an answer within ${ms} ms\``. Its template, `an answer within {1} ms`, must be in the table. */
export function phrase(words: TemplateStringsArray, ...values: readonly (string | number | bigint)[]): Phrase {
  return words.reduce((text, part, at) => `${text}${values[at - 1]}${part}`) as Phrase;
}

/** What is the same in every language: a name, a path, a number, the system's own message. */
export function verbatim(text: string): Phrase {
  return text as Phrase;
}
