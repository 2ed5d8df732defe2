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
  /** Sequence of its erase entry, null while it is still on the camera as far as the dock knows. */
  readonly erasedSeq: number | null;
}

export interface CameraCustody {
  readonly camera: string;
  readonly lastDockedUtc: string | null;
  readonly lastUndockedUtc: string | null;
  /** In a bay of this dock now. */
  readonly bay: string | null;
  /** Who took it last, if that is known. */
  readonly holder: string | null;
  readonly lastClockSet: { readonly utc: string; readonly after: EntryBody<'camera.clock-set'>['after'] } | null;
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

export interface RecordingQuery {
  readonly camera?: string;
  readonly bay?: string;
  readonly important?: boolean;
  /** Only entries after this sequence: the way to page. */
  readonly afterSeq?: number;
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
   * Resolves when it is on the medium. Throws DOCK_LEDGER_… otherwise.
   */
  append(...facts: readonly Fact[]): Promise<readonly StoredEntry[]>;
  /** Called after each durable append, with the new head; must not throw. Returns the way to stop it. */
  onAppended(listener: (head: LedgerHead) => void): () => void;
  /** Up to `limit` entries from sequence `fromSeq` on, in order. */
  read(fromSeq: number, limit: number): Promise<readonly StoredEntry[]>;

  /** Everything offloaded from this camera, by `recordingKey`. */
  knownRecordings(camera: string): Promise<ReadonlyMap<string, KnownRecording>>;
  recordings(query: RecordingQuery): Promise<readonly KnownRecording[]>;
  /** Is a file of the archive entered? By path relative to the archive. */
  recordingAt(archivePath: string): Promise<KnownRecording | undefined>;
  camera(camera: string): Promise<CameraCustody | undefined>;
  dockings(limit: number): Promise<readonly DockingRow[]>;
  /** Dockings that no undocking entry closes: what was in the bays when the daemon last stopped. */
  openDockings(): Promise<readonly DockingRow[]>;

  /** A named position in the ledger, durably kept beside it: how far the centre is told. 0 at first. */
  cursor(name: string): Promise<number>;
  moveCursor(name: string, seq: number): Promise<void>;

  close(): Promise<void>;
}

/** Where an entry's time comes from: clock/ supplies it. */
export type EntryClock = () => EntryTime;
