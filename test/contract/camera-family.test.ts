import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ambarellaFamily } from '../../drivers/camera/ambarella/driver.js';
import { jieliFamily } from '../../drivers/camera/jieli/driver.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import { deepestFolder } from '../../drivers/camera/mass-storage/listing.js';
import type { CameraFamily } from '../../drivers/contract/camera.js';
import { folderVolume } from '../../drivers/media/volumes.js';
import { AmbarellaDevice } from '../../drivers/simulated/ambarella/device.js';
import { writeHostileCard } from '../../drivers/simulated/card-hostile.js';
import { JieliDevice } from '../../drivers/simulated/jieli/device.js';
import { StandardCamera, type StandardCameraOptions } from '../../drivers/simulated/standard-camera.js';
import type { SimulatedDevice } from '../../drivers/simulated/usb-bus.js';
import { alterContent, fingerprintOf, touchTime } from '../support/card-tree.js';
import { writeOrderlyCard } from '../support/family-cards.js';
import { chinaTime, UsbRig } from '../support/usb-rig.js';
import { type DeviceUnderTest, describeCameraFamily } from './camera-family.js';
import { type ControlDevice, type ControlDeviceMaker, describeControlFamily } from './camera-family-control.js';

const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 10_000 });

async function device(
  fill: (card: string) => Promise<Pick<DeviceUnderTest, 'identity' | 'files' | 'skipped'>>,
  readOnly = false,
): Promise<DeviceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-family-'));
  const card = join(folder, 'card');
  await mkdir(card);
  return {
    family,
    ...(await fill(card)),
    sighting: async () => ({ volume: { ...(await folderVolume('1-1', card)), readOnly, uuid: '1A2B-3C4D' } }),
    fingerprint: () => fingerprintOf(card),
    alter: (path) => alterContent(card, path),
    touch: (path) => touchTime(card, path),
    // What an unmount leaves behind: an empty directory at the same path.
    pull: async () => {
      await rename(card, join(folder, 'pulled'));
      await mkdir(card);
    },
    dispose: () => rm(folder, { recursive: true }),
  };
}

const orderly = async (card: string) => ({
  identity: { id: 'A7000123', source: 'file-names' } as const,
  files: await writeOrderlyCard(card),
  skipped: [],
});

describeCameraFamily('mass-storage', {
  orderly: () => device(orderly),
  readOnly: () => device(orderly, true),
  hostile: () =>
    device(async (card) => ({
      identity: { id: '1A2B-3C4D', source: 'volume' },
      ...(await writeHostileCard(card, 'hostile', deepestFolder)),
    })),
});

/** A maker of cameras on a USB in memory. */
function onTheBus(
  familyOf: (options: UsbRig['options']) => CameraFamily,
  deviceOf: (camera: StandardCamera) => SimulatedDevice,
  mute: (device: SimulatedDevice) => void,
): ControlDeviceMaker {
  const port = '1-1.3';
  function make(options: Partial<StandardCameraOptions> = {}): ControlDevice & { readonly device: SimulatedDevice } {
    const bus = new UsbRig();
    const camera = new StandardCamera(bus.clock, { serial: 'A700012', ...options });
    const device = deviceOf(camera);
    const sighting = bus.plug(device, port);
    let switched = 0;
    camera.onDiskMode = () => {
      switched += 1;
      bus.usb.unplug(port);
    };
    return {
      device,
      family: familyOf(bus.options),
      identity: { id: 'A700012', source: 'protocol' },
      clock: bus.clock,
      sighting: () => sighting,
      wrongMs: () => camera.shownMs() - chinaTime(bus.clock.wallMs()),
      switched: () => switched,
      isOpen: () => bus.usb.isOpen(port),
      pull: () => bus.usb.unplug(port),
      run: async (work, mostMs) => (await bus.run(work, mostMs)).value,
    };
  }
  const hostile = ['', '..', 'a/b', 'A\u001b[1m', 'A\nB', '#', '\u00ff\u00fe'];
  return {
    orderly: () => make(),
    closingAClip: (times) => make({ refusesDiskMode: times }),
    hostile: () => hostile.map((serial) => make({ serial: Buffer.from(serial, 'latin1') })),
    silent: () => {
      const made = make();
      mute(made.device);
      return made;
    },
  };
}

describeControlFamily(
  'ambarella',
  onTheBus(
    ambarellaFamily,
    (camera) => new AmbarellaDevice(camera),
    (device) => (device as AmbarellaDevice).faults.set('Ver', { fault: 'silent', times: 100 }),
  ),
);

describeControlFamily(
  'jieli',
  onTheBus(
    jieliFamily,
    (camera) => new JieliDevice(camera),
    (device) => (device as JieliDevice).faults.set('init', { fault: 'no-status', times: 100 }),
  ),
);
