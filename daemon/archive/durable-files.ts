/**
 * The durable operations on the archive, each named once with the reason for its order; nothing else writes archive files.
 *
 * Answerable for: what a caller is told to be on the medium is on the medium; nothing is ever overwritten.
 * Must never: retry an fsync that failed (the kernel has marked the lost pages clean, so a second one would lie).
 * Errors are the system's own; the copy decides what they mean.
 */
import {
  constants,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  symlink,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../drivers/contract/error.js';
import { openPreferDirect, openReadable, type ReadableFile } from './direct-io.js';

/** A part: the bytes of a recording on their way into the archive, under a name that nobody takes for a recording. */
export interface PartFile {
  /** What is there from an interrupted copy. */
  readonly sizeBytes: number;
  /** Writes an aligned block at an aligned position. */
  write(block: Uint8Array, at: number): Promise<void>;
  /** What has been written so far survives a power cut when this resolves. A failure is final for this file. */
  sync(): Promise<void>;
  /** Cuts the padding of the last block off, then syncs: the length that is compared is the length on the medium. */
  seal(lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The notes beside a part that let another copy go on from it. */
export interface NotesFile {
  append(line: string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** `taken`: there is a file of that name, which was left as it is. */
export type Published = 'published' | 'taken';

export interface DurableFiles {
  /**
   * Makes the folder below `root`, and each new name durable in its parent before the next is made in it.
   * Never makes the root itself: where it is missing, the disk is.
   */
  makeFolder(root: string, names: readonly string[]): Promise<void>;
  /**
   * Opens a part for writing, direct where the file system allows. `fresh` begins at length 0. A file that has a second
   * name was published before a crash: only its part name is removed, its bytes are never written again.
   */
  openPart(path: string, fresh: boolean): Promise<PartFile>;
  /** Whole content of a small file; undefined when there is none. */
  readSmall(path: string): Promise<string | undefined>;
  openNotes(path: string, fresh: boolean): Promise<NotesFile>;
  /** A new open file description, direct where possible: what comes back is what the medium holds, not what was just written. */
  openReadBack(path: string): Promise<ReadableFile>;
  /**
   * Gives a verified part its final name, and its receipt beside it. The folder is held open from before: an I/O error on
   * it could be lost if its inode were evicted in between. A hard link never overwrites, unlike rename. The receipt goes
   * first: a receipt without a file is harmless, the reverse is not. One fsync of the folder then covers both names. Where the
   * name is taken no receipt of ours stays beside it: the other file would look altered by it.
   */
  publish(part: string, finalPath: string, receipt: string): Promise<Published>;
  /**
   * Makes a published file durable that a crash may have left half-way: content, mode, receipt, name. `part`: where its part is or was; the
   * draft of a receipt lies there, for whoever looks into the archive must not see half of anything. `taken`: it has another receipt, so it is not ours, and stays as it was.
   */
  settle(part: string, finalPath: string, receipt: string): Promise<Published>;
  /**
   * Notes under which name a part is about to be published, for whoever finds it published and not entered. A symbolic link: one operation makes
   * it, target and all, so it is never half there; and a journal keeps it before the name that `publish` syncs. It leads nowhere.
   */
  announce(path: string, archivePath: string): Promise<void>;
  /** What was announced; undefined: nothing. */
  announced(path: string): Promise<string | undefined>;
  /** Removes a part or what lies beside it. Not synced: a removed name that comes back after a power cut is removed again. */
  remove(path: string): Promise<void>;
  /** Names in a folder; empty when there is no such folder. */
  names(path: string): Promise<readonly string[]>;
}

/** Suffix of the receipt beside a recording. */
export const receiptSuffix = '.sha256';

/** Mode of a recording in the archive: nobody writes, others see nothing (A9, A10). */
const recordingMode = 0o440;
const partMode = 0o600;
const folderMode = 0o750;

export const durableFiles: DurableFiles = {
  async makeFolder(root, names) {
    let parent = root;
    for (const name of names) {
      const path = join(parent, name);
      try {
        await mkdir(path, { mode: folderMode });
        await syncFolder(parent);
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
      parent = path;
    }
  },

  async openPart(path, fresh) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    let opened = await openPreferDirect(path, flags, partMode).catch(async (error: unknown) => {
      // Already read-only: verified, and perhaps published, when the dock stopped. Whichever it was, copy again from nothing.
      if (errnoOf(error) !== 'EACCES') throw error;
      await unlink(path);
      return openPreferDirect(path, flags | constants.O_EXCL, partMode);
    });
    let stat = await opened.handle.stat();
    if (stat.nlink > 1) {
      await opened.handle.close();
      await unlink(path);
      opened = await openPreferDirect(path, flags | constants.O_EXCL, partMode);
      stat = await opened.handle.stat();
    }
    const { handle } = opened;
    if (fresh) await handle.truncate(0);
    return {
      sizeBytes: fresh ? 0 : stat.size,
      async write(block, at) {
        for (let done = 0; done < block.length; ) {
          const { bytesWritten } = await handle.write(block, done, block.length - done, at + done);
          done += bytesWritten;
        }
      },
      sync: () => handle.datasync(),
      async seal(lengthBytes) {
        await handle.truncate(lengthBytes);
        await handle.sync();
      },
      close: () => handle.close(),
    };
  },

  async readSmall(path) {
    let handle: FileHandle;
    try {
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  },

  async openNotes(path, fresh) {
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_APPEND |
      constants.O_NOFOLLOW |
      (fresh ? constants.O_TRUNC : 0);
    const handle = await open(path, flags, partMode);
    return {
      append: async (line) => {
        await handle.appendFile(`${line}\n`);
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },

  async openReadBack(path) {
    return (await openReadable(path, constants.O_NOFOLLOW)).file;
  },

  async publish(part, finalPath, receipt) {
    const folder = await open(dirname(finalPath), constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      if (await exists(finalPath)) return 'taken';
      const receiptPath = `${finalPath}${receiptSuffix}`;
      const beside = await publishReceipt(`${part}${receiptSuffix}`, receiptPath, receipt);
      if (beside === 'taken') return 'taken';
      await setReadOnly(part, false);
      if ((await linkNew(part, finalPath)) === 'taken') {
        if (beside === 'published') await unlink(receiptPath);
        return 'taken';
      }
      await unlink(part);
      await folder.sync();
      return 'published';
    } finally {
      await folder.close();
    }
  },

  async settle(part, finalPath, receipt) {
    const receiptPath = `${finalPath}${receiptSuffix}`;
    if ((await publishReceipt(`${part}${receiptSuffix}`, receiptPath, receipt)) === 'taken') return 'taken';
    await setReadOnly(finalPath, true);
    await syncFolder(dirname(finalPath));
    return 'published';
  },

  async announce(path, archivePath) {
    try {
      await symlink(archivePath, path);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      await unlink(path);
      await symlink(archivePath, path);
    }
  },

  async announced(path) {
    try {
      return await readlink(path);
    } catch (error) {
      // EINVAL: no link, so nothing of ours.
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EINVAL') return undefined;
      throw error;
    }
  },

  async remove(path) {
    try {
      await unlink(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  },

  async names(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
};

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without `andSync` the mode goes to the medium with the fsync of the folder that follows; its bytes are there already. */
async function setReadOnly(path: string, andSync: boolean): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await handle.chmod(recordingMode);
    if (andSync) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function linkNew(from: string, to: string): Promise<Published> {
  try {
    await link(from, to);
    return 'published';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'taken';
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The bytes before the name, as for the recording itself: a receipt is never half there. The same one again is no conflict. */
async function publishReceipt(draft: string, path: string, text: string): Promise<Published | 'there'> {
  // A draft left by a crash may be a second name of a published receipt: it is removed, never written to.
  await durableFiles.remove(draft);
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, partMode);
  try {
    await handle.writeFile(text);
    await handle.chmod(recordingMode);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const published = await linkNew(draft, path);
  await unlink(draft);
  if (published === 'published') return 'published';
  return (await durableFiles.readSmall(path)) === text ? 'there' : 'taken';
}
