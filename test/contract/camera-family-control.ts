/**
 * What every camera family owes the daemon that only prepares a camera: its control interface tells who it is, takes the time and gives way to
 * disk mode, in which another family lists it. The companion of `camera-family.ts`, which is for families that list.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CameraFamily, CameraIdentity, CameraSession, Sighting } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';

export interface ControlDevice {
  readonly family: CameraFamily;
  readonly identity: Pick<CameraIdentity, 'id' | 'source'>;
  readonly clock: Clock;
  /** How near its clock has to be set, ms; default 50, what a dock is to reach. A guest without acceleration is slower. */
  readonly setWithinMs?: number;
  /** As the daemon sees it now. */
  sighting(): Sighting;
  /** Camera minus true time, ms, by the device itself. */
  wrongMs(): Told<number>;
  /** How often it has agreed to disk mode; each time it left the bus. */
  switched(): Told<number>;
  /** The daemon has its interface open. */
  isOpen(): Told<boolean>;
  /** The device is pulled out. */
  pull(): Told<void>;
  /** Waits for something that waits on the device's clock; fails when that takes longer than `mostMs`. */
  run<T>(work: Promise<T>, mostMs: number): Promise<T>;
  /** May be called twice. Default: nothing is left of it. */
  dispose?(): Promise<void>;
}

/** A device in another process, on a real bus, takes its time. */
type Told<T> = T | Promise<T>;

export interface ControlDeviceMaker {
  /** A device as most are. */
  orderly(): Told<ControlDevice>;
  /** Refuses disk mode `times` times, because it closes a clip. */
  closingAClip(times: number): Told<ControlDevice>;
  /** Has everything wrong with its identity that a device can have: each is one device (I11). */
  hostile(): Iterable<ControlDevice> | AsyncIterable<ControlDevice>;
  /** Has stopped answering. */
  silent(): Told<ControlDevice>;
}

const never = new AbortController().signal;
/** Nobody waits at a bay for longer than that to hear what is wrong. */
const mostMs = 30_000;

export function describeControlFamily(name: string, make: ControlDeviceMaker): void {
  describe(`camera family ${name}`, () => {
    let device: ControlDevice;
    let session: CameraSession;

    async function open(of: ControlDevice = device): Promise<CameraSession> {
      return of.run(of.family.open(of.sighting(), never), mostMs);
    }

    const toDiskMode = (): Promise<void> => session.toDiskMode?.() ?? Promise.reject(new Error('no disk mode'));

    beforeEach(async () => {
      device = await make.orderly();
      session = await open();
    });

    afterEach(async () => {
      await session.close();
      await device.dispose?.();
    });

    it('scores nothing for nothing, says why it fits, and leaves a volume to others', () => {
      const volume = { name: '1-1', path: '/m', mountId: '1', fileSystem: 'vfat', readOnly: true };
      expect(device.family.probe({}).score).toBe(0);
      expect(device.family.probe({ volume }).score).toBe(0);
      expect(device.family.probe({ ...device.sighting(), volume }).score).toBe(0);
      const { score, because } = device.family.probe(device.sighting());
      expect(score).toBeGreaterThan(0);
      expect(because).not.toBe('');
    });

    it('tells the same identity each time, and gives the interface back in between', async () => {
      expect(session.identity).toMatchObject(device.identity);
      expect(await device.isOpen()).toBe(true);
      await session.close();
      await session.close();
      expect(await device.isOpen()).toBe(false);
      session = await open();
      expect(session.identity).toMatchObject(device.identity);
    });

    it('tells a battery between 0 and 100 %, or that it cannot', async () => {
      const battery = session.battery && (await device.run(session.battery(), mostMs));
      if (battery === undefined) return;
      expect(battery.percent).toBeGreaterThanOrEqual(0);
      expect(battery.percent).toBeLessThanOrEqual(100);
    });

    it('has disk mode, one kind of clock, and lists nothing that could be taken for an empty card', async () => {
      expect(session.toDiskMode).toBeDefined();
      expect(session.clock === undefined || session.blindClock === undefined).toBe(true);
      expect(session.erase).toBeUndefined();
      const listing = session.recordings(never)[Symbol.asyncIterator]();
      await expect(listing.next()).rejects.toBeInstanceOf(DockError);
    });

    it('begins its second when ours begins, and not when that has passed', async () => {
      const { clock } = device;
      const set = session.blindClock?.set ?? session.clock?.set;
      if (set === undefined) return;
      const wallMs = clock.wallMs();
      const targetMs = Math.ceil((wallMs + 300) / 1_000) * 1_000;
      await device.run(set(targetMs, clock.monotonicMs() + targetMs - wallMs), mostMs);
      expect(Math.abs(await device.wrongMs())).toBeLessThanOrEqual(device.setWithinMs ?? 50);
      await expect(device.run(set(targetMs, clock.monotonicMs() - 100), mostMs)).rejects.toMatchObject({
        retry: 'now',
      });
    });

    it('switches once, and everything that is asked after it has left fails as gone', async () => {
      await device.run(toDiskMode(), mostMs);
      expect(await device.switched()).toBe(1);
      const set = session.blindClock?.set(0, device.clock.monotonicMs() + 1_000) ?? Promise.reject(gone);
      await expect(device.run(set, mostMs)).rejects.toMatchObject({ retry: 'after-redocking' });
      await session.close();
    });

    it('may refuse disk mode while it closes a clip, and says that another try can help', async () => {
      await session.close();
      await device.dispose?.();
      device = await make.closingAClip(2);
      session = await open();
      for (const _ of ['once', 'twice']) {
        await expect(device.run(toDiskMode(), mostMs)).rejects.toMatchObject({
          code: 'DOCK_CAMERA_DISK_MODE_REFUSED',
          retry: 'now',
        });
      }
      await device.run(toDiskMode(), mostMs);
      expect(await device.switched()).toBe(1);
    });

    it('that is pulled out is gone at every call, and can be let go of', async () => {
      await device.pull();
      if (session.battery !== undefined) {
        await expect(device.run(session.battery(), mostMs)).rejects.toMatchObject({ retry: 'after-redocking' });
      }
      await expect(device.run(device.family.open(device.sighting(), never), mostMs)).rejects.toBeInstanceOf(DockError);
      await session.close();
    });

    it('that does not answer is given up in bounded time, and its interface given back', async () => {
      await session.close();
      await device.dispose?.();
      device = await make.silent();
      await expect(open()).rejects.toBeInstanceOf(DockError);
      expect(await device.isOpen()).toBe(false);
    });

    it('is not opened when nobody wants it any more', async () => {
      await session.close();
      const reason = new Error('the camera was taken');
      await expect(device.family.open(device.sighting(), AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await device.isOpen()).toBe(false);
    });

    it('refuses an identity that is none, and mends nothing (I11)', async () => {
      await session.close();
      await device.dispose?.();
      for await (device of make.hostile()) {
        const error = await open().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(DockError);
        expect(String(error)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(await device.isOpen()).toBe(false);
        expect(await device.switched()).toBe(0);
        await device.dispose?.();
      }
    });
  });
}

const gone = { retry: 'after-redocking' };
