import type { Config } from '../../config/schema.js';
import type { CameraFamily } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { DockTime } from '../clock/dock-time.js';
import type { Ledger } from '../custody/ledger.js';
import type { Offload } from '../offload/offload.js';
import type { Log } from '../runtime/log.js';
import type { ProgressBoard } from '../runtime/progress.js';
import type { CameraClaims, OtherBays } from './claims.js';
import type { EnterPatiently } from './patient-entry.js';

/** What the bays of a dock share. */
export interface BayServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly dockTime: DockTime;
  readonly families: readonly CameraFamily[];
  readonly offload: Offload;
  readonly claims: CameraClaims;
  readonly others: OtherBays;
  readonly board: ProgressBoard;
  /** For what has already happened and cannot be refused. */
  readonly enter: EnterPatiently;
  /** The configuration in force now. */
  readonly config: () => Config;
}
