/** The bays: a row for each, and below or beside it how far, why, and what to do. Pure. */

import { bayStateNames } from '../bay/lifecycle.js';
import type { BayStatus } from '../bay/status.js';
import { describeCode } from '../language/errors.js';
import { bar, offset, percentDone, rate, recordingTime, shortDuration, steadyEtaMs } from '../language/figures.js';
import { type Language, say } from '../language/messages.js';
import { translated } from '../language/phrases.js';
import type { OffloadProgress } from '../offload/offload.js';
import { lightSpan, lightTone } from './light-view.js';
import { type Line, line, lineColumns, type Span, span } from './line.js';
import type { Look } from './look.js';
import { type Column, table } from './table.js';
import { columnsOf, truncatedStart, wrapped } from './width.js';

const gap = '  ';

export function bayTable(bays: readonly BayStatus[], look: Look): Line[] {
  const { language } = look;
  const heading = (column: 'bay' | 'light' | 'state' | 'camera' | 'holder' | 'battery' | 'minutes' | 'clock') =>
    say(language, `status.column.${column}`);
  const columns: Column[] = [
    { heading: heading('bay'), shrinkTo: 6 },
    { heading: heading('light') },
    { heading: heading('state'), least: stateColumns(language) },
    { heading: heading('camera'), shrinkTo: 8, cut: 'start' },
    { heading: heading('holder'), shrinkTo: 6 },
    { heading: heading('battery'), align: 'right', least: 5 },
    { heading: heading('minutes'), align: 'right', least: language === 'en' ? 7 : 10 },
    { heading: heading('clock'), align: 'right', least: 8 },
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

function stateColumns(language: Language): number {
  return Math.max(...bayStateNames.map((state) => columnsOf(say(language, `status.state.${state}`))));
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

/** An error that came over the socket. */
export function errorText(error: NonNullable<BayStatus['error']>, language: Language): string {
  const found = translated(language, error.found);
  return `${describeCode(language, error.code)}${language === 'en' ? ': ' : '：'}${found} [${error.code}]`;
}

export function todoText(error: NonNullable<BayStatus['error']>, language: Language): string {
  return translated(language, error.todo);
}
