/** What a control interface and the cradle's data pins say of one camera is one account of it. */
import { describe, expect, it } from 'vitest';
import { jieliFamily } from '../../drivers/camera/jieli/driver.js';
import { bulkPair, standardFamily } from '../../drivers/camera/standard/family.js';
import { cannotTell } from '../../drivers/contract/camera.js';
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import type { SideChannel } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { CradleCamera, type CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { JieliDevice } from '../../drivers/simulated/jieli/device.js';
import { StandardCamera } from '../../drivers/simulated/standard-camera.js';
import { UsbRig } from '../support/usb-rig.js';

/** Pins without a cradle between. */
function pinsOf(clock: Clock, options: CradleCameraOptions): SideChannel {
  const camera = new CradleCamera(clock, options);
  const unable = (): DockError =>
    new DockError(cannotTell, {
      expected: verbatim('a clock'),
      found: verbatim('none'),
      todo: verbatim('Nothing'),
      retry: 'never',
    });
  return {
    identity: async () => ({ serial: `${options.serial}`, maker: 'M', model: 'm', userNumber: '0042' }),
    battery: async () => ({ percent: camera.batteryPercent(), charging: true }),
    storage: async () => ({ capacityBytes: camera.capacityBytes, freeBytes: camera.freeBytes }),
    faults: async () => [],
    clock: {
      resolutionMs: 1,
      read: async () => {
        if (options.clockResolutionMs === null) throw unable();
        return { cameraMs: camera.shownMs(), sentMs: clock.monotonicMs(), receivedMs: clock.monotonicMs() };
      },
      set: async (targetMs) => void camera.setClock(targetMs),
    },
  };
}

async function session(options: CradleCameraOptions) {
  const bus = new UsbRig();
  const device = new JieliDevice(new StandardCamera(bus.clock, { serial: 'A700012', batteryPercent: 40 }));
  const sighting = { ...bus.plug(device), sideChannel: pinsOf(bus.clock, options) };
  const { value } = await bus.run(jieliFamily(bus.options).open(sighting, new AbortController().signal));
  return { bus, value };
}

describe('a camera with a control interface in a cradle with data pins', () => {
  it('is who the pins say it is, and its clock is read rather than set blindly', async () => {
    const { value, bus } = await session({ serial: 'P0001', batteryPercent: 77 });
    expect(value.identity).toMatchObject({ id: 'P0001', source: 'side-channel' });
    expect(value.clock?.resolutionMs).toBe(1);
    expect(value.blindClock).toBeUndefined();
    expect((await bus.run(value.battery?.() ?? Promise.reject(new Error('none')))).value).toEqual({
      percent: 77,
      charging: true,
    });
    expect(value.toDiskMode).toBeDefined();
  });

  it('is asked itself for what the pins cannot tell', async () => {
    const { value } = await session({ serial: '', clockResolutionMs: null });
    expect(value.identity).toMatchObject({ id: 'A700012', source: 'protocol' });
    expect(value.clock).toBeUndefined();
    expect(value.blindClock?.resolutionMs).toBe(1_000);
  });
});

describe('a clock that is set blindly', () => {
  it('is not believed to be right when the camera confirms long after the second', async () => {
    const bus = new UsbRig();
    const sighting = bus.plug(new JieliDevice(new StandardCamera(bus.clock, { serial: 'x' })));
    const confirmingAfter = async (ms: number): Promise<unknown> => {
      const family = standardFamily(
        {
          name: 'slow',
          models: [{ name: 'slow', fits: () => true, passwords: [] }],
          interfaceOf: ({ interfaces }) => interfaces.find((one) => bulkPair(one) !== undefined),
          connect: async () => ({
            says: { serial: 'S1' },
            setTime: async (_second, edge) => {
              await edge();
              await sleep(bus.clock, 'slow camera', ms);
            },
            toDiskMode: async () => undefined,
          }),
        },
        bus.options,
      );
      const { value } = await bus.run(family.open(sighting, new AbortController().signal));
      try {
        return await bus.run(
          value.blindClock?.set(bus.clock.wallMs() + 1_000, bus.clock.monotonicMs() + 1_000) ?? never(),
        );
      } finally {
        await value.close();
      }
    };
    await confirmingAfter(400);
    await expect(confirmingAfter(700)).rejects.toMatchObject({ code: 'DOCK_CAMERA_CLOCK_LATE', retry: 'now' });
  });
});

function never(): Promise<never> {
  return Promise.reject(new Error('this camera has no clock'));
}
