/** The contract of camera families against simulated cameras on a real bus, through libusb or the kernel's own driver for disks. */
import { systemClock } from '../../../daemon/runtime/clock.js';
import { ambarellaFamily } from '../../../drivers/camera/ambarella/driver.js';
import { jieliFamily } from '../../../drivers/camera/jieli/driver.js';
import type { StandardOptions } from '../../../drivers/camera/standard/family.js';
import type { CameraFamily } from '../../../drivers/contract/camera.js';
import { describeCameraFamily } from '../../contract/camera-family.js';
import {
  type ControlDevice,
  type ControlDeviceMaker,
  describeControlFamily,
} from '../../contract/camera-family-control.js';
import { chinaTime } from '../../support/usb-rig.js';
import type { ControlSpec } from '../gadget/camera.js';
import { diskOnTheBus } from './disk.js';
import { type Manners, openUsb, PluggedCamera } from './plugged.js';
import { ptpOnTheBus } from './ptp.js';

describeCameraFamily('mass storage on the bus', {
  orderly: () => diskOnTheBus('orderly'),
  readOnly: () => diskOnTheBus('orderly', 'ro'),
  hostile: () => diskOnTheBus('hostile'),
});

describeCameraFamily('ptp on the bus', {
  orderly: () => ptpOnTheBus('orderly'),
  readOnly: () => ptpOnTheBus('orderly', { access: 1 }),
  hostile: () => ptpOnTheBus('hostile'),
});

/** Everything that is allowed and odd. */
const rough = { splitHeader: true, glueResponse: true, sessionLeftOpen: true, flat: true, unknown: [0x95c1] };

describeCameraFamily('ptp on the bus, a device with bad manners', {
  orderly: () => ptpOnTheBus('orderly', { interface: 'vendor' }, rough),
  readOnly: () => ptpOnTheBus('orderly', { access: 1 }, rough),
  hostile: () => ptpOnTheBus('hostile', {}, rough),
});

function control(
  kind: ControlSpec['kind'],
  familyOf: (options: StandardOptions) => CameraFamily,
  mute: Manners,
): ControlDeviceMaker {
  async function make(spec: Partial<ControlSpec> = {}, ...manners: readonly Manners[]): Promise<ControlDevice> {
    const camera = await PluggedCamera.plug({ kind, serial: 'A700012', ...spec }, ...manners);
    const usb = await camera.device();
    return {
      family: familyOf({ clock: systemClock, openUsb, localTime: chinaTime }),
      identity: { id: 'A700012', source: 'protocol' },
      clock: systemClock,
      setWithinMs: 500,
      sighting: () => ({ usb }),
      wrongMs: async () => {
        const { shownMs, wallMs } = await camera.order('state');
        return Number(shownMs) - chinaTime(Number(wallMs));
      },
      switched: async () => {
        const switched = Number((await camera.order('state'))['switched']);
        if (switched > 0) await camera.left();
        return switched;
      },
      isOpen: () => camera.isOpen(),
      pull: () => camera.pull(),
      run: (work) => work,
      dispose: () => camera.dispose(),
    };
  }
  const hostile = ['', '..', 'a/b', 'A\u001b[1m', 'A\nB', '#', '\u00ff\u00fe'];
  return {
    orderly: () => make(),
    closingAClip: (times) => make({ options: { refusesDiskMode: times } }),
    hostile: async function* () {
      for (const serial of hostile) yield await make({ serial });
    },
    silent: () => make({}, mute),
  };
}

describeControlFamily(
  'ambarella on the bus',
  control('ambarella', ambarellaFamily, { name: 'Ver', fault: 'silent', times: 100 }),
);
describeControlFamily(
  'jieli on the bus',
  control('jieli', jieliFamily, { name: 'init', fault: 'no-status', times: 100 }),
);
