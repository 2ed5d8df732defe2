import { describe, expect, it } from 'vitest';
import { deviceIds, interfacesOf } from '../../drivers/usb/descriptors.js';
import { usbDescriptors } from '../support/descriptors-hostile.js';
import { descriptorsOf, ptpInterface, storageInterface } from '../support/fake-usb.js';
import { meetFirst } from '../support/hostile.js';

/** Written out by hand after USB 2.0, 9.6: a memory stick with one bulk-only interface. */
const stick = Uint8Array.from(
  Buffer.from(
    '1201000200000040fe1300410001010203010902200001010080640904000002080650000705810200020007050202000200',
    'hex',
  ),
);

describe('descriptors', () => {
  it('are read as the kernel shows them', () => {
    expect(deviceIds(stick)).toEqual({ vendorId: 0x13fe, productId: 0x4100 });
    expect(interfacesOf(stick, 1, new Map([[0, 'MSC']]))).toEqual([
      {
        number: 0,
        classCode: 8,
        subclass: 6,
        protocol: 0x50,
        name: 'MSC',
        endpoints: [
          { address: 0x81, transfer: 'bulk', packetBytes: 512 },
          { address: 0x02, transfer: 'bulk', packetBytes: 512 },
        ],
      },
    ]);
  });

  it('give the interfaces of the configuration that is active, in their first setting', () => {
    const other = descriptorsOf({ configuration: 2, interfaces: [storageInterface] });
    const both = Uint8Array.from([...descriptorsOf({ interfaces: [ptpInterface] }), ...other.subarray(18)]);
    expect(interfacesOf(both, 1, new Map()).map(({ classCode }) => classCode)).toEqual([6]);
    expect(interfacesOf(both, 2, new Map()).map(({ classCode }) => classCode)).toEqual([8]);
    expect(interfacesOf(both, 3, new Map())).toEqual([]);
    const twoSettings = Uint8Array.from([...stick, 9, 4, 0, 1, 1, 0xff, 0, 0, 0, 7, 5, 0x83, 2, 0, 2, 0]);
    twoSettings[20] = twoSettings.length - 18;
    expect(interfacesOf(twoSettings, 1, new Map())).toEqual(interfacesOf(stick, 1, new Map()));
  });

  it('that are cut or lie about their lengths give what there is, and end (I11)', () => {
    for (let length = 0; length < stick.length; length += 1) {
      const cut = stick.subarray(0, length);
      expect(interfacesOf(cut, 1, new Map()).length).toBeLessThanOrEqual(1);
      if (length < 18) expect(deviceIds(cut)).toEqual({ vendorId: 0, productId: 0 });
    }
    const endless = stick.slice();
    endless[27] = 0;
    expect(interfacesOf(endless, 1, new Map())).toEqual([]);
    const total = stick.slice();
    total[20] = 4;
    expect(interfacesOf(total, 1, new Map())).toEqual([]);
    const silent = stick.slice();
    silent[41] = 0;
    expect(interfacesOf(silent, 1, new Map())[0]?.endpoints).toHaveLength(1);
  });

  it('never break the reading, whatever the bytes, and stay within what USB allows (I11)', () =>
    meetFirst(5_000, usbDescriptors));
});
