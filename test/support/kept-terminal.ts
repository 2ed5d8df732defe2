/** A terminal that keeps what was written to it. */
import type { Terminal } from '../../daemon/console/terminal.js';

export class KeptTerminal implements Terminal {
  text = '';
  errors = '';
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

  writeError(text: string): void {
    this.errors += text;
  }
}
