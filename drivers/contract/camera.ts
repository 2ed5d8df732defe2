/**
 * What the daemon knows of a camera, whatever family it is of. A driver declares what it can do; nobody asks for the family.
 */
import type { SideChannel } from './cradle.js';

export interface Battery {
  /** 0–100. */
  readonly percent: number;
  readonly charging: boolean;
}

export interface Storage {
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

/** Code of the error that says: this camera has not got that feature, and asking again will not change it. */
export const cannotTell = 'DOCK_CRADLE_CANNOT_TELL';

/** One look at a camera's clock. */
export interface ClockSample {
  /** What the camera showed, milliseconds since the epoch, UTC; already at the clock's resolution. */
  readonly cameraMs: number;
  /** Our `Clock.monotonicMs` just before the request left and just after the answer came. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

export interface CameraClock {
  /** Smallest step that a reading can show, ms: 1 for cradles with milliseconds, 1000 for most file protocols. */
  readonly resolutionMs: number;
  read(): Promise<ClockSample>;
  /**
   * Sets the camera so that it shows `targetMs` (a whole second, ms since the epoch) at the moment our monotonic clock shows `atMs`.
   * Resolves when the camera has confirmed; fails when `atMs` had passed before it could be done.
   */
  set(targetMs: number, atMs: number): Promise<void>;
}

/** A volume seen under the media root. */
export interface Volume {
  /** Name of the directory under the media root: the port path, or the bay's name. */
  readonly name: string;
  /** Absolute path of the mounted volume. */
  readonly path: string;
  /** Tells one mount from the next at the same place (device number and mount id). */
  readonly mountId: string;
  readonly fileSystem: string;
  /** Mounted read-only. Evidence is (I1); a writable mount is reported. */
  readonly readOnly: boolean;
  /** It was not put away in order: what was written last may be missing. Undefined: nobody looked. */
  readonly dirty?: boolean;
  /** Folders in its root that this process may not read and that somebody who may has found empty: ext4's `lost+found`. */
  readonly emptyFolders?: readonly string[];
  /** Stable identity of the file system where the kernel shows one (UUID), else undefined. */
  readonly uuid?: string;
}

/** Everything that is known of what sits in a bay before a family is chosen. */
export interface Sighting {
  readonly sideChannel?: SideChannel;
  readonly volume?: Volume;
}

export interface CameraIdentity {
  /** What the register of cameras knows it by: serial from the side channel, else the device number of its file names, else volume UUID. */
  readonly id: string;
  readonly source: 'side-channel' | 'file-names' | 'volume';
  readonly maker?: string;
  readonly model?: string;
  /** Number of the officer that the camera believes to belong to. */
  readonly userNumber?: string;
}

export type RecordingKind = 'video' | 'audio' | 'image' | 'other';

/** One file on a camera, as it was when listed. */
export interface CameraRecording {
  /** Raw bytes of the path relative to the volume, `/` between parts. */
  readonly path: Uint8Array;
  /** The same made fit to be shown. */
  readonly displayPath: string;
  /** 0 … 2^53 − 1. */
  readonly sizeBytes: number;
  /** Modification time as the file system shows it, ms since the epoch. May be absurd (1980, 2106). */
  readonly modifiedMs: number;
  readonly kind: RecordingKind;
  readonly important: boolean;
  /** What the name says, where it follows a convention. Local time of the camera, not corrected. */
  readonly named?: {
    readonly device: string;
    readonly user: string;
    /** `YYYY-MM-DDThh:mm:ss`, without zone. */
    readonly startedLocal: string;
    readonly encrypted: boolean;
  };
}

/** Something on the card that cannot be taken as a recording: a link, a device node, an unreadable directory. */
export interface SkippedPath {
  readonly displayPath: string;
  /** `link`, `special`, `unreadable`, `too-deep`, `too-many`. */
  readonly reason: 'link' | 'special' | 'unreadable' | 'too-deep' | 'too-many';
}

export type Listed = { readonly recording: CameraRecording } | { readonly skipped: SkippedPath };

/** Where a worker thread reads a recording from. Plain data, so that it can cross to a thread. */
export interface FileSource {
  readonly kind: 'file';
  /** Absolute path, raw bytes. */
  readonly path: Uint8Array;
}

/** What has to be shown before anything is erased from a camera (I3). */
export interface EraseProof {
  /** SHA-256 of the verified archive copy, lower-case hex. */
  readonly sha256: string;
  /** Sequence and leaf hash of the ledger entry that says so. */
  readonly sequence: number;
  readonly leaf: string;
}

export interface CameraSession {
  readonly identity: CameraIdentity;
  /** How `modifiedMs` is to be read: `local` where the file system keeps wall time without a zone (FAT), shown as if it were UTC. */
  readonly fileTimes: 'utc' | 'local';
  /** Absent: this camera cannot tell. */
  readonly battery?: () => Promise<Battery>;
  readonly storage?: () => Promise<Storage>;
  readonly faults?: () => Promise<readonly string[]>;
  readonly clock?: CameraClock;
  /** Everything on the camera, in no particular order; never more than `limits.recordings`. */
  recordings(signal: AbortSignal): AsyncIterable<Listed>;
  source(recording: CameraRecording): FileSource;
  /**
   * Erases exactly this recording. The driver looks again at path, size and modification time, and hashes the bytes once more
   * against the proof just before; on any difference it erases nothing and fails with DOCK_ERASE_CHANGED.
   */
  readonly erase?: (recording: CameraRecording, proof: EraseProof) => Promise<void>;
  /** Lets go of the camera. Never writes to it. */
  close(): Promise<void>;
}

/** How well a family fits what was seen, and why. */
export interface Probe {
  /** 0 = not this family; the highest wins; two equal highest are ambiguous and refused. */
  readonly score: number;
  readonly because: string;
}

export interface CameraFamily {
  readonly name: string;
  /** Pure. */
  probe(sighting: Sighting): Probe;
  open(sighting: Sighting, signal: AbortSignal): Promise<CameraSession>;
}
