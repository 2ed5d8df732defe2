/**
 * The registers that are built from entries: what each entry changes in them. Pure.
 *
 * Whatever stands here can be dropped and built again from the entries alone; nothing may depend on anything else,
 * not on the order of commits, the time of day or earlier contents.
 */
import type { Entry, EntryBody, EntryKind, StoredEntry } from './entry.js';
import { type Statement, statement } from './sql.js';

export const registerTables = ['recordings', 'cameras', 'dockings'] as const;

/**
 * `recordings` holds only what is searched for; the body is read from the entry itself, so that it cannot differ.
 * Every index ends, as any index in SQLite, with the row's own key: `(camera)` is `(camera, seq)`.
 */
export const createRegisters = `
CREATE TABLE recordings (
  seq INTEGER PRIMARY KEY,
  camera TEXT NOT NULL,
  bay TEXT NOT NULL,
  archive_path TEXT NOT NULL,
  important INTEGER NOT NULL,
  erasing_seq INTEGER,
  erased_seq INTEGER
) STRICT;
CREATE INDEX recordings_by_camera ON recordings (camera);
CREATE INDEX recordings_by_bay ON recordings (bay);
CREATE INDEX recordings_by_archive_path ON recordings (archive_path);
CREATE INDEX recordings_important ON recordings (seq) WHERE important = 1;
CREATE TABLE cameras (
  camera TEXT PRIMARY KEY,
  last_docked_utc TEXT,
  last_undocked_utc TEXT,
  bay TEXT,
  docking TEXT,
  holder TEXT,
  clock_set_seq INTEGER,
  previous_clock_set_seq INTEGER
) STRICT;
CREATE INDEX cameras_by_docking ON cameras (docking) WHERE docking IS NOT NULL;
CREATE TABLE dockings (
  docking TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  bay TEXT NOT NULL,
  camera TEXT,
  brought_by TEXT,
  out_since_utc TEXT,
  arrived_utc TEXT NOT NULL,
  left_utc TEXT,
  taken_by TEXT,
  recordings INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  family TEXT,
  identified_by TEXT,
  battery_percent REAL,
  volume_uuid TEXT
) STRICT;
CREATE INDEX dockings_in_order ON dockings (seq);
CREATE INDEX dockings_open ON dockings (seq) WHERE left_utc IS NULL;
`;

export const dropRegisters = registerTables.map((table) => `DROP TABLE IF EXISTS ${table};`).join('');

type Projector<K extends EntryKind> = (body: EntryBody<K>, entry: Entry) => readonly Statement[];

/** A camera or docking that was seen already is taken over: the entries say what happened, the registers what holds now. */
const upsertDocking = `INSERT INTO dockings
  (docking, seq, bay, camera, brought_by, out_since_utc, arrived_utc, recordings, bytes, verdict, family, identified_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)
  ON CONFLICT (docking) DO UPDATE SET camera = excluded.camera, brought_by = excluded.brought_by,
    out_since_utc = excluded.out_since_utc, verdict = excluded.verdict, family = excluded.family,
    identified_by = excluded.identified_by`;

const verdictOfDocking = (docking: string, verdict: string): Statement =>
  statement('UPDATE dockings SET verdict = ? WHERE docking = ?', verdict, docking);

const clockSetBy = (camera: string, seq: number): Statement =>
  statement(
    `INSERT INTO cameras (camera, clock_set_seq) VALUES (?, ?)
     ON CONFLICT (camera) DO UPDATE SET previous_clock_set_seq = clock_set_seq, clock_set_seq = excluded.clock_set_seq`,
    camera,
    seq,
  );

const projectors: { readonly [K in EntryKind]?: Projector<K> } = {
  'camera.docked': (body, entry) => [
    statement(
      upsertDocking,
      body.docking,
      entry.seq,
      body.bay,
      body.camera,
      body.broughtBy?.officer ?? null,
      body.outSinceUtc,
      body.arrivedUtc,
      'none',
      body.family,
      body.identifiedBy,
    ),
    statement(
      `INSERT INTO cameras (camera, last_docked_utc, bay, docking) VALUES (?, ?, ?, ?)
       ON CONFLICT (camera) DO UPDATE SET
         last_docked_utc = excluded.last_docked_utc, bay = excluded.bay, docking = excluded.docking`,
      body.camera,
      body.arrivedUtc,
      body.bay,
      body.docking,
    ),
  ],
  'camera.refused': (body, entry) => [
    // What a refused camera claims to be stays in the entry: the register shows only what the dock believed.
    statement(
      upsertDocking,
      body.docking,
      entry.seq,
      body.bay,
      null,
      null,
      null,
      body.arrivedUtc,
      'refused',
      null,
      null,
    ),
  ],
  'camera.inspected': (body) => [
    // What a camera tells only before disk mode stays; its volume is there only after.
    statement(
      `UPDATE dockings SET battery_percent = ifnull(?, battery_percent), volume_uuid = ifnull(?, volume_uuid)
       WHERE docking = ?`,
      body.batteryPercent,
      body.volume?.uuid ?? null,
      body.docking,
    ),
  ],
  'camera.clock-set': (body, entry) => [clockSetBy(body.camera, entry.seq)],
  'camera.clock-set-blindly': (body, entry) => [clockSetBy(body.camera, entry.seq)],
  'recording.offloaded': (body, entry) => [
    statement(
      'INSERT INTO recordings (seq, camera, bay, archive_path, important) VALUES (?, ?, ?, ?, ?)',
      entry.seq,
      body.camera,
      body.bay,
      body.archivePath,
      body.important ? 1 : 0,
    ),
    statement(
      'UPDATE dockings SET recordings = recordings + 1, bytes = bytes + ? WHERE docking = ?',
      body.sizeBytes,
      body.docking,
    ),
  ],
  'recording.erasing': (body, entry) => [
    statement(
      'UPDATE recordings SET erasing_seq = ? WHERE seq = ? AND camera = ?',
      entry.seq,
      body.proof.sequence,
      body.camera,
    ),
  ],
  'recording.erased': (body, entry) => [
    statement(
      'UPDATE recordings SET erased_seq = ? WHERE seq = ? AND camera = ?',
      entry.seq,
      body.proof.sequence,
      body.camera,
    ),
  ],
  'camera.ready': (body) => [verdictOfDocking(body.docking, 'ready')],
  'camera.not-ready': (body) => [verdictOfDocking(body.docking, 'not-ready')],
  'camera.undocked': (body, entry) => [
    statement(
      `UPDATE dockings SET left_utc = ?, taken_by = ?, verdict = iif(verdict = 'refused', verdict, ?) WHERE docking = ?`,
      entry.time.utc,
      body.takenBy?.officer ?? null,
      body.verdict,
      body.docking,
    ),
    statement(
      'UPDATE cameras SET bay = NULL, docking = NULL, last_undocked_utc = ?, holder = ? WHERE docking = ?',
      entry.time.utc,
      body.takenBy?.officer ?? null,
      body.docking,
    ),
  ],
};

/** What one entry changes in the registers. Kinds that are in no register change nothing. */
export function project({ entry }: Pick<StoredEntry, 'entry'>): readonly Statement[] {
  const projector = projectors[entry.kind] as Projector<EntryKind> | undefined;
  return projector === undefined ? [] : projector(entry.body, entry);
}
