/**
 * Lines of text with tones, before anybody knows whether they go to a terminal or into a file. Pure.
 *
 * Everything shown passes through `span`: device text cannot move a cursor (I11).
 */
import { printable } from '../../drivers/contract/text.js';
import { columnsOf, truncated } from './width.js';

export type Tone = 'plain' | 'strong' | 'dim' | 'green' | 'amber' | 'red' | 'white';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Span[];

/** Longest text of one span, characters: nothing on a screen needs more. */
const longestSpan = 1_000;

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: printable(text, longestSpan), tone };
}

export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

export function lineColumns(spans: Line): number {
  return spans.reduce((columns, { text }) => columns + columnsOf(text), 0);
}

/** The line cut to `columns`. */
export function fitted(spans: Line, columns: number): Line {
  const kept: Span[] = [];
  let room = columns;
  for (const { text, tone } of spans) {
    const wanted = columnsOf(text);
    if (wanted <= room) {
      kept.push({ text, tone });
      room -= wanted;
      continue;
    }
    if (room > 0) kept.push({ text: truncated(text, room), tone });
    else if (kept.length > 0 && text.trim() !== '') {
      // Full to the brim, and more would follow: the last span shows that something is missing.
      const last = kept.pop();
      if (last !== undefined) kept.push({ text: truncated(`${last.text}……`, columnsOf(last.text)), tone: last.tone });
    }
    break;
  }
  return kept;
}

/** Select Graphic Rendition (ECMA-48): the 16 colours that every terminal has. */
const renditions: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  dim: '2',
  green: '1;32',
  amber: '33',
  red: '1;31',
  white: '1;97',
};

export function plainText(spans: Line): string {
  return spans
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}

/** The line as bytes for a terminal; without colour the same as `plainText`. */
export function painted(spans: Line, colour: boolean): string {
  if (!colour) return plainText(spans);
  return spans
    .map(({ text, tone }) => (renditions[tone] === '' ? text : `\u001b[${renditions[tone]}m${text}\u001b[0m`))
    .join('');
}
