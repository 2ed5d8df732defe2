/** How the demo shows itself: a live table on a terminal with the log in a file, plain log lines everywhere else. */
import { openSync } from 'node:fs';
import path from 'node:path';
import { Screen } from '../console/screen.js';
import { statusView } from '../console/status-view.js';
import type { Terminal } from '../console/terminal.js';
import type { Dock } from '../dock.js';
import { type Language, say } from '../language/messages.js';
import { systemClock } from '../runtime/clock.js';
import type { LogDestination } from '../runtime/pino-log.js';

export interface Show {
  line(text: string): void;
  logDestination(folder: string): LogDestination;
  /** Shows the dock from now on; the result ends it. */
  follow(dock: Dock, timeZone: string): () => void;
}

const redrawEveryMs = 200;

export function showOn(terminal: Terminal, language: Language): Show {
  const lines: string[] = [];
  const write = (text: string): void => terminal.write(`${text}\n`);
  if (!terminal.isTTY) {
    return {
      line: write,
      logDestination: () => ({ kind: 'plain', fd: 1 }),
      follow: () => () => undefined,
    };
  }
  return {
    line: (text) => {
      lines.push(text);
      write(text);
    },
    logDestination: (folder) => ({ kind: 'json', fd: openSync(path.join(folder, 'custodock.log'), 'a') }),
    follow(dock, timeZone) {
      const screen = new Screen(terminal, (count) => say(language, 'status.more-lines', { lines: count }));
      let over = false;
      const draw = (): void => {
        if (over) return;
        const { columns } = terminal;
        const head = lines.map((text) => [{ text: text.slice(0, columns), tone: 'dim' as const }]);
        const look = { language, columns, rows: terminal.rows - head.length - 2, timeZone, symbols: true };
        screen.draw([...head, [], ...statusView(dock.status(), look)]);
        systemClock.timer('demo.redraw', redrawEveryMs, draw);
      };
      draw();
      return () => {
        over = true;
        screen.end();
      };
    },
  };
}
