/**
 * What the technician reads. A log line is a message key with fields, never free text: the message is written in the
 * operator's language (`daemon/language/`), the fields become native journal fields (`BAY=`, `CAMERA=`, `CODE=` …).
 */
import type { MessageKey } from '../language/messages.js';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(key: MessageKey, fields?: LogFields): void;
  info(key: MessageKey, fields?: LogFields): void;
  /** With an error: its code, expected, found and what to do follow the message. */
  warn(key: MessageKey, fields?: LogFields, error?: unknown): void;
  error(key: MessageKey, fields?: LogFields, error?: unknown): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log;
}
