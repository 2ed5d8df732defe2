/**
 * The doctor: checks that a technician would make first, each with its own deadline, none in the way of another.
 * A check looks; it never repairs, and never writes.
 */
import type { Config } from '../../../config/schema.js';
import { type Clock, within } from '../../../drivers/contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../../drivers/contract/error.js';
import { describeError } from '../../language/errors.js';
import { type Language, say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { Environment } from '../../runtime/service-notify.js';

/** What a failure means to whoever started the doctor: the exit code. */
export type CheckArea = 'configuration' | 'hardware' | 'software';

export interface Finding {
  /** `warn`: it works, but look at it. `skipped`: there is nothing to check, or it cannot be checked here. */
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skipped';
  /** What was found, in the operator's language. */
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly todo: string | null;
}

/** Where the doctor looks. */
export interface Patient {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly language: Language;
  readonly configFile: string;
  /** Null: the configuration cannot be used; what depends on it is skipped. */
  readonly config: Config | null;
  /** `/`, or the root of a machine that a test made. */
  readonly root: string;
}

/** What is checked; said in the operator's language by `doctor.what.…`. */
export type CheckWhat =
  | 'configuration'
  | 'serial'
  | 'cradle'
  | 'archive'
  | 'parts'
  | 'state'
  | 'run-dir'
  | 'ledger'
  | 'media'
  | 'clock'
  | 'broker'
  | 'certificates'
  | 'disks'
  | 'node'
  | 'threads'
  | 'unit'
  | 'udev'
  | 'journal'
  | 'usb'
  | 'dock';

export interface Check {
  readonly what: CheckWhat;
  /** Which one, where there are several: a port, an address. */
  readonly subject?: string;
  readonly area: CheckArea;
  readonly deadlineMs: number;
  run(patient: Patient): Promise<Finding>;
}

export interface CheckResult extends Finding {
  /** For scripts: `clock`, `serial /dev/serial/by-path/…`. */
  readonly name: string;
  readonly what: CheckWhat;
  readonly area: CheckArea;
  readonly tookMs: number;
}

export const usualDeadlineMs = 5_000;

/** Runs all at once; the results come in the order of the checks. Never throws: what breaks a check is its finding. */
export function runChecks(checks: readonly Check[], patient: Patient): Promise<CheckResult[]> {
  return Promise.all(checks.map((check) => examine(check, patient)));
}

async function examine({ what, subject, area, deadlineMs, run }: Check, patient: Patient): Promise<CheckResult> {
  const { clock, language } = patient;
  const name = subject === undefined ? what : `${what} ${subject}`;
  const startedMs = clock.monotonicMs();
  let finding: Finding;
  try {
    const late = (): Error => new Error(say(language, 'doctor.late', { seconds: deadlineMs / 1000 }));
    finding = await within(clock, `doctor ${name}`, deadlineMs, run(patient), late);
  } catch (error) {
    finding = { verdict: 'fail', found: troubleText(error, language), todo: say(language, 'doctor.late.todo') };
  }
  return { name, what, area, ...finding, tookMs: Math.round(clock.monotonicMs() - startedMs) };
}

/** A wrong configuration explains the rest, missing hardware explains more than software. */
export function doctorExitCode(results: readonly CheckResult[]): ExitCode {
  const failed = (area: CheckArea): boolean =>
    results.some((result) => result.verdict === 'fail' && result.area === area);
  if (failed('configuration')) return exitCodes.configuration;
  if (failed('hardware')) return exitCodes.hardwareLost;
  return failed('software') ? exitCodes.failed : exitCodes.stopped;
}

const knownErrnos = [
  'EACCES',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EIO',
  'ENETUNREACH',
  'ENOENT',
  'ENOTDIR',
  'ENOTFOUND',
  'EROFS',
  'ETIMEDOUT',
] as const;

/** Any error in words of the operator; what has no words here keeps its own. */
export function troubleText(error: unknown, language: Language): string {
  if (error instanceof DockError) return describeError(language, error);
  const errno = knownErrnos.find((known) => known === errnoOf(error));
  return errno === undefined ? messageOf(error) : say(language, `doctor.errno.${errno}`);
}

export const ok = (found: string): Finding => ({ verdict: 'ok', found, todo: null });
export const warn = (found: string, todo: string): Finding => ({ verdict: 'warn', found, todo });
export const fail = (found: string, todo: string): Finding => ({ verdict: 'fail', found, todo });
export const skipped = (found: string): Finding => ({ verdict: 'skipped', found, todo: null });
