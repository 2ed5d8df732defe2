/** What interrupted copies left in the archive: each may be all there is of a recording (decision 0048). */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../../config/schema.js';
import { errnoOf } from '../../../drivers/contract/error.js';
import { notesSuffix, partSuffix, partsFolder } from '../../archive/names.js';
import { size } from '../../language/figures.js';
import { say } from '../../language/messages.js';
import { type LeftNotes, parseLeftNotes } from '../../offload/left-notes.js';
import { type Check, type Finding, ok, type Patient, skipped, usualDeadlineMs, warn } from './check.js';

const dayMs = 86_400_000;
/** A camera that was pulled out comes again with its next shift; one that has not for so long needs somebody. */
const longDays = 7;
const mostNamed = 3;

export function partsCheck(config: Config): Check {
  return {
    what: 'parts',
    area: 'software',
    deadlineMs: usualDeadlineMs,
    run: (patient) => parts(config.archive.path, patient),
  };
}

interface Part {
  readonly key: string;
  readonly sizeBytes: number;
  readonly days: number;
}

async function parts(archive: string, { clock, language }: Patient): Promise<Finding> {
  // Where it cannot be looked, none is not what was found.
  const isThere = await stat(archive).then((found) => found.isDirectory(), absent(false));
  if (!isThere) return skipped(say(language, 'doctor.parts.no-archive', { path: archive }));
  const folder = path.join(archive, partsFolder);
  const all = await partsIn(folder, clock.wallMs());
  const sizeBytes = all.reduce((sum, part) => sum + part.sizeBytes, 0);
  const found = say(language, 'doctor.parts.found', { count: all.length, size: size(sizeBytes) });
  const old = all.filter(({ days }) => days >= longDays).sort((a, b) => b.days - a.days);
  if (old.length === 0) return ok(found);
  const named = await Promise.all(
    old.slice(0, mostNamed).map(async ({ key, days }) => {
      const notes = await notesOf(folder, key);
      const fields = { days, camera: notes?.camera ?? '?', path: notes?.recording.displayPath ?? key };
      return say(language, 'doctor.parts.one', fields);
    }),
  );
  const more = old.length > mostNamed ? '; …' : '';
  return warn(`${found}; ${named.join('; ')}${more}`, say(language, 'doctor.parts.old', { count: old.length }));
}

async function partsIn(folder: string, nowMs: number): Promise<readonly Part[]> {
  const names = await readdir(folder).catch(absent([]));
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith(partSuffix))
      .map(async (name): Promise<readonly Part[]> => {
        const look = await stat(path.join(folder, name)).catch(absent(undefined));
        // Finished meanwhile.
        if (look === undefined) return [];
        const days = Math.floor((nowMs - look.mtimeMs) / dayMs);
        return [{ key: name.slice(0, -partSuffix.length), sizeBytes: look.size, days }];
      }),
  );
  return found.flat();
}

async function notesOf(folder: string, key: string): Promise<LeftNotes | undefined> {
  const text = await readFile(path.join(folder, `${key}${notesSuffix}`), 'utf8').catch(absent(undefined));
  return parseLeftNotes(text, key);
}

function absent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return value;
    throw error;
  };
}
