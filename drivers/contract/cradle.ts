/**
 * What the daemon knows of a cradle, whatever line it hangs on.
 *
 * Level, not edge: a driver reports what it sees now, again and again; the daemon takes the difference.
 * A driver never logs; it reports trouble once and its end once.
 */
import type { Battery, CameraClock, Storage } from './camera.js';
import type { DockError } from './error.js';

/** Patterns of D5; firmware draws them, so all bays of a dock breathe alike. */
export const lightPatterns = [
  'off',
  'amber-breathing',
  'green-steady',
  'green-flashing',
  'red-flashing',
  'red-steady',
  'white-flashing',
] as const;
export type LightPattern = (typeof lightPatterns)[number];

export type Seating = 'empty' | 'seated' | 'not-seated';
/** `unknown`: nothing at this bay measures it. */
export type Charge = 'none' | 'charging' | 'full' | 'fault' | 'unknown';

export interface BayReading {
  /** 1-based place in the unit. */
  readonly slot: number;
  readonly seating: Seating;
  /** Counts each arrival of a camera since the unit started (wraps at 2^16), so that a swap between two polls is seen. */
  readonly arrivals: number;
  readonly latched: boolean;
  readonly charge: Charge;
  /** Charging current, mA. */
  readonly currentMa: number;
  /** What the light shows now, which is not always what was asked for (fall-back, I12). */
  readonly light: LightPattern | 'fallback';
  /** The cradle has this camera's data pins and they answer. */
  readonly sideChannel: boolean;
}

export interface CradleReading {
  /** The name of the cradle in the configuration: the first half of a bay's name. */
  readonly cradle: string;
  /** When it was read, `Clock.monotonicMs`. */
  readonly atMs: number;
  readonly bays: readonly BayReading[];
}

/** What a unit says of itself when it is found, and again after each reconnection. */
export interface CradleDescription {
  readonly cradle: string;
  readonly serial: string;
  readonly firmware: string;
  readonly mapVersion: number;
  readonly bayCount: number;
}

/** What a camera says of itself over the cradle's data pins. All text is hostile (I11). */
export interface SideChannelIdentity {
  readonly serial: string;
  readonly maker: string;
  readonly model: string;
  readonly userNumber: string;
}

export interface SideChannel {
  identity(): Promise<SideChannelIdentity>;
  battery(): Promise<Battery>;
  storage(): Promise<Storage>;
  /** Names of the faults that the camera's self-test found; empty when it found none. */
  faults(): Promise<readonly string[]>;
  readonly clock: CameraClock;
}

export interface CradleListener {
  /** A unit answered and its map version is one we speak. */
  found(description: CradleDescription): void;
  /** A scan ended. Comes at least every 300 ms while the unit answers. */
  read(reading: CradleReading): void;
  /** The unit cannot be used; said once per trouble, not per attempt. Its bays are unknown from now on. */
  trouble(cradle: string, error: DockError): void;
  /** The light of a bay does not show what it was told to, while the bay itself can be used. Said once per trouble. */
  lightTrouble(cradle: string, slot: number, error: DockError): void;
}

/** One serial line or TCP connection with one or several units. */
export interface CradleLine {
  /** Opens, polls, and reopens for ever with backoff until `stop`. Returns at once. */
  start(listener: CradleListener): void;
  /**
   * What the light of a bay shall show. Level: the driver writes it whenever the unit shows something else, and forgets
   * it with the connection, so that a stale wish never reaches a reconnected unit; the daemon says it again after `found`.
   * Green is a promise about the camera that was there at the last reading: when it leaves, the wish ends with it.
   */
  setLight(cradle: string, slot: number, pattern: LightPattern): void;
  /**
   * The side channel of the camera that is in the bay now. Bound to this connection and this arrival: once either is gone,
   * every call fails with DOCK_CRADLE_STALE.
   */
  sideChannel(cradle: string, slot: number): SideChannel;
  /** Ends polling and closes the line. The units fall back to their own light after 5 s (I12). */
  stop(): Promise<void>;
}
