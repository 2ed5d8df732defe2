import { systemClock } from '../../daemon/runtime/clock.js';
import { MemoryUsbCamera, type MemoryUsbOptions } from '../../drivers/simulated/ptp/memory-usb.js';
import { ptpSerial, ptpUnderTest } from '../support/ptp-under-test.js';
import { type DeviceUnderTest, describeCameraFamily } from './camera-family.js';

function device(
  content: 'orderly' | 'hostile',
  options: Partial<MemoryUsbOptions> = {},
  temper: (camera: MemoryUsbCamera) => void = () => undefined,
): Promise<DeviceUnderTest> {
  return ptpUnderTest(content, async (card) => {
    const camera = new MemoryUsbCamera({ card, clock: systemClock, serial: ptpSerial, ...options });
    temper(camera);
    return {
      open: camera.open,
      device: async () => camera.device,
      pull: async () => camera.pull(),
      dispose: async () => camera.pull(),
    };
  });
}

describeCameraFamily('ptp', {
  orderly: () => device('orderly'),
  readOnly: () => device('orderly', { access: 1 }),
  hostile: () => device('hostile'),
});

describeCameraFamily('ptp, a device with bad manners', {
  orderly: () => device('orderly', { interface: 'vendor', packetBytes: 1024 }, roughly),
  readOnly: () => device('orderly', { access: 1 }, roughly),
  hostile: () => device('hostile', {}, roughly),
});

/** Everything that is allowed and odd. */
function roughly({ responder: { temper } }: MemoryUsbCamera): void {
  Object.assign(temper, { splitHeader: true, glueResponse: true, sessionLeftOpen: true, flat: true });
  temper.unknown.add(0x95c1);
}
