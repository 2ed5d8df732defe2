import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../daemon/custody/entry.js';
import { emptyTreeHash, leafHash } from '../../daemon/custody/leaf.js';
import { recordingKey } from '../../daemon/custody/ledger.js';
import { type LedgerOptions, openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';

let folder: string;
let options: LedgerOptions;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-ledger-'));
  options = {
    file: join(folder, 'ledger.sqlite'),
    dock: 'dock-1',
    clock: systemClock,
    entryClock: () => ({
      utc: '2026-01-02T03:04:05.678Z',
      boot: '6a3f0b52-0000-4000-8000-000000000000',
      monotonicMs: 1234,
      trusted: true,
      source: 'ntp',
      errorMs: 4.5,
    }),
  };
});
afterEach(() => rm(folder, { recursive: true }));

const stopped = (reason: string): Fact => ({ kind: 'dock.stopped', body: { reason } });

const docked = (docking: string, camera = 'H1', bay = '1-1'): Fact => ({
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

const offloaded = (docking: string, name: string, camera = 'H1', bay = '1-1', important = false): Fact => ({
  kind: 'recording.offloaded',
  body: {
    bay,
    docking,
    camera,
    path: name,
    pathBytes: Buffer.from(name).toString('base64'),
    sizeBytes: 5_000_000_000,
    modifiedMs: 1_700_000_000_000,
    recordingKind: 'video',
    important,
    named: null,
    corrected: { startUtc: null, endUtc: null, errorMs: 0.25 },
    archivePath: `2026/01/02/${camera}/${name}`,
    sha256: leafHash(Buffer.from(name)),
    label: 'complete',
    missing: [],
    sourceRead: 'direct',
    readBack: 'direct',
    resumedBytes: 0,
  },
});

describe('the ledger in SQLite', () => {
  it('starts empty, chains what is entered, and finds it again after a restart', async () => {
    const first = await openLedger(options);
    expect(first.previousStop).toBe('first-start');
    expect(first.ledger.head()).toEqual({ epoch: 1, seq: 0, leaf: emptyTreeHash });
    const stored = await first.ledger.append(docked('d1'), stopped('test'));
    expect(stored.map(({ entry }) => [entry.seq, entry.prev])).toEqual([
      [1, emptyTreeHash],
      [2, stored[0]?.leaf],
    ]);
    await first.ledger.close();
    const second = await openLedger(options);
    expect(second.previousStop).toBe('clean');
    expect(await second.ledger.read(1, 10)).toEqual(stored);
    expect(second.ledger.head()).toEqual({ epoch: 1, seq: 2, leaf: stored[1]?.leaf });
    await second.ledger.close();
  });

  it('answers what offload asks: known recordings by key, and files of the archive by path', async () => {
    const { ledger } = await openLedger(options);
    const [, recording] = await ledger.append(docked('d1'), offloaded('d1', 'a.mp4'));
    await ledger.append({
      kind: 'recording.erased',
      body: {
        bay: '1-1',
        docking: 'd1',
        camera: 'H1',
        path: 'a.mp4',
        pathBytes: Buffer.from('a.mp4').toString('base64'),
        sizeBytes: 5_000_000_000,
        modifiedMs: 1_700_000_000_000,
        proof: { sha256: leafHash(Buffer.from('a.mp4')), sequence: 2, leaf: recording?.leaf ?? '' },
      },
    });
    const known = await ledger.knownRecordings('H1');
    const key = recordingKey({ path: Buffer.from('a.mp4'), sizeBytes: 5_000_000_000, modifiedMs: 1_700_000_000_000 });
    expect([...known.keys()]).toEqual([key]);
    expect(known.get(key)).toMatchObject({ seq: 2, erasedSeq: 3, leaf: recording?.leaf });
    expect((await ledger.recordingAt('2026/01/02/H1/a.mp4'))?.seq).toBe(2);
    expect(await ledger.recordingAt('2026/01/02/H1/b.mp4')).toBeUndefined();
    expect(await ledger.recordings({ camera: 'H1', bay: '1-1', important: false, limit: 10 })).toHaveLength(1);
    expect(await ledger.openDockings()).toMatchObject([{ docking: 'd1', recordings: 1, bytes: 5_000_000_000 }]);
    expect(await ledger.camera('H1')).toMatchObject({ bay: '1-1', lastClockSet: null });
    await ledger.moveCursor('centre', 2);
    await ledger.moveCursor('centre', 1);
    expect(await ledger.cursor('centre')).toBe(2);
    await ledger.close();
  });
});
