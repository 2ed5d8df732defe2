/** The world outside, as far as the dock touches it: the machine's own in `ports.ts`, the simulation's in tests. */
import type { Config } from '../config/schema.js';
import type { CameraFamily, Volume } from '../drivers/contract/camera.js';
import type { Clock } from '../drivers/contract/clock.js';
import type { CradleLine } from '../drivers/contract/cradle.js';
import type { DockError } from '../drivers/contract/error.js';
import type { UsbLook } from '../drivers/contract/usb.js';
import type { RefusedPort } from '../drivers/media/helper/plan.js';
import type { DurableFiles } from './archive/durable-files.js';
import type { Broker } from './central/broker.js';
import type { TrustEvidence } from './clock/trust.js';
import type { DockView } from './console/view.js';
import type { CheckLedger } from './custody/ledger-service.js';
import type { Copier } from './offload/copier.js';
import type { Log } from './runtime/log.js';
import type { ProgressBoard } from './runtime/progress.js';
import type { Service } from './runtime/service.js';

/** Hears what the media root shows; all of it whenever it differs. */
export interface VolumeListener {
  onVolumes(volumes: readonly Volume[]): void;
  onRefused(ports: readonly RefusedPort[]): void;
  /** Null: it is over. */
  onTrouble(error: DockError | null): void;
}

export interface DockPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly board: ProgressBoard;
  /** Boot id of the kernel, and the time since boot at our `monotonicMs` zero. */
  readonly bootId: string;
  readonly bootOffsetMs: number;
  readonly families: readonly CameraFamily[];
  readonly files: DurableFiles;
  readonly copier: Copier;
  /** Null: nothing is told to anybody. */
  readonly broker: Broker | null;
  /** `usb`: where the line hears what is on the USB. */
  line(cradles: Config['cradles'], usb: UsbFeed): CradleLine;
  watchVolumes(listener: VolumeListener): { stop(): Promise<void> };
  /** Tells of each look at the USB; absent: this dock has none. */
  readonly watchUsb?: (
    onLook: (look: UsbLook) => void,
    onTrouble: (error: DockError | null) => void,
  ) => { stop(): Promise<void> };
  readonly checkLedger: CheckLedger;
  /** Serves the console; the simulation has none. */
  readonly console?: (view: DockView) => Service;
  readonly gatherTrust?: (config: Config['clock']) => Promise<TrustEvidence>;
}

/** Hands every look at the USB to whoever listens; the same look again says that nothing has changed. */
export interface UsbFeed {
  listen(listener: (look: UsbLook) => void): void;
}
