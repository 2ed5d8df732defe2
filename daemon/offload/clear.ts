/**
 * Erases from a camera what the bureau's policy allows, each recording with its proof (I3).
 *
 * Answerable for: nothing is erased that the ledger and the archive do not both have, whole and proved, at that moment;
 * never an important recording. The session compares the recording with the proof once more before it erases.
 * Must never: erase by anything but the entry of exactly this recording, or without an entry from before that says so.
 */
import type { Config } from '../../config/schema.js';
import type { CameraRecording, EraseProof } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import type { Archive } from '../archive/archive.js';
import { type KnownRecording, type Ledger, recordingKey } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { Cleared, OffloadRequest } from './offload.js';
import { recordingRef } from './recording-entry.js';

export interface ClearOptions {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly config: Pick<Config, 'offload'>;
  /** Whether the ledger was checked since the start and found in order: an entry of a broken one proves nothing. Asked before each recording. */
  readonly mayErase: () => boolean;
  readonly log: Log;
}

/** Why a recording stays on its camera, or null where the policy lets it go. Pure. */
export function reasonToKeep(
  recording: CameraRecording,
  entered: KnownRecording | undefined,
  policy: Config['offload']['erase'],
): string | null {
  if (policy === 'never') return 'the policy is never';
  if (entered === undefined) return 'no entry';
  const { body } = entered;
  if (recordingKey(recording) !== recordingKey({ ...body, path: Buffer.from(body.pathBytes, 'base64') })) {
    return 'the entry is of another recording';
  }
  if (recording.important || body.important) return 'important';
  // What is not whole may hold more for a specialist than was copied.
  if (body.label !== 'complete' && body.label !== 'zero-length') return `labelled ${body.label}`;
  if (body.missing.length > 0) return 'unreadable ranges';
  // A page cache is no proof of what the medium holds (I2): decision 0044.
  if (body.readBack !== 'direct') return 'not read back from the medium';
  return null;
}

export async function clearCamera(
  { ledger, archive, config, mayErase, log }: ClearOptions,
  request: OffloadRequest,
  signal: AbortSignal,
): Promise<Cleared> {
  const { bay, docking, camera, session } = request;
  const policy = config.offload.erase;
  const { erase } = session;
  // Listed whole before the first is erased: a listing of a changing folder may miss or repeat names.
  const listing: CameraRecording[] = [];
  for await (const listed of session.recordings(signal)) if ('recording' in listed) listing.push(listed.recording);
  if (policy === 'never' || erase === undefined) return { erased: 0, kept: listing.length, waiting: 0 };
  const known = await ledger.knownRecordings(camera);
  if (!mayErase()) {
    const waiting = listing.filter((one) => reasonToKeep(one, known.get(recordingKey(one)), policy) === null).length;
    if (waiting > 0) log.info('offload.erase-waits', { bay, camera, waiting });
    return { erased: 0, kept: listing.length, waiting };
  }
  await archive.ready();
  let erased = 0;
  for (const recording of listing) {
    signal.throwIfAborted();
    const entered = known.get(recordingKey(recording));
    const proof = await proofOf(recording, entered);
    if (proof === null || entered === undefined || !mayErase()) continue;
    const body = { ...recordingRef(recording), bay, docking, camera, proof };
    // Once an erasure: one that was refused or cut short is tried again under the entry that it has.
    if (!erasingWithoutOutcome(entered)) await ledger.append({ kind: 'recording.erasing', body });
    signal.throwIfAborted();
    try {
      await erase(recording, proof);
    } catch (error) {
      signal.throwIfAborted();
      log.warn('offload.erase-refused', { bay, camera, path: recording.displayPath }, error);
      // Of one recording only: it changed since it was proved, and stays. Anything else is the camera's trouble.
      if (error instanceof DockError && error.code === 'DOCK_ERASE_CHANGED') continue;
      throw error;
    }
    await ledger.append({ kind: 'recording.erased', body: { ...body, outcome: 'erased' } });
    erased += 1;
  }
  return { erased, kept: listing.length - erased, waiting: 0 };

  /** The proof as it stands at this moment; null where the recording has to stay. */
  async function proofOf(recording: CameraRecording, entered: KnownRecording | undefined): Promise<EraseProof | null> {
    if (entered === undefined || reasonToKeep(recording, entered, policy) !== null) return null;
    const { archivePath, sizeBytes } = entered.body;
    const now = await ledger.recordingAt(archivePath);
    if (now === undefined || now.seq !== entered.seq || now.leaf !== entered.leaf) return null;
    if (!(await archive.holds(archivePath, sizeBytes))) return null;
    return { sha256: now.body.sha256, sequence: now.seq, leaf: now.leaf };
  }
}

function erasingWithoutOutcome({ erasingSeq, erasedSeq }: KnownRecording): boolean {
  return erasingSeq !== null && (erasedSeq === null || erasedSeq < erasingSeq);
}

/**
 * Enters what came of erasures that have no outcome, because the dock stopped or the camera was taken in the middle: gone is what a
 * complete listing does not have any more. What is still there is erased, or kept, like any other.
 */
export async function enterFoundGone(
  { ledger, log }: Pick<ClearOptions, 'ledger' | 'log'>,
  { bay, docking, camera }: OffloadRequest,
  listing: readonly CameraRecording[],
  known: ReadonlyMap<string, KnownRecording>,
): Promise<void> {
  const there = new Set(listing.map(recordingKey));
  for (const [key, entered] of known) {
    if (there.has(key) || !erasingWithoutOutcome(entered)) continue;
    const { path, pathBytes, sizeBytes, modifiedMs, sha256 } = entered.body;
    const proof = { sha256, sequence: entered.seq, leaf: entered.leaf };
    const body = {
      path,
      pathBytes,
      sizeBytes,
      modifiedMs,
      bay,
      docking,
      camera,
      proof,
      outcome: 'found-gone' as const,
    };
    await ledger.append({ kind: 'recording.erased', body });
    log.info('offload.found-gone', { bay, camera, path });
  }
}
