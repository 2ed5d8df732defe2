/** How the process ends, as systemd and scripts see it (D12; numbers of sysexits.h). */
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

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
