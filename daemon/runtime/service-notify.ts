/**
 * What the dock tells systemd about itself (sd_notify(3)). Answerable for the protocol; must never decide anything, and
 * a message that cannot be sent must never stop the dock: it is reported once and the dock goes on.
 */
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { monotonicMicros } from './boot.js';
import { sendDatagram } from './datagram.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ServiceNotify {
  /** systemd wants a sign of life at least this often, ms; null: it does not. */
  readonly watchdogMs: number | null;
  /** Started, or done with reloading. `status` is what `systemctl status` shows, one line. */
  ready(status: string): void;
  status(status: string): void;
  reloading(): void;
  stopping(): void;
  /** With what is to be shown from now on, where that is given. */
  alive(status?: string): void;
}

/** Longest STATUS= that is still one readable line, in characters. */
const LONGEST_STATUS = 300;

/** Speaks to the socket that `environment` names; without one (not under systemd) it says nothing. */
export function serviceNotify(environment: Environment, trouble: (error: unknown) => void): ServiceNotify {
  const socket = environment['NOTIFY_SOCKET'];
  let troubled = false;
  const tell = (...lines: string[]): void => {
    if (socket === undefined || socket === '') return;
    try {
      sendDatagram(socket, Buffer.from(`${lines.join('\n')}\n`));
      troubled = false;
    } catch (error) {
      if (!troubled) trouble(socket.startsWith('@') ? abstractSocket(socket, error) : error);
      troubled = true;
    }
  };
  return {
    watchdogMs: watchdogMs(environment),
    ready: (status) => tell('READY=1', statusLine(status)),
    status: (status) => tell(statusLine(status)),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${monotonicMicros()}`),
    stopping: () => tell('STOPPING=1'),
    alive: (status) => tell('WATCHDOG=1', ...(status === undefined ? [] : [statusLine(status)])),
  };
}

/** sd_watchdog_enabled(3): WATCHDOG_PID, where it is set, says whose watchdog it is. */
function watchdogMs(environment: Environment): number | null {
  const micros = environment['WATCHDOG_USEC'];
  const pid = environment['WATCHDOG_PID'];
  if (micros === undefined || !/^[1-9]\d{0,15}$/.test(micros)) return null;
  if (pid !== undefined && pid !== String(process.pid)) return null;
  return Number(micros) / 1_000;
}

/** A line break would begin another assignment. */
function statusLine(status: string): string {
  return `STATUS=${status.replace(/[\r\n]+/g, ' ').slice(0, LONGEST_STATUS)}`;
}

function abstractSocket(socket: string, cause: unknown): DockError {
  return new DockError('DOCK_NOTIFY_ABSTRACT', {
    expected: phrase`NOTIFY_SOCKET as a path, as systemd has set it since version 226`,
    found: phrase`the abstract socket ${socket}`,
    todo: phrase`Start the dock by systemd itself, not by a supervisor with an abstract notify socket`,
    retry: 'never',
    cause,
  });
}
