/**
 * How long it takes at most until a camera that was put in is seen: arithmetic on the frames, nothing measured.
 *
 * Worst case of one unit: the camera touches its contacts just after the unit has looked, so it is debounced, then waits for
 * the next poll, which waits for what is on the line (the other units' polls and one side-channel exchange), and is read:
 *
 *   debounce + poll period + (units − 1) × poll + one side-channel exchange + poll
 *
 * For 16 bays in one unit at 115200 baud, 11 bits a character, lights written in every poll, each answer as late as the map
 * allows: 30 + 125 + 0 + 37 + 43 = 235 ms. Where one exchange in between gets no answer at all, 121 ms more: 357 ms.
 * A USB adapter adds up to 16 ms an exchange (its latency timer) and is not in these figures.
 */
import { type Request, replyLength, requestLength } from './pdu.js';
import { control, identityBlock, statusBlock, statusLength } from './registers.js';
import { pollEveryMs } from './unit.js';
import { answerMs, quietMs, secondLookMs } from './wire.js';

/** REGISTERS.md: contacts are debounced this long at most, and an answer begins this long after its request at most, ms. */
export const unitTiming = { debounceMs: 30, turnaroundMs: 20 } as const;
/** Start bit, 8 data bits, parity, stop bit. */
const bitsPerCharacter = 11;
/** Unit address and CRC. */
const frameBytes = 3;

export interface BusLoad {
  /** Units on the line, each with this many bays. */
  readonly units: number;
  /** 1–16. */
  readonly bays: number;
  readonly baud: number;
}

function words(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0);
}

/** A poll with all lights: the longest there is. */
function longestPoll(bays: number): Request {
  return {
    read: { address: statusBlock.address, count: statusLength(bays) },
    write: { address: control.address, values: words(control.headLength + bays * control.wordsPerLight) },
  };
}

/** The side-channel exchange with the longest answer. */
const longestSide: Request = {
  read: { address: identityBlock.address, count: identityBlock.length },
  write: { address: control.address, values: words(control.headLength) },
};

function transmissionMs(request: Request, baud: number): number {
  const bytes = requestLength(request) + replyLength(request) + 2 * frameBytes;
  return (bytes * bitsPerCharacter * 1_000) / baud;
}

/** Silence between frames: 3.5 characters, at least 1.75 ms. */
function gapMs(baud: number): number {
  return Math.max(1.75, (3.5 * bitsPerCharacter * 1_000) / baud);
}

/** From the start of a request to the earliest start of the next, with an answer as late as allowed, ms. */
function exchangeMs(request: Request, baud: number): number {
  return transmissionMs(request, baud) + unitTiming.turnaroundMs + gapMs(baud);
}

/** Longest time from the touch of the contacts to the reading that shows it, ms. */
export function presenceMs({ units, bays, baud }: BusLoad): number {
  const pollMs = exchangeMs(longestPoll(bays), baud);
  return unitTiming.debounceMs + pollEveryMs + units * pollMs + exchangeMs(longestSide, baud);
}

/** What one exchange without an answer adds to that, ms. */
export function unansweredMs(bays: number, baud: number): number {
  return transmissionMs(longestPoll(bays), baud) + answerMs.serial + secondLookMs + quietMs;
}
