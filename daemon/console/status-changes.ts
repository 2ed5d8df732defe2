/**
 * What is new between two states, as plain lines: for files and pipes, where nothing can be drawn over. Pure.
 *
 * Figures that move all the time (progress, free space) are not said each time: progress in steps of a tenth.
 */

import type { BayStatus } from '../bay/status.js';
import { percentDone, rate, shortDuration, steadyEtaMs } from '../language/figures.js';
import { type Language, say } from '../language/messages.js';
import type { DockStatus } from '../status.js';
import { errorText, reasonText, todoText } from './bay-table.js';
import { lightSpan, lightTone } from './light-view.js';
import { type Line, line, plainText, type Span, span } from './line.js';
import { archiveLine, centreLine, clockLine, cradleState, ledgerLine } from './status-head.js';

/** `before`: null for the first state, of which everything that is not empty is said. */
export function statusChanges(before: DockStatus | null, after: DockStatus, language: Language): Line[] {
  return [
    ...dockChanges(before, after, language),
    ...after.bays.flatMap((bay) => {
      const was = before?.bays.find((known) => known.bay === bay.bay) ?? null;
      return bayChange(was, bay, language);
    }),
  ];
}

function dockChanges(before: DockStatus | null, after: DockStatus, language: Language): Line[] {
  const lines: Line[] = [];
  const say1 = (key: 'clock' | 'archive' | 'ledger' | 'centre', now: Line): void => {
    lines.push(line(say(language, `status.change.${key}`, { text: plainText(now) })));
  };
  if (before?.clock.trusted !== after.clock.trusted) say1('clock', clockLine(after, language));
  if (before?.archive.state !== after.archive.state) say1('archive', archiveLine(after, language));
  if (before?.ledger.check !== after.ledger.check) say1('ledger', ledgerLine(after, language));
  if (before?.centre.state !== after.centre.state) say1('centre', centreLine(after, language));
  for (const cradle of after.cradles) {
    const was = before?.cradles.find((known) => known.cradle === cradle.cradle);
    if (was?.state === cradle.state && was.error === cradle.error) continue;
    const text = plainText(cradleState(cradle, language));
    lines.push(line(say(language, 'status.change.cradle', { cradle: cradle.cradle, text })));
  }
  return lines;
}

function bayChange(was: BayStatus | null, now: BayStatus, language: Language): Line[] {
  if (was === null && now.state === 'empty') return [];
  if (was !== null && essence(was) === essence(now)) return [];
  const lines: Line[] = [bayLine(now, language)];
  if (now.error !== null) lines.push(line(span(`  → ${todoText(now.error, language)}`, 'strong')));
  return lines;
}

/** Everything whose change is worth a line. */
function essence({ state, light, camera, holder, docking, reasons, error, progress }: BayStatus): string {
  const tenths = progress === null ? null : Math.floor(percentDone(progress.bytes.done, progress.bytes.total) / 10);
  return JSON.stringify([state, light, camera, holder, docking, reasons, error, tenths, progress?.recordings.failed]);
}

function bayLine(bay: BayStatus, language: Language): Line {
  const parts: Span[] = [
    span(`${bay.bay}  `, 'strong'),
    span(say(language, `status.state.${bay.state}`), lightTone(bay.light)),
    span(`  ${say(language, 'status.change.light', { light: lightSpan(bay.light, language, false).text })}`),
  ];
  if (bay.camera !== null) parts.push(span(`  ${bay.camera}`));
  if (bay.holder !== null) parts.push(span(`  ${bay.holder}`));
  if (bay.progress !== null && bay.state === 'offloading') {
    const { bytes, recordings, bytesPerSecond, etaMs } = bay.progress;
    parts.push(span(`  ${percentDone(bytes.done, bytes.total)} %  ${recordings.done}/${recordings.total}`));
    if (recordings.failed > 0) {
      parts.push(span(`  ${say(language, 'status.files-failed', { failed: recordings.failed })}`, 'red'));
    }
    if (bytesPerSecond > 0) parts.push(span(`  ${rate(bytesPerSecond)}`));
    if (etaMs !== null) parts.push(span(`  ${shortDuration(steadyEtaMs(etaMs), language)}`));
  }
  if (bay.state === 'not-ready' || bay.state === 'charging') {
    const reasons = bay.reasons.map((reason) => reasonText(reason, language)).join(language === 'en' ? '; ' : '；');
    if (reasons !== '') parts.push(span(`  ${reasons}`));
  }
  if (bay.error !== null) parts.push(span(`  ${errorText(bay.error, language)}`));
  return parts;
}
