/** What the program makes of each kind of simulated camera: something at a port that can be put in, pulled, and told to misbehave. */
import type { StandardCameraOptions } from '../../../drivers/simulated/standard-camera.js';

interface Anywhere {
  /** Of the gadget; another program may take it over. */
  readonly name: string;
  /** Number of the dummy_hcd bus whose only port it is at. */
  readonly bus: number;
}

export interface PtpSpec extends Anywhere {
  readonly kind: 'ptp';
  /** Folder with the content of its card. */
  readonly card: string;
  readonly serial: string;
  readonly access?: 0 | 1 | 2;
  readonly interface?: 'still-image' | 'vendor';
  readonly clockOffsetMs?: number;
  readonly batteryPercent?: number;
  /**
   * No endpoint for events. A transfer that waits at one costs nothing on a real bus; dummy_hcd's timer looks after it thousands of times a second,
   * which takes the guest the better part of a processor.
   */
  readonly withoutEvents?: true;
}

export interface ControlSpec extends Anywhere {
  readonly kind: 'ambarella' | 'jieli';
  /** Latin-1, for what is no text. */
  readonly serial: string;
  readonly options?: Omit<StandardCameraOptions, 'serial' | 'userName'>;
  /** Image that it is once it was switched; without one it leaves and never comes back. */
  readonly image?: string;
}

export interface DiskSpec extends Anywhere {
  readonly kind: 'disk';
  readonly image: string;
}

export type CameraSpec = PtpSpec | ControlSpec | DiskSpec;

export interface GadgetCamera {
  plug(): void;
  unplug(): void;
  /** What a test wants to know of it. */
  state(): Readonly<Record<string, unknown>>;
  /** Something goes wrong from now on; throws for what this camera cannot. */
  misbehave(how: Readonly<Record<string, unknown>>): void;
}
