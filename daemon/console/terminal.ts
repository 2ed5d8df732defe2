/** Where a command writes to. */
import { errnoOf } from '../../drivers/contract/error.js';
import type { Environment } from '../runtime/service-notify.js';

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

/** What a terminal is that does not say how large it is (serial consoles). */
const usualColumns = 80;
const usualRows = 24;

/**
 * Standard output and error of this process. `gone`: the reader of a pipe has closed it (`custodock recordings | head`);
 * nothing more can be said.
 */
export function processTerminal(environment: Environment, gone: () => void): Terminal {
  const { stdout, stderr } = process;
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
