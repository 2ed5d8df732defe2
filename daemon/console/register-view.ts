/** Recordings, entries and dockings as tables. Pure. */
import { reasonNames } from '../bay/readiness.js';
import type { Entry, EntryBody } from '../custody/entry.js';
import type { DockingRow, KnownRecording } from '../custody/ledger.js';
import { count, localTime, offset, size } from '../language/figures.js';
import { type Language, say } from '../language/messages.js';
import { translated } from '../language/phrases.js';
import { type Line, line, type Span, span } from './line.js';
import type { Look } from './look.js';
import { type Cell, type Column, fittingTable } from './table.js';
import type { ShownEntry } from './wire.js';

const none = span('–', 'dim');

/** From here on there is room for whole dates. */
const roomyColumns = 100;

function shown(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { columns: room, language }: Look,
): Line[] {
  const { lines, leftOut } = fittingTable(columns, rows, room);
  if (leftOut.length === 0) return lines;
  return [...lines, line(), line(span(say(language, 'console.table.hidden', { columns: leftOut.join(', ') }), 'dim'))];
}

export function recordingsView(recordings: readonly KnownRecording[], look: Look, limit: number): Line[] {
  const { language } = look;
  if (recordings.length === 0) return [line(say(language, 'console.recordings.none'))];
  const rows = recordings.map(({ seq, body, erasedSeq }): readonly Cell[] => [
    count(seq),
    recordedAt(body, look),
    body.camera,
    body.bay,
    size(body.sizeBytes),
    recordingMarks(body, erasedSeq, language),
    body.archivePath,
  ]);
  return [
    ...shown(
      [
        { heading: say(language, 'console.column.seq'), align: 'right' },
        { heading: say(language, 'console.column.recorded') },
        { heading: say(language, 'console.column.camera'), shrinkTo: 8, cut: 'start' },
        { heading: say(language, 'console.column.bay'), leaveOut: 2 },
        { heading: say(language, 'console.column.size'), align: 'right', leaveOut: 1 },
        { heading: say(language, 'console.column.marks'), shrinkTo: 12 },
        { heading: say(language, 'console.column.archive-path'), shrinkTo: 16, cut: 'start' },
      ],
      rows,
      look,
    ),
    ...(recordings.length < limit ? [] : [line(), more(recordings.at(-1)?.seq ?? 0, look)]),
  ];
}

function more(seq: number, { language }: Look): Line {
  return line(span(say(language, 'console.recordings.more', { seq }), 'dim'));
}

/** The corrected start; else what the camera claims, marked as such. */
function recordedAt({ corrected, named, modifiedMs }: EntryBody<'recording.offloaded'>, { timeZone }: Look): Span {
  if (corrected?.startUtc != null) return span(localTime(corrected.startUtc, timeZone, true));
  if (named !== null) return span(`~${named.startedLocal.replace('T', ' ')}`, 'amber');
  const modified = new Date(modifiedMs);
  const text = Number.isNaN(modified.getTime()) ? '?' : modified.toISOString().slice(0, 19).replace('T', ' ');
  return span(`~${text}`, 'amber');
}

function recordingMarks(body: EntryBody<'recording.offloaded'>, erasedSeq: number | null, language: Language): Span {
  const marks: string[] = [];
  if (body.important) marks.push(say(language, 'console.mark.important'));
  if (body.label !== 'complete') marks.push(say(language, `console.mark.${body.label}`));
  if (body.readBack === 'cached') marks.push(say(language, 'console.mark.cached'));
  if (erasedSeq !== null) marks.push(say(language, 'console.mark.erased'));
  const wrong = body.label !== 'complete';
  return span(marks.join(language === 'en' ? ', ' : '、'), wrong ? 'red' : body.important ? 'amber' : 'plain');
}

export function entriesView(entries: readonly ShownEntry[], look: Look): Line[] {
  const { language, timeZone } = look;
  if (entries.length === 0) return [line(say(language, 'console.ledger.none'))];
  const rows = entries.map(({ seq, leaf, entry }): readonly Cell[] => [
    count(seq),
    span(
      `${entry.time.trusted ? '' : '~'}${localTime(entry.time.utc, timeZone, true)}`,
      entry.time.trusted ? 'plain' : 'amber',
    ),
    span(entry.kind, kindTone(entry.kind)),
    placeOf(entry),
    cameraOf(entry),
    entryDetail(entry, language),
    span(leaf.slice(0, 12), 'dim'),
  ]);
  const untrusted = entries.some(({ entry }) => !entry.time.trusted);
  return [
    ...shown(
      [
        { heading: say(language, 'console.column.seq'), align: 'right' },
        { heading: say(language, 'console.column.entered') },
        { heading: say(language, 'console.column.kind') },
        { heading: say(language, 'console.column.bay'), shrinkTo: 6, leaveOut: 1 },
        { heading: say(language, 'console.column.camera'), shrinkTo: 8, cut: 'start' },
        { heading: say(language, 'console.column.detail'), shrinkTo: 12 },
        { heading: say(language, 'console.column.leaf'), shrinkTo: 5, leaveOut: 2 },
      ],
      rows,
      look,
    ),
    ...(untrusted ? [line(), line(span(say(language, 'console.ledger.untrusted'), 'dim'))] : []),
  ];
}

/** The name of a reason; one of a version that knew others is shown as it is. */
function reasonName(reason: string, language: Language): string {
  const known = reasonNames.find((name) => name === reason);
  return known === undefined ? reason : say(language, `status.reason.${known}`);
}

function kindTone(kind: Entry['kind']): Span['tone'] {
  if (['camera.refused', 'recording.failed', 'cradle.lost', 'camera.not-ready'].includes(kind)) return 'red';
  return kind === 'camera.ready' ? 'green' : 'plain';
}

function textOf(body: object, field: string): string | null {
  const value: unknown = Object.hasOwn(body, field) ? Object.entries(body).find(([name]) => name === field)?.[1] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

function placeOf({ body }: Entry): Cell {
  return textOf(body, 'bay') ?? textOf(body, 'cradle') ?? '';
}

function cameraOf({ body }: Entry): Cell {
  return textOf(body, 'camera') ?? textOf(body, 'claimed') ?? '';
}

/** What of an entry is worth a few words; a kind that is not known has none. */
function entryDetail(entry: Entry, language: Language): string {
  const { kind, body } = entry as { [K in Entry['kind']]: Entry<K> & { kind: K } }[Entry['kind']];
  switch (kind) {
    case 'dock.started':
      return `${body.version} · ${say(language, `console.previous-stop.${body.previousStop}`)}`;
    case 'dock.stopped':
      return body.reason;
    case 'clock.trust-changed':
      return translated(language, body.detail);
    case 'cradle.found':
      return `${body.serial} ${body.firmware}`;
    case 'cradle.lost':
      return `${body.code} ${translated(language, body.found)}`;
    case 'camera.docked':
      return [body.family, body.broughtBy?.officer].filter((part) => part !== undefined).join(' · ');
    case 'camera.refused':
      return `${body.code} ${translated(language, body.found)}`;
    case 'camera.inspected':
      return [
        body.batteryPercent === null ? null : `${body.batteryPercent} %`,
        body.storage === null ? null : `${size(body.storage.freeBytes)} / ${size(body.storage.capacityBytes)}`,
        body.clock === null ? null : offset(body.clock.offsetMs, language),
      ]
        .filter((part) => part !== null)
        .join(' · ');
    case 'camera.clock-set':
      return body.after === null
        ? `${offset(body.before.offsetMs, language)} → ?`
        : `${offset(body.before.offsetMs, language)} → ${offset(body.after.offsetMs, language)} ± ${Math.round(body.after.uncertaintyMs)} ms`;
    case 'camera.clock-set-blindly':
      return `? → ${body.toUtc}`;
    case 'camera.disk-mode':
      return body.refusals === 0 ? '' : `✗${body.refusals}`;
    case 'camera.clock-left':
      return say(language, `console.clock-left.${body.reason}`);
    case 'recording.offloaded':
      return `${size(body.sizeBytes)} ${body.label === 'complete' ? '' : `${say(language, `console.mark.${body.label}`)} · `}${body.path}`;
    case 'recording.failed':
      return `${body.code} ${body.path}`;
    case 'recording.erasing':
      return body.path;
    case 'recording.erased':
      return body.outcome === 'found-gone' ? `${say(language, 'console.erased.found-gone')} · ${body.path}` : body.path;
    case 'camera.offloaded':
      return `+${body.offloaded} (${size(body.bytes)}), =${body.alreadySafe}, ✗${body.failed}`;
    case 'camera.ready':
      return body.batteryPercent === null ? '' : `${body.batteryPercent} %`;
    case 'camera.not-ready':
      return body.reasons
        .map(({ reason, found }) => `${reasonName(reason, language)} ${translated(language, found)}`)
        .join(language === 'en' ? ', ' : '，');
    case 'camera.undocked':
      return `${body.safe}/${body.of ?? '?'} ${say(language, `console.verdict.${body.verdict}`)}${body.takenBy === null ? '' : ` · ${body.takenBy.officer}`}`;
    default:
      return '';
  }
}

export function dockingsView(dockings: readonly DockingRow[], look: Look): Line[] {
  const { language, timeZone } = look;
  if (dockings.length === 0) return [line(say(language, 'console.custody.none'))];
  // Where there is little room, the year goes first: the register is the latest one.
  const from = look.columns < roomyColumns ? '2026-'.length : 0;
  const time = (utc: string | null): Cell => (utc === null ? none : localTime(utc, timeZone).slice(from));
  const rows = dockings.map((row): readonly Cell[] => [
    row.camera ?? none,
    row.broughtBy ?? none,
    time(row.outSinceUtc),
    time(row.arrivedUtc),
    row.bay,
    count(row.recordings),
    size(row.bytes),
    span(
      say(language, `console.verdict.${row.verdict}`),
      row.verdict === 'ready' ? 'green' : row.verdict === 'none' ? 'dim' : 'red',
    ),
    time(row.leftUtc),
    row.takenBy ?? none,
  ]);
  return shown(
    [
      { heading: say(language, 'console.column.camera'), shrinkTo: 8, cut: 'start' },
      { heading: say(language, 'console.column.brought-by'), shrinkTo: 6 },
      { heading: say(language, 'console.column.out-since') },
      { heading: say(language, 'console.column.arrived') },
      { heading: say(language, 'console.column.bay'), leaveOut: 2 },
      { heading: say(language, 'console.column.recordings'), align: 'right' },
      { heading: say(language, 'console.column.size'), align: 'right', leaveOut: 3 },
      { heading: say(language, 'console.column.verdict'), leaveOut: 1 },
      { heading: say(language, 'console.column.left') },
      { heading: say(language, 'console.column.taken-by'), shrinkTo: 6 },
    ],
    rows,
    look,
  );
}
