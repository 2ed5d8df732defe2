/**
 * One offload of one camera: list, plan, copy, prove, enter (D8).
 *
 * Answerable for: every recording that the ledger does not have is copied or reported; each one is entered, durably,
 * before it counts as safe (I2, I4); one recording's trouble stays its own (I8).
 * Must never: write to the camera, or count a recording that the ledger has not confirmed.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { Timer } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';
import type { Left } from '../archive/archive.js';
import { size } from '../language/figures.js';
import type { Log } from '../runtime/log.js';
import { ArchiveNames } from './archive-names.js';
import { partKey } from './checkpoints.js';
import { enterFoundGone } from './clear.js';
import type { CopyResult, RunningCopy } from './copier.js';
import type { FailedRecording } from './end-entries.js';
import { cameraUnreadable, helpsAtOnce, recordingBusy, stopsAll, unreadReasons } from './faults.js';
import { LeftParts } from './left-parts.js';
import { OffloadMeter } from './meter.js';
import type { OffloadProgress, OffloadRequest, OffloadSummary } from './offload.js';
import { type Fit, fitIntoRoom, inOrder, type Plan, planOffload, wantedBytes } from './plan.js';
import type { Turn } from './queue.js';
import { offloadedBody } from './recording-entry.js';
import type { SharedOffload } from './shared-offload.js';

/** Copies of one recording, as long as its failure says that another try at once can help. */
const attempts = 3;
/** A card of unreadable folders is one trouble, not a log full of them. */
const mostUnreadLogged = 20;
/** So many unreadable recordings in a row, and it is the card, not the recordings. */
const failuresInARow = 16;
/** How often progress is told, ms. */
const progressEveryMs = 250;

export class OffloadRun {
  readonly #shared: SharedOffload;
  readonly #request: OffloadRequest;
  readonly #tell: (now: OffloadProgress) => void;
  readonly #signal: AbortSignal;
  /** Ends this run from inside, for what stops every recording alike. */
  readonly #stop = new AbortController();
  readonly #meter: OffloadMeter;
  readonly #log: Log;
  readonly #failures: FailedRecording[] = [];
  readonly #running = new Set<RunningCopy>();
  #offloaded = 0;
  #bytes = 0;
  #left: Left = { parts: new Map(), noted: new Set(), announced: new Set() };
  #inARow = 0;
  /** The plan does not fit. */
  #full: DockError | undefined;
  /** The plan fitted, but something else took the room meanwhile. */
  #diskFull: DockError | undefined;

  constructor(
    shared: SharedOffload,
    request: OffloadRequest,
    tell: (now: OffloadProgress) => void,
    signal: AbortSignal,
  ) {
    this.#shared = shared;
    this.#request = request;
    this.#tell = tell;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#signal.addEventListener('abort', () => {
      for (const copy of this.#running) copy.cancel(this.#signal.reason);
    });
    this.#meter = new OffloadMeter(shared.clock);
    this.#log = shared.log.with({ bay: request.bay, camera: request.camera, docking: request.docking });
  }

  async run(): Promise<OffloadSummary> {
    this.#signal.throwIfAborted();
    const { archive, ledger, clock, endEntries } = this.#shared;
    await archive.ready();
    const { listing, skipped, unread } = await this.#list();
    const known = await ledger.knownRecordings(this.#request.camera);
    if (unread === 0) await enterFoundGone(this.#shared, this.#request, listing, known);
    const plan = planOffload(listing, known, clock.wallMs());
    const lost = await this.#lostFromArchive(plan.known);
    if (lost.length > 0) this.#log.warn('offload.lost-from-archive', { count: lost.length });
    this.#left = await archive.left();
    for (const { recording } of plan.known) {
      const part = this.#partOf(recording);
      if (this.#left.announced.has(part) && !lost.includes(recording)) await this.#endAnnouncement(part);
    }
    const fit = await this.#fit(inOrder([...plan.toCopy, ...lost]));
    this.#log.info('offload.planned', {
      toCopy: fit.fitting.length,
      size: size(fit.fitting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
      alreadySafe: plan.known.length - lost.length,
      refused: fit.refused.length,
    });
    await this.#copyAll(fit);
    this.#signal.throwIfAborted();
    // After the copies: one of them may have what a part has.
    if (unread === 0)
      await new LeftParts(this.#shared, this.#request, this.#log, this.#signal).takeIn(listing, this.#left);
    const totals = {
      found: listing.length,
      alreadySafe: plan.known.length - lost.length,
      offloaded: this.#offloaded,
      skipped,
      unread,
      bytes: this.#bytes,
    };
    await endEntries.enter(this.#request, totals, this.#failures);
    const { offloaded, alreadySafe } = totals;
    this.#log.info('offload.ended', { offloaded, alreadySafe, failed: this.#failures.length });
    const full = this.#full ?? this.#diskFull;
    if (full !== undefined && this.#offloaded === 0) throw full;
    const failed = this.#failures.map(({ recording, error }) => ({ path: recording.displayPath, error }));
    return { ...totals, failed, absurdTimes: plan.absurdTimes };
  }

  async #list(): Promise<{
    readonly listing: readonly CameraRecording[];
    readonly skipped: number;
    readonly unread: number;
  }> {
    const listing: CameraRecording[] = [];
    let skipped = 0;
    let unread = 0;
    for await (const listed of this.#request.session.recordings(this.#signal)) {
      if ('recording' in listed) listing.push(listed.recording);
      else if (listed.skipped.reason === 'link' || listed.skipped.reason === 'special') skipped += 1;
      else {
        unread += 1;
        if (unread <= mostUnreadLogged)
          this.#log.warn('offload.unread', {
            path: listed.skipped.displayPath,
            reason: unreadReasons[listed.skipped.reason],
          });
      }
    }
    return { listing, skipped, unread };
  }

  /** Entered, but the archive does not have the file any more: it is copied again while the camera still has it. */
  async #lostFromArchive(known: Plan['known']): Promise<readonly CameraRecording[]> {
    const lost: CameraRecording[] = [];
    for (const { recording, entered } of known) {
      const there = await this.#shared.archive.holds(entered.body.archivePath, entered.body.sizeBytes);
      if (!there) lost.push(recording);
    }
    return lost;
  }

  /** Decides before anything is copied what the archive has room for. */
  async #fit(ordered: readonly CameraRecording[]): Promise<Fit> {
    const { archive } = this.#shared;
    const roomBytes = await archive.roomBytes();
    const fit = fitIntoRoom(ordered, roomBytes, (recording) => this.#onDisk(recording));
    if (fit.refused.length === 0) return fit;
    this.#full = new DockError('DOCK_ARCHIVE_FULL', {
      expected: phrase`room for ${size(fit.neededBytes)} beside the ${size(archive.reserveBytes)} that stay free`,
      found: phrase`room for ${size(roomBytes)}`,
      todo: phrase`Make room on the archive disk, or enlarge it`,
      retry: 'now',
    });
    for (const recording of fit.refused) this.#failures.push({ recording, error: this.#full });
    return fit;
  }

  async #copyAll({ fitting, refused, fittingBytes }: Fit): Promise<void> {
    const { archive, ledger, queue, meters, clock, timeZone } = this.#shared;
    const { camera, session, priority } = this.#request;
    const nowMs = clock.wallMs();
    const names = new ArchiveNames(archive, ledger, camera, { fileTimes: session.fileTimes, timeZone, nowMs });
    this.#meter.begin(fitting, refused);
    meters.add(this.#meter);
    const reservation = archive.reserve(fittingBytes);
    const stopTelling = this.#tellRegularly();
    try {
      const work = fitting.map((recording) => {
        const planned = wantedBytes(recording, this.#onDisk(recording));
        return {
          sizeBytes: recording.sizeBytes,
          run: async (turn: Turn): Promise<void> => {
            await this.#offloadOne(recording, names, turn);
            reservation.release(planned);
          },
        };
      });
      await queue.run(work, priority, this.#signal, session.copiesAtOnce);
    } finally {
      stopTelling();
      reservation.end();
      meters.delete(this.#meter);
    }
    this.#tell(this.#meter.progress([this.#meter]));
  }

  #tellRegularly(): () => void {
    const { clock, meters } = this.#shared;
    let timer: Timer | undefined;
    const tell = (): void => {
      this.#tell(this.#meter.progress(meters));
      timer = clock.timer('offload.progress', progressEveryMs, tell);
    };
    tell();
    return () => timer?.cancel();
  }

  /** One recording, from its name in the archive to its entry. Never rejects. */
  async #offloadOne(recording: CameraRecording, names: ArchiveNames, turn: Turn): Promise<void> {
    let safe = false;
    try {
      // The disk filled up against the plan: what follows would only fail the same way.
      if (this.#diskFull !== undefined) throw this.#diskFull;
      await this.#copyAndEnter(recording, names, turn);
      safe = true;
      this.#inARow = 0;
      this.#offloaded += 1;
      this.#bytes += recording.sizeBytes;
    } catch (error) {
      this.#note(recording, error);
    }
    this.#meter.ended(recording, safe);
  }

  /** The part is this recording's alone until it is entered, and until no copy that was given up can touch it any more. */
  async #copyAndEnter(recording: CameraRecording, names: ArchiveNames, turn: Turn): Promise<void> {
    const { archive, busyParts, ledger, timeZone } = this.#shared;
    const part = this.#partOf(recording);
    if (busyParts.has(part)) throw recordingBusy();
    busyParts.add(part);
    let released: Promise<void> = Promise.resolve();
    try {
      const earlier = this.#left.announced.has(part) ? await archive.announced(part) : undefined;
      const { finalPath, alternatePath } = await names.give(recording, part, earlier);
      const { sizeBytes } = recording;
      const { camera, session } = this.#request;
      const source = session.source(recording);
      const job = { source, camera, recording, sizeBytes, archive: archive.path, part, finalPath, alternatePath };
      const begin = (): RunningCopy => {
        const copy = this.#shared.copier.start(job, (now) => {
          this.#meter.moved(recording, now);
          turn.moved(now.copiedBytes >= sizeBytes);
        });
        released = copy.released;
        turn.attach(copy);
        return copy;
      };
      const result = await this.#copy(recording, begin);
      const body = offloadedBody(this.#request, recording, result, timeZone);
      await ledger.append({ kind: 'recording.offloaded', body });
      this.#logSafe(recording, result);
      await this.#endAnnouncement(part);
    } finally {
      void released.then(() => busyParts.delete(part));
    }
  }

  /** What was entered is safe, whatever becomes of this: an announcement that stays is removed when the camera is listed again. */
  async #endAnnouncement(part: string): Promise<void> {
    try {
      await this.#shared.archive.endAnnouncement(part);
    } catch (error) {
      this.#log.warn('offload.announcement-left', { part }, error);
    }
  }

  /** Copies with further tries where one at once can help. */
  async #copy(recording: CameraRecording, begin: () => RunningCopy): Promise<CopyResult> {
    for (let attempt = 1; ; attempt += 1) {
      this.#signal.throwIfAborted();
      const copy = begin();
      this.#running.add(copy);
      try {
        return await copy.result;
      } catch (error) {
        if (attempt >= attempts || !helpsAtOnce(error)) throw error;
        this.#log.warn('offload.retried', { path: recording.displayPath, attempt: attempt + 1 }, error);
      } finally {
        this.#running.delete(copy);
      }
    }
  }

  /** Bytes of a recording that an interrupted copy left. */
  #onDisk(recording: CameraRecording): number {
    const { parts } = this.#left;
    return parts.size === 0 ? 0 : (parts.get(this.#partOf(recording)) ?? 0);
  }

  #partOf({ path, sizeBytes, modifiedMs }: CameraRecording): string {
    return partKey({ camera: this.#request.camera, path, sizeBytes, modifiedMs });
  }

  /** Keeps a failure for the end, and ends the run where it concerns every recording. */
  #note(recording: CameraRecording, thrown: unknown): void {
    if (this.#signal.aborted) return;
    const error = thrown instanceof DockError ? thrown : unexpected(thrown);
    this.#failures.push({ recording, error });
    this.#log.warn('offload.recording-failed', { path: recording.displayPath }, error);
    if (error.code === 'DOCK_ARCHIVE_FULL') this.#diskFull ??= error;
    if (stopsAll(error)) {
      this.#stop.abort(error);
    } else if (error.code === 'DOCK_RECORDING_GONE' || error.code === 'DOCK_RECORDING_UNREADABLE') {
      this.#inARow += 1;
      if (this.#inARow >= failuresInARow) this.#stop.abort(cameraUnreadable(this.#inARow, error));
    }
  }

  #logSafe({ displayPath }: CameraRecording, { archivePath, label, readBack, missing }: CopyResult): void {
    this.#log.debug('offload.recording-safe', { path: displayPath, archivePath, label, readBack });
    if (label === 'complete') return;
    const missingBytes = missing.reduce((sum, { from, to }) => sum + to - from, 0);
    this.#log.warn(`offload.kept.${label}`, { path: displayPath, missing: size(missingBytes) });
  }
}

/** A bug, or something nobody thought of: the recording stays on the camera, and the others go on. */
function unexpected(thrown: unknown): DockError {
  return new DockError('DOCK_OFFLOAD_FAILED', {
    expected: phrase`a copy, or an error that says why not`,
    found: printable(messageOf(thrown)),
    todo: phrase`Report this with the log; the recording stays on the camera`,
    retry: 'after-redocking',
    cause: thrown,
  });
}
