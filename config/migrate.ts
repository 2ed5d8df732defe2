/**
 * Older configurations made current, one version at a time, on the document itself so that comments and order stay.
 *
 * The file is only ever replaced whole, after a backup, by `custodock config migrate`. The daemon itself goes on with what
 * it migrated in memory and says so: a hardened unit may not write to /etc.
 */
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../drivers/contract/error.js';
import type { ConfigEdit } from './document.js';

export interface MigrationStep {
  /** The version that this step starts from; it leads to the next one. */
  readonly from: number;
  /** Changes the document and says for people what it did, one sentence each. */
  readonly apply: (edit: ConfigEdit) => readonly string[];
}

export interface Migrated {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly notes: readonly string[];
}

/** One step for each version that was ever released and is not the current one. */
export const migrationSteps: readonly MigrationStep[] = [];

/** Applies the steps in order. `missing`: the version that no step starts from. */
export function migrate(
  edit: ConfigEdit,
  from: number,
  to: number,
  steps: readonly MigrationStep[],
): Migrated | { readonly missing: number } {
  const notes: string[] = [];
  for (let version = from; version < to; version++) {
    const step = steps.find((candidate) => candidate.from === version);
    if (step === undefined) return { missing: version };
    notes.push(...step.apply(edit));
    edit.set(['version'], version + 1);
  }
  return { from, to, text: edit.text(), notes };
}

/** Replaces `file` by what it was migrated to; resolves with the path of the backup. */
export function writeMigrated(file: string, { from, text }: Migrated): Promise<string> {
  return replaceConfig(file, `version-${from}`, text);
}

/**
 * Replaces `file`, after a backup with this ending; resolves with the path of the backup. Owner and mode stay. System errors pass
 * through (EROFS and EACCES are what a hardened daemon gets in /etc).
 */
export async function replaceConfig(file: string, ending: string, text: string): Promise<string> {
  const { mode, uid, gid } = await stat(file);
  const backup = await copyAside(file, `${file}.${ending}`, mode, uid, gid);
  const next = `${file}.next`;
  await writeNew(next, Buffer.from(text), mode, uid, gid).catch(async (error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
    // Left by a migration that was interrupted before its rename: never the only copy of anything.
    await unlink(next);
    await writeNew(next, Buffer.from(text), mode, uid, gid);
  });
  await rename(next, file);
  await syncFolder(dirname(file));
  return backup;
}

/** Copies the file under the first free name; an older backup is never overwritten. */
async function copyAside(file: string, wanted: string, mode: number, uid: number, gid: number): Promise<string> {
  const handle = await open(file, 'r');
  let bytes: Buffer;
  try {
    bytes = await handle.readFile();
  } finally {
    await handle.close();
  }
  for (let number = 0; number < 100; number++) {
    const name = number === 0 ? wanted : `${wanted}.${number}`;
    try {
      await writeNew(name, bytes, mode, uid, gid);
      return name;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
  throw Object.assign(new Error(`EEXIST: a hundred backups of ${file} already`), { code: 'EEXIST' });
}

async function writeNew(path: string, bytes: Buffer, mode: number, uid: number, gid: number): Promise<void> {
  const handle = await open(path, 'wx', mode & 0o777);
  try {
    await handle.writeFile(bytes);
    await keepOwner(handle, mode, uid, gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The umask took bits from the mode; and a file of root's must not become the service's. */
async function keepOwner(handle: FileHandle, mode: number, uid: number, gid: number): Promise<void> {
  const now = await handle.stat();
  if (now.uid !== uid || now.gid !== gid) await handle.chown(uid, gid);
  await handle.chmod(mode & 0o777);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
