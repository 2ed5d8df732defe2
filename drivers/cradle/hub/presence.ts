/**
 * What is in a bay that has nothing but a USB port. Pure; time is an argument.
 *
 * A camera that changes its mode, or whose hub resets its ports, is away for a moment and has not left: it has lost its contact, and only
 * when it stays away is the bay empty. Whoever takes a camera out and puts it back within that time has not been seen to do so.
 */
import type { Seating } from '../../contract/cradle.js';

/** A camera may be away for so long while it changes its mode, ms: recorders take some seconds to come back as a disk. */
export const awayMs = 10_000;

export interface PortPresence {
  readonly seating: Seating;
  /** Counts cameras that came into an empty bay, 0 … 65535. */
  readonly arrivals: number;
  /** Of the device that is there; null: none. */
  readonly enumeration: string | null;
  /** When it went away, monotonic ms. */
  readonly goneMs: number;
}

export const emptyPort: PortPresence = { seating: 'empty', arrivals: 0, enumeration: null, goneMs: 0 };

/** The same object while nothing changes. */
export function portSeen(before: PortPresence, enumeration: string | null, nowMs: number): PortPresence {
  if (enumeration !== null) {
    if (before.enumeration === enumeration && before.seating === 'seated') return before;
    const arrivals = before.seating === 'empty' ? (before.arrivals + 1) & 0xffff : before.arrivals;
    return { seating: 'seated', arrivals, enumeration, goneMs: 0 };
  }
  switch (before.seating) {
    case 'empty':
      return before;
    case 'seated':
      return { ...before, seating: 'not-seated', enumeration: null, goneMs: nowMs };
    case 'not-seated':
      return nowMs - before.goneMs < awayMs ? before : { ...before, seating: 'empty' };
  }
}
