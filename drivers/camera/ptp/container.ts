/**
 * The containers that PTP wraps everything in on USB (PIMA 15740:2000, annex D): length u32, type u16, code u16, transaction u32, then
 * up to five u32 or a payload; little-endian. Pure.
 */
import { type Phrase, phrase } from '../../contract/phrase.js';
import { beyond32Bits, hex4 } from './codes.js';
import { malformed } from './malformed.js';

export const headerBytes = 12;
const mostParameters = 5;
/** Longest container that has parameters, bytes. */
export const longestShort = headerBytes + 4 * mostParameters;

const types = { 1: 'command', 2: 'data', 3: 'response', 4: 'event' } as const;
export type ContainerType = (typeof types)[keyof typeof types];

export interface Header {
  readonly type: ContainerType;
  readonly code: number;
  readonly transaction: number;
  /** Bytes behind the header; undefined: as many as come before a short packet. */
  readonly restBytes: number | undefined;
}

/** The header at the beginning of `bytes` (12 or more). */
export function decodeHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const length = view.getUint32(0, true);
  const number = view.getUint16(4, true);
  const code = view.getUint16(6, true);
  const type = (types as Record<number, ContainerType>)[number];
  const found = (): Phrase => phrase`length ${length}, type ${number}, code ${hex4(code)}`;
  if (type === undefined) throw malformed(phrase`a container of type 1 to 4`, found());
  const transaction = view.getUint32(8, true);
  if (type === 'data' && length === beyond32Bits) return { type, code, transaction, restBytes: undefined };
  if (length < headerBytes) throw malformed(phrase`a container of at least 12 bytes`, found());
  if (type !== 'data' && (length > longestShort || length % 4 !== 0)) {
    throw malformed(phrase`a container with up to five parameters`, found());
  }
  return { type, code, transaction, restBytes: length - headerBytes };
}

/** Parameters of a command, response or event; `rest` as long as the header says. */
export function decodeParameters(rest: Uint8Array): readonly number[] {
  const view = viewOf(rest);
  return Array.from({ length: Math.floor(rest.length / 4) }, (_, index) => view.getUint32(index * 4, true));
}

export function encodeShort(
  type: 'command' | 'response' | 'event',
  code: number,
  transaction: number,
  parameters: readonly number[],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + parameters.length * 4);
  const view = encodeHeader(bytes, type === 'command' ? 1 : type === 'response' ? 3 : 4, code, transaction);
  for (const [index, value] of parameters.entries()) view.setUint32(headerBytes + index * 4, value, true);
  return bytes;
}

export function encodeData(code: number, transaction: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + payload.length);
  encodeHeader(bytes, 2, code, transaction);
  bytes.set(payload, headerBytes);
  return bytes;
}

function encodeHeader(bytes: Uint8Array, type: number, code: number, transaction: number): DataView {
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, code, true);
  view.setUint32(8, transaction, true);
  return view;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
