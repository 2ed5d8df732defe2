/** What the light of a bay shows (D5). Pure: green is shown for `ready` and for nothing else. */
import type { LightPattern } from '../../drivers/contract/cradle.js';
import type { BayStateName } from './lifecycle.js';

const patterns: Readonly<Record<BayStateName, LightPattern>> = {
  empty: 'off',
  'not-seated': 'red-flashing',
  settling: 'amber-breathing',
  inspecting: 'amber-breathing',
  switching: 'amber-breathing',
  offloading: 'amber-breathing',
  clearing: 'amber-breathing',
  charging: 'amber-breathing',
  ready: 'green-steady',
  'not-ready': 'red-steady',
  refused: 'red-flashing',
  faulty: 'red-steady',
};

/** The technician's *identify* goes before everything else. */
export function lightFor(state: BayStateName, identify: boolean): LightPattern {
  return identify ? 'white-flashing' : patterns[state];
}
