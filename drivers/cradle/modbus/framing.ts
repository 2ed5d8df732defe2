/**
 * How PDUs are wrapped on a line. Implementations (rtu.ts, mbap.ts) are pure functions over the bytes that came since the
 * request left, so that any splitting of those bytes gives the same result.
 */
import type { Request } from './pdu.js';

export interface Asked {
  /** Unit address, 1–247. */
  readonly unit: number;
  /** 0–65535, different from the one before; RTU has no place for it. */
  readonly transaction: number;
  readonly request: Request;
}

/** What is wrong with the bytes that came instead of an answer. */
export type Mishap = 'silent' | 'babble' | 'crc' | 'truncated' | 'out-of-turn';

export interface Framing {
  /** Frames are told apart by silence, so that there must be some between two. */
  readonly separatedBySilence: boolean;
  /** Bytes around a PDU. */
  readonly overheadBytes: number;
  encode(asked: Asked, pdu: Uint8Array): Uint8Array;
  /** Every PDU in `bytes` that can be the answer by its frame, in order; all else is skipped. */
  answers(bytes: Uint8Array, asked: Asked): readonly Uint8Array[];
  /** What of `bytes` belongs to a frame that is still coming when nothing is waited for any more. */
  leftover(bytes: Uint8Array): Uint8Array;
  /** The stream can never be understood again: only a new connection helps. */
  broken(bytes: Uint8Array): boolean;
  diagnose(bytes: Uint8Array, asked: Asked): Mishap;
}
