import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../daemon/custody/database.js';
import { emptyTreeHash } from '../../daemon/custody/leaf.js';
import { type LedgerHead, type RecordingQuery, recordingKey } from '../../daemon/custody/ledger.js';
import { openLedger } from '../../daemon/custody/open.js';
import { LedgerQueries } from '../../daemon/custody/queries.js';
import {
  clockSet,
  docked,
  erased,
  type LedgerFolder,
  ledgerFolder,
  offloaded,
  ready,
  recordingNamed,
  refused,
  stopped,
  undocked,
} from '../support/ledger-rig.js';
import { VirtualClock } from '../support/virtual-clock.js';

let rig: LedgerFolder;
beforeEach(async () => {
  rig = await ledgerFolder();
});
afterEach(() => rig.remove());

describe('the ledger in SQLite', () => {
  it('starts empty, chains what is entered, and has it after a restart', async () => {
    const first = await openLedger(rig.options);
    expect(first.previousStop).toBe('first-start');
    expect(first.ledger.head()).toEqual({ epoch: 1, seq: 0, leaf: emptyTreeHash });
    const stored = await first.ledger.append(docked('d1'), clockSet('d1', 0.125), stopped('test'));
    expect(stored.map(({ entry }) => [entry.seq, entry.prev])).toEqual([
      [1, emptyTreeHash],
      [2, stored[0]?.leaf],
      [3, stored[1]?.leaf],
    ]);
    await first.ledger.close();
    const second = await openLedger(rig.options);
    expect(second.previousStop).toBe('clean');
    expect(await second.ledger.read(1, 10)).toEqual(stored);
    expect(await second.ledger.read(3, 1)).toEqual(stored.slice(2));
    expect(second.ledger.head()).toEqual({ epoch: 1, seq: 3, leaf: stored[2]?.leaf });
    await second.ledger.append(docked('d2'));
    await second.ledger.close();
    const third = await openLedger(rig.options);
    expect(third.previousStop).toBe('unclean');
    await third.ledger.close();
  });

  it('announces each growth once it can be read, never a mere cursor (I4)', async () => {
    const { ledger } = await openLedger(rig.options);
    const heads: LedgerHead[] = [];
    const reads: Promise<number>[] = [];
    const stop = ledger.onAppended((head) => {
      heads.push(head);
      reads.push(ledger.read(head.seq, 1).then((entries) => entries.length));
    });
    await ledger.append(docked('d1'));
    await ledger.moveCursor('centre', 1);
    await ledger.append(ready('d1'));
    stop();
    await ledger.append(undocked('d1'));
    expect(heads.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await Promise.all(reads)).toEqual([1, 1]);
    await ledger.close();
  });

  it('shows what was appended to whoever reads next, however busy other readers are (I4)', async () => {
    const { ledger } = await openLedger(rig.options);
    await ledger.append(...Array.from({ length: 400 }, (_, index) => offloaded('d1', `${index}.mp4`)));
    let going = true;
    const others = [1, 2, 3, 4].map(async () => {
      while (going) await ledger.recordings({ limit: 400 });
    });
    for (let round = 0; round < 40; round += 1) {
      const [stored] = await ledger.append(stopped('x'));
      expect(await ledger.read(stored?.seq ?? 0, 1)).toHaveLength(1);
    }
    going = false;
    await Promise.all(others);
    await ledger.close();
  });

  it('answers what offload asks: recordings of a camera by key, files of the archive by path', async () => {
    const { ledger } = await openLedger(rig.options);
    await ledger.append(docked('d1'), offloaded('d1', 'a.mp4'), offloaded('d1', 'b.mp4'), erased('d1', 'a.mp4', 2));
    // Offloaded once more, after its file in the archive was found damaged: the later entry holds.
    await ledger.append(offloaded('d1', 'b.mp4', { archivePath: '2026/01/02/H1/b-2.mp4' }));
    const known = await ledger.knownRecordings('H1');
    expect([...known.keys()].sort()).toEqual(
      ['a.mp4', 'b.mp4'].map((name) => recordingKey(recordingNamed(name))).sort(),
    );
    expect(known.get(recordingKey(recordingNamed('a.mp4')))).toMatchObject({ seq: 2, erasedSeq: 4 });
    expect(known.get(recordingKey(recordingNamed('b.mp4')))).toMatchObject({ seq: 5, erasedSeq: null });
    expect((await ledger.recordingAt('2026/01/02/H1/a.mp4'))?.body).toEqual(offloaded('d1', 'a.mp4').body);
    expect(await ledger.recordingAt('2026/01/02/H1/c.mp4')).toBeUndefined();
    expect((await ledger.knownRecordings('H2')).size).toBe(0);
    await ledger.close();
  });

  it('does not let a foreign camera claim an erasure: the proof must be of its own recording (I3)', async () => {
    const { ledger } = await openLedger(rig.options);
    await ledger.append(offloaded('d1', 'a.mp4'), erased('d1', 'a.mp4', 1, 'H2'));
    expect((await ledger.recordingAt('2026/01/02/H1/a.mp4'))?.erasedSeq).toBeNull();
    await ledger.close();
  });

  it('finds recordings by camera, bay and mark, in pages', async () => {
    const { ledger } = await openLedger(rig.options);
    const facts = Array.from({ length: 24 }, (_, index) =>
      offloaded('d1', `${index}.mp4`, {
        camera: `H${index % 2}`,
        bay: `1-${index % 3}`,
        important: index % 4 === 0,
      }),
    );
    await ledger.append(...facts);
    const seqs = async (query: Parameters<typeof ledger.recordings>[0]): Promise<number[]> =>
      (await ledger.recordings(query)).map(({ seq }) => seq);
    expect(await seqs({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await seqs({ limit: 3, afterSeq: 3 })).toEqual([4, 5, 6]);
    expect(await seqs({ limit: 100, camera: 'H1' })).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]);
    expect(await seqs({ limit: 100, camera: 'H0', bay: '1-0', important: true })).toEqual([1, 13]);
    expect(await seqs({ limit: 100, important: false, afterSeq: 20 })).toEqual([22, 23, 24]);
    await expect(ledger.recordings({ limit: 1_001 })).rejects.toThrow(/DOCK_LEDGER_QUERY_INVALID/);
    await expect(ledger.read(1, 0)).rejects.toThrow(/DOCK_LEDGER_QUERY_INVALID/);
    await ledger.close();
  });

  it('keeps the usage ledger: who brought it, when it left, with whom, with what (M4)', async () => {
    const { ledger } = await openLedger(rig.options);
    await ledger.append(
      docked('d1'),
      offloaded('d1', 'a.mp4'),
      offloaded('d1', 'b.mp4'),
      clockSet('d1', 0.1),
      ready('d1'),
    );
    expect(await ledger.openDockings()).toMatchObject([{ docking: 'd1', leftUtc: null, verdict: 'ready' }]);
    expect(await ledger.camera('H1')).toMatchObject({ bay: '1-1', holder: null, lastUndockedUtc: null });
    const [left] = await ledger.append(undocked('d1'), refused('d2', '1-2'));
    expect(await ledger.dockings(10)).toEqual([
      {
        docking: 'd2',
        bay: '1-2',
        camera: null,
        broughtBy: null,
        outSinceUtc: null,
        arrivedUtc: '2026-01-02T03:00:00.000Z',
        leftUtc: null,
        takenBy: null,
        recordings: 0,
        bytes: 0,
        verdict: 'refused',
      },
      {
        docking: 'd1',
        bay: '1-1',
        camera: 'H1',
        broughtBy: '0042',
        outSinceUtc: null,
        arrivedUtc: '2026-01-02T03:00:00.000Z',
        leftUtc: left?.entry.time.utc,
        takenBy: '0099',
        recordings: 2,
        bytes: 10_000_000_000,
        verdict: 'ready',
      },
    ]);
    expect(await ledger.camera('H1')).toMatchObject({
      bay: null,
      holder: '0099',
      lastUndockedUtc: left?.entry.time.utc,
    });
    // What a refused device ends with stays what it was: nobody may read 'ready' there.
    await ledger.append(undocked('d2', null, 'ready', '1-2'));
    expect((await ledger.dockings(1))[0]).toMatchObject({ docking: 'd2', verdict: 'refused', takenBy: '0099' });
    expect(await ledger.openDockings()).toEqual([]);
    expect(await ledger.camera('H9')).toBeUndefined();
    await ledger.close();
  });

  it('gives the last setting of a clock back to the last bit, as it stands in its entry (I6)', async () => {
    const { ledger } = await openLedger(rig.options);
    const [, set] = await ledger.append(docked('d1'), clockSet('d1', 0.1 + 0.2));
    const first = (await ledger.camera('H1'))?.lastClockSet;
    expect(first).toMatchObject({ utc: set?.entry.time.utc, after: { offsetMs: 0.1 + 0.2, uncertaintyMs: 12.3 } });
    await ledger.append(clockSet('d1', 7));
    expect(await ledger.camera('H1')).toMatchObject({
      lastClockSet: { after: { offsetMs: 7 } },
      previousClockSet: first,
    });
    await ledger.close();
  });

  it('moves a cursor only forward and never beyond the head', async () => {
    const first = await openLedger(rig.options);
    await first.ledger.append(docked('d1'), ready('d1'), undocked('d1'));
    expect(await first.ledger.cursor('centre')).toBe(0);
    await first.ledger.moveCursor('centre', 2);
    await first.ledger.moveCursor('centre', 1);
    await expect(first.ledger.moveCursor('centre', 4)).rejects.toThrow(/DOCK_LEDGER_QUERY_INVALID/);
    await first.ledger.close();
    const second = await openLedger(rig.options);
    expect(await second.ledger.cursor('centre')).toBe(2);
    expect(await second.ledger.cursor('another')).toBe(0);
    await second.ledger.close();
  });

  it('keeps whatever text a device sent, and lets none of it out of its literal (I11)', async () => {
    const { ledger } = await openLedger(rig.options);
    const hostile = `x'); DROP TABLE recordings; -- ? \u0000 "\\ 音像 😀 ${'?'.repeat(50)}`;
    const changes = { camera: hostile, archivePath: hostile, path: hostile };
    await ledger.append(offloaded('d1', 'a.mp4', changes), docked(hostile, hostile, hostile));
    expect((await ledger.recordingAt(hostile))?.body).toMatchObject(changes);
    expect((await ledger.knownRecordings(hostile)).size).toBe(1);
    expect(await ledger.camera(hostile)).toMatchObject({ camera: hostile, bay: hostile });
    expect(await ledger.openDockings()).toMatchObject([{ docking: hostile }]);
    await ledger.close();
  });

  it('lists recordings from the first on, or from the latest back, page by page', async () => {
    const { ledger } = await openLedger(rig.options);
    await ledger.append(...['a', 'b', 'c', 'd', 'e'].map((name) => offloaded('d1', `${name}.mp4`)));
    const names = async (query: RecordingQuery): Promise<string> =>
      (await ledger.recordings(query)).map(({ body }) => body.path[0]).join('');
    expect(await names({ limit: 2 })).toBe('ab');
    expect(await names({ limit: 2, afterSeq: 2 })).toBe('cd');
    expect(await names({ limit: 2, beforeSeq: Number.MAX_SAFE_INTEGER })).toBe('ed');
    expect(await names({ limit: 2, beforeSeq: 4 })).toBe('cb');
    expect(await names({ limit: 9, afterSeq: 1, beforeSeq: 5, camera: 'H1', bay: '1-1', important: false })).toBe(
      'dcb',
    );
    await ledger.close();
  });

  it('keeps nobody waiting for a read that does not come back (I8)', async () => {
    await (await openLedger(rig.options)).ledger.close();
    const clock = new VirtualClock();
    const reader = await Database.open(rig.options.file, 'read');
    const queries = new LedgerQueries(reader, clock);
    // A query that keeps SQLite busy stands for a disk that hangs.
    const busy = reader.all(
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2e6) SELECT max(i) FROM n',
    );
    const outcome = Promise.allSettled([queries.entries(1, 1), queries.camera('H1'), queries.cursor('centre')]);
    await clock.advance(15_000);
    for (const one of await outcome) {
      expect(one).toMatchObject({ reason: { code: 'DOCK_LEDGER_UNANSWERED', retry: 'now' } });
    }
    await busy;
    expect(await queries.cursor('centre')).toBe(0);
    await reader.close();
  });

  it('refuses whatever comes after its end, and settles whatever came before', async () => {
    const { ledger } = await openLedger(rig.options);
    const before = Array.from({ length: 50 }, (_, index) => ledger.append(stopped(String(index))));
    const closing = ledger.close();
    await expect(ledger.append(stopped('late'))).rejects.toThrow(/DOCK_LEDGER_CLOSED/);
    expect((await Promise.all(before)).at(-1)?.[0]?.seq).toBe(50);
    await closing;
    await ledger.close();
    const again = await openLedger(rig.options);
    expect(again.ledger.head().seq).toBe(50);
    await again.ledger.close();
  });
});
