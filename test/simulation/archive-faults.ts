/**
 * The archive's disk with the faults that disks have: it is full, it fails, it forgets what was not synced, it turns a bit
 * of what was written. Between the daemon's durable operations and the real ones.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { ReadableFile, ReadPath } from '../../daemon/archive/direct-io.js';
import type { DurableFiles, NotesFile, PartFile } from '../../daemon/archive/durable-files.js';
import { durableFiles, receiptSuffix } from '../../daemon/archive/durable-files.js';
import type { Incarnation } from './incarnation.js';
import type { Random } from './random.js';

export interface ArchiveFaults {
  /** Every write fails for want of room. */
  full: boolean;
  /** It answers nothing but errors. */
  failing: boolean;
  /** So many of the next syncs fail, and take with them what was not synced. */
  failSyncs: number;
  /** In so many of the next parts a bit turns between the write and the reading back. */
  turnBits: number;
  /** What the disk says of itself; what it says is what an entry may claim (I2). */
  readPath: ReadPath;
}

export function noArchiveFaults(readPath: ReadPath): ArchiveFaults {
  return { full: false, failing: false, failSyncs: 0, turnBits: 0, readPath };
}

interface Range {
  readonly at: number;
  readonly length: number;
}

/** What was written since the last sync, by path: gone after a power cut, or not. */
export type Unsynced = Map<string, Range[]>;

export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

export function faultyFiles(by: Incarnation, faults: ArchiveFaults, unsynced: Unsynced, random: Random): DurableFiles {
  const sync = async (path: string, work: () => Promise<void>): Promise<void> => {
    if (faults.failSyncs > 0) {
      faults.failSyncs -= 1;
      // The kernel marks the pages clean although they never reached the medium.
      for (const range of unsynced.get(path) ?? []) wipe(path, range);
      unsynced.delete(path);
      throw errno('EIO');
    }
    await work();
    unsynced.delete(path);
  };
  /** An operation that a failing disk does not even begin. */
  const asked = <T>(work: () => Promise<T>, half?: () => Promise<void>): Promise<T> =>
    by.operation(async () => {
      if (faults.failing) throw errno('EIO');
      return work();
    }, half);
  const tracked = <T extends { close(): Promise<void> }>(file: T): T => {
    const handle = by.opened(() => file.close());
    return {
      ...file,
      close: () =>
        by.operation(async () => {
          handle.closed();
          await file.close();
        }),
    };
  };
  const part = (path: string, file: PartFile): PartFile =>
    tracked({
      sizeBytes: file.sizeBytes,
      write: (block: Uint8Array, at: number) =>
        by.operation(async () => {
          if (faults.full) throw errno('ENOSPC');
          await file.write(block, at);
          unsynced.set(path, [...(unsynced.get(path) ?? []), { at, length: block.length }]);
        }),
      sync: () => by.operation(() => sync(path, () => file.sync())),
      seal: (lengthBytes: number) =>
        by.operation(async () => {
          await sync(path, () => file.seal(lengthBytes));
          if (faults.turnBits > 0 && lengthBytes > 0) {
            faults.turnBits -= 1;
            turnBit(path, random.int(0, lengthBytes - 1));
          }
        }),
      close: () => file.close(),
    });
  return {
    makeFolder: (root, names) => asked(() => durableFiles.makeFolder(root, names)),
    openPart: (path, fresh) => asked(async () => part(path, await durableFiles.openPart(path, fresh))),
    readSmall: (path) => asked(() => durableFiles.readSmall(path)),
    openNotes: (path, fresh) =>
      by.operation(async (): Promise<NotesFile> => {
        const file = await durableFiles.openNotes(path, fresh);
        return tracked({
          append: (line: string) => by.operation(() => file.append(line)),
          sync: () => by.operation(() => file.sync()),
          close: () => file.close(),
        });
      }),
    openReadBack: (path) =>
      by.operation(async (): Promise<ReadableFile> => {
        const file = await durableFiles.openReadBack(path);
        return tracked({
          readPath: faults.readPath,
          sizeBytes: file.sizeBytes,
          read: (into: Uint8Array, lengthBytes: number, at: number) =>
            by.operation(() => file.read(into, lengthBytes, at)),
          close: () => file.close(),
        });
      }),
    publish: (path, finalPath, receipt) =>
      by.operation(
        () => durableFiles.publish(path, finalPath, receipt),
        async () => publishHalf(path, finalPath, receipt, random.int(0, 2)),
      ),
    settle: (part, finalPath, receipt) => asked(() => durableFiles.settle(part, finalPath, receipt)),
    announce: (path, archivePath) => asked(() => durableFiles.announce(path, archivePath)),
    announced: (path) => asked(() => durableFiles.announced(path)),
    remove: (path) => by.operation(() => durableFiles.remove(path)),
    names: (path) => asked(() => durableFiles.names(path)),
  };
}

/** What a process that dies while it publishes can leave: nothing, the receipt, or the file under both names. */
function publishHalf(part: string, finalPath: string, receipt: string, steps: number): void {
  const receiptPath = `${finalPath}${receiptSuffix}`;
  if (steps > 0 && !existsSync(receiptPath)) writeFileSync(receiptPath, receipt, { mode: 0o440, flag: 'wx' });
  if (steps > 1 && !existsSync(finalPath)) {
    chmodSync(part, 0o440);
    linkSync(part, finalPath);
  }
}

/** After a power cut: of what was not synced some reached the medium, some did not. */
export function losePower(unsynced: Unsynced, random: Random): void {
  for (const [path, ranges] of unsynced) {
    if (!existsSync(path) || statSync(path).nlink > 1) continue;
    for (const range of ranges) if (random.chance(0.5)) wipe(path, range);
    if (random.chance(0.3)) truncateSync(path, random.int(0, statSync(path).size));
  }
  unsynced.clear();
}

function wipe(path: string, { at, length }: Range): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(length), 0, length, at);
  } finally {
    closeSync(file);
  }
}

function turnBit(path: string, at: number): void {
  const file = openSync(path, 'r+');
  try {
    // Whatever stands there, this is not it: footage is ASCII or zero.
    writeSync(file, Buffer.of(0x80 | (at & 0x7f)), 0, 1, at);
  } finally {
    closeSync(file);
  }
}
