/** What each command of `custodock` gets to work with. */
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { UsbLook } from '../../drivers/contract/usb.js';
import type { Language } from '../language/messages.js';
import type { ExitCode } from '../runtime/exit.js';
import type { Environment } from '../runtime/service-notify.js';
import type { Command } from './arguments.js';
import type { ConsoleClient } from './client.js';
import type { Line } from './line.js';
import type { Look } from './look.js';
import type { Terminal } from './terminal.js';

/** The command as main.ts and tests supply its world. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly version: string;
  /** For what goes on until interrupted: from this call on ^C aborts the signal instead of ending the process. */
  interruption(): AbortSignal;
  /** What is on the USB now; null: this machine has none. */
  lookAtUsb(): Promise<UsbLook | null>;
  run(command: Extract<Command, { name: 'run' }>): Promise<ExitCode>;
  demo(command: Extract<Command, { name: 'demo' }>, language: Language): Promise<ExitCode>;
}

/** What each command gets. */
export interface Context extends Surroundings {
  readonly language: Language;
  readonly json: boolean;
  readonly configFile: string;
  /** Fails with a ConfigUnusable. */
  config(): Config;
  client(): ConsoleClient;
  look(): Look;
  print(lines: readonly Line[]): void;
  printJson(value: unknown): void;
}
