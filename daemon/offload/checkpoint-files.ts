/**
 * Taking over what an interrupted copy left, and leaving notes for the next one.
 *
 * Must never: take over a byte that was not read from the disk again and hashed to what was noted of the camera's bytes.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Clock } from '../../drivers/contract/clock.js';
import type { NotesFile, PartFile } from '../archive/durable-files.js';
import { type Checkpoint, checkpointBytes, checkpointLine, headLine, ownerLine, parseNotes } from './checkpoints.js';
import type { Beginning } from './confirmed.js';
import type { ArchiveJob } from './copier.js';
import type { Copying } from './copying.js';
import { hashRange } from './prove.js';
import type { SourceRead } from './source-files.js';
import type { Writes } from './writes.js';

export interface TakenOver {
  readonly part: PartFile;
  /** State after the bytes that were taken over. */
  readonly hash: Hash;
  readonly lengthBytes: number;
  readonly sourceRead: SourceRead;
  readonly checkpoints: PartCheckpoints;
}

/** `inOrder`: the camera sends all of it again anyway, and for as long as it sends what is there already the copy would seem to stand still. */
export async function takeOver(copying: Copying, modifiedNs: bigint, inOrder: boolean): Promise<TakenOver> {
  const { job, tools, partPath, notesPath } = copying;
  const { files, clock } = tools;
  const text = await files.readSmall(notesPath);
  // A file that is smaller than one step between checkpoints is noted only when its copy is interrupted: few are.
  if (job.sizeBytes <= checkpointBytes && text === undefined) {
    const part = await files.openPart(partPath, true);
    const open = (): Promise<NotesFile> => beginNotes(copying, modifiedNs);
    const checkpoints = new PartCheckpoints(undefined, open, part, clock, 0);
    return { part, hash: createHash('sha256'), lengthBytes: 0, sourceRead: 'direct', checkpoints };
  }
  const noted = inOrder ? [] : parseNotes(text, job.part, modifiedNs);
  const part = await files.openPart(partPath, noted.length === 0);
  try {
    const proved = await prove(copying, partPath, noted);
    // Notes that hold go on; notes that do not are begun anew.
    const holds = proved.count > 0 && proved.count === noted.length;
    const notes = holds ? await files.openNotes(notesPath, false) : await beginNotes(copying, modifiedNs);
    // The empty line ends one that may have been torn.
    if (holds) await notes.append('');
    else for (const checkpoint of noted.slice(0, proved.count)) await notes.append(checkpointLine(checkpoint));
    const last = noted[proved.count - 1];
    const lengthBytes = last?.lengthBytes ?? 0;
    return {
      part,
      hash: proved.hash,
      lengthBytes,
      sourceRead: last?.sourceRead ?? 'direct',
      checkpoints: new PartCheckpoints(notes, () => Promise.resolve(notes), part, clock, lengthBytes),
    };
  } catch (error) {
    await part.close();
    throw error;
  }
}

async function beginNotes({ job, tools, notesPath }: Copying, modifiedNs: bigint): Promise<NotesFile> {
  const notes = await tools.files.openNotes(notesPath, true);
  await notes.append(`${headLine(job.part, modifiedNs)}\n${ownerLine(job.camera, job.recording)}`);
  return notes;
}

/** Leaves notes of a part that had none, or none up to there. */
export async function noteLeft(copying: Copying, modifiedNs: bigint, checkpoint: Checkpoint): Promise<void> {
  if (copying.job.sizeBytes > checkpointBytes || checkpoint.lengthBytes === 0) return;
  const notes = await beginNotes(copying, modifiedNs);
  try {
    await notes.append(checkpointLine(checkpoint));
  } finally {
    await notes.close();
  }
}

/** How many of the noted checkpoints the bytes on the disk bear out, and the hash up to the last of them. */
export async function prove(
  copying: Copying<ArchiveJob>,
  path: string,
  noted: readonly Checkpoint[],
): Promise<{ readonly count: number; readonly hash: Hash }> {
  let proved = createHash('sha256');
  let count = 0;
  if (noted.length === 0) return { count, hash: proved };
  const file = await copying.tools.files.openReadBack(path);
  try {
    const leastBytes = Math.min(file.sizeBytes, copying.job.sizeBytes);
    const usable = noted.filter(({ lengthBytes }) => lengthBytes <= leastBytes);
    const hash = createHash('sha256');
    let from = 0;
    for (const checkpoint of usable) {
      // Shown as progress: reading a large part takes longer than a stall.
      await hashRange(copying, file, from, checkpoint.lengthBytes, hash, ({ bytes, at }) =>
        copying.control.progress({ copiedBytes: at + bytes.length, verifiedBytes: 0 }),
      );
      if (hash.copy().digest('hex') !== checkpoint.sha256) break;
      proved = hash.copy();
      count += 1;
      from = checkpoint.lengthBytes;
    }
  } finally {
    await file.close();
  }
  return { count, hash: proved };
}

/** At most one part in so many of the time goes into syncing checkpoints: a slow disk gets them less often. */
const syncShare = 20;

/** Writes the checkpoints of one copy. Without notes (small files) it does nothing. */
export class PartCheckpoints {
  #notes: NotesFile | undefined;
  readonly #open: () => Promise<NotesFile>;
  readonly #part: PartFile;
  readonly #clock: Clock;
  #notedBytes: number;
  #noting: Promise<void> = Promise.resolve();
  #nextSyncMs: number;

  /** `open`: makes the notes of a recording that has none as long as nothing interrupts its copy. */
  constructor(
    notes: NotesFile | undefined,
    open: () => Promise<NotesFile>,
    part: PartFile,
    clock: Clock,
    notedBytes: number,
  ) {
    this.#notes = notes;
    this.#open = open;
    this.#part = part;
    this.#clock = clock;
    this.#notedBytes = notedBytes;
    this.#nextSyncMs = clock.monotonicMs();
  }

  /**
   * Notes a checkpoint every `checkpointBytes`, behind the writes that it speaks of, without holding up the next reads;
   * waits only for the one before, so that a copy never gets further than two steps past what is noted.
   */
  async reached({ lengthBytes, hash }: Beginning, sourceRead: SourceRead, writes: Writes): Promise<void> {
    if (this.#notes === undefined || lengthBytes - this.#notedBytes < checkpointBytes) return;
    await this.#noting;
    this.#notedBytes = lengthBytes;
    const line = checkpointLine({ lengthBytes, sha256: hash.copy().digest('hex'), sourceRead });
    const noting = this.#note(this.#notes, line, writes);
    // Awaited at the next step or at the end; until then a rejection must not count as unhandled.
    noting.catch(() => undefined);
    this.#noting = noting;
  }

  /** Every note is written that was begun; throws where the sync before one failed. */
  settled(): Promise<void> {
    return this.#noting;
  }

  /** The place where copying ended: nothing before it has to be read from the camera again. */
  async interrupted(beginning: Beginning, sourceRead: SourceRead): Promise<void> {
    if (beginning.lengthBytes > 0) this.#notes ??= await this.#open();
    await this.ended(beginning, sourceRead);
  }

  /** The same of a copy that got to its end: a small one is read back at once, and has no notes for that. */
  async ended({ lengthBytes, hash }: Beginning, sourceRead: SourceRead): Promise<void> {
    const notes = this.#notes;
    if (notes === undefined) return;
    await this.#noting;
    if (lengthBytes > this.#notedBytes) {
      await notes.append(checkpointLine({ lengthBytes, sha256: hash.copy().digest('hex'), sourceRead }));
    }
  }

  async close(): Promise<void> {
    await this.#notes?.close();
  }

  async #note(notes: NotesFile, line: string, writes: Writes): Promise<void> {
    if (!(await writes.finished())) return;
    await notes.append(line);
    const startedMs = this.#clock.monotonicMs();
    if (startedMs < this.#nextSyncMs) return;
    await this.#part.sync();
    await notes.sync();
    const endedMs = this.#clock.monotonicMs();
    this.#nextSyncMs = endedMs + (endedMs - startedMs) * syncShare;
  }
}
