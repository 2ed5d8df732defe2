/** A whole dock on virtual time, for tests of what a docking leaves in the ledger: the simulation's world, without its chance. */
import type { EntryBody, EntryKind } from '../../daemon/custody/entry.js';
import type { CameraTemper, SimCamera } from '../simulation/camera.js';
import { content, footage } from '../simulation/footage.js';
import { Random } from '../simulation/random.js';
import { World } from '../simulation/world.js';

export interface DockWorldOptions {
  readonly erase?: 'never' | 'after-verified';
  readonly pins?: Partial<CameraTemper['pins']>;
  /** Bays of each cradle, each on a line of its own. */
  readonly bays?: readonly number[];
  /** Another camera, `world.cameras[1]`, says that it is the first. */
  readonly twin?: boolean;
}

export class DockWorld {
  readonly world: World;
  readonly random = new Random('one docking');

  private constructor(world: World) {
    this.world = world;
  }

  static async make({
    erase = 'never',
    pins = {},
    bays = [2],
    twin = false,
  }: DockWorldOptions = {}): Promise<DockWorld> {
    const temper: CameraTemper = {
      name: 'a',
      serial: 'CAM-A',
      user: '100001',
      registered: true,
      quarantined: false,
      readOnly: false,
      readMs: 0,
      pins: {
        clockOffsetMs: 0,
        clockDriftPpm: 0,
        clockResolutionMs: 10,
        batteryPercent: 97,
        chargePercentPerMinute: 0,
        freeBytes: 60_000_000_000,
        wakeMs: 50,
        ...pins,
      },
    };
    const random = new Random('one docking');
    const layout = { bays, shared: false, priority: null };
    const cameras = twin ? [temper, { ...temper, name: 'twin' }] : [temper];
    const world = await World.make({ random, cameras, layout, receipt: 'broker', erase, baud: undefined });
    return new DockWorld(world);
  }

  get camera(): SimCamera {
    const [camera] = this.world.cameras;
    if (camera === undefined) throw new Error('a world without a camera');
    return camera;
  }

  record(path: string, sizeBytes: number, modifiedMs = this.world.clock.wallMs() - 3_600_000): void {
    this.camera.record(footage(Buffer.from(path), content(this.random, sizeBytes), Math.floor(modifiedMs)));
  }

  pass(ms: number): Promise<void> {
    return this.world.pass(ms);
  }

  entered<K extends EntryKind>(kind: K): readonly EntryBody<K>[] {
    return this.world.entered.flatMap(({ entry }) => (entry.kind === kind ? [entry.body as EntryBody<K>] : []));
  }

  light(slot = 1): string {
    return this.world.light(slot);
  }

  logged(key: string): number {
    return this.world.log.flatMap(({ lines }) => lines).filter((line) => line.key === key).length;
  }

  async remove(): Promise<void> {
    await this.world.stop();
    this.world.remove();
  }
}
