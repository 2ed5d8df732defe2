/**
 * The archive's files as one copy may use them: every step that it takes there goes by whoever watches the copy.
 *
 * Answerable for: no call of `DurableFiles`, nor of a file that it opened, reaches the archive by another way. Closing is none of
 * them: it changes nothing, and a copy that was given up has to close what it opened.
 */
import type { ReadableFile } from '../archive/direct-io.js';
import type { DurableFiles, NotesFile, PartFile } from '../archive/durable-files.js';

/** Runs one step at the archive, or refuses to. */
export type ArchiveStep = <T>(step: () => Promise<T>) => Promise<T>;

export function ownedFiles(files: DurableFiles, step: ArchiveStep): DurableFiles {
  const part = (file: PartFile): PartFile => ({
    sizeBytes: file.sizeBytes,
    write: (block, at) => step(() => file.write(block, at)),
    sync: () => step(() => file.sync()),
    seal: (lengthBytes) => step(() => file.seal(lengthBytes)),
    close: () => file.close(),
  });
  const notes = (file: NotesFile): NotesFile => ({
    append: (line) => step(() => file.append(line)),
    sync: () => step(() => file.sync()),
    close: () => file.close(),
  });
  const readable = (file: ReadableFile): ReadableFile => ({
    readPath: file.readPath,
    sizeBytes: file.sizeBytes,
    read: (into, lengthBytes, at) => step(() => file.read(into, lengthBytes, at)),
    close: () => file.close(),
  });
  return {
    makeFolder: (root, names) => step(() => files.makeFolder(root, names)),
    openPart: async (path, fresh) => part(await step(() => files.openPart(path, fresh))),
    readSmall: (path) => step(() => files.readSmall(path)),
    openNotes: async (path, fresh) => notes(await step(() => files.openNotes(path, fresh))),
    openReadBack: async (path) => readable(await step(() => files.openReadBack(path))),
    publish: (path, finalPath, receipt) => step(() => files.publish(path, finalPath, receipt)),
    settle: (part, finalPath, receipt) => step(() => files.settle(part, finalPath, receipt)),
    announce: (path, archivePath) => step(() => files.announce(path, archivePath)),
    announced: (path) => step(() => files.announced(path)),
    remove: (path) => step(() => files.remove(path)),
    names: (path) => step(() => files.names(path)),
  };
}
