/** `custodock status`: once, or watched until interrupted. */
import { sleep } from '../../../drivers/contract/clock.js';
import { DockError } from '../../../drivers/contract/error.js';
import { describeError } from '../../language/errors.js';
import { say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { DockStatus } from '../../status.js';
import type { Command } from '../arguments.js';
import type { Context } from '../context.js';
import { jsonText } from '../json-text.js';
import { type Line, line, span } from '../line.js';
import { Screen } from '../screen.js';
import { statusChanges } from '../status-changes.js';
import { statusView } from '../status-view.js';
import { wrapped } from '../width.js';

/** A dock that restarts is back within seconds (D14); ms. */
const reconnectMs = 1_000;

export async function showStatus({ watch }: Extract<Command, { name: 'status' }>, context: Context): Promise<ExitCode> {
  if (watch) return watchStatus(context);
  const status = await context.client().status();
  if (context.json) context.printJson(status);
  else context.print(statusView(status, context.look()));
  return exitCodes.stopped;
}

/** One way to show states as they come. */
interface Viewer {
  show(status: DockStatus): void;
  /** The dock is away; it is asked again. */
  away(error: DockError): void;
  end(): void;
}

async function watchStatus(context: Context): Promise<ExitCode> {
  const { clock } = context;
  const interrupted = context.interruption();
  const client = context.client();
  const viewer = context.json
    ? jsonViewer(context)
    : context.terminal.isTTY
      ? screenViewer(context)
      : plainViewer(context);
  let seen = false;
  try {
    while (!interrupted.aborted) {
      try {
        for await (const status of client.watch(interrupted)) {
          seen = true;
          viewer.show(status);
        }
      } catch (error) {
        // A dock that was there comes back; one that never was is the caller's mistake.
        if (!seen || !(error instanceof DockError)) throw error;
        viewer.away(error);
        await sleep(clock, 'console.reconnect', reconnectMs, interrupted).catch(() => undefined);
      }
    }
  } finally {
    viewer.end();
  }
  return exitCodes.stopped;
}

function screenViewer({ terminal, language, look }: Context): Viewer {
  const screen = new Screen(terminal, (lines) => say(language, 'status.more-lines', { lines }));
  return {
    show: (status) => screen.draw(statusView(status, { ...look(), rows: terminal.rows - 1 })),
    away: (error) => {
      const text = span(describeError(language, error)).text;
      screen.draw(wrapped(text, look().columns).map((part): Line => line(span(part, 'red'))));
    },
    end: () => screen.end(),
  };
}

function plainViewer({ terminal, language, print }: Context): Viewer {
  let before: DockStatus | null = null;
  let isAway = false;
  return {
    show: (status) => {
      print(statusChanges(isAway ? null : before, status, language));
      before = status;
      isAway = false;
    },
    away: (error) => {
      if (!isAway) terminal.writeError(`${describeError(language, error)}\n`);
      isAway = true;
    },
    end: () => undefined,
  };
}

/** A line for each state. */
function jsonViewer({ terminal, language }: Context): Viewer {
  let isAway = false;
  return {
    show: (status) => {
      isAway = false;
      terminal.write(`${jsonText(status, 0)}\n`);
    },
    away: (error) => {
      if (!isAway) terminal.writeError(`${describeError(language, error)}\n`);
      isAway = true;
    },
    end: () => undefined,
  };
}
