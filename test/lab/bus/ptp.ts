/** A PTP camera on the bus as the contract of camera families wants it, and the camera itself, to be told to misbehave. */
import type { DeviceUnderTest } from '../../contract/camera-family.js';
import { ptpSerial, ptpUnderTest } from '../../support/ptp-under-test.js';
import type { PtpSpec } from '../gadget/camera.js';
import { type Manners, openUsb, PluggedCamera } from './plugged.js';

export interface PtpOnTheBus extends DeviceUnderTest {
  readonly camera: PluggedCamera;
}

export async function ptpOnTheBus(
  content: 'orderly' | 'hostile',
  spec: Partial<Pick<PtpSpec, 'access' | 'interface'>> = {},
  ...manners: readonly Manners[]
): Promise<PtpOnTheBus> {
  let plugged: PluggedCamera | undefined;
  const device = await ptpUnderTest(content, async (card) => {
    const camera = await PluggedCamera.plug({ kind: 'ptp', card, serial: ptpSerial, ...spec }, ...manners);
    plugged = camera;
    return {
      open: openUsb,
      device: () => camera.device(),
      pull: () => camera.pull(),
      dispose: () => camera.dispose(),
    };
  });
  if (plugged === undefined) throw new Error('a device under test that was never plugged in');
  return { ...device, camera: plugged };
}
