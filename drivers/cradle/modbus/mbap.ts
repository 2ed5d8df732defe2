/**
 * Modbus TCP frames: transaction, protocol 0, length, unit, PDU (Modbus Messaging on TCP/IP V1.0b, section 3.1.3). Pure.
 */
import type { Asked, Framing } from './framing.js';

const headerBytes = 7;
const longestPduBytes = 253;

export interface MbapFrame {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Uint8Array;
}

export function mbapFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const length = pdu.length + 1;
  const header = [transaction >> 8, transaction & 0xff, 0, 0, length >> 8, length & 0xff, unit];
  return Uint8Array.from([...header, ...pdu]);
}

/** The whole frames at the head of a stream; `broken`: what follows them is no frame and never will be. */
export function mbapFrames(bytes: Uint8Array): {
  readonly frames: readonly MbapFrame[];
  readonly rest: Uint8Array;
  readonly broken: boolean;
} {
  const frames: MbapFrame[] = [];
  let at = 0;
  while (bytes.length - at >= headerBytes) {
    const word = (offset: number): number => ((bytes[at + offset] ?? 0) << 8) | (bytes[at + offset + 1] ?? 0);
    const pduLength = word(4) - 1;
    if (word(2) !== 0 || pduLength < 2 || pduLength > longestPduBytes) {
      return { frames, rest: bytes.slice(at), broken: true };
    }
    const end = at + headerBytes + pduLength;
    if (end > bytes.length) break;
    frames.push({ transaction: word(0), unit: bytes[at + 6] ?? 0, pdu: bytes.slice(at + headerBytes, end) });
    at = end;
  }
  return { frames, rest: bytes.slice(at), broken: false };
}

function belongs(frame: MbapFrame, asked: Asked): boolean {
  return frame.transaction === asked.transaction && frame.unit === asked.unit;
}

export const mbap: Framing = {
  separatedBySilence: false,
  overheadBytes: headerBytes,
  encode: (asked, pdu) => mbapFrame(asked.transaction, asked.unit, pdu),
  answers: (bytes, asked) =>
    mbapFrames(bytes)
      .frames.filter((frame) => belongs(frame, asked))
      .map((frame) => frame.pdu),
  leftover: (bytes) => mbapFrames(bytes).rest,
  broken: (bytes) => mbapFrames(bytes).broken,
  diagnose(bytes, asked) {
    if (bytes.length === 0) return 'silent';
    const { frames, broken } = mbapFrames(bytes);
    if (broken) return 'babble';
    if (frames.length === 0) return 'truncated';
    return frames.some((frame) => belongs(frame, asked)) ? 'babble' : 'out-of-turn';
  },
};
