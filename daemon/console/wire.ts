/** What goes over the console socket: paths and the shapes of the answers, for both its ends. */
import path from 'node:path';
import type { Config } from '../../config/schema.js';
import { DockError, type DockErrorCode, messageOf, type Retry } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import type { Entry } from '../custody/entry.js';

export function consoleSocketPath(config: Pick<Config, 'dock'>): string {
  return path.join(config.dock.runDir, 'console.sock');
}

/** Between two states of one stream, ms: five a second. */
export const streamPauseMs = 200;
/** A stream says the state again even when nothing changed, so that a silent dock is noticed, ms. */
export const streamRepeatMs = 5_000;

/** An entry as the console shows it. */
export interface ShownEntry {
  readonly seq: number;
  readonly leaf: string;
  readonly entry: Entry;
}

export interface PlainError {
  readonly code: string;
  readonly expected: Phrase;
  readonly found: Phrase;
  readonly todo: Phrase;
  readonly retry: Retry;
}

export function plainError(error: unknown): PlainError {
  if (error instanceof DockError) {
    const { code, expected, found, todo, retry } = error;
    return { code, expected, found, todo, retry };
  }
  return {
    code: 'DOCK_CONSOLE_FAILED',
    expected: phrase`an answer`,
    found: messageOf(error),
    todo: phrase`Report this with the log: journalctl -u custodock`,
    retry: 'never',
  };
}

const codePattern = /^DOCK_[A-Z0-9_]+$/;

/** The error of the other end; undefined when `value` is none. */
export function errorFromPlain(value: unknown): DockError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, expected, found, todo, retry } = value as Partial<Record<keyof PlainError, unknown>>;
  if (typeof code !== 'string' || !codePattern.test(code)) return undefined;
  return new DockError(code as DockErrorCode, {
    expected: verbatim(String(expected)),
    found: verbatim(String(found)),
    todo: verbatim(String(todo)),
    retry: retry === 'now' || retry === 'after-redocking' ? retry : 'never',
  });
}
