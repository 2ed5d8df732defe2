/**
 * The one error of the project, and the one place that says what an error must carry.
 *
 * Whether a retry makes sense is decided where the error arises: whoever catches it further up knows less.
 * What it says is English here, in the ledger, in events and in JSON; `daemon/language/` has it for people who read Chinese.
 */
import { type Phrase, phrase, verbatim } from './phrase.js';

/** When trying the same thing again can help: at once, after the camera was taken out and put back, or not at all. */
export type Retry = 'now' | 'after-redocking' | 'never';

export type DockErrorCode = `DOCK_${string}`;

export interface DockErrorDetails {
  /** What should have been there, with unit: `answer within 200 ms`. */
  readonly expected: Phrase;
  /** What was there instead, with unit. Hostile text is passed through `printable` by the origin. */
  readonly found: Phrase;
  /** What a person can do about it, one imperative sentence without a full stop. */
  readonly todo: Phrase;
  readonly retry: Retry;
  readonly cause?: unknown;
}

export class DockError extends Error {
  override readonly name = 'DockError';
  readonly code: DockErrorCode;
  readonly expected: Phrase;
  readonly found: Phrase;
  readonly todo: Phrase;
  readonly retry: Retry;

  constructor(code: DockErrorCode, details: DockErrorDetails) {
    super(
      phrase`${code}: expected ${details.expected}, found ${details.found}. ${details.todo}.`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.expected = details.expected;
    this.found = details.found;
    this.todo = details.todo;
    this.retry = details.retry;
  }
}

/** The message of anything that was thrown, for the `found` of a DockError. */
export function messageOf(thrown: unknown): Phrase {
  return verbatim(thrown instanceof Error ? thrown.message : String(thrown));
}

/** The `errno` name (`ENOSPC`, `EIO`, …) of a system error, else undefined. */
export function errnoOf(thrown: unknown): Phrase | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? verbatim(thrown.code) : undefined;
}
