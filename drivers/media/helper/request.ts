/**
 * What is asked of the helper and what it answers, one JSON document a line. Pure.
 *
 * Whoever asks is not trusted (I11): every field is checked for its kind and its bounds before anything is done with it.
 */

import { DockError, type DockErrorCode, type Retry } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import { portPathForm } from '../../usb/places.js';
import type { ClearRequest } from './clearing.js';

/** Paths have 4096 bytes at most, 5464 in base64. */
export const longestRequestBytes = 8_192;

const fields = ['device', 'leaf', 'modifiedMs', 'path', 'port', 'sequence', 'sha256', 'sizeBytes', 'version'];

/** Throws DOCK_MEDIA_REQUEST. */
export function parseRequest(line: string): ClearRequest {
  const asked = parsed(line);
  const names = Object.keys(asked).sort();
  if (names.join() !== fields.join() || asked['version'] !== 1) throw unusable(phrase`the fields ${names.join(', ')}`);
  return {
    port: text(asked, 'port', portPathForm),
    device: text(asked, 'device', /^\d{1,4}:\d{1,7}$/),
    path: pathOf(text(asked, 'path', /^[A-Za-z0-9+/]{1,5464}={0,2}$/)),
    sizeBytes: whole(asked, 'sizeBytes', 0),
    modifiedMs: whole(asked, 'modifiedMs', Number.MIN_SAFE_INTEGER),
    sha256: text(asked, 'sha256', /^[0-9a-f]{64}$/),
    sequence: whole(asked, 'sequence', 1),
    leaf: text(asked, 'leaf', /^[0-9a-f]{64}$/),
  };
}

export function requestLine({ path, ...rest }: ClearRequest): string {
  return `${JSON.stringify({ version: 1, ...rest, path: path.toString('base64') })}\n`;
}

export function answerLine(error: DockError | undefined): string {
  if (error === undefined) return `${JSON.stringify({ ok: true })}\n`;
  const { code, expected, found, todo, retry } = error;
  return `${JSON.stringify({ ok: false, code, expected, found, todo, retry })}\n`;
}

/** Throws what the helper says is wrong. */
export function readAnswer(line: string): void {
  const answer = parsed(line);
  if (answer['ok'] === true) return;
  const said = (name: string): Phrase => printable(String(answer[name] ?? '?'), 500);
  throw new DockError((/^DOCK_[A-Z_]+$/.test(said('code')) ? said('code') : 'DOCK_MEDIA_REQUEST') as DockErrorCode, {
    expected: said('expected'),
    found: said('found'),
    todo: said('todo'),
    retry:
      (['now', 'after-redocking', 'never'] as const).find((retry) => retry === answer['retry']) ??
      ('never' satisfies Retry),
  });
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw unusable(phrase`no JSON`, error);
  }
  throw unusable(phrase`no object`);
}

function text(asked: Readonly<Record<string, unknown>>, name: string, shape: RegExp): string {
  const value = asked[name];
  if (typeof value !== 'string' || !shape.test(value)) throw unusable(phrase`${name} that is none`);
  return value;
}

function whole(asked: Readonly<Record<string, unknown>>, name: string, least: number): number {
  const value = asked[name];
  if (!Number.isSafeInteger(value) || Number(value) < least) throw unusable(phrase`${name} that is none`);
  return Number(value);
}

/** Below the volume, and by no way around: links are the eraser's business, which goes by handle. */
function pathOf(base64: string): Buffer {
  const path = Buffer.from(base64, 'base64');
  const parts = path.toString('latin1').split('/');
  if (
    path.length === 0 ||
    path.length > 4096 ||
    path.includes(0) ||
    parts.some((part) => ['', '.', '..'].includes(part))
  ) {
    throw unusable(phrase`path that leads elsewhere`);
  }
  return path;
}

function unusable(found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_MEDIA_REQUEST', {
    expected: phrase`the clearing of one recording with its proof`,
    found: printable(found),
    todo: phrase`Check that custodock and custodock-media are of one version; nothing was erased`,
    retry: 'never',
    cause,
  });
}
