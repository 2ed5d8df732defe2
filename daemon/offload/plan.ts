/** What of a camera's listing is to be copied, and in which order. Pure. */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { hasAbsurdTimes } from '../archive/names.js';
import { type KnownRecording, recordingKey } from '../custody/ledger.js';

export interface Plan {
  /** Important ones first, then oldest first. */
  readonly toCopy: readonly CameraRecording[];
  /** The ledger has them. Whether the archive still does is for the caller to see. */
  readonly known: readonly { readonly recording: CameraRecording; readonly entered: KnownRecording }[];
  readonly absurdTimes: number;
}

export function planOffload(
  listing: readonly CameraRecording[],
  entered: ReadonlyMap<string, KnownRecording>,
  nowMs: number,
): Plan {
  const toCopy: CameraRecording[] = [];
  const known: { readonly recording: CameraRecording; readonly entered: KnownRecording }[] = [];
  let absurdTimes = 0;
  for (const recording of listing) {
    if (hasAbsurdTimes(recording, nowMs)) absurdTimes += 1;
    const entry = entered.get(recordingKey(recording));
    // The beginning of one that had gone is not the recording, now that it is there again.
    if (entry === undefined || isOnlyBeginning(entry)) toCopy.push(recording);
    else known.push({ recording, entered: entry });
  }
  return { toCopy: inOrder(toCopy), known, absurdTimes };
}

/** Made of a part: the camera was never read to its end. */
export function isOnlyBeginning({ body }: Pick<KnownRecording, 'body'>): boolean {
  return body.madeOf === 'part' && body.missing.length > 0;
}

/** Important ones first, then oldest first; the path decides between equals, so that every run has the same order. */
export function inOrder(recordings: readonly CameraRecording[]): readonly CameraRecording[] {
  return [...recordings].sort(
    (a, b) => Number(b.important) - Number(a.important) || startOf(a) - startOf(b) || Buffer.compare(a.path, b.path),
  );
}

/** By the camera's own clock: only the order matters, and its error is the same for all. */
function startOf({ named, modifiedMs }: CameraRecording): number {
  const named_ = named === undefined ? Number.NaN : Date.parse(`${named.startedLocal}Z`);
  return Number.isNaN(named_) ? modifiedMs : named_;
}

export interface Fit {
  readonly fitting: readonly CameraRecording[];
  readonly refused: readonly CameraRecording[];
  readonly fittingBytes: number;
  readonly neededBytes: number;
}

/** Space that a file takes beyond its bytes: its last block, its receipt, its inode. */
const overheadBytes = 12_288;

/**
 * What fits into `roomBytes`, taken in order: nothing that fits is refused because something before it does not.
 * @param onDisk bytes of a recording that are there from an interrupted copy
 */
export function fitIntoRoom(
  ordered: readonly CameraRecording[],
  roomBytes: number,
  onDisk: (recording: CameraRecording) => number,
): Fit {
  const fitting: CameraRecording[] = [];
  const refused: CameraRecording[] = [];
  let fittingBytes = 0;
  let neededBytes = 0;
  for (const recording of ordered) {
    const bytes = wantedBytes(recording, onDisk(recording));
    neededBytes += bytes;
    if (fittingBytes + bytes <= roomBytes) {
      fittingBytes += bytes;
      fitting.push(recording);
    } else {
      refused.push(recording);
    }
  }
  return { fitting, refused, fittingBytes, neededBytes };
}

/** Room that copying this recording takes. */
export function wantedBytes(recording: CameraRecording, onDiskBytes: number): number {
  return Math.max(0, recording.sizeBytes - onDiskBytes) + overheadBytes;
}
