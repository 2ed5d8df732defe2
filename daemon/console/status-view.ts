/**
 * The state of the dock as lines for a screen: one look says which bay, which camera, what, why, and what to do. Pure.
 */

import type { BayStatus } from '../bay/status.js';
import { type Language, say } from '../language/messages.js';
import type { DockStatus } from '../status.js';
import { bayTable } from './bay-table.js';
import { fitted, type Line, line, span } from './line.js';
import type { Look } from './look.js';
import { headView } from './status-head.js';

/** At most `look.rows` lines where that can be: first what is well is left out of the head, then empty bays are named in one line. */
export function statusView(status: DockStatus, look: Look): Line[] {
  const rows = look.rows ?? Number.POSITIVE_INFINITY;
  const full = view(status, look, false, false);
  if (full.length <= rows) return full;
  const shorter = view(status, look, true, false);
  return shorter.length <= rows ? shorter : view(status, look, true, true);
}

function view(status: DockStatus, look: Look, troublesOnly: boolean, foldEmpty: boolean): Line[] {
  const { language } = look;
  const isFolded = ({ state, light }: BayStatus): boolean => foldEmpty && state === 'empty' && light === 'off';
  const shown = status.bays.filter((bay) => !isFolded(bay));
  const folded = status.bays.filter(isFolded).map(({ bay }) => bay);
  return [
    ...headView(status, look, troublesOnly),
    line(),
    ...(status.bays.length === 0 ? [line(say(language, 'status.bays.none'))] : []),
    ...(shown.length === 0 ? [] : bayTable(shown, look)),
    ...(folded.length === 0
      ? []
      : [line(span(say(language, 'status.bays.empty', { bays: folded.join(', ') }), 'dim'))]),
    ...(status.bays.length === 0 ? [] : [line(), summaryLine(status.bays, language)]),
  ].map((part) => fitted(part, look.columns));
}

/** Bays by what a person has to know of them. */
function summaryLine(bays: readonly BayStatus[], language: Language): Line {
  const kind = (state: BayStatus['state']): 'ready' | 'empty' | 'attention' | 'busy' => {
    if (state === 'ready' || state === 'empty') return state;
    return ['not-seated', 'not-ready', 'refused', 'faulty'].includes(state) ? 'attention' : 'busy';
  };
  const number = { ready: 0, empty: 0, attention: 0, busy: 0 };
  for (const { state } of bays) number[kind(state)] += 1;
  return line(span(say(language, 'status.bays', { bays: bays.length, ...number }), 'dim'));
}
