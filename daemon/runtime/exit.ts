/** How the process ends, as systemd and scripts see it (D12; numbers of sysexits.h), and why where nobody asked it to. */
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

export const exitCodes = {
  /** Stopped because it was asked to, or a command that found nothing wrong. */
  stopped: 0,
  /** A command or check that found something wrong, and has said what. */
  failed: 1,
  /** Unknown command or option. Not restarted. */
  usage: 64,
  /** A broken invariant or an error nobody expected: going on would be worse than stopping. */
  broken: 70,
  /** What the dock cannot work without is gone. */
  hardwareLost: 75,
  /** The configuration cannot be used. Not restarted: it would only fail again. */
  configuration: 78,
} as const;

/** How long what is left of the process may take to end by itself once everything was stopped, ms. */
export const endWithinMs = 2_000;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that came out where nothing awaits one: what the process was doing is unknown from here on. */
export function unforeseen(cause: unknown): DockError {
  return new DockError('DOCK_BROKEN', {
    expected: phrase`no error that nobody foresaw`,
    found: messageOf(cause),
    todo: phrase`Report this with the log; what is entered is safe, and the next start resumes`,
    retry: 'now',
    cause,
  });
}

/** Something is still under way in a thread, and Node waits for its threads however it is told to end. */
export function held(): DockError {
  return new DockError('DOCK_PROCESS_HELD', {
    expected: phrase`a process that ends within ${endWithinMs} ms`,
    found: phrase`an operation that does not come back, most likely of a card or a disk that hangs`,
    todo: phrase`Take out the camera that hangs, or check the disks; what is entered is safe, and the next start resumes`,
    retry: 'now',
  });
}
