/**
 * The command language of Ambarella recorders: `@Cmd;length;payload;#` in ASCII, one command and one answer at a time. Pure.
 *
 * An answer repeats the command; in the place of the length it may say OK or ERROR. What devices say of lengths is checked where a payload is
 * used, and only there: their own kit announces 6 for the 8 characters of a time.
 */
import { DockError } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import { printableBytes } from '../../contract/text.js';

export const commands = ['Ver', 'Gdv', 'Sdt', 'Stm', 'ATH'] as const;
export type Command = (typeof commands)[number];

/** Longer than any answer of the kit, and one packet of a high-speed bus. */
export const longestAnswerBytes = 512;

const terminator = 0x23;

/** `announced`: the length that is said, where it is not that of the payload. */
export function encodeCommand(command: Command, payload: string, announced = payload.length): Uint8Array {
  return Buffer.from(`@${command};${announced};${payload};#`, 'ascii');
}

export interface Answer {
  readonly command: string;
  readonly said: 'ok' | 'error' | 'payload';
  /** Empty unless it has one. */
  readonly payload: string;
  /** As announced, which may be wrong; undefined where none was. */
  readonly length: number | undefined;
}

/** Whether what has come so far ends an answer: padding of NULs may follow the terminator. */
export function isComplete(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes[end - 1] === terminator;
}

const answerPattern = /^@([A-Za-z]{3});([^;#]*)(?:;([^;#]*))?;?#\0*$/;

/** Throws DOCK_CAMERA_ANSWER_INVALID for whatever is no answer. */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const text = Buffer.from(bytes).toString('latin1');
  const match = bytes.length <= longestAnswerBytes ? answerPattern.exec(text) : null;
  if (match === null)
    throw invalid(phrase`an answer such as ${'@Gdv;8;A1234567;#'}`, verbatim(`“${printableBytes(bytes, 80)}”`));
  const [, command = '', first = '', second] = match;
  const verdict = verdictOf(second ?? first) ?? verdictOf(first);
  if (verdict !== undefined) return { command, said: verdict, payload: '', length: undefined };
  return {
    command,
    said: 'payload',
    payload: second ?? '',
    length: /^\d{1,3}$/.test(first) ? Number(first) : undefined,
  };
}

function verdictOf(field: string): 'ok' | 'error' | undefined {
  const word = field.toUpperCase();
  return word === 'OK' ? 'ok' : word === 'ERROR' ? 'error' : undefined;
}

/** The payload of an answer whose length is what it says; throws DOCK_CAMERA_ANSWER_INVALID otherwise. */
export function payloadOf({ command, payload, length }: Answer): string {
  if (payload !== '' && length === payload.length) return payload;
  throw invalid(
    phrase`a payload of ${command} as long as it says`,
    length === undefined
      ? phrase`${payload.length} characters, no length announced`
      : phrase`${payload.length} characters, ${length} announced`,
  );
}

export function invalid(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_CAMERA_ANSWER_INVALID', {
    expected,
    found,
    todo: phrase`Put the camera in again; if it stays so, it is not of the kind that it says it is`,
    retry: 'now',
  });
}
