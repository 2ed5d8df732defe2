/** What the console may see and do of the dock: everything to look at, and *identify*. Nothing else (ARCHITECTURE). */
import type { DockError } from '../../drivers/contract/error.js';
import type { Ledger } from '../custody/ledger.js';
import type { DockStatus } from './status.js';

/** What a check of the whole ledger came to. */
export interface LedgerVerdict {
  readonly clean: boolean;
  /** Null when it is clean. */
  readonly problem: DockError | null;
  /** Entries that were read. */
  readonly entries: number;
}

export interface DockView {
  status(): DockStatus;
  /** Called whenever `status()` may have changed, as often as that is; must not throw. Returns the way to stop it. */
  onStatus(listener: () => void): () => void;
  /** Read only. */
  readonly ledger: Pick<Ledger, 'head' | 'read' | 'recordings' | 'dockings'>;
  /** Reads the whole ledger now. */
  checkLedger(): Promise<LedgerVerdict>;
  /** Lets the light of a bay flash white (D5), or ends it. False: there is no such bay. */
  identify(bay: string, on: boolean): boolean;
}
