/** What the rest of the daemon may do with the ledger. The SQLite one is in `sqlite-ledger.ts`. */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { EntryBody, EntryTime, Fact, StoredEntry } from './entry.js';

export interface LedgerHead {
  readonly epoch: number;
  readonly seq: number;
  readonly leaf: string;
}

/** A recording that the ledger has. */
export interface KnownRecording {
  readonly seq: number;
  readonly leaf: string;
  readonly enteredUtc: string;
  readonly body: EntryBody<'recording.offloaded'>;
  /** Sequence of the last entry that the dock was about to erase it, null where it never was. */
  readonly erasingSeq: number | null;
  /** Sequence of its erase entry, null while it is still on the camera as far as the dock knows. */
  readonly erasedSeq: number | null;
}

/** A setting of a camera's clock by this dock. */
export interface ClockSet {
  readonly utc: string;
  readonly docking: string;
  /** Null, and `after` too: it was set blindly. */
  readonly before: EntryBody<'camera.clock-set'>['before'] | null;
  readonly after: EntryBody<'camera.clock-set'>['after'];
}

export interface CameraCustody {
  readonly camera: string;
  readonly lastDockedUtc: string | null;
  readonly lastUndockedUtc: string | null;
  /** In a bay of this dock now. */
  readonly bay: string | null;
  /** Who took it last, if that is known. */
  readonly holder: string | null;
  readonly lastClockSet: ClockSet | null;
  /** The one before that: what lies between the two ran under one setting. */
  readonly previousClockSet: ClockSet | null;
}

/** One line of the usage ledger (M4): one docking, from arrival to departure. */
export interface DockingRow {
  readonly docking: string;
  readonly bay: string;
  readonly camera: string | null;
  readonly broughtBy: string | null;
  readonly outSinceUtc: string | null;
  readonly arrivedUtc: string;
  readonly leftUtc: string | null;
  readonly takenBy: string | null;
  readonly recordings: number;
  readonly bytes: number;
  readonly verdict: 'ready' | 'not-ready' | 'none' | 'refused';
}

/** What the ledger knows of the camera of one docking: enough to know it again where it cannot say any more who it is. */
export interface DockingAccount {
  readonly camera: string;
  readonly family: string;
  readonly identifiedBy: EntryBody<'camera.docked'>['identifiedBy'];
  readonly batteryPercent: number | null;
  /** Of the volume that was inspected in this docking. */
  readonly volumeUuid: string | null;
}

export interface RecordingQuery {
  readonly camera?: string;
  readonly bay?: string;
  readonly important?: boolean;
  /** Only entries after this sequence: the way to page. */
  readonly afterSeq?: number;
  /** Only entries before this sequence, and the latest first; without it the oldest first. */
  readonly beforeSeq?: number;
  /** 1–1000. */
  readonly limit: number;
}

/** Identity of a recording before its hash is known: same camera, path, size and modification time (D8). */
export function recordingKey(recording: Pick<CameraRecording, 'path' | 'sizeBytes' | 'modifiedMs'>): string {
  return `${Buffer.from(recording.path).toString('base64')}|${recording.sizeBytes}|${recording.modifiedMs}`;
}

export interface Ledger {
  head(): LedgerHead;
  /**
   * Enters all facts, in order, in one durable transaction together with the projections (I4), or none of them.
   * Resolves when it is on the medium. Throws otherwise: DOCK_LEDGER_ENTRY_INVALID (a defect of the caller), with `retry: 'now'`
   * DOCK_LEDGER_FULL, DOCK_LEDGER_LOCKED and DOCK_LEDGER_OVERLOADED (nothing was entered); DOCK_LEDGER_FAILED and
   * DOCK_LEDGER_STALLED leave it in doubt whether it was: the ledger then refuses everything until the daemon starts anew.
   */
  append(...facts: readonly Fact[]): Promise<readonly StoredEntry[]>;
  /** Called after each durable append, with the new head; must not throw. Returns the way to stop it. */
  onAppended(listener: (head: LedgerHead) => void): () => void;
  /**
   * Up to `limit` (1–1000) entries from sequence `fromSeq` on, in order; each with its leaf hash proved again,
   * else DOCK_LEDGER_BROKEN; with `retry: 'now'` DOCK_LEDGER_UNANSWERED when the disk hangs. Whatever was appended before the call
   * is seen; the same holds for all queries below.
   */
  read(fromSeq: number, limit: number): Promise<readonly StoredEntry[]>;

  /** Everything offloaded from this camera, by `recordingKey`. */
  knownRecordings(camera: string): Promise<ReadonlyMap<string, KnownRecording>>;
  recordings(query: RecordingQuery): Promise<readonly KnownRecording[]>;
  /** Is a file of the archive entered? By path relative to the archive. */
  recordingAt(archivePath: string): Promise<KnownRecording | undefined>;
  camera(camera: string): Promise<CameraCustody | undefined>;
  /** The latest first; `limit` 1–1000. */
  dockings(limit: number): Promise<readonly DockingRow[]>;
  /** Undefined: no camera was docked by that name. */
  dockingAccount(docking: string): Promise<DockingAccount | undefined>;
  /** Dockings that no undocking entry closes: what was in the bays when the daemon last stopped. */
  openDockings(): Promise<readonly DockingRow[]>;

  /** A named position in the ledger, durably kept beside it: how far the centre is told. 0 at first. */
  cursor(name: string): Promise<number>;
  /** Only ever forward: a smaller position than the present one changes nothing. Beyond the head: DOCK_LEDGER_QUERY_INVALID. */
  moveCursor(name: string, seq: number): Promise<void>;

  /** Settles what was asked for and lets go of the file. Appends from now on fail with DOCK_LEDGER_CLOSED. */
  close(): Promise<void>;
}

/** Where an entry's time comes from: clock/ supplies it. */
export type EntryClock = () => EntryTime;
