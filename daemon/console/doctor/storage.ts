/** Places on disk: archive, ledger, state, run directory, volumes of cameras, and all disks of the machine. */
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../config/schema.js';
import { DockError, errnoOf } from '../../../drivers/contract/error.js';
import { printable } from '../../../drivers/contract/text.js';
import { helperReports } from '../../../drivers/media/helper-client.js';
import { unfitVolume } from '../../../drivers/media/refusal.js';
import { checkLedger } from '../../custody/check.js';
import { ledgerPath } from '../../custody/ledger-service.js';
import { count, size } from '../../language/figures.js';
import { type Language, say } from '../../language/messages.js';
import { translated } from '../../language/phrases.js';
import { disksDeadlineMs, listDisks } from '../disks.js';
import {
  type Check,
  type Finding,
  fail,
  ok,
  type Patient,
  skipped,
  troubleText,
  usualDeadlineMs,
  warn,
} from './check.js';

/** A shift of one camera (GA/T 947: 2.6 GB/h, 8 h): less room than that is worth a warning. */
const littleArchiveBytes = 21_000_000_000;
/** A year of entries takes some hundred megabytes. */
const littleStateBytes = 1_000_000_000;
const tooLittleStateBytes = 50_000_000;
const fullPercent = 95;

export function storageChecks(config: Config): Check[] {
  const deadlineMs = usualDeadlineMs;
  return [
    { what: 'archive', area: 'hardware', deadlineMs, run: (patient) => archive(config, patient) },
    { what: 'state', area: 'software', deadlineMs, run: (patient) => stateDir(config, patient) },
    { what: 'run-dir', area: 'software', deadlineMs, run: (patient) => runDir(config, patient) },
    { what: 'ledger', area: 'software', deadlineMs: 2 * deadlineMs, run: (patient) => ledger(config, patient) },
    { what: 'media', area: 'hardware', deadlineMs, run: (patient) => mediaRoot(config, patient) },
  ];
}

/** Does not need a configuration. */
export const disksCheck: Check = {
  what: 'disks',
  area: 'hardware',
  deadlineMs: disksDeadlineMs + 1_000,
  run: disks,
};

async function archive({ archive: { path: place, reserveBytes } }: Config, { language }: Patient): Promise<Finding> {
  const trouble = await directoryTrouble(place, constants.R_OK | constants.W_OK | constants.X_OK, language);
  if (trouble !== null) return fail(trouble, say(language, 'doctor.archive.todo', { path: place }));
  const { freeBytes, capacityBytes } = await space(place);
  const usableBytes = Math.max(0, freeBytes - reserveBytes);
  const found = say(language, 'doctor.archive.space', {
    path: place,
    usable: size(usableBytes),
    free: size(freeBytes),
    capacity: size(capacityBytes),
  });
  if (usableBytes === 0) return fail(found, say(language, 'doctor.archive.full'));
  if (usableBytes < littleArchiveBytes) return warn(found, say(language, 'doctor.archive.little'));
  return ok(found);
}

async function stateDir({ dock }: Config, { language }: Patient): Promise<Finding> {
  const trouble = await directoryTrouble(dock.stateDir, constants.R_OK | constants.W_OK | constants.X_OK, language);
  if (trouble !== null) return fail(trouble, say(language, 'doctor.state.todo', { path: dock.stateDir }));
  const { mode } = await stat(dock.stateDir);
  const bits = (mode & 0o7777).toString(8).padStart(4, '0');
  const { freeBytes } = await space(dock.stateDir);
  const found = say(language, 'doctor.state.found', { path: dock.stateDir, mode: bits, free: size(freeBytes) });
  if (freeBytes < tooLittleStateBytes) return fail(found, say(language, 'doctor.state.full'));
  if ((mode & 0o007) !== 0) return warn(found, say(language, 'doctor.state.open', { path: dock.stateDir }));
  if (freeBytes < littleStateBytes) return warn(found, say(language, 'doctor.state.full'));
  return ok(found);
}

async function runDir({ dock }: Config, { language }: Patient): Promise<Finding> {
  const trouble = await directoryTrouble(dock.runDir, constants.W_OK | constants.X_OK, language);
  return trouble === null
    ? ok(dock.runDir)
    : fail(trouble, say(language, 'doctor.run-dir.todo', { path: dock.runDir }));
}

async function ledger({ dock }: Config, { clock, language }: Patient): Promise<Finding> {
  const file = ledgerPath(dock.stateDir);
  try {
    await stat(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return skipped(say(language, 'doctor.ledger.none', { file }));
    return fail(troubleText(error, language), say(language, 'doctor.state.todo', { path: dock.stateDir }));
  }
  try {
    const { seq, problem, dock: owner } = await checkLedger({ file, depth: 'end', clock });
    if (problem !== null) {
      const what = say(language, `ledger.problem.${problem.kind}`, { seq: problem.seq });
      const { expected, found } = problem;
      const evidence = say(language, 'console.check.evidence', { expected, found });
      return fail(
        `${what}${language === 'en' ? ` (${evidence})` : `（${evidence}）`}`,
        say(language, 'console.check.todo'),
      );
    }
    if (owner !== dock.id)
      return fail(
        say(language, 'doctor.ledger.other', { owner, dock: dock.id }),
        say(language, 'doctor.ledger.other.todo'),
      );
    return ok(say(language, 'doctor.ledger.fine', { file, seq: count(seq) }));
  } catch (error) {
    if (!(error instanceof DockError)) throw error;
    return fail(troubleText(error, language), say(language, 'doctor.ledger.todo'));
  }
}

async function mediaRoot({ media }: Config, { root, language }: Patient): Promise<Finding> {
  const trouble = await directoryTrouble(media.root, constants.R_OK | constants.X_OK, language);
  if (trouble !== null) return fail(trouble, say(language, 'doctor.media.todo', { path: media.root }));
  const mounts = (await mountsIn(root)).filter(({ place }) => path.dirname(place) === media.root);
  const writable = mounts.filter(({ options }) => !options.includes('ro'));
  const found = say(language, 'doctor.media.found', {
    path: media.root,
    volumes:
      mounts
        .map(({ place, fileSystem, options }) => `${path.basename(place)} ${fileSystem} ${options.join(',')}`)
        .join('; ') || '–',
  });
  if (writable.length > 0) {
    return warn(
      found,
      say(language, 'doctor.media.writable', { volumes: writable.map(({ place }) => place).join(', ') }),
    );
  }
  const reports = await helperReports(media.root);
  // On a machine that systemd runs, nobody else would mount a card.
  if (reports === undefined && media.requireMount && mounts.length === 0) {
    return warn(found, say(language, 'doctor.media.no-helper'));
  }
  const refused = (reports ?? []).flatMap((report) =>
    report.state === 'refused' ? [`${report.port} (${translated(language, unfitVolume(report).found)})`] : [],
  );
  if (refused.length > 0) return warn(found, say(language, 'doctor.media.refused', { volumes: refused.join(', ') }));
  return ok(found);
}

interface Mount {
  readonly place: string;
  readonly options: readonly string[];
  readonly fileSystem: string;
}

/** proc(5): fields are separated by spaces; what stands in a path is escaped in octal. */
async function mountsIn(root: string): Promise<Mount[]> {
  const text = await readFile(path.join(root, 'proc/self/mountinfo'), 'utf8');
  return text
    .split('\n')
    .map((row) => row.split(' '))
    .filter((fields) => fields.length > 8)
    .map((fields) => {
      const dash = fields.indexOf('-', 6);
      return {
        place: printable(
          (fields[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
            String.fromCharCode(Number.parseInt(octal, 8)),
          ),
        ),
        options: (fields[5] ?? '').split(','),
        fileSystem: fields[dash + 1] ?? '?',
      };
    });
}

async function disks({ clock, language }: Patient): Promise<Finding> {
  const listed = await listDisks(clock);
  if (listed.kind === 'late')
    return warn(
      say(language, 'doctor.disks.late', { seconds: disksDeadlineMs / 1000 }),
      say(language, 'doctor.disks.late.todo'),
    );
  if (listed.kind === 'failed')
    return warn(translated(language, listed.found), say(language, 'doctor.disks.failed.todo'));
  const real = listed.disks.filter(({ device }) => device.startsWith('/'));
  const list = (real.length > 0 ? real : listed.disks)
    .map(({ mounted, usedPercent }) => `${mounted} ${usedPercent} %`)
    .join(', ');
  const full = real.filter(({ usedPercent }) => usedPercent >= fullPercent);
  if (full.length === 0) return ok(list);
  return warn(list, say(language, 'doctor.disks.full', { disks: full.map(({ mounted }) => mounted).join(', ') }));
}

async function directoryTrouble(place: string, mode: number, language: Language): Promise<string | null> {
  try {
    if (!(await stat(place)).isDirectory())
      return `${place}${language === 'en' ? ': ' : '：'}${say(language, 'doctor.errno.ENOTDIR')}`;
    await access(place, mode);
    return null;
  } catch (error) {
    return `${place}${language === 'en' ? ': ' : '：'}${troubleText(error, language)}`;
  }
}

/** What decides is the kernel's own figure; `df` is for people. */
async function space(place: string): Promise<{ readonly freeBytes: number; readonly capacityBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(place);
  return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
}
