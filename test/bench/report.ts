/** One table: what was measured, what it is held against, and whether that is met. */

export interface Figure {
  readonly what: string;
  readonly measured: string;
  /** Budget of D14 in words; undefined: only told, there is none. */
  readonly budget?: string;
  readonly met?: boolean;
}

export function table(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'measured', 'budget (D14)', ''],
    ...figures.map(({ what, measured, budget, met }) => [
      what,
      measured,
      budget ?? '—',
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export const ratio = (value: number): string => `${value.toFixed(2)} ×`;
export const perSecond = (bytes: number, ms: number): string => `${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;
