/**
 * The one error of the project, and the one place that says what an error must carry.
 *
 * Whether a retry makes sense is decided where the error arises: whoever catches it further up knows less.
 * Texts in the operator's language are looked up by `code` in `daemon/language/`; the English text here is what
 * a driver used alone, a test or a stack trace shows.
 */

/** When trying the same thing again can help: at once, after the camera was taken out and put back, or not at all. */
export type Retry = 'now' | 'after-redocking' | 'never';

export type DockErrorCode = `DOCK_${string}`;

export interface DockErrorDetails {
  /** What should have been there, with unit: `answer within 200 ms`. */
  readonly expected: string;
  /** What was there instead, with unit. Hostile text is passed through `printable` by the origin. */
  readonly found: string;
  /** What a person can do about it, one imperative sentence without a full stop. */
  readonly todo: string;
  readonly retry: Retry;
  readonly cause?: unknown;
}

export class DockError extends Error {
  override readonly name = 'DockError';
  readonly code: DockErrorCode;
  readonly expected: string;
  readonly found: string;
  readonly todo: string;
  readonly retry: Retry;

  constructor(code: DockErrorCode, details: DockErrorDetails) {
    super(
      `${code}: expected ${details.expected}, found ${details.found}. ${details.todo}.`,
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
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `errno` name (`ENOSPC`, `EIO`, …) of a system error, else undefined. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
