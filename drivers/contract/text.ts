/**
 * Hostile text (I11) made fit to be shown: file names, labels and identities come from devices.
 */
import { type Phrase, verbatim } from './phrase.js';

/** Longest text from a device that is shown in a log line, table or event, in characters. */
const LONGEST_SHOWN = 200;

/**
 * `text` without anything that could move a cursor, end a log line or turn the reading direction:
 * controls, line separators, bidirectional and zero-width characters become `\u{…}`, and overlong text is cut with `…`.
 */
export function printable(text: string, longest: number = LONGEST_SHOWN): Phrase {
  const escaped = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return verbatim(escaped.length <= longest ? escaped : `${escaped.slice(0, longest - 1)}…`);
}

/** Displayable form of raw file-name bytes: invalid UTF-8 becomes U+FFFD, the rest as `printable`. */
export function printableBytes(bytes: Uint8Array, longest?: number): Phrase {
  return printable(new TextDecoder('utf-8', { fatal: false }).decode(bytes), longest);
}
