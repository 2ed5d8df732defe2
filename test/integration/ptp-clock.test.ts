import { afterEach, describe, expect, it } from 'vitest';
import { measureClock, setClock } from '../../daemon/clock/measure.js';
import type { CameraClock, CameraSession } from '../../drivers/contract/camera.js';
import type { MemoryUsbOptions } from '../../drivers/simulated/ptp/memory-usb.js';
import { never, PtpRig, timed } from '../support/ptp-rig.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const rigs: PtpRig[] = [];
const sessions: CameraSession[] = [];
interface Docked {
  readonly rig: PtpRig;
  readonly camera: CameraClock;
  readonly dock: VirtualClock;
  /** What comes of work that waits for the dock's clock. */
  readonly done: <T>(work: Promise<T>) => Promise<T>;
}

async function clockOf(options: Partial<MemoryUsbOptions>): Promise<Docked> {
  const { rig, clock: dock } = await PtpRig.virtual(options);
  rigs.push(rig);
  const done = async <T>(work: Promise<T>): Promise<T> => {
    await timed(dock, work);
    return work;
  };
  const session = await done(rig.session());
  if (session.clock === undefined) throw new Error('it declares DateTime');
  return { rig, camera: session.clock, dock, done };
}
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  for (const rig of rigs.splice(0)) await rig.remove();
});

describe('the clock of a PTP camera (I6 is the daemon’s)', () => {
  it.each([
    ['local time', { timeManner: 'plain' }, 1000],
    ['local time and .0', { timeManner: 'point-zero' }, 1000],
    ['tenths', { timeManner: 'tenths' }, 100],
    ['a zone of its own', { timeManner: 'zone', zoneMinutes: -210 }, 1000],
    ['.0, and takes back only plain', { timeManner: 'point-zero', takesOnly: 'plain' }, 1000],
  ] satisfies [string, Partial<MemoryUsbOptions>, number][])(
    '%s: measured with a bound that holds, set at the edge, read back',
    async (_, options, resolutionMs) => {
      const { rig, camera, dock, done } = await clockOf({ ...options, clockOffsetMs: -73_437 });
      const before = await done(measureClock(camera, dock, never));
      expect(Math.abs(before.offsetMs + 73_437)).toBeLessThanOrEqual(before.uncertaintyMs);
      expect(before.uncertaintyMs).toBeLessThanOrEqual(50);
      expect(camera.resolutionMs).toBe(resolutionMs);
      await done(setClock(camera, dock));
      // The second of the camera begins with ours.
      expect(Math.abs(rig.camera.responder.clockOffsetMs)).toBeLessThanOrEqual(1);
      const after = await done(measureClock(camera, dock, never));
      expect(Math.abs(after.offsetMs)).toBeLessThanOrEqual(after.uncertaintyMs + 1);
    },
  );

  it('a camera that says OK and keeps its time is found out', async () => {
    const { camera, dock, done } = await clockOf({ clockOffsetMs: 3_600_000, clockDeaf: true });
    await expect(done(setClock(camera, dock))).rejects.toMatchObject({ code: 'DOCK_PTP_CLOCK_NOT_SET' });
  });

  it('a clock that can only be read is not written to', async () => {
    const { rig, camera, dock, done } = await clockOf({ clockReadOnly: true });
    await expect(done(setClock(camera, dock))).rejects.toMatchObject({
      code: 'DOCK_PTP_CLOCK_READ_ONLY',
      retry: 'never',
    });
    expect(rig.camera.responder.asked).not.toContain(0x1016);
  });

  it('is not set for a moment that has passed', async () => {
    const { rig, camera, dock, done } = await clockOf({});
    const late = camera.set(Date.UTC(2026, 0, 1), dock.monotonicMs() - 10);
    await expect(done(late)).rejects.toMatchObject({ code: 'DOCK_PTP_CLOCK_LATE' });
    expect(rig.camera.responder.asked).not.toContain(0x1016);
  });

  it('is set a whole second later, and to that, where the moment passes while others have the device', async () => {
    const { rig, camera, dock, done } = await clockOf({ clockOffsetMs: 5_000 });
    rig.temper.mishaps.set(0x1014, { kind: 'refuse', code: 0x2019, times: 8 });
    await done(setClock(camera, dock));
    expect(Math.abs(rig.camera.responder.clockOffsetMs)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['no text', (data: Uint8Array) => Buffer.alloc(data.length, 0xff), 'DOCK_PTP_MALFORMED'],
    ['no time', (data: Uint8Array) => Buffer.from(data).fill(0x39, 9, 10), 'DOCK_PTP_CLOCK_UNREADABLE'],
  ])('that tells %s is unreadable (I11)', async (_, data, code) => {
    const { rig, camera, done } = await clockOf({});
    rig.temper.mishaps.set(0x1015, { kind: 'alter', data, times: 1 });
    await expect(done(camera.read())).rejects.toMatchObject({ code });
  });
});

describe('its battery', () => {
  it.each(['u8', 'u16'] as const)('as %s', async (batteryType) => {
    const rig = await PtpRig.make({ batteryType, batteryPercent: 55 });
    rigs.push(rig);
    const session = await rig.session();
    sessions.push(session);
    expect(await session.battery?.()).toEqual({ percent: 55, charging: true });
    // Undescribed, the value's own length tells its type.
    rig.temper.mishaps.set(0x1014, { kind: 'refuse', code: 0x2005, times: 1 });
    expect(await session.battery?.()).toEqual({ percent: 55, charging: true });
  });

  it('of more than all is refused', async () => {
    const rig = await PtpRig.make({ batteryPercent: 101 });
    rigs.push(rig);
    const session = await rig.session();
    sessions.push(session);
    await expect(session.battery?.()).rejects.toMatchObject({ code: 'DOCK_PTP_MALFORMED' });
  });
});
