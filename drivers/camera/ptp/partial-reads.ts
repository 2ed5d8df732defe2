/**
 * Reading parts of objects. Reads that wait in line one behind the other are asked for in one transaction: whatever its length, each costs
 * a command, a look at the card and a response.
 *
 * Answerable for: whoever asked gets the bytes of his own range; trouble with the range of another is not his.
 */
import { DockError } from '../../contract/error.js';
import { operations, responses } from './codes.js';
import type { Ask, PtpDevice } from './device.js';
import type { Answer } from './link.js';

/**
 * Longest silence while a block is read, ms. Then the transfer is cancelled and asked for again, and within 10 s of its interruption its bytes
 * shall come: below the time after which a copy counts as stalled, one more try included.
 */
const readMs = 6_000;
/** Most that is asked for at once, bytes. */
export const mostAtOnce = 2 << 20;

export interface PartialRead {
  readonly handle: number;
  readonly generation: number;
  readonly at: number;
  /** Where the bytes go; not looked at by anybody else until the read has succeeded, and never again where it has failed. */
  readonly into: Uint8Array;
  /** As many as `into` holds, or one more behind the listed end, which is only counted. */
  readonly askedBytes: number;
}

/** Response code, and how many bytes came. */
export type PartialAnswer = Pick<Answer, 'code' | 'bytes'>;

interface Waiting extends PartialRead {
  readonly operation: number;
  /** Came with that of the one before. */
  answer?: PartialAnswer;
}

export class PartialReads {
  readonly #device: PtpDevice;
  readonly #waiting: Waiting[] = [];

  constructor(device: PtpDevice) {
    this.#device = device;
  }

  /** `operation`: GetPartialObject or GetPartialObject64. The answer has at most `askedBytes`. */
  async read(operation: number, read: PartialRead, signal: AbortSignal): Promise<PartialAnswer> {
    const waiting: Waiting = { ...read, operation };
    this.#waiting.push(waiting);
    try {
      return await this.#device.exclusively(async (ask) => waiting.answer ?? this.#ask(ask, waiting), signal);
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    }
  }

  async #ask(ask: Ask, first: Waiting): Promise<PartialAnswer> {
    const row = this.#rowFrom(first);
    if (row.length === 1) return ask(questionFor(row));
    try {
      const { code, bytes } = await ask({ ...questionFor(row), once: true });
      if (code === responses.ok) return handOut(row, bytes);
    } catch (error) {
      // Which of them the trouble is with shows when each is asked for alone; a device that is gone says so at once.
      if (!(error instanceof DockError)) throw error;
    }
    return ask({ ...questionFor([first]), once: true });
  }

  /** What waits behind `first` without a gap. */
  #rowFrom(first: Waiting): readonly Waiting[] {
    const row = [first];
    if (this.#device.quirks.hangsAtFullPacket) return row;
    for (let end = endOf(first), bytes = first.askedBytes; ; ) {
      const next = this.#waiting.find((one) => one.at === end && one.answer === undefined && isOfSame(one, first));
      if (next === undefined || bytes + next.askedBytes > mostAtOnce + 1) return row;
      row.push(next);
      end = endOf(next);
      bytes += next.askedBytes;
    }
  }
}

function endOf({ at, askedBytes }: Waiting): number {
  return at + askedBytes;
}

function isOfSame(one: Waiting, other: Waiting): boolean {
  return one.handle === other.handle && one.generation === other.generation && one.operation === other.operation;
}

function questionFor(row: readonly Waiting[]) {
  const [{ operation, handle, generation, at }] = row as readonly [Waiting];
  const asked = row.reduce((sum, { askedBytes }) => sum + askedBytes, 0);
  const parameters =
    operation === operations.getPartialObject64
      ? [handle, at % 0x1_0000_0000, Math.floor(at / 0x1_0000_0000), asked]
      : [handle, at, asked];
  const into = row.map((one) => one.into);
  return { operation, parameters, into, mostBytes: asked, silenceMs: readMs, wholeMs: 2 * readMs, generation };
}

/** The answer for the first; each of the others has its own as far as it came whole. */
function handOut([first, ...others]: readonly Waiting[], bytes: number): PartialAnswer {
  const answer = (left: number, askedBytes: number): PartialAnswer => ({
    code: responses.ok,
    bytes: Math.min(left, askedBytes),
  });
  let from = first?.askedBytes ?? 0;
  for (const other of others) {
    if (bytes - from < other.into.length) break;
    other.answer = answer(bytes - from, other.askedBytes);
    from += other.askedBytes;
  }
  return answer(bytes, first?.askedBytes ?? 0);
}
