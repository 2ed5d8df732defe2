/** The ledger: durable entries per second, one after the other and from many bays, and a check of everything. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { checkLedger } from '../../daemon/custody/check.js';
import type { EntryTime, Fact } from '../../daemon/custody/entry.js';
import type { Ledger } from '../../daemon/custody/ledger.js';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { type Figure, ratio } from './report.js';

const spanMs = 3_000;
const writers = 16;
const checkedEntries = 150_000;

const time = (): EntryTime => ({
  utc: new Date(systemClock.wallMs()).toISOString(),
  boot: 'bench',
  monotonicMs: Math.floor(systemClock.monotonicMs()),
  trusted: true,
  source: 'operator',
  errorMs: null,
});

let count = 0;
/** As large as real ones are: a recording with all that is known of it. */
function fact(): Fact {
  count += 1;
  const path = `video/20261120/DSJ_C0001_0042_20261120_${String(count).padStart(6, '0')}.mp4`;
  return {
    kind: 'recording.offloaded',
    body: {
      bay: '1-1',
      docking: '1-1@2026-11-20T10:00:00.000Z',
      camera: 'C0001',
      path,
      pathBytes: Buffer.from(path).toString('base64'),
      sizeBytes: 24_000_000,
      modifiedMs: 1_790_000_000_000 + count,
      recordingKind: 'video',
      important: false,
      named: { device: 'C0001', user: '0042', startedLocal: '2026-11-20T09:00:00', encrypted: false },
      corrected: { startUtc: '2026-11-20T01:00:00.000Z', endUtc: null, errorMs: 12 },
      archivePath: `2026/11/20/C0001/${count}.mp4`,
      sha256: count.toString(16).padStart(64, '0'),
      label: 'complete',
      missing: [],
      sourceRead: 'direct',
      readBack: 'direct',
      resumedBytes: 0,
    },
  };
}

async function rate(ledger: Ledger, flows: number): Promise<number> {
  const beganMs = systemClock.monotonicMs();
  const began = ledger.head().seq;
  const flow = async (): Promise<void> => {
    while (systemClock.monotonicMs() - beganMs < spanMs) await ledger.append(fact());
  };
  await Promise.all(Array.from({ length: flows }, flow));
  return ((ledger.head().seq - began) * 1000) / (systemClock.monotonicMs() - beganMs);
}

/** What the database itself does in one-row durable transactions, with nothing of ours. */
async function plainRate(file: string): Promise<number> {
  const database = new sqlite3.Database(file);
  const run = (sql: string, ...values: readonly unknown[]): Promise<void> =>
    new Promise((resolve, reject) => {
      database.run(sql, values, (error) => (error === null ? resolve() : reject(error)));
    });
  await run('PRAGMA journal_mode = WAL');
  await run('PRAGMA synchronous = FULL');
  await run('CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB)');
  const bytes = Buffer.alloc(1_100, 1);
  const beganMs = systemClock.monotonicMs();
  let rows = 0;
  while (systemClock.monotonicMs() - beganMs < spanMs) {
    await run('INSERT INTO row (bytes) VALUES (?)', bytes);
    rows += 1;
  }
  const perSecond = (rows * 1000) / (systemClock.monotonicMs() - beganMs);
  await new Promise((resolve) => database.close(resolve));
  return perSecond;
}

export async function ledgerRates(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-bench-'));
  try {
    const plain = await plainRate(join(folder, 'plain.db'));
    const file = join(folder, 'ledger.db');
    const { ledger } = await openLedger({ file, dock: 'bench', entryClock: time, clock: systemClock });
    const single = await rate(ledger, 1);
    const many = await rate(ledger, writers);
    while (ledger.head().seq < checkedEntries) {
      await ledger.append(...Array.from({ length: 500 }, fact));
    }
    await ledger.close();
    const chain = await checkLedger({ file, depth: 'chain', clock: systemClock });
    const full = await checkLedger({ file, depth: 'full', clock: systemClock });
    if (chain.problem !== null || full.problem !== null) throw new Error('the bench ledger is not clean');
    return [
      {
        what: 'ledger: durable entries, one flow (of plain one-row transactions)',
        measured: `${single.toFixed(0)}/s (${ratio(single / plain)})`,
        budget: '≥ 1,000/s',
        met: single >= 1_000,
      },
      {
        what: `ledger: durable entries, ${writers} flows`,
        measured: `${many.toFixed(0)}/s (${ratio(many / plain)})`,
        budget: '≥ 1,000/s',
        met: many >= 1_000,
      },
      {
        what: `ledger: verification of ${chain.entries} entries, hash and chain`,
        measured: `${chain.entriesPerSecond.toFixed(0)}/s`,
        budget: '≥ 150,000/s',
        met: chain.entriesPerSecond >= 150_000,
      },
      {
        what: '  with canonical form, schema and registers rebuilt',
        measured: `${full.entriesPerSecond.toFixed(0)}/s`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
