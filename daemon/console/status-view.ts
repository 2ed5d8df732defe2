/**
 * The state of the dock as lines for a screen: one look says which bay, which camera, what, why, and what to do. Pure.
 */

import { errorTexts } from '../language/errors.js';
import { type Language, say } from '../language/messages.js';
import type { OffloadProgress } from '../offload/offload.js';
import {
  bar,
  count,
  localTime,
  offset,
  percentDone,
  rate,
  recordingTime,
  shortDuration,
  size,
  steadyEtaMs,
} from './figures.js';
import { lightSpan, lightTone } from './light-view.js';
import { fitted, type Line, line, lineColumns, type Span, span } from './line.js';
import type { BayStatus, DockStatus } from './status.js';
import { type Column, table } from './table.js';
import { columnsOf, truncatedStart, wrapped } from './width.js';

/** How it is to be shown. */
export interface Look {
  readonly language: Language;
  /** Width of the screen. */
  readonly columns: number;
  /** IANA zone that times are shown in. */
  readonly timeZone: string;
  /** Lights as symbols (terminal) or in words (file). */
  readonly symbols: boolean;
}

const gap = '  ';

export function statusView(status: DockStatus, look: Look): Line[] {
  const bays =
    status.bays.length === 0
      ? [line(say(look.language, 'status.bays.none'))]
      : [...bayTable(status.bays, look), line(), summaryLine(status.bays, look.language)];
  return [...headerView(status, look), line(), ...bays].map((shown) => fitted(shown, look.columns));
}

function headerView(status: DockStatus, look: Look): Line[] {
  const { language } = look;
  const rows: readonly (readonly [label: string, value: Line])[] = [
    [say(language, 'status.clock'), clockLine(status, language)],
    [say(language, 'status.archive'), archiveLine(status, language)],
    [say(language, 'status.ledger'), ledgerLine(status, language)],
    [say(language, 'status.centre'), centreLine(status, language)],
    [say(language, 'status.cradles'), cradleLine(status, language)],
  ];
  const labelColumns = Math.max(...rows.map(([label]) => columnsOf(label)));
  const title = say(language, 'status.title', {
    dock: status.dock,
    bureau: status.bureau,
    version: status.version,
    since: localTime(status.startedUtc, look.timeZone),
  });
  return [
    line(span(title, 'strong')),
    ...rows.map(([label, value]) => {
      const padding = ' '.repeat(labelColumns - columnsOf(label));
      return [span(`${label}${padding}${gap}`, 'dim'), ...value];
    }),
  ];
}

export function clockLine({ clock }: DockStatus, language: Language): Line {
  const error = clock.errorMs === null ? '' : ` ± ${offset(clock.errorMs, language).slice(1)}`;
  if (!clock.trusted) return line(span(say(language, 'status.clock.not-trusted'), 'red'), ` · ${clock.detail}`);
  return line(span(say(language, 'status.clock.trusted'), 'green'), `${error} · ${clock.detail}`);
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
  if (centre.error !== null) spans.push(span(` · ${centre.error}`));
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
  return cradle.error === null ? [state] : [state, span(` ${cradle.error}`)];
}

function bayTable(bays: readonly BayStatus[], look: Look): Line[] {
  const { language } = look;
  const heading = (column: 'bay' | 'light' | 'state' | 'camera' | 'holder' | 'battery' | 'minutes' | 'clock') =>
    say(language, `status.column.${column}`);
  const columns: Column[] = [
    { heading: heading('bay'), shrinkTo: 6 },
    { heading: heading('light') },
    { heading: heading('state') },
    { heading: heading('camera'), shrinkTo: 8, cut: 'start' },
    { heading: heading('holder'), shrinkTo: 6 },
    { heading: heading('battery'), align: 'right' },
    { heading: heading('minutes'), align: 'right' },
    { heading: heading('clock'), align: 'right' },
  ];
  const [head, ...rows] = table(
    columns,
    bays.map((bay) => bayCells(bay, look)),
    look.columns,
  );
  const lines: Line[] = head === undefined ? [] : [head];
  const indent = '      ';
  for (const [index, bay] of bays.entries()) {
    const row = rows[index] ?? line();
    const room = look.columns - lineColumns(row) - gap.length;
    const beside = detailBeside(bay, look, room);
    lines.push(beside === undefined ? row : [...row, span(gap), ...beside]);
    if (beside !== undefined) continue;
    for (const detail of bayDetails(bay, look, look.columns - indent.length)) lines.push([span(indent), ...detail]);
  }
  return lines;
}

function bayCells(bay: BayStatus, look: Look): readonly (string | Span)[] {
  const { language } = look;
  const none = span('–', 'dim');
  const occupied = bay.state !== 'empty';
  const orNone = (text: string | null): string | Span => (text === null ? (occupied ? none : '') : text);
  return [
    span(bay.bay, 'strong'),
    lightSpan(bay.light, language, look.symbols),
    span(say(language, `status.state.${bay.state}`), occupied ? lightTone(bay.light) : 'dim'),
    orNone(bay.camera),
    orNone(bay.holder),
    orNone(bay.batteryPercent === null ? null : `${bay.batteryPercent} %`),
    orNone(bay.recordingMinutes === null ? null : recordingTime(bay.recordingMinutes, language)),
    orNone(bay.clockOffsetMs === null ? null : offset(bay.clockOffsetMs, language)),
  ];
}

/** Room that the longest progress takes: judged once, or a row would jump whenever a figure gets a digit more. */
const progressColumns = 50;

/** What is to be said of a bay in one line beside its row, where there is room for it. */
function detailBeside(bay: BayStatus, look: Look, room: number): Line | undefined {
  if (bay.error !== null) return undefined;
  if (showsProgress(bay)) return room < progressColumns ? undefined : progressLine(bay.progress, look, 12);
  const reasons = line(reasonsText(bay, look.language));
  return lineColumns(reasons) <= room ? reasons : undefined;
}

/** The same with lines of its own: how far, why, and what to do. */
function bayDetails(bay: BayStatus, look: Look, room: number): Line[] {
  const details: Line[] = [];
  if (showsProgress(bay)) details.push(progressWithName(bay.progress, look, room));
  const reasons = reasonsText(bay, look.language);
  if (reasons !== '') details.push(...wrapped(reasons, room).map((text) => line(text)));
  if (bay.error !== null) {
    const what = span(errorText(bay.error, look.language)).text;
    const todo = span(`→ ${todoText(bay.error, look.language)}`).text;
    details.push(...wrapped(what, room).map((text) => line(text)));
    details.push(...wrapped(todo, room).map((text) => line(span(text, 'strong'))));
  }
  return details;
}

function showsProgress(bay: BayStatus): bay is BayStatus & { readonly progress: OffloadProgress } {
  return bay.progress !== null && bay.state === 'offloading';
}

function progressLine(progress: OffloadProgress, look: Look, barColumns: number): Line {
  const { language } = look;
  const { bytes, recordings } = progress;
  const { filled, rest } = bar(bytes.done, bytes.total, barColumns);
  const spans: Span[] = [
    span(filled, 'amber'),
    span(rest, 'dim'),
    span(` ${String(percentDone(bytes.done, bytes.total)).padStart(3)} %`),
    span(gap),
    span(`${recordings.done}/${recordings.total}`),
  ];
  if (recordings.failed > 0) {
    spans.push(span(gap), span(say(language, 'status.files-failed', { failed: recordings.failed }), 'red'));
  }
  if (progress.bytesPerSecond > 0) spans.push(span(gap), span(rate(progress.bytesPerSecond)));
  if (progress.etaMs !== null) {
    spans.push(span(gap), span(shortDuration(steadyEtaMs(progress.etaMs), language), 'strong'));
  }
  return spans;
}

/** A name cut to fewer columns says nothing. */
const shortestNameColumns = 12;

function progressWithName(progress: OffloadProgress, look: Look, room: number): Line {
  const spans = progressLine(progress, look, 20);
  const left = room - lineColumns(spans) - gap.length;
  if (progress.current === null || left < shortestNameColumns) return spans;
  return [...spans, span(gap), span(truncatedStart(span(progress.current).text, left), 'dim')];
}

function reasonsText(bay: BayStatus, language: Language): string {
  if (bay.state !== 'not-ready' && bay.state !== 'charging') return '';
  const reasons = bay.reasons.map((reason) => reasonText(reason, language));
  return span(reasons.join(language === 'en' ? '; ' : '；')).text;
}

export function reasonText(reason: BayStatus['reasons'][number], language: Language): string {
  return say(language, 'status.reason', {
    reason: say(language, `status.reason.${reason.reason}`),
    found: reason.found,
    wanted: reason.wanted,
  });
}

/** An error that came over the socket: its code is text, and may be of a version that knows more. */
export function errorText(error: NonNullable<BayStatus['error']>, language: Language): string {
  const text = textsOf(error.code)?.[language] ?? error.code;
  return language === 'en' ? `${text}: ${error.found} [${error.code}]` : `${text}：${error.found} [${error.code}]`;
}

export function todoText(error: NonNullable<BayStatus['error']>, language: Language): string {
  return language === 'en' ? error.todo : (textsOf(error.code)?.todo['zh-CN'] ?? error.todo);
}

function textsOf(code: string) {
  return Object.hasOwn(errorTexts, code) ? errorTexts[code as keyof typeof errorTexts] : undefined;
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
