/** What is read from the ledger and its registers. Only reads; sees what was committed before each call; keeps nobody waiting for a disk that hangs. */
import { type Clock, within } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';
import type { Database } from './database.js';
import type { EntryBody, StoredEntry } from './entry.js';
import {
  type CameraCustody,
  type ClockSet,
  type DockingAccount,
  type DockingRow,
  type KnownRecording,
  type RecordingQuery,
  recordingKey,
} from './ledger.js';
import type { SqlValue } from './sql.js';
import { broken, openEntry } from './stored-entry.js';

/** Most entries or rows of one call. */
export const longestRead = 1_000;

/** A query takes milliseconds; a disk that has not answered after this long hangs. */
const deadlineMs = 15_000;

interface EntryRow {
  readonly seq: number;
  readonly leaf: Buffer;
  readonly bytes: Buffer;
}

interface RecordingRow extends EntryRow {
  readonly erasingSeq: number | null;
  readonly erasedSeq: number | null;
}

const selectRecordings = `SELECT recordings.seq AS seq, erasing_seq AS erasingSeq, erased_seq AS erasedSeq, leaf, bytes
  FROM recordings JOIN entries USING (seq)`;

const selectDockings = `SELECT docking, bay, camera, brought_by AS broughtBy, out_since_utc AS outSinceUtc,
  arrived_utc AS arrivedUtc, left_utc AS leftUtc, taken_by AS takenBy, recordings, bytes, verdict FROM dockings`;

export class LedgerQueries {
  readonly #database: Database;
  readonly #clock: Clock;

  /** `clock`: for the deadline of a read. */
  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async entries(fromSeq: number, limit: number): Promise<readonly StoredEntry[]> {
    assertWithin('limit', limit, 1, longestRead);
    const rows = await this.#all<EntryRow>(
      'SELECT seq, leaf, bytes FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?',
      fromSeq,
      limit,
    );
    return rows.map(opened);
  }

  /** In pages, so that a camera with many years of recordings does not hold the event loop. */
  async knownRecordings(camera: string): Promise<ReadonlyMap<string, KnownRecording>> {
    const known = new Map<string, KnownRecording>();
    let afterSeq = 0;
    for (;;) {
      const page = await this.recordings({ camera, afterSeq, limit: longestRead });
      for (const recording of page) {
        const { pathBytes, sizeBytes, modifiedMs } = recording.body;
        // The later entry holds where a recording had to be offloaded again.
        known.set(recordingKey({ path: Buffer.from(pathBytes, 'base64'), sizeBytes, modifiedMs }), recording);
        afterSeq = recording.seq;
      }
      if (page.length < longestRead) return known;
    }
  }

  async recordings(query: RecordingQuery): Promise<readonly KnownRecording[]> {
    assertWithin('limit', query.limit, 1, longestRead);
    const conditions = ['recordings.seq > ?'];
    const values: SqlValue[] = [query.afterSeq ?? 0];
    if (query.beforeSeq !== undefined) {
      conditions.push('recordings.seq < ?');
      values.push(query.beforeSeq);
    }
    if (query.camera !== undefined) {
      conditions.push('camera = ?');
      values.push(query.camera);
    }
    if (query.bay !== undefined) {
      conditions.push('bay = ?');
      values.push(query.bay);
    }
    // Written out, not bound: the partial index serves only a condition that SQLite can see.
    if (query.important !== undefined) conditions.push(query.important ? 'important = 1' : 'important = 0');
    const rows = await this.#all<RecordingRow>(
      `${selectRecordings} WHERE ${conditions.join(' AND ')} ORDER BY recordings.seq ${query.beforeSeq === undefined ? 'ASC' : 'DESC'} LIMIT ?`,
      ...values,
      query.limit,
    );
    return rows.map(knownRecording);
  }

  async recordingAt(archivePath: string): Promise<KnownRecording | undefined> {
    const row = await this.#first<RecordingRow>(
      `${selectRecordings} WHERE archive_path = ? ORDER BY recordings.seq DESC LIMIT 1`,
      archivePath,
    );
    return row === undefined ? undefined : knownRecording(row);
  }

  async camera(camera: string): Promise<CameraCustody | undefined> {
    const row = await this.#first<
      Omit<CameraCustody, 'lastClockSet' | 'previousClockSet'> & {
        readonly clockSetSeq: number | null;
        readonly previousClockSetSeq: number | null;
      }
    >(
      `SELECT camera, last_docked_utc AS lastDockedUtc, last_undocked_utc AS lastUndockedUtc, bay, holder,
         clock_set_seq AS clockSetSeq, previous_clock_set_seq AS previousClockSetSeq FROM cameras WHERE camera = ?`,
      camera,
    );
    if (row === undefined) return undefined;
    const { clockSetSeq, previousClockSetSeq, ...custody } = row;
    return {
      ...custody,
      lastClockSet: clockSetSeq === null ? null : await this.#clockSet(clockSetSeq),
      previousClockSet: previousClockSetSeq === null ? null : await this.#clockSet(previousClockSetSeq),
    };
  }

  /** The latest first. */
  dockings(limit: number): Promise<readonly DockingRow[]> {
    assertWithin('limit', limit, 1, longestRead);
    return this.#all<DockingRow>(`${selectDockings} ORDER BY seq DESC LIMIT ?`, limit);
  }

  dockingAccount(docking: string): Promise<DockingAccount | undefined> {
    return this.#first<DockingAccount>(
      `SELECT camera, family, identified_by AS identifiedBy, battery_percent AS batteryPercent, volume_uuid AS volumeUuid
       FROM dockings WHERE docking = ? AND camera IS NOT NULL AND identified_by IS NOT NULL`,
      docking,
    );
  }

  openDockings(): Promise<readonly DockingRow[]> {
    return this.#all<DockingRow>(`${selectDockings} WHERE left_utc IS NULL ORDER BY seq LIMIT ?`, longestRead);
  }

  async cursor(name: string): Promise<number> {
    const row = await this.#first<{ seq: number }>('SELECT seq FROM cursors WHERE name = ?', name);
    return row?.seq ?? 0;
  }

  async #first<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.#all<Row>(sql, ...values))[0];
  }

  #all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return within(this.#clock, 'ledger.read', deadlineMs, this.#database.all<Row>(sql, ...values), unanswered);
  }

  async #clockSet(seq: number): Promise<ClockSet> {
    const [stored] = await this.entries(seq, 1);
    const kind = stored?.seq === seq ? stored.entry.kind : undefined;
    if (stored === undefined || (kind !== 'camera.clock-set' && kind !== 'camera.clock-set-blindly')) {
      throw broken(
        phrase`entry ${seq} of kind camera.clock-set or camera.clock-set-blindly`,
        kind === undefined ? phrase`nothing` : verbatim(kind),
      );
    }
    const { utc } = stored.entry.time;
    const { docking } = stored.entry.body as EntryBody<'camera.clock-set' | 'camera.clock-set-blindly'>;
    if (kind === 'camera.clock-set-blindly') return { utc, docking, before: null, after: null };
    const { before, after } = stored.entry.body as EntryBody<'camera.clock-set'>;
    return { utc, docking, before, after };
  }
}

function opened({ seq, leaf, bytes }: EntryRow): StoredEntry {
  return openEntry(seq, bytes, leaf.toString('hex'));
}

function knownRecording(row: RecordingRow): KnownRecording {
  const { seq, leaf, entry } = opened(row);
  if (entry.kind !== 'recording.offloaded')
    throw broken(phrase`entry ${seq} of kind recording.offloaded`, verbatim(entry.kind));
  return {
    seq,
    leaf,
    enteredUtc: entry.time.utc,
    body: entry.body as EntryBody<'recording.offloaded'>,
    erasingSeq: row.erasingSeq,
    erasedSeq: row.erasedSeq,
  };
}

/** Nothing is in doubt after a read that does not come back, so whoever asked may ask again. */
function unanswered(): DockError {
  return new DockError('DOCK_LEDGER_UNANSWERED', {
    expected: phrase`an answer of the ledger within ${deadlineMs} ms`,
    found: phrase`none from the disk`,
    todo: phrase`Check the disk that holds the ledger`,
    retry: 'now',
  });
}

function assertWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new DockError('DOCK_LEDGER_QUERY_INVALID', {
    expected: phrase`${name} between ${least} and ${most}`,
    found: verbatim(String(value)),
    todo: phrase`Ask for at most ${most} at a time`,
    retry: 'never',
  });
}
