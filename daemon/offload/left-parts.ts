/**
 * What interrupted copies left of recordings that are not on the camera any more, or not as they were (decision 0048).
 *
 * Answerable for: such a part may be all there is of a recording. It is taken into the archive and entered as what it is, or it stays.
 * Must never: remove a part unless the archive has, entered, all that can be proved of it; decide anything by a listing that is not complete.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import type { Left } from '../archive/archive.js';
import type { KnownRecording } from '../custody/ledger.js';
import { size } from '../language/figures.js';
import type { Log } from '../runtime/log.js';
import { ArchiveNames } from './archive-names.js';
import { partKey } from './checkpoints.js';
import type { PartResult, RunningCopy } from './copier.js';
import { stopsAll } from './faults.js';
import { type LeftNotes, parseLeftNotes } from './left-notes.js';
import type { OffloadRequest } from './offload.js';
import { partBody } from './recording-entry.js';
import type { SharedOffload } from './shared-offload.js';

/** Recordings under the same path that are looked at for the bytes of a part, the latest first. */
const mostCompared = 8;

export class LeftParts {
  readonly #shared: SharedOffload;
  readonly #request: OffloadRequest;
  readonly #log: Log;
  readonly #signal: AbortSignal;

  constructor(shared: SharedOffload, request: OffloadRequest, log: Log, signal: AbortSignal) {
    this.#shared = shared;
    this.#request = request;
    this.#log = log;
    this.#signal = signal;
  }

  /** `listing`: all that is on the camera; `left`: as it was before anything of that was copied. */
  async takeIn(listing: readonly CameraRecording[], left: Left): Promise<void> {
    const { archive, ledger } = this.#shared;
    const { camera } = this.#request;
    const orphans = new Set([...left.parts.keys(), ...left.noted, ...left.announced]);
    for (const { path, sizeBytes, modifiedMs } of orphans.size === 0 ? [] : listing) {
      orphans.delete(partKey({ camera, path, sizeBytes, modifiedMs }));
    }
    if (orphans.size === 0) return;
    const known = await ledger.knownRecordings(camera);
    const entered = new Map([...known.values()].map((one) => [keyOf(camera, one), one]));
    for (const key of orphans) {
      this.#signal.throwIfAborted();
      if (this.#shared.busyParts.has(key)) continue;
      const whole = entered.get(key);
      const notes = left.noted.has(key) ? parseLeftNotes(await archive.notes(key), key) : undefined;
      // What nobody can tell to be of this camera may be another's, whose copy was interrupted only now.
      if (whole === undefined && notes?.camera !== camera) continue;
      const isWhole = whole !== undefined && (await this.#isWhole(whole));
      if (isWhole || !(left.parts.has(key) || (await this.#isPublishedOnly(key, left)))) {
        await archive.removeLeft(key);
      } else if (notes !== undefined) {
        await this.#takeIn(key, notes, [...known.values()], left.announced.has(key)).catch((error: unknown) => {
          if (this.#signal.aborted || !(error instanceof DockError) || stopsAll(error)) throw error;
          // It stays as it is, and the camera's own recordings are no worse for it.
          this.#log.warn('offload.part-failed', { part: key }, error);
        });
      }
    }
  }

  async #isWhole(entered: KnownRecording): Promise<boolean> {
    const { archivePath, sizeBytes, missing } = entered.body;
    return missing.length === 0 && (await this.#shared.archive.holds(archivePath, sizeBytes));
  }

  /** Without a part, what lies beside it is of use only for a file that has its name and no entry. */
  async #isPublishedOnly(key: string, left: Left): Promise<boolean> {
    const { archive, ledger } = this.#shared;
    const announced = left.announced.has(key) ? await archive.announced(key) : undefined;
    if (announced === undefined || !(await archive.has(announced))) return false;
    return (await ledger.recordingAt(announced)) === undefined;
  }

  /** The part is this run's alone until it is entered, and until nothing that was given up can touch it any more. */
  async #takeIn(key: string, notes: LeftNotes, known: readonly KnownRecording[], announced: boolean): Promise<void> {
    const { busyParts } = this.#shared;
    busyParts.add(key);
    let released: Promise<void> = Promise.resolve();
    try {
      const copy = await this.#begin(key, notes, known, announced);
      released = copy.released;
      await this.#settle(key, notes, await this.#watched(copy));
    } finally {
      void released.then(() => busyParts.delete(key));
    }
  }

  async #begin(
    key: string,
    { recording, checkpoints }: LeftNotes,
    known: readonly KnownRecording[],
    isAnnounced: boolean,
  ): Promise<RunningCopy<PartResult>> {
    const { archive, ledger, copier, timeZone, clock } = this.#shared;
    const { camera, session } = this.#request;
    const announced = isAnnounced ? ((await archive.announced(key)) ?? null) : null;
    const context = { fileTimes: session.fileTimes, timeZone, nowMs: clock.wallMs() };
    const names = new ArchiveNames(archive, ledger, camera, context);
    const { finalPath, alternatePath } = await names.give(recording, key, announced ?? undefined);
    const pathBytes = Buffer.from(recording.path).toString('base64');
    const perhapsIn = known
      .filter(({ body }) => body.pathBytes === pathBytes)
      .slice(-mostCompared)
      .map(({ body }) => body.archivePath)
      .reverse();
    const { sizeBytes } = recording;
    // Only a name that no entry speaks of, and that is ours to give, is gone on with.
    const resumed = announced === finalPath ? announced : null;
    const job = {
      archive: archive.path,
      part: key,
      sizeBytes,
      finalPath,
      alternatePath,
      checkpoints,
      announced: resumed,
      perhapsIn,
    };
    return copier.takeIn(job, () => undefined);
  }

  async #watched(copy: RunningCopy<PartResult>): Promise<PartResult> {
    const cancel = (): void => copy.cancel(this.#signal.reason);
    this.#signal.addEventListener('abort', cancel);
    if (this.#signal.aborted) cancel();
    try {
      return await copy.result;
    } finally {
      this.#signal.removeEventListener('abort', cancel);
    }
  }

  async #settle(key: string, { recording }: LeftNotes, found: PartResult): Promise<void> {
    const { archive, ledger, unprovedParts } = this.#shared;
    const path = recording.displayPath;
    if (found.outcome === 'unproved') {
      // It stays, and would be said again at each docking of its camera; doctor names it for as long as it is there.
      if (!unprovedParts.has(key)) this.#log.warn('offload.part-unproved', { path, part: key });
      unprovedParts.add(key);
      return;
    }
    unprovedParts.delete(key);
    if (found.outcome === 'held') {
      this.#log.info('offload.part-held', { path, archivePath: found.archivePath });
    } else {
      const { result } = found;
      await ledger.append({ kind: 'recording.offloaded', body: partBody(this.#request, recording, result) });
      const { archivePath, resumedBytes } = result;
      this.#log.warn('offload.part-taken-in', {
        path,
        archivePath,
        safe: size(resumedBytes),
        of: size(recording.sizeBytes),
      });
    }
    await archive.removeLeft(key);
  }
}

/** Of a recording that was entered from its beginning only, another part may hold more. */
function keyOf(camera: string, { body }: KnownRecording): string {
  const { pathBytes, sizeBytes, modifiedMs } = body;
  return partKey({ camera, path: Buffer.from(pathBytes, 'base64'), sizeBytes, modifiedMs });
}
