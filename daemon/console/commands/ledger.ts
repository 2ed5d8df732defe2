/** `custodock ledger list` and `custodock ledger check`. The check also works while the dock does not run. */
import { DockError } from '../../../drivers/contract/error.js';
import type { LedgerCheck } from '../../custody/check.js';
import { checkInWorker } from '../../custody/check-in-worker.js';
import { ledgerPath } from '../../custody/ledger-service.js';
import { count, duration } from '../../language/figures.js';
import { type Language, say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { Command } from '../arguments.js';
import type { Context } from '../context.js';
import { type Line, line, span } from '../line.js';
import { entriesView } from '../register-view.js';

export async function listEntries(
  { from, limit }: Extract<Command, { name: 'ledger list' }>,
  context: Context,
): Promise<ExitCode> {
  const entries = await context.client().ledger({ from, limit });
  if (context.json) context.printJson(entries);
  else context.print(entriesView(entries, context.look()));
  return exitCodes.stopped;
}

export async function checkLedgerCommand(context: Context): Promise<ExitCode> {
  const { check, by } = await checked(context);
  if (context.json) context.printJson({ ...check, by });
  else context.print(checkView(check, by, context.language));
  return check.problem === null ? exitCodes.stopped : exitCodes.failed;
}

/** By the dock where it runs, so that its status and log say the same; else here, on the file as it lies. */
async function checked(context: Context): Promise<{ readonly check: LedgerCheck; readonly by: 'dock' | 'command' }> {
  try {
    return { check: await context.client().checkLedger(), by: 'dock' };
  } catch (error) {
    if (!(error instanceof DockError) || error.code !== 'DOCK_NOT_RUNNING') throw error;
  }
  // Whoever has waited long enough ends the command: it only reads.
  const file = ledgerPath(context.config().dock.stateDir);
  return { check: await checkInWorker(file, 'full', new AbortController().signal), by: 'command' };
}

export function checkView(check: LedgerCheck, by: 'dock' | 'command', language: Language): Line[] {
  const fields = {
    dock: check.dock,
    epoch: check.epoch,
    entries: count(check.entries),
    took:
      check.elapsedMs < 10_000
        ? `${(check.elapsedMs / 1000).toFixed(2)}${language === 'en' ? ' s' : ' 秒'}`
        : duration(check.elapsedMs, language),
    rate: count(check.entriesPerSecond),
  };
  const lines = [
    line(say(language, by === 'dock' ? 'console.check.by-dock' : 'console.check.by-command')),
    line(say(language, 'console.check.what', fields)),
  ];
  if (check.problem === null) {
    lines.push(line(span(say(language, 'console.check.clean'), 'green'), ` ${check.seq}:${check.leaf}`));
    return lines;
  }
  const { kind, seq, expected, found } = check.problem;
  return [
    ...lines,
    line(
      span(say(language, 'console.check.broken', { problem: say(language, `ledger.problem.${kind}`, { seq }) }), 'red'),
    ),
    line(say(language, 'console.check.evidence', { expected, found })),
    line(span(`→ ${say(language, 'console.check.todo')}`, 'strong')),
  ];
}
