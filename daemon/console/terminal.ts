/** Where a command writes to. */
import { createInterface } from 'node:readline';
import { errnoOf } from '../../drivers/contract/error.js';
import type { Environment } from '../runtime/service-notify.js';

export interface Terminal {
  write(text: string): void;
  /** For what went wrong. */
  writeError(text: string): void;
  /** The next line that is typed, without its end; null: none will come. */
  readLine(): Promise<string | null>;
  /** False: a file, a pipe, the journal. */
  readonly isTTY: boolean;
  /** As they are now: a window can be resized. */
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/** Width for what goes into a file: everything beside its row, one line a bay. */
export const fileColumns = 160;

/** What a terminal is that does not say how large it is (serial consoles). */
const usualColumns = 80;
const usualRows = 24;

/**
 * Standard output and error of this process. `gone`: the reader of a pipe has closed it (`custodock recordings | head`);
 * nothing more can be said.
 */
export function processTerminal(environment: Environment, gone: () => void): Terminal {
  const { stdin, stdout, stderr } = process;
  let lines: AsyncIterator<string> | undefined;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error) => {
      if (errnoOf(error) !== 'EPIPE') throw error;
      gone();
    });
  }
  const isTTY = stdout.isTTY === true;
  return {
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    readLine: async () => {
      // Opened when the first line is asked for: a command that asks nothing does not wait for its input to end.
      lines ??= createInterface({ input: stdin })[Symbol.asyncIterator]();
      stdin.ref?.();
      const { value, done } = await lines.next();
      stdin.unref?.();
      return done === true ? null : value;
    },
    isTTY,
    get columns() {
      return stdout.columns || usualColumns;
    },
    get rows() {
      return stdout.rows || usualRows;
    },
    // no-color.org, and terminals that can nothing.
    colour: isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  };
}
