/** A terminal that keeps what was written to it. */
import type { Terminal } from '../../daemon/console/terminal.js';

export class KeptTerminal implements Terminal {
  text = '';
  errors = '';
  /** What is typed, line by line: as it is, or when it is asked for. */
  typed: (string | (() => string | Promise<string>))[] = [];
  readonly isTTY: boolean;
  readonly columns = 80;
  readonly rows = 24;
  readonly colour = false;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }

  async readLine(): Promise<string | null> {
    const next = this.typed.shift();
    return next === undefined ? null : typeof next === 'string' ? next : await next();
  }

  writeError(text: string): void {
    this.errors += text;
  }
}
