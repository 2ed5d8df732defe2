/** What is wrong with a configuration: always with the place, what was expected, what was found, and a code. */
import { DockError, type DockErrorCode } from '../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../drivers/contract/phrase.js';
import { printable } from '../drivers/contract/text.js';
import type { Path, Place } from './document.js';

export interface ConfigProblem {
  readonly file: string;
  readonly place: Place;
  /** The option, as `cradles[0].bays[1].slot`; empty for the file as a whole. */
  readonly option: string;
  readonly error: DockError;
}

export interface ProblemDetails {
  readonly code: DockErrorCode;
  readonly expected: Phrase;
  readonly found: Phrase;
  readonly todo: Phrase;
  readonly cause?: unknown;
}

export function configProblem(file: string, place: Place, path: Path, details: ProblemDetails): ConfigProblem {
  const option = dotted(path);
  const { line, column } = place;
  const { code, expected, found, todo, cause } = details;
  const there =
    option === ''
      ? phrase`${found} at ${file}:${line}:${column}`
      : phrase`${found} at ${file}:${line}:${column} (${option})`;
  return {
    file,
    place,
    option,
    error: new DockError(code, { expected, found: there, todo, retry: 'never', cause }),
  };
}

/** `['cradles', 0, 'name']` → `cradles[0].name`; names from the file are made harmless. */
export function dotted(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${printable(step, 60)}`;
  }
  return text;
}

/** A value as an error shows it: short, on one line, and never a secret. */
export function shown(value: unknown, path: Path): Phrase {
  if (value === undefined || value === null) return phrase`nothing`;
  if (path.some((step) => typeof step === 'string' && soundsSecret(step))) return phrase`something else (not shown)`;
  if (Array.isArray(value)) return phrase`a list of ${value.length}`;
  if (typeof value === 'object') return phrase`a group of ${Object.keys(value).length} options`;
  return typeof value === 'string' ? printable(JSON.stringify(value), 80) : verbatim(String(value));
}

/** Whether an option of this name would hold, or name, a secret. */
export function soundsSecret(name: string): boolean {
  return /pass(word|wd|phrase)?$|secret|token|api.?key|private.?key|^key$|passwordfile|keyfile|credential/i.test(name);
}
