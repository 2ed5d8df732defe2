/** What the console may see and do of the dock: everything to look at, and *identify*. Nothing else (ARCHITECTURE). */
import type { LedgerCheck } from '../custody/check.js';
import type { Ledger } from '../custody/ledger.js';
import type { DockStatus } from '../status.js';

export interface DockView {
  status(): DockStatus;
  /** Called whenever `status()` may have changed, as often as that is; must not throw. Returns the way to stop it. */
  onStatus(listener: () => void): () => void;
  /** Read only. */
  readonly ledger: Pick<Ledger, 'head' | 'read' | 'recordings' | 'dockings'>;
  /** Reads the whole ledger now. */
  checkLedger(): Promise<LedgerCheck>;
  /** Lets the light of a bay flash white (D5), or ends it. False: there is no such bay. */
  identify(bay: string, on: boolean): boolean;
}
