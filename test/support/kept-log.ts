/** A log that keeps what it was told, for tests that ask for it. */
import type { Log, LogFields } from '../../daemon/runtime/log.js';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly key: string;
  readonly fields: LogFields;
  readonly error: unknown;
}

export class KeptLog implements Log {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  #keep(level: LogLine['level'], key: string, fields: LogFields = {}, error?: unknown): void {
    this.lines.push({ level, key, fields: { ...this.#fields, ...fields }, error });
  }

  debug(key: string, fields?: LogFields): void {
    this.#keep('debug', key, fields);
  }
  info(key: string, fields?: LogFields): void {
    this.#keep('info', key, fields);
  }
  warn(key: string, fields?: LogFields, error?: unknown): void {
    this.#keep('warn', key, fields, error);
  }
  error(key: string, fields?: LogFields, error?: unknown): void {
    this.#keep('error', key, fields, error);
  }
  with(fields: LogFields): Log {
    return new KeptLog(this.lines, { ...this.#fields, ...fields });
  }
}
