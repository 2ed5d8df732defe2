/**
 * Who handed a camera over, and what is entered when it comes and goes (M4). Pure.
 *
 * Says no more than the dock knows: without a badge at the bay a camera is brought and taken by the officer it is assigned to, and the entry
 * says that this is how it is known.
 */
import type { EntryBody, Fact } from '../custody/entry.js';
import type { DockingRow } from '../custody/ledger.js';
import type { BayStateName } from './lifecycle.js';

/** `believed`: the number of the officer that the camera says it belongs to. */
export function broughtBy(
  assigned: string | undefined,
  believed: string | undefined,
): EntryBody<'camera.docked'>['broughtBy'] {
  if (assigned !== undefined) return { officer: assigned, known: 'assigned' };
  return believed === undefined || believed === '' ? null : { officer: believed, known: 'camera' };
}

export interface Departure {
  readonly bay: string;
  readonly docking: string;
  /** Null: it was never taken in. */
  readonly camera: string | null;
  readonly during: BayStateName;
  readonly verdict: 'ready' | 'not-ready' | 'none';
  readonly safe: number;
  readonly of: number | null;
  readonly assigned: string | null;
}

/** A camera was taken, and the dock saw it. */
export function departed({ assigned, ...departure }: Departure): Fact {
  const takenBy = assigned === null ? null : { officer: assigned, known: 'assigned' as const };
  return { kind: 'camera.undocked', body: { ...departure, takenBy } };
}

/** What closes a docking whose camera was taken while no daemon was there to see it. */
export function leftUnseen(open: DockingRow): Fact {
  return {
    kind: 'camera.undocked',
    body: {
      bay: open.bay,
      docking: open.docking,
      camera: open.camera,
      during: 'dock-not-running',
      verdict: open.verdict === 'refused' ? 'none' : open.verdict,
      safe: open.recordings,
      // What was still on the card nobody saw.
      of: null,
      takenBy: null,
    },
  };
}
