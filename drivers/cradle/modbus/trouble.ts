/** Everything that can be wrong with a unit or its answers, each with what was expected, what was found, and what to do. */
import { DockError, type DockErrorCode } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import type { Mishap } from './framing.js';
import { exceptionCodes } from './registers.js';

const checkWiring = phrase`Check the power and the plug of the cradle, the wires A and B, and the unit address`;
const checkLine = phrase`Check shielding, termination and baud, and that no two units have the same address`;

const mishaps: Readonly<Record<Mishap, readonly [code: DockErrorCode, todo: Phrase]>> = {
  silent: ['DOCK_CRADLE_SILENT', checkWiring],
  babble: ['DOCK_CRADLE_BABBLE', checkLine],
  crc: ['DOCK_CRADLE_CRC', checkLine],
  truncated: ['DOCK_CRADLE_TRUNCATED', checkLine],
  'out-of-turn': ['DOCK_CRADLE_OUT_OF_TURN', checkLine],
};

const exceptionNames: Readonly<Record<number, Phrase>> = {
  [exceptionCodes.illegalFunction]: phrase`illegal function`,
  [exceptionCodes.illegalAddress]: phrase`illegal address`,
  [exceptionCodes.illegalValue]: phrase`illegal value`,
  4: phrase`device failure`,
  [exceptionCodes.busy]: phrase`busy`,
  10: phrase`gateway path unavailable`,
  11: phrase`target device failed to respond`,
  [exceptionCodes.staleBoot]: phrase`meant for another start of the unit`,
  [exceptionCodes.staleConnection]: phrase`meant for another connection`,
  [exceptionCodes.staleArrival]: phrase`meant for another camera`,
};

export function unanswered(mishap: Mishap, unit: number, deadlineMs: number, received: Uint8Array): DockError {
  const [code, todo] = mishaps[mishap];
  const shown = Array.from(received.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return new DockError(code, {
    expected: phrase`answer of unit ${unit} within ${Math.round(deadlineMs)} ms`,
    found:
      received.length === 0
        ? phrase`nothing`
        : phrase`${received.length} bytes: ${shown}${received.length > 16 ? ' …' : ''}`,
    todo,
    retry: 'now',
  });
}

/** 10 and 11 are what a Modbus TCP gateway says for a unit behind it that does not answer. */
export function refused(code: number, unit: number): DockError {
  const found = phrase`exception ${code} (${exceptionNames[code] ?? phrase`unknown`})`;
  const silent = code === 10 || code === 11;
  return new DockError(silent ? 'DOCK_CRADLE_SILENT' : 'DOCK_CRADLE_EXCEPTION', {
    expected: phrase`answer of unit ${unit}`,
    found,
    todo: silent ? checkWiring : phrase`Update the firmware of the cradle; if it goes on, replace the cradle`,
    retry: 'now',
  });
}

export function foreign(unit: number, found: Phrase): DockError {
  return new DockError('DOCK_CRADLE_FOREIGN', {
    expected: phrase`a cradle at unit ${unit}`,
    found,
    todo: phrase`Correct cradles[].unit, or take the other device off this line`,
    retry: 'now',
  });
}

export function wrongMap(expected: number, found: number): DockError {
  return new DockError('DOCK_CRADLE_MAP_VERSION', {
    expected: phrase`register map ${expected}`,
    found: verbatim(`${found}`),
    todo: phrase`Update the firmware of the cradle, or Custodock, so that both speak the same map`,
    retry: 'now',
  });
}

export function wrongBays(expected: number, found: number): DockError {
  return new DockError('DOCK_CRADLE_BAYS', {
    expected: phrase`${expected} to 16 bays`,
    found: verbatim(`${found}`),
    todo: phrase`Correct cradles[].bays, or connect the cradle that belongs here`,
    retry: 'now',
  });
}

export function halfDead(failed: number, asked: number, last: DockError): DockError {
  return new DockError('DOCK_CRADLE_HALF_DEAD', {
    expected: phrase`nearly every request answered`,
    found: phrase`${failed} of ${asked} failed, the last with ${last.code}`,
    todo: checkLine,
    retry: 'now',
    cause: last,
  });
}

export function restarted(unit: number): DockError {
  return new DockError('DOCK_CRADLE_RESTARTED', {
    expected: phrase`unit ${unit} running on`,
    found: phrase`it started anew`,
    todo: phrase`Check the power supply of the cradle if this comes again`,
    retry: 'now',
  });
}

export function taken(unit: number): DockError {
  return new DockError('DOCK_CRADLE_TAKEN', {
    expected: phrase`unit ${unit} led by this gateway alone`,
    found: phrase`another gateway or tool has connected to it`,
    todo: phrase`Stop the other program on this line`,
    retry: 'now',
  });
}

export function stale(cradle: string, slot: number): DockError {
  return new DockError('DOCK_CRADLE_STALE', {
    expected: phrase`the same camera in bay ${cradle}-${slot} over the same connection`,
    found: phrase`one of them has gone`,
    todo: phrase`Ask for the side channel of the bay again`,
    retry: 'now',
  });
}

export function crowded(limit: number): DockError {
  return new DockError('DOCK_CRADLE_BUSY', {
    expected: phrase`at most ${limit} requests waiting for one bay`,
    found: phrase`one more`,
    todo: phrase`Wait for the answers before asking more`,
    retry: 'now',
  });
}

export function sideLate(waitMs: number): DockError {
  return new DockError('DOCK_CRADLE_SIDE_LATE', {
    expected: phrase`a turn on the line within ${waitMs} ms`,
    found: phrase`the line was busy or disturbed`,
    todo: phrase`Try again; if it goes on, put fewer cradles on the line or raise its baud`,
    retry: 'now',
  });
}

export function cannotTell(what: Phrase): DockError {
  return new DockError('DOCK_CRADLE_CANNOT_TELL', {
    expected: phrase`a camera that tells its ${what} over the side channel`,
    found: phrase`one that does not`,
    todo: phrase`Use another source for it, such as the volume`,
    retry: 'never',
  });
}

export function clockLate(atMs: number, nowMs: number): DockError {
  return new DockError('DOCK_CRADLE_CLOCK_LATE', {
    expected: phrase`the order to set the clock at the cradle at least 10 ms ahead of the second`,
    found: phrase`${Math.round(atMs - nowMs)} ms ahead`,
    todo: phrase`Set the clock at a later second`,
    retry: 'now',
  });
}

export function clockRange(found: Phrase): DockError {
  return new DockError('DOCK_CRADLE_CLOCK_RANGE', {
    expected: phrase`a whole second from 1970 to 2106, at most 60 s ahead`,
    found,
    todo: phrase`Check the clock of the dock`,
    retry: 'never',
  });
}

export function clockNotSet(found: Phrase): DockError {
  return new DockError('DOCK_CRADLE_CLOCK_NOT_SET', {
    expected: phrase`the camera confirms that its clock was set`,
    found,
    todo: phrase`Take the camera out and put it back; if it goes on, have its clock repaired`,
    retry: 'after-redocking',
  });
}

export function unknownBay(cradle: string, slot: number | undefined): DockError {
  return new DockError('DOCK_CRADLE_UNKNOWN_BAY', {
    expected: phrase`a cradle and slot of this line`,
    found: verbatim(slot === undefined ? cradle : `${cradle}-${slot}`),
    todo: phrase`Correct cradles[] in the configuration`,
    retry: 'never',
  });
}
