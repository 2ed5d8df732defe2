/**
 * How many columns of a terminal a text takes. Answerable for alignment with Chinese text; must never know of colours.
 *
 * East Asian *ambiguous* characters (●, —, “”) count as one column, as every terminal with a UTF-8 locale draws them
 * (decision 0060).
 */

/** Combining marks, format characters, and the vowels and finals of decomposed Hangul, which join the syllable before. */
const zero = /^[\p{Mn}\p{Me}\p{Cf}\u{1160}-\u{11ff}]$/u;

/** UAX #11, classes W and F, joined across unassigned gaps; emoji are a Unicode property of their own. */
const wide = new RegExp(
  '^(?:\\p{Emoji_Presentation}|[' +
    '\\u{1100}-\\u{115f}\\u{2329}\\u{232a}\\u{2e80}-\\u{303e}\\u{3041}-\\u{a4c6}\\u{a960}-\\u{a97c}\\u{ac00}-\\u{d7a3}' +
    '\\u{f900}-\\u{faff}\\u{fe10}-\\u{fe19}\\u{fe30}-\\u{fe6b}\\u{ff01}-\\u{ff60}\\u{ffe0}-\\u{ffe6}' +
    '\\u{16fe0}-\\u{18d08}\\u{1aff0}-\\u{1b2fb}\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}])$',
  'u',
);

/** Narrow ones that lie between wide ones: hexagrams, numbers on black squares, regional indicators. */
const narrowBetween = /^[\u{303f}\u{3248}-\u{324f}\u{4dc0}-\u{4dff}\u{1f1e6}-\u{1f1ff}]$/u;

function characterColumns(character: string): 0 | 1 | 2 {
  if (zero.test(character)) return 0;
  return wide.test(character) && !narrowBetween.test(character) ? 2 : 1;
}

/** `text` has no control characters: it went through `printable`. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterColumns(character);
  return columns;
}

/** At most `columns` wide; what is cut ends in `…`. A double-width character is never halved. */
export function truncated(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let taken = 0;
  for (const character of text) {
    const next = characterColumns(character);
    if (taken + next > columns - 1) break;
    kept += character;
    taken += next;
  }
  return `${kept}…`;
}

/** The start cut instead: of a path, the end says more. */
export function truncatedStart(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  if (columns < 1) return '';
  const characters = [...text];
  let taken = 0;
  let from = characters.length;
  while (from > 0) {
    const next = characterColumns(characters[from - 1] ?? '');
    if (taken + next > columns - 1) break;
    taken += next;
    from -= 1;
  }
  // A mark whose base was cut would join the ellipsis.
  while (from < characters.length && characterColumns(characters[from] ?? '') === 0) from += 1;
  return `…${characters.slice(from).join('')}`;
}

/** Words kept whole where they fit; Chinese breaks between any two characters. Every line is at most `columns` wide. */
export function wrapped(text: string, columns: number): string[] {
  const room = Math.max(2, columns);
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(
    /[\u{2e80}-\u{a4c6}\u{ac00}-\u{faff}\u{fe30}-\u{ffe6}]\p{Po}?|[^\s\u{2e80}-\u{a4c6}\u{ac00}-\u{faff}\u{fe30}-\u{ffe6}]+|\s+/gu,
  ) ?? []) {
    if (columnsOf(line + piece) <= room) {
      line += piece;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trimEnd());
    line = /^\s/u.test(piece) ? '' : piece;
    while (columnsOf(line) > room) {
      let head = '';
      for (const character of line) {
        if (columnsOf(head + character) > room) break;
        head += character;
      }
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines.length === 0 ? [''] : lines;
}
