/** The head of the status: what is to be said of the dock itself. Pure. */

import { count, localTime, offset, size } from '../language/figures.js';
import { type Language, say } from '../language/messages.js';
import { translated } from '../language/phrases.js';
import type { DockStatus } from '../status.js';
import { type Line, line, type Span, span } from './line.js';
import type { Look } from './look.js';
import { columnsOf } from './width.js';

/** `troublesOnly`: the title, and what is not as it should be. */
export function headView(status: DockStatus, look: Look, troublesOnly: boolean): Line[] {
  const { language } = look;
  const { clock, archive, ledger, centre, cradles } = status;
  const facts: readonly { readonly label: string; readonly well: boolean; readonly value: Line }[] = [
    { label: say(language, 'status.clock'), well: clock.trusted, value: clockLine(status, language) },
    { label: say(language, 'status.archive'), well: archive.state === 'ok', value: archiveLine(status, language) },
    { label: say(language, 'status.ledger'), well: ledger.check !== 'broken', value: ledgerLine(status, language) },
    {
      label: say(language, 'status.centre'),
      well: centre.state === 'off' || centre.state === 'connected',
      value: centreLine(status, language),
    },
    {
      label: say(language, 'status.cradles'),
      well: cradles.every(({ state }) => state === 'answering'),
      value: cradleLine(status, language),
    },
  ];
  const labelColumns = Math.max(...facts.map(({ label }) => columnsOf(label)));
  const title = say(language, 'status.title', {
    dock: status.dock,
    bureau: status.bureau,
    version: status.version,
    since: localTime(status.startedUtc, look.timeZone),
  });
  return [
    line(span(title, 'strong')),
    ...facts
      .filter(({ well }) => !(troublesOnly && well))
      .map(({ label, value }) => {
        const padding = ' '.repeat(labelColumns - columnsOf(label));
        return [span(`${label}${padding}  `, 'dim'), ...value];
      }),
  ];
}

export function clockLine({ clock }: DockStatus, language: Language): Line {
  const error = clock.errorMs === null ? '' : ` ± ${offset(clock.errorMs, language).slice(1)}`;
  if (!clock.trusted)
    return line(span(say(language, 'status.clock.not-trusted'), 'red'), ` · ${translated(language, clock.detail)}`);
  return line(span(say(language, 'status.clock.trusted'), 'green'), `${error} · ${translated(language, clock.detail)}`);
}

export function archiveLine({ archive }: DockStatus, language: Language): Line {
  const free = say(language, 'status.archive.free', {
    free: size(archive.freeBytes),
    capacity: size(archive.capacityBytes),
  });
  if (archive.state === 'ok') return line(`${free} · ${archive.path}`);
  const trouble = span(say(language, `status.archive.${archive.state}`), 'red');
  return archive.state === 'gone' ? line(trouble, ` · ${archive.path}`) : line(trouble, ` · ${free} · ${archive.path}`);
}

export function ledgerLine({ ledger }: DockStatus, language: Language): Line {
  const tone = ledger.check === 'clean' ? 'green' : ledger.check === 'broken' ? 'red' : 'amber';
  return line(
    say(language, 'status.ledger.at', { seq: count(ledger.seq), epoch: ledger.epoch }),
    ' · ',
    span(say(language, `status.ledger.${ledger.check}`), tone),
  );
}

export function centreLine({ centre }: DockStatus, language: Language): Line {
  const tone = { off: 'dim', connecting: 'amber', connected: 'green', refused: 'red' } as const;
  const spans: Span[] = [span(say(language, `status.centre.${centre.state}`), tone[centre.state])];
  if (centre.state === 'off') return spans;
  spans.push(
    span(' · '),
    span(
      centre.waiting === 0
        ? say(language, 'status.centre.all-told')
        : say(language, 'status.centre.waiting', { waiting: count(centre.waiting) }),
    ),
  );
  if (centre.error !== null) spans.push(span(` · ${translated(language, centre.error)}`));
  return spans;
}

function cradleLine({ cradles }: DockStatus, language: Language): Line {
  if (cradles.length === 0) return line(span(say(language, 'status.none'), 'dim'));
  // Troubles first: they must not be what is cut off at the end of the line.
  const order = { trouble: 0, unknown: 1, answering: 2 } as const;
  const sorted = cradles.toSorted((a, b) => order[a.state] - order[b.state]);
  return sorted.flatMap((cradle, index) => [
    ...(index === 0 ? [] : [span(' · ')]),
    span(`${cradle.cradle} `),
    ...cradleState(cradle, language),
  ]);
}

export function cradleState(cradle: DockStatus['cradles'][number], language: Language): Line {
  const tone = { answering: 'green', unknown: 'amber', trouble: 'red' } as const;
  const state = span(say(language, `status.cradle.${cradle.state}`), tone[cradle.state]);
  return cradle.error === null ? [state] : [state, span(` ${translated(language, cradle.error)}`)];
}
