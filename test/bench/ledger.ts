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
import { type Figure, median, ratio } from './report.js';

/** One after the other in short turns: how fast a disk syncs changes from second to second, and all three must see the same disk. */
const turns = 7;
const spanMs = 700;
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
class PlainTable {
  readonly #database: sqlite3.Database;

  private constructor(file: string) {
    this.#database = new sqlite3.Database(file);
  }

  static async open(file: string): Promise<PlainTable> {
    const table = new PlainTable(file);
    await table.#run('PRAGMA journal_mode = WAL');
    await table.#run('PRAGMA synchronous = FULL');
    await table.#run('CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB)');
    return table;
  }

  async rate(): Promise<number> {
    const bytes = Buffer.alloc(1_100, 1);
    const beganMs = systemClock.monotonicMs();
    let rows = 0;
    while (systemClock.monotonicMs() - beganMs < spanMs) {
      await this.#run('INSERT INTO row (bytes) VALUES (?)', bytes);
      rows += 1;
    }
    return (rows * 1000) / (systemClock.monotonicMs() - beganMs);
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.#database.close(resolve));
  }

  #run(sql: string, ...values: readonly unknown[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.run(sql, values, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}

export async function ledgerRates(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-bench-'));
  try {
    const plainTable = await PlainTable.open(join(folder, 'plain.db'));
    const file = join(folder, 'ledger.db');
    const { ledger } = await openLedger({ file, dock: 'bench', entryClock: time, clock: systemClock });
    const rates = { plain: [] as number[], single: [] as number[], many: [] as number[] };
    for (let turn = 0; turn < turns; turn++) {
      rates.plain.push(await plainTable.rate());
      rates.single.push(await rate(ledger, 1));
      rates.many.push(await rate(ledger, writers));
    }
    await plainTable.close();
    const [plain, single, many] = [median(rates.plain), median(rates.single), median(rates.many)];
    while (ledger.head().seq < checkedEntries) {
      await ledger.append(...Array.from({ length: 500 }, fact));
    }
    await ledger.close();
    const chain = await checkLedger({ file, depth: 'chain', clock: systemClock });
    const full = await checkLedger({ file, depth: 'full', clock: systemClock });
    if (chain.problem !== null || full.problem !== null) throw new Error('the bench ledger is not clean');
    return [
      {
        what: `ledger: durable entries, one flow, median of ${turns} (of plain one-row transactions)`,
        measured: `${single.toFixed(0)}/s (${ratio(single / plain)})`,
        budget: '≥ 1,000/s',
        met: single >= 1_000,
      },
      {
        what: `ledger: durable entries, ${writers} flows, median of ${turns}`,
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
