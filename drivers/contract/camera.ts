/**
 * What the daemon knows of a camera, whatever family it is of. A driver declares what it can do; nobody asks for the family.
 */
import type { SideChannel } from './cradle.js';
import type { DockError } from './error.js';
import type { Phrase } from './phrase.js';
import type { UsbDevice } from './usb.js';

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

/** A clock that can be set and not read: its error before is unknown, and so is what is left of it after. */
export type BlindClock = Pick<CameraClock, 'resolutionMs' | 'set'>;

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
  /** What sits at the bay's port. A camera in disk mode has both, its device and its volume. */
  readonly usb?: UsbDevice;
  /** Why its volume is not mounted, where it has one that cannot be used. */
  readonly unfit?: DockError;
  /** What this camera said of itself in this docking before it switched to disk mode. */
  readonly before?: CameraAccount;
}

/** What only the control interface of a camera tells, and is gone with it when the camera switches to disk mode. */
export interface CameraAccount {
  /** Family that heard it. */
  readonly family: string;
  readonly identity: CameraIdentity;
  readonly battery?: Battery;
}

export interface CameraIdentity {
  /** What the register of cameras knows it by: serial from the side channel or the camera's protocol, else the device number of its file names, else volume UUID. */
  readonly id: string;
  readonly source: 'side-channel' | 'protocol' | 'file-names' | 'volume';
  readonly maker?: string;
  readonly model?: string;
  /** Number of the officer that the camera believes to belong to. */
  readonly userNumber?: string;
  /**
   * Device numbers in the file names of its card where none of them is its id; a few of them. The card, or the camera, may be another
   * one than whoever said the id.
   */
  readonly othersNamed?: readonly string[];
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

/**
 * A recording that only its session can fetch, over a protocol, in the thread that holds the device. The copier brings the bytes
 * to the thread that hashes them.
 *
 * Both fail with a DockError; three of its codes say what a copy can do about it. `recordingGone`: the camera does not have it any
 * more. `cameraGone`: copying goes on at the next docking. `badPlace`: these bytes cannot be read, others perhaps can.
 */
export interface SessionSource {
  readonly kind: 'session';
  /** Read from its beginning on, and on only from where the last read ended: for anything else the camera sends all before it once more. */
  readonly inOrder: boolean;
  /**
   * Bytes from `at` on, as many as `memory` holds; none only at the end of the recording. Ends with the signal's reason at once.
   * `memory` goes with the call, also to another thread, and comes back with the answer; where the read fails, it does not.
   */
  read(memory: Uint8Array<ArrayBuffer>, at: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** As the camera describes the recording now, to see whether it is still the one that was listed. */
  identity(): Promise<{ readonly sizeBytes: number; readonly modifiedMs: number }>;
}

export const recordingGone = 'DOCK_RECORDING_GONE';
export const cameraGone = 'DOCK_CAMERA_GONE';
export const badPlace = 'DOCK_RECORDING_BAD_PLACE';

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
  /** Instead of `clock`, where the camera has no way to tell its time. */
  readonly blindClock?: BlindClock;
  /** Everything on the camera, in no particular order; never more than `limits.recordings`. */
  recordings(signal: AbortSignal): AsyncIterable<Listed>;
  source(recording: CameraRecording): FileSource | SessionSource;
  /** Most recordings that may be read from it at once, 1 or more; known once they are listed. Absent: as many as the dock likes. */
  readonly copiesAtOnce?: number | undefined;
  /**
   * Erases exactly this recording. The driver looks again at path, size and modification time, and hashes the bytes once more
   * against the proof just before; on any difference it erases nothing and fails with DOCK_ERASE_CHANGED.
   */
  readonly erase?: (recording: CameraRecording, proof: EraseProof) => Promise<void>;
  /**
   * Switches the camera to disk mode, in which it comes back at the same port as a volume; afterwards this session is void. A camera
   * that has it lists nothing before: `recordings` fails. DOCK_CAMERA_DISK_MODE_REFUSED with `retry: 'now'` while it closes a clip.
   * Resolves also when it left without a word: whether it comes back is seen at its port.
   */
  readonly toDiskMode?: () => Promise<void>;
  /** Lets go of the camera. Never writes to it. */
  close(): Promise<void>;
}

/** How well a family fits what was seen, and why. */
export interface Probe {
  /** 0 = not this family; the highest wins; two equal highest are ambiguous and refused. */
  readonly score: number;
  readonly because: Phrase;
}

/** A camera lost its place in the conversation and was brought back in step. The session goes on. */
export interface Interruption {
  readonly cause: unknown;
  /** What helped: cancelling, a reset of its interface, one of its port, opening what came back there. */
  readonly by: 'cancel' | 'class-reset' | 'port-reset' | 'reopened';
  readonly tookMs: number;
}

export interface CameraFamily {
  readonly name: string;
  /** Pure. */
  probe(sighting: Sighting): Probe;
  /** `onInterrupted`: hears of every interruption of the session, for the technician: many of them are a bad plug or a bad camera. */
  open(
    sighting: Sighting,
    signal: AbortSignal,
    onInterrupted?: (interruption: Interruption) => void,
  ): Promise<CameraSession>;
}
