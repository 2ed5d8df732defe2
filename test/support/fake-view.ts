/** The dock as the console sees it, with a state that a test sets and a ledger in memory. */

import type { DockView } from '../../daemon/console/view.js';
import type { LedgerCheck } from '../../daemon/custody/check.js';
import type { DockStatus } from '../../daemon/status.js';
import { MemoryLedger } from './memory-ledger.js';
import { sampleStatus } from './sample-status.js';

export const sampleCheck: LedgerCheck = {
  depth: 'full',
  dock: 'dock-1',
  epoch: 1,
  seq: 1_234,
  leaf: 'ab'.repeat(32),
  entries: 1_234,
  unknownKinds: 0,
  problem: null,
  elapsedMs: 12,
  entriesPerSecond: 102_833,
};

export class FakeView implements DockView {
  readonly ledger = new MemoryLedger();
  readonly identified = new Map<string, boolean>();
  verdict: () => Promise<LedgerCheck> = async () => ({ ...sampleCheck, ...this.ledger.head() });
  readonly #listeners = new Set<() => void>();
  #status: DockStatus = sampleStatus;

  get listeners(): number {
    return this.#listeners.size;
  }

  status(): DockStatus {
    return this.#status;
  }

  set(changed: Partial<DockStatus>): void {
    this.#status = { ...this.#status, ...changed };
    for (const listener of this.#listeners) listener();
  }

  onStatus(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  checkLedger(): Promise<LedgerCheck> {
    return this.verdict();
  }

  identify(bay: string, on: boolean): boolean {
    if (!this.#status.bays.some((known) => known.bay === bay)) return false;
    this.identified.set(bay, on);
    return true;
  }
}
