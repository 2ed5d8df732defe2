/** A real ledger in a folder of its own, and facts to enter in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import type { EntryBody, Fact } from '../../daemon/custody/entry.js';
import { leafHash } from '../../daemon/custody/leaf.js';
import type { LedgerOptions } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';

export interface LedgerFolder {
  readonly folder: string;
  readonly options: LedgerOptions;
  remove(): Promise<void>;
}

export async function ledgerFolder(): Promise<LedgerFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-ledger-'));
  let entered = 0;
  return {
    folder,
    options: {
      file: join(folder, 'ledger.sqlite'),
      dock: 'dock-1',
      clock: systemClock,
      entryClock: () => {
        entered += 1;
        return {
          utc: new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + entered).toISOString(),
          boot: '6a3f0b52-0000-4000-8000-000000000000',
          monotonicMs: entered,
          trusted: true,
          source: 'ntp',
          errorMs: 4.5,
        };
      },
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Changes a ledger behind the daemon's back, as somebody with the file and the sqlite3 tool would. */
export function tamper(file: string, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = new sqlite3.Database(file, (opened) => {
      if (opened !== null) return reject(opened);
      connection.exec(sql, (failed) => {
        connection.close((closed) => {
          const error = failed ?? closed;
          if (error === null) resolve();
          else reject(error);
        });
      });
    });
  });
}

/** The protection taken away and put back exactly as it was, with `sql` in between. */
export async function tamperUnseen(file: string, sql: string): Promise<void> {
  const triggers = await new Promise<readonly { name: string; sql: string }[]>((resolve, reject) => {
    const connection = new sqlite3.Database(file);
    connection.all<{ name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`,
      (error, rows) => connection.close(() => (error === null ? resolve(rows) : reject(error))),
    );
  });
  const drop = triggers.map(({ name }) => `DROP TRIGGER ${name}`).join(';');
  const create = triggers.map((trigger) => trigger.sql).join(';');
  await tamper(file, `${drop};${sql};${create}`);
}

export const stopped = (reason: string): Fact => ({ kind: 'dock.stopped', body: { reason } });

export const docked = (docking: string, camera = 'H1', bay = '1-1'): Fact => ({
  kind: 'camera.docked',
  body: {
    bay,
    docking,
    camera,
    family: 'mass-storage',
    identifiedBy: 'side-channel',
    arrivedUtc: '2026-01-02T03:00:00.000Z',
    broughtBy: { officer: '0042', known: 'assigned' },
    outSinceUtc: null,
  },
});

export const refused = (docking: string, bay = '1-1'): Fact => ({
  kind: 'camera.refused',
  body: { bay, docking, claimed: 'X', arrivedUtc: '2026-01-02T03:00:00.000Z', code: 'DOCK_CAMERA_UNKNOWN', found: 'X' },
});

export const undocked = (
  docking: string,
  camera: string | null = 'H1',
  verdict: EntryBody<'camera.undocked'>['verdict'] = 'ready',
  bay = '1-1',
): Fact => ({
  kind: 'camera.undocked',
  body: {
    bay,
    docking,
    camera,
    during: 'ready',
    verdict,
    safe: 1,
    of: 1,
    takenBy: { officer: '0099', known: 'assigned' },
  },
});

export const clockSet = (docking: string, afterMs: number, camera = 'H1', bay = '1-1'): Fact => ({
  kind: 'camera.clock-set',
  body: {
    bay,
    docking,
    camera,
    before: { offsetMs: -97_000.125, uncertaintyMs: 20 },
    after: { offsetMs: afterMs, uncertaintyMs: 12.3 },
    driftMsPerDay: null,
  },
});

export const ready = (docking: string, camera = 'H1', bay = '1-1'): Fact => ({
  kind: 'camera.ready',
  body: { bay, docking, camera, batteryPercent: 100, recordingMinutes: 480 },
});

const modifiedMs = 1_700_000_000_000;

export function offloaded(
  docking: string,
  name: string,
  changes: Partial<EntryBody<'recording.offloaded'>> = {},
): Fact {
  return {
    kind: 'recording.offloaded',
    body: {
      bay: '1-1',
      docking,
      camera: 'H1',
      path: name,
      pathBytes: Buffer.from(name).toString('base64'),
      sizeBytes: 5_000_000_000,
      modifiedMs,
      recordingKind: 'video',
      important: false,
      named: null,
      corrected: { startUtc: null, endUtc: null, errorMs: 0.25 },
      archivePath: `2026/01/02/H1/${name}`,
      sha256: leafHash(Buffer.from(name)),
      label: 'complete',
      missing: [],
      sourceRead: 'direct',
      readBack: 'direct',
      resumedBytes: 0,
      ...changes,
    },
  };
}

export const erased = (docking: string, name: string, sequence: number, camera = 'H1'): Fact => ({
  kind: 'recording.erased',
  body: {
    bay: '1-1',
    docking,
    camera,
    path: name,
    pathBytes: Buffer.from(name).toString('base64'),
    sizeBytes: 5_000_000_000,
    modifiedMs,
    proof: { sha256: leafHash(Buffer.from(name)), sequence, leaf: leafHash(Buffer.from(name)) },
  },
});

/** Identity of `offloaded(…, name)`. */
export const recordingNamed = (name: string): { path: Uint8Array; sizeBytes: number; modifiedMs: number } => ({
  path: Buffer.from(name),
  sizeBytes: 5_000_000_000,
  modifiedMs,
});
