/**
 * Taking over what an interrupted copy left, and leaving notes for the next one.
 *
 * Must never: take over a byte that was not read from the disk again and hashed to what was noted of the camera's bytes.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Clock } from '../../drivers/contract/clock.js';
import type { NotesFile, PartFile } from '../archive/durable-files.js';
import { type Checkpoint, checkpointBytes, checkpointLine, headLine, parseNotes } from './checkpoints.js';
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

export async function takeOver(copying: Copying, modifiedNs: bigint): Promise<TakenOver> {
  const { job, tools, partPath, notesPath } = copying;
  const { files, clock } = tools;
  // A file that is smaller than one step between checkpoints is sooner copied again than noted.
  if (job.sizeBytes <= checkpointBytes) {
    const part = await files.openPart(partPath, true);
    const checkpoints = new PartCheckpoints(undefined, part, clock, 0);
    return { part, hash: createHash('sha256'), lengthBytes: 0, sourceRead: 'direct', checkpoints };
  }
  const noted = parseNotes(await files.readSmall(notesPath), job.part, modifiedNs);
  const part = await files.openPart(partPath, noted.length === 0);
  try {
    const proved = await prove(copying, noted, part.sizeBytes);
    // Notes that hold go on; notes that do not are begun anew.
    const holds = proved.count > 0 && proved.count === noted.length;
    const notes = await files.openNotes(notesPath, !holds);
    // The empty line ends one that may have been torn.
    await notes.append(holds ? '' : headLine(job.part, modifiedNs));
    if (!holds) for (const checkpoint of noted.slice(0, proved.count)) await notes.append(checkpointLine(checkpoint));
    const last = noted[proved.count - 1];
    const lengthBytes = last?.lengthBytes ?? 0;
    return {
      part,
      hash: proved.hash,
      lengthBytes,
      sourceRead: last?.sourceRead ?? 'direct',
      checkpoints: new PartCheckpoints(notes, part, clock, lengthBytes),
    };
  } catch (error) {
    await part.close();
    throw error;
  }
}

/** How many of the noted checkpoints the bytes on the disk bear out, and the hash up to the last of them. */
async function prove(
  copying: Copying,
  noted: readonly Checkpoint[],
  partBytes: number,
): Promise<{ readonly count: number; readonly hash: Hash }> {
  const usable = noted.filter(({ lengthBytes }) => lengthBytes <= Math.min(partBytes, copying.job.sizeBytes));
  let proved = createHash('sha256');
  let count = 0;
  if (usable.length === 0) return { count, hash: proved };
  const file = await copying.tools.files.openReadBack(copying.partPath);
  try {
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
  readonly #notes: NotesFile | undefined;
  readonly #part: PartFile;
  readonly #clock: Clock;
  #notedBytes: number;
  #noting: Promise<void> = Promise.resolve();
  #nextSyncMs: number;

  constructor(notes: NotesFile | undefined, part: PartFile, clock: Clock, notedBytes: number) {
    this.#notes = notes;
    this.#part = part;
    this.#clock = clock;
    this.#notedBytes = notedBytes;
    this.#nextSyncMs = clock.monotonicMs();
  }

  /**
   * Notes a checkpoint every `checkpointBytes`, behind the writes that it speaks of, without holding up the next reads;
   * waits only for the one before, so that a copy never gets further than two steps past what is noted.
   */
  async reached(lengthBytes: number, hash: Hash, sourceRead: SourceRead, writes: Writes): Promise<void> {
    if (this.#notes === undefined || lengthBytes - this.#notedBytes < checkpointBytes) return;
    await this.#noting;
    this.#notedBytes = lengthBytes;
    const line = checkpointLine({ lengthBytes, sha256: hash.copy().digest('hex'), sourceRead });
    const noting = this.#note(this.#notes, line, writes);
    // Awaited at the next step or at the end; until then a rejection must not count as unhandled.
    noting.catch(() => undefined);
    this.#noting = noting;
  }

  /** The exact place where copying ended: nothing before it has to be read from the camera again. */
  async interrupted(lengthBytes: number, hash: Hash, sourceRead: SourceRead): Promise<void> {
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
