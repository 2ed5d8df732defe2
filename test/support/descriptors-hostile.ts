/** USB descriptors that no device should have, and what those make of them who look for their interface. */
import { ambarellaFamily } from '../../drivers/camera/ambarella/driver.js';
import { jieliFamily } from '../../drivers/camera/jieli/driver.js';
import { ptpInterface } from '../../drivers/camera/ptp/interface.js';
import type { UsbDevice } from '../../drivers/contract/usb.js';
import { deviceIds, interfacesOf } from '../../drivers/usb/descriptors.js';
import type { Random } from '../simulation/random.js';
import { descriptorsOf, ptpInterface as ptp, storageInterface } from './fake-usb.js';
import { assertHolds, damaged, decoded, noise, type Target } from './hostile.js';
import { UsbRig } from './usb-rig.js';

/** Families that choose by numbers and names of the device, and then trust its interfaces. */
const { options } = new UsbRig();
const families = [ambarellaFamily(options), jieliFamily(options)];
const shown = [
  { vendorId: 0x4255, productId: 0x0001, product: '' },
  { vendorId: 0x4c4a, productId: 0x4456, product: 'DV16 DEVICE V1.00' },
];

/** Within what USB allows and the bytes can hold, whatever those are; and fit for every family to look at. */
function assertDescriptorsRead(bytes: Uint8Array, configuration: number): void {
  const named = new Map([[0, 'MTP']]);
  const interfaces = decoded(bytes, 'nothing is refused', () => interfacesOf(bytes, configuration, named)) ?? [];
  const { vendorId, productId } = deviceIds(bytes);
  assertHolds(
    [vendorId, productId].every((id) => id >= 0 && id <= 0xffff),
    `${vendorId}:${productId} are numbers`,
  );
  assertHolds(interfaces.length <= 32, `${interfaces.length} interfaces are at most 32`);
  const endpoints = interfaces.flatMap((one) => one.endpoints);
  for (const one of interfaces)
    assertHolds(one.endpoints.length <= 30, `${one.endpoints.length} endpoints are at most 30`);
  const leastBytes = 18 + 9 + 9 * interfaces.length + 7 * endpoints.length;
  assertHolds(interfaces.length === 0 || leastBytes <= bytes.length, `${bytes.length} bytes hold what they tell of`);
  for (const { address, packetBytes } of endpoints) {
    assertHolds((address & 0x0f) !== 0 && (address & 0x70) === 0, `endpoint ${address} can be`);
    assertHolds(packetBytes >= 1 && packetBytes <= 1024, `packets of ${packetBytes} bytes can be`);
  }
  const device = { portPath: '1-1', enumeration: '1', maker: '', serial: '', interfaces };
  for (const one of shown) for (const family of families) family.probe({ usb: { ...device, ...one } });
  ptpInterface({ ...device, vendorId, productId, product: '' } satisfies UsbDevice);
}

const orderly = [
  descriptorsOf({ interfaces: [storageInterface] }),
  descriptorsOf({ interfaces: [ptp, storageInterface] }),
  descriptorsOf({ configuration: 2, interfaces: [{ classCode: 0xff, endpoints: [[0x81, 2, 64]] }, ptp] }),
];

/** Descriptors one behind the other, each right by itself: more interfaces, settings and endpoints than there may be. */
function many(random: Random): Uint8Array {
  const often = random.pick([0.02, 0.4, 0.9]);
  const body = Array.from({ length: random.int(0, 100) }, () =>
    random.chance(often)
      ? [9, 4, random.int(0, 255), random.pick([0, 0, 0, 1]), 0, 8, 6, 0x50, 0]
      : [
          7,
          5,
          random.pick([0x81, 0x02, random.int(0, 255)]),
          random.int(0, 3),
          random.int(0, 255),
          random.int(0, 8),
          0,
        ],
  ).flat();
  return Uint8Array.from([...descriptorsOf({}).subarray(0, 20), 0xff, 0xff, 1, 1, 0, 0x80, 50, ...body]);
}

export const usbDescriptors: Target = {
  name: 'USB descriptors',
  parts: 10,
  decode: (random) => {
    const whole = random.chance(0.4) ? many(random) : random.pick(orderly);
    assertDescriptorsRead(random.chance(0.2) ? noise(random, 400) : damaged(random, whole), random.int(0, 3));
  },
};
