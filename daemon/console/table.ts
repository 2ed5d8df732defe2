/** Columns that stay aligned with text in both languages. Pure: values in, lines out. */
import { type Line, plainText, type Span, span } from './line.js';
import { columnsOf, truncated, truncatedStart } from './width.js';

export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** At least so wide, so that a table drawn again and again does not jump with its contents. */
  readonly least?: number;
  /** May be cut down to this many columns where the table is too wide; never below its heading; absent: never cut. */
  readonly shrinkTo?: number;
  /** Left out where even cut columns are too wide: the highest number first; absent: never. */
  readonly leaveOut?: number;
  /** Which end of a cell is cut: of a path, the end says more. */
  readonly cut?: 'start' | 'end';
}

export type Cell = string | Span;

const gap = 2;

/**
 * Heading and rows, at most `columns` wide wherever the shrinkable columns allow it: the widest of them gives way first.
 * Rows have as many cells as there are columns.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], widthColumns: number): Line[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? span(cell) : cell)));
  const widths = columns.map(({ heading, least = 0 }, index) =>
    Math.max(least, columnsOf(heading), ...cells.map((row) => columnsOf(row[index]?.text ?? ''))),
  );
  shrink(columns, widths, widthColumns);
  const headings = columns.map(({ heading: text }) => span(text, 'dim'));
  return [headings, ...cells].map((row) => tableLine(columns, widths, row));
}

/** As `table`, with columns left out where there is no room for them, and the headings of those. */
export function fittingTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  widthColumns: number,
): { readonly lines: Line[]; readonly leftOut: readonly string[] } {
  const lines = table(columns, rows, widthColumns);
  const widest = Math.max(...lines.map((shown) => columnsOf(plainText(shown))));
  const last = columns.reduce(
    (best, { leaveOut = 0 }, index) => (leaveOut > (columns[best]?.leaveOut ?? 0) ? index : best),
    0,
  );
  const { heading = '', leaveOut } = columns[last] ?? {};
  if (widest <= widthColumns || leaveOut === undefined) return { lines, leftOut: [] };
  const rest = fittingTable(
    columns.toSpliced(last, 1),
    rows.map((row) => row.toSpliced(last, 1)),
    widthColumns,
  );
  return { lines: rest.lines, leftOut: [heading, ...rest.leftOut] };
}

function shrink(columns: readonly Column[], widths: number[], widthColumns: number): void {
  const excess = (): number => widths.reduce((sum, width) => sum + width, gap * (widths.length - 1)) - widthColumns;
  while (excess() > 0) {
    let widest = -1;
    for (const [index, { heading, shrinkTo }] of columns.entries()) {
      const width = widths[index] ?? 0;
      if (shrinkTo !== undefined && width > Math.max(shrinkTo, columnsOf(heading)) && width > (widths[widest] ?? 0))
        widest = index;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function tableLine(columns: readonly Column[], widths: readonly number[], row: readonly Span[]): Line {
  const spans: Span[] = [];
  for (const [index, column] of columns.entries()) {
    const width = widths[index] ?? 0;
    const { text, tone } = row[index] ?? span('');
    const shown = column.cut === 'start' ? truncatedStart(text, width) : truncated(text, width);
    const padding = ' '.repeat(Math.max(0, width - columnsOf(shown)));
    if (index > 0) spans.push(span(' '.repeat(gap)));
    if (column.align === 'right') spans.push(span(padding), { text: shown, tone });
    else spans.push({ text: shown, tone }, span(padding));
  }
  return spans;
}
