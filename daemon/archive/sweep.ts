/**
 * Looks for files in the archive that no entry speaks of: what a crash left between publishing and entering, or somebody put there.
 *
 * Must never: remove or change anything (I9). What a crash left is adopted when its camera is docked again.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../../drivers/contract/text.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { Archive } from './archive.js';
import { receiptSuffix } from './durable-files.js';

/** Year, month, day, camera. */
const folderDepth = 4;
/** Most files that are named in the log. */
const mostNamed = 20;

export interface SweepOptions {
  readonly archive: Pick<Archive, 'path' | 'answer'>;
  readonly ledger: Pick<Ledger, 'recordingAt'>;
  readonly log: Log;
  /** Folders that did not change since then, ms since the epoch, are passed over: 0 looks at all. */
  readonly changedSinceMs: number;
}

/** Number of files without an entry. Throws DOCK_ARCHIVE_…, or the signal's reason. */
export async function reportUnentered(options: SweepOptions, signal: AbortSignal): Promise<number> {
  const { archive, ledger, log, changedSinceMs } = options;
  let found = 0;
  for await (const folder of foldersBelow(archive, '', folderDepth)) {
    signal.throwIfAborted();
    const { mtimeMs } = await archive.answer(() => stat(join(archive.path, folder)));
    if (mtimeMs < changedSinceMs) continue;
    const names = (await entriesOf(archive, folder)).filter((entry) => entry.isFile()).map(({ name }) => name);
    const there = new Set(names);
    for (const name of names) {
      if (name.endsWith(receiptSuffix) && there.has(name.slice(0, -receiptSuffix.length))) continue;
      const archivePath = `${folder}/${name}`;
      if ((await ledger.recordingAt(archivePath)) !== undefined) continue;
      found += 1;
      if (found <= mostNamed) log.warn('offload.unentered-file', { archivePath: printable(archivePath) });
      signal.throwIfAborted();
    }
  }
  if (found > mostNamed) log.warn('offload.unentered-files', { count: found });
  return found;
}

async function* foldersBelow(archive: SweepOptions['archive'], folder: string, depth: number): AsyncGenerator<string> {
  if (depth === 0) {
    yield folder;
    return;
  }
  for (const entry of await entriesOf(archive, folder)) {
    // Parts and the like begin with a dot; links are nothing of ours.
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    yield* foldersBelow(archive, folder === '' ? entry.name : `${folder}/${entry.name}`, depth - 1);
  }
}

function entriesOf(archive: SweepOptions['archive'], folder: string): Promise<Dirent[]> {
  return archive.answer(() => readdir(join(archive.path, folder), { withFileTypes: true }));
}
