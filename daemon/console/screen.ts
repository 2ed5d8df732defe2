/**
 * A picture that is drawn over itself on a terminal: cursor home, each line to its end, clear the rest. No flicker, no
 * other buffer, so that the last picture stays when it ends.
 */
import { type Line, line, painted } from './line.js';
import type { Terminal } from './terminal.js';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const home = '\u001b[H';
const clearLine = '\u001b[K';
const clearBelow = '\u001b[J';
const clearAll = '\u001b[2J';

export class Screen {
  readonly #terminal: Terminal;
  readonly #more: (lines: number) => string;
  #began = false;
  #shown = '';

  /** `more`: what stands in the last row when lines do not fit. */
  constructor(terminal: Terminal, more: (lines: number) => string) {
    this.#terminal = terminal;
    this.#more = more;
  }

  /** Lines that are at most as wide as the terminal is now; those beyond its height are counted, not shown. */
  draw(lines: readonly Line[]): void {
    // The row below the last line is where the cursor rests; writing there would scroll the picture.
    const room = Math.max(2, this.#terminal.rows - 1);
    const kept =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), line(this.#more(lines.length - room + 1))];
    const text = kept.map((shown) => `${painted(shown, this.#terminal.colour)}${clearLine}\n`).join('');
    const size = `${this.#terminal.columns}x${this.#terminal.rows}`;
    if (this.#shown === size + text) return;
    // After a change of size the terminal has wrapped what stood there.
    const fresh = this.#began && this.#shown.startsWith(size) ? '' : clearAll;
    this.#terminal.write(`${this.#began ? '' : hideCursor}${fresh}${home}${text}${clearBelow}`);
    this.#began = true;
    this.#shown = size + text;
  }

  /** Gives the cursor back below the last picture. Idempotent. */
  end(): void {
    if (!this.#began) return;
    this.#began = false;
    this.#terminal.write(showCursor);
  }
}
