/**
 * The two Modbus functions that the driver and the unit speak: 03 read holding registers, 23 read/write multiple registers
 * (Modbus Application Protocol V1.1b3, sections 6.3 and 6.17), and their exceptions. Function 16 is taken by units for tools.
 *
 * Pure. Decoders return undefined for anything that is no such message; they never throw and never read beyond the bytes.
 */
import type { Registers } from './registers.js';

export const readFunction = 0x03;
export const writeFunction = 0x10;
export const readWriteFunction = 0x17;
const exceptionBit = 0x80;

/** Most registers of one message, by the standard. */
const mostRead = 125;
const mostWritten = 121;

export interface Write {
  readonly address: number;
  readonly values: Registers;
}

export interface Request {
  /** Absent only in a plain write. */
  readonly read?: { readonly address: number; readonly count: number };
  /** Done before the read. */
  readonly write?: Write;
}

export type Reply =
  | { readonly kind: 'registers'; readonly registers: Registers }
  | { readonly kind: 'exception'; readonly code: number };

export function functionOf(request: Request): number {
  if (request.read === undefined) return writeFunction;
  return request.write === undefined ? readFunction : readWriteFunction;
}

/** Bytes of the PDU that asks. */
export function requestLength({ read, write }: Request): number {
  return 1 + (read === undefined ? 0 : 4) + (write === undefined ? 0 : 4 + (1 + write.values.length * 2));
}

/** Bytes of the PDU that answers the request without an exception. */
export function replyLength(request: Request): number {
  return request.read === undefined ? 5 : 2 + request.read.count * 2;
}

export function encodeRequest(request: Request): Uint8Array {
  const { read, write } = request;
  const words: number[] = [];
  if (read !== undefined) words.push(read.address, read.count);
  if (write !== undefined) words.push(write.address, write.values.length);
  const head = [functionOf(request), ...wordBytes(words)];
  if (write === undefined) return Uint8Array.from(head);
  return Uint8Array.from([...head, write.values.length * 2, ...wordBytes(write.values)]);
}

export function decodeRequest(pdu: Uint8Array): Request | undefined {
  const code = pdu[0];
  if (code === readFunction) return pdu.length === 5 ? withRead(pdu, {}) : undefined;
  const at = code === readWriteFunction ? 5 : 1;
  if (code !== readWriteFunction && code !== writeFunction) return undefined;
  const count = wordIn(pdu, at + 2);
  if (count < 1 || count > mostWritten || pdu[at + 4] !== count * 2 || pdu.length !== at + 5 + count * 2)
    return undefined;
  const write = { address: wordIn(pdu, at), values: wordsOf(pdu.subarray(at + 5)) };
  return code === writeFunction ? { write } : withRead(pdu, { write });
}

function withRead(pdu: Uint8Array, request: Request): Request | undefined {
  const read = { address: wordIn(pdu, 1), count: wordIn(pdu, 3) };
  return read.count >= 1 && read.count <= mostRead ? { ...request, read } : undefined;
}

export function encodeReply(request: Request, registers: Registers): Uint8Array {
  const { write } = request;
  if (request.read === undefined && write !== undefined) {
    return Uint8Array.from([writeFunction, ...wordBytes([write.address, write.values.length])]);
  }
  return Uint8Array.from([functionOf(request), registers.length * 2, ...wordBytes(registers)]);
}

export function encodeException(functionCode: number, code: number): Uint8Array {
  return Uint8Array.from([functionCode | exceptionBit, code]);
}

/** The answer to `request` in a PDU, undefined when the PDU is none. */
export function decodeReply(pdu: Uint8Array, request: Request): Reply | undefined {
  const [functionCode, second] = pdu;
  if (functionCode === undefined || second === undefined) return undefined;
  if (functionCode === (functionOf(request) | exceptionBit)) {
    return pdu.length === 2 ? { kind: 'exception', code: second } : undefined;
  }
  if (functionCode !== functionOf(request) || pdu.length !== replyLength(request)) return undefined;
  if (request.read === undefined) return { kind: 'registers', registers: [] };
  return second === request.read.count * 2 ? { kind: 'registers', registers: wordsOf(pdu.subarray(2)) } : undefined;
}

function wordBytes(words: Registers): number[] {
  return words.flatMap((word) => [(word >> 8) & 0xff, word & 0xff]);
}

function wordIn(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function wordsOf(bytes: Uint8Array): number[] {
  const words: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) words.push(wordIn(bytes, at));
  return words;
}
