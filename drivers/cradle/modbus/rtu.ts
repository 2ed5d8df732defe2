/**
 * Modbus RTU frames: unit, PDU, CRC (Modbus over Serial Line V1.02, section 2.5).
 *
 * The standard ends a frame by 3.5 characters of silence. A program behind a USB adapter cannot see that silence, so lengths
 * come from the message itself and the CRC decides. Noise before, between and behind frames is skipped. Pure.
 */
import type { Asked, Framing, Mishap } from './framing.js';
import { functionOf, readFunction, readWriteFunction, replyLength, writeFunction } from './pdu.js';

const exceptionBit = 0x80;
const crcBytes = 2;

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  return crc;
});

/** CRC-16/MODBUS of `bytes[from … to)`: reflected polynomial 0xA001, start 0xFFFF. Sent low byte first. */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff;
  for (let at = from; at < to; at += 1) crc = (crc >> 8) ^ (crcTable[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}

export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + pdu.length + crcBytes);
  frame[0] = unit;
  frame.set(pdu, 1);
  const crc = crc16(frame, 0, frame.length - crcBytes);
  frame[frame.length - 2] = crc & 0xff;
  frame[frame.length - 1] = crc >> 8;
  return frame;
}

function crcFits(bytes: Uint8Array, at: number, length: number): boolean {
  const crc = crc16(bytes, at, at + length - crcBytes);
  return bytes[at + length - 2] === (crc & 0xff) && bytes[at + length - 1] === crc >> 8;
}

/** Length of a frame that could start here as the answer to `asked`; 0: none could. */
function answerLength(bytes: Uint8Array, at: number, asked: Asked): number {
  if (bytes[at] !== asked.unit) return 0;
  const code = functionOf(asked.request);
  if (bytes[at + 1] === (code | exceptionBit)) return 3 + crcBytes;
  return bytes[at + 1] === code ? 1 + replyLength(asked.request) + crcBytes : 0;
}

/** Length of any reply of our functions that could start here; 0: none could. */
function anyReplyLength(bytes: Uint8Array, at: number): number {
  const code = bytes[at + 1] ?? 0;
  if ((code & exceptionBit) !== 0) return 3 + crcBytes;
  if (code === writeFunction) return 6 + crcBytes;
  return code === readFunction || code === readWriteFunction ? 3 + (bytes[at + 2] ?? 0) + crcBytes : 0;
}

export const rtu: Framing = {
  separatedBySilence: true,
  overheadBytes: 1 + crcBytes,
  encode: (asked, pdu) => rtuFrame(asked.unit, pdu),
  answers(bytes, asked) {
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const length = answerLength(bytes, at, asked);
      if (length === 0 || at + length > bytes.length || !crcFits(bytes, at, length)) continue;
      found.push(bytes.slice(at + 1, at + length - crcBytes));
      at += length - 1;
    }
    return found;
  },
  leftover: () => new Uint8Array(0),
  broken: () => false,
  diagnose(bytes, asked): Mishap {
    if (bytes.length === 0) return 'silent';
    let verdict: Mishap = 'babble';
    for (let at = 0; at < bytes.length; at += 1) {
      const any = anyReplyLength(bytes, at);
      if (any > 0 && at + any <= bytes.length && crcFits(bytes, at, any)) return 'out-of-turn';
      const length = answerLength(bytes, at, asked);
      if (length === 0) continue;
      if (at + length <= bytes.length) verdict = 'crc';
      else if (verdict === 'babble') verdict = 'truncated';
    }
    return verdict;
  },
};
