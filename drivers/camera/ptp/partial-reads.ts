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
  readonly wantedBytes: number;
  /** `wantedBytes`, or one more behind the listed end. */
  readonly askedBytes: number;
}

interface Waiting extends PartialRead {
  readonly operation: number;
  /** Came with that of the one before. */
  answer?: Answer;
}

export class PartialReads {
  readonly #device: PtpDevice;
  readonly #waiting: Waiting[] = [];

  constructor(device: PtpDevice) {
    this.#device = device;
  }

  /** `operation`: GetPartialObject or GetPartialObject64. The answer has at most `askedBytes`. */
  async read(operation: number, read: PartialRead, signal: AbortSignal): Promise<Answer> {
    const waiting: Waiting = { ...read, operation };
    this.#waiting.push(waiting);
    try {
      return await this.#device.exclusively(async (ask) => waiting.answer ?? this.#ask(ask, waiting), signal);
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    }
  }

  async #ask(ask: Ask, first: Waiting): Promise<Answer> {
    const row = this.#rowFrom(first);
    if (row.length === 1) return ask(questionFor(row));
    try {
      const { code, data } = await ask({ ...questionFor(row), once: true });
      if (code === responses.ok) return handOut(row, data);
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
  return { operation, parameters, mostBytes: asked, silenceMs: readMs, wholeMs: 2 * readMs, generation };
}

/** The answer for the first; each of the others has its own as far as it came whole. In memory of their own: whoever gets one may give it away. */
function handOut([first, ...others]: readonly Waiting[], data: Uint8Array<ArrayBuffer>): Answer {
  const answer = (bytes: Uint8Array<ArrayBuffer>): Answer => ({ code: responses.ok, parameters: [], data: bytes });
  let from = first?.askedBytes ?? 0;
  for (const other of others) {
    if (data.length - from < other.wantedBytes) break;
    other.answer = answer(data.slice(from, from + other.askedBytes));
    from += other.askedBytes;
  }
  return answer(data.slice(0, first?.askedBytes));
}
