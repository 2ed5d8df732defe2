/** Where a command writes to. main.ts supplies the real one. */
export interface Terminal {
  write(text: string): void;
  /** For what went wrong. */
  writeError(text: string): void;
  /** False: a file, a pipe, the journal. */
  readonly isTTY: boolean;
  /** As they are now: a window can be resized. */
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/** Width for what goes into a file: everything beside its row, one line a bay. */
export const fileColumns = 160;
