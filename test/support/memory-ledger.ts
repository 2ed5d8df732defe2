/** A ledger without a medium, for tests whose subject is not the ledger: real canonical bytes, real hashes, nothing durable. */
import type { EntryTime, Fact, StoredEntry } from '../../daemon/custody/entry.js';
import { emptyTreeHash } from '../../daemon/custody/leaf.js';
import type {
  CameraCustody,
  DockingRow,
  KnownRecording,
  Ledger,
  LedgerHead,
  RecordingQuery,
} from '../../daemon/custody/ledger.js';
import { checkFact, sealEntry } from '../../daemon/custody/stored-entry.js';

/** 2026-03-02T08:00:00Z and a second for each entry. */
const START_MS = Date.UTC(2026, 2, 2, 8);

export class MemoryLedger implements Ledger {
  readonly entries: StoredEntry[] = [];
  readonly cursors = new Map<string, number>();
  readonly custody = new Map<string, CameraCustody>();
  epoch = 1;
  readonly #dock: string;
  readonly #listeners = new Set<(head: LedgerHead) => void>();

  constructor(dock = 'dock-1') {
    this.#dock = dock;
  }

  head(): LedgerHead {
    const last = this.entries.at(-1);
    return { epoch: this.epoch, seq: last?.seq ?? 0, leaf: last?.leaf ?? emptyTreeHash };
  }

  /** As `append`, at once: tests prepare thousands of entries. */
  enter(...facts: readonly Fact[]): readonly StoredEntry[] {
    const stored = facts.map((fact) => this.#store(fact));
    for (const listener of this.#listeners) listener(this.head());
    return stored;
  }

  #store(fact: Fact): StoredEntry {
    const seq = this.head().seq + 1;
    const time: EntryTime = {
      utc: new Date(START_MS + seq * 1_000).toISOString(),
      boot: '6f1d3a52-0000-4000-8000-000000000001',
      monotonicMs: seq * 1_000,
      trusted: true,
      source: 'timesyncd',
      errorMs: 4,
    };
    const stored = sealEntry(this.#dock, this.head(), checkFact(fact, time));
    this.entries.push(stored);
    return stored;
  }

  async append(...facts: readonly Fact[]): Promise<readonly StoredEntry[]> {
    return this.enter(...facts);
  }

  onAppended(listener: (head: LedgerHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async read(fromSeq: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.entries.slice(fromSeq - 1, fromSeq - 1 + limit);
  }

  async knownRecordings(): Promise<ReadonlyMap<string, KnownRecording>> {
    return new Map();
  }

  async recordings(_query: RecordingQuery): Promise<readonly KnownRecording[]> {
    return [];
  }

  async recordingAt(): Promise<KnownRecording | undefined> {
    return undefined;
  }

  async camera(camera: string): Promise<CameraCustody | undefined> {
    return this.custody.get(camera);
  }

  async dockings(limit: number): Promise<readonly DockingRow[]> {
    return [...this.custody.values()].slice(0, limit).map((row) => ({
      docking: `docking of ${row.camera}`,
      bay: row.bay ?? '1-1',
      camera: row.camera,
      broughtBy: null,
      outSinceUtc: null,
      arrivedUtc: row.lastDockedUtc ?? new Date(START_MS).toISOString(),
      leftUtc: row.lastUndockedUtc,
      takenBy: null,
      recordings: 0,
      bytes: 0,
      verdict: 'none',
    }));
  }

  async dockingAccount(): Promise<undefined> {
    return undefined;
  }

  async openDockings(): Promise<readonly DockingRow[]> {
    return [];
  }

  async cursor(name: string): Promise<number> {
    return this.cursors.get(name) ?? 0;
  }

  async moveCursor(name: string, seq: number): Promise<void> {
    this.cursors.set(name, seq);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
