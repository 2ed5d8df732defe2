import { describe, expect, it } from 'vitest';
import type { Volume } from '../../drivers/contract/camera.js';
import type { UsbDevice, UsbLook } from '../../drivers/contract/usb.js';
import { deviceAt, isUsbPort, portPathsAt, volumeAt } from '../../drivers/usb/at-port.js';
import { placesOf, portPathOfPort } from '../../drivers/usb/places.js';

const controller = 'pci0000:00/0000:00:14.0';
function device(portPath: string, classCode = 6): UsbDevice {
  const only = { number: 0, classCode, subclass: 1, protocol: 1, name: '', endpoints: [] };
  return {
    portPath,
    enumeration: portPath,
    vendorId: 1,
    productId: 2,
    maker: '',
    product: '',
    serial: '',
    interfaces: [only],
  };
}
/** Bus `usb2` and its SuperSpeed half `usb3`, whose ports are peers. */
function lookWith(devices: readonly UsbDevice[], usb2 = 1, usb3 = 2): UsbLook {
  const chains = ['1', '1.1', '1.2', '1.2.1', '1.2.2', '1.3', '1.30'];
  const buses = [
    { number: usb2, controller, superSpeed: false },
    { number: usb3, controller, superSpeed: true },
  ];
  const ports = chains.flatMap((chain) => [
    { portPath: `${usb2}-${chain}`, peer: `${usb3}-${chain}` },
    { portPath: `${usb3}-${chain}`, peer: `${usb2}-${chain}` },
  ]);
  return { devices, places: placesOf(buses, ports) };
}
const volume = (name: string): Volume => ({
  name,
  path: `/m/${name}`,
  mountId: name,
  fileSystem: 'vfat',
  readOnly: true,
});

describe('what is at the port of a bay (I7)', () => {
  it('is found by its lasting place and by the path of the kernel, on either half', () => {
    const look = lookWith([device('1-1.1'), device('2-1.3')]);
    expect(deviceAt(`1.3@${controller}`, look)?.portPath).toBe('2-1.3');
    expect(deviceAt('1-1.3', look)?.portPath).toBe('2-1.3');
    expect(deviceAt('2-1.3', look)?.portPath).toBe('2-1.3');
    expect(deviceAt(`1.2@${controller}`, look)).toBeUndefined();
  });

  it('stays at its place when buses are numbered anew', () => {
    const look = lookWith([device('7-1.3')], 7, 8);
    expect(deviceAt(`1.3@${controller}`, look)?.portPath).toBe('7-1.3');
    expect(deviceAt('1.3@pci0000:00/0000:00:1a.0', look)).toBeUndefined();
  });

  it('is one camera where both halves have a device, or where the camera has a hub inside', () => {
    expect(deviceAt(`1.3@${controller}`, lookWith([device('1-1.3'), device('2-1.3')]))?.portPath).toBe('1-1.3');
    expect(deviceAt(`1.3@${controller}`, lookWith([device('1-1.3', 9), device('2-1.3')]))?.portPath).toBe('2-1.3');
    const inside = lookWith([device('1-1.2', 9), device('1-1.2.1'), device('1-1.2.2')]);
    expect(deviceAt(`1.2@${controller}`, inside)?.portPath).toBe('1-1.2.1');
    expect(deviceAt(`1.3@${controller}`, lookWith([device('1-1.30')]))).toBeUndefined();
    expect(deviceAt(`1.2@${controller}`, lookWith([device('1-1.2', 9)]))).toBeUndefined();
  });

  it('has the volume that is named as the kernel names the port now, and that of the bay', () => {
    const look = lookWith([]);
    const volumes = [volume('2-1.3'), volume('1-1.2.1'), volume('bay-7')];
    expect(volumeAt(`1.3@${controller}`, volumes, look)?.name).toBe('2-1.3');
    expect(volumeAt('1-1.3', volumes, look)?.name).toBe('2-1.3');
    expect(volumeAt(`1.2@${controller}`, volumes, look)?.name).toBe('1-1.2.1');
    expect(volumeAt('bay-7', volumes, undefined)?.name).toBe('bay-7');
    expect(volumeAt('1-1.3', volumes, undefined)).toBeUndefined();
  });

  it('is known to the kernel by both halves of the port, whichever of them is configured', () => {
    const look = lookWith([], 7, 8);
    for (const port of [`1.3@${controller}`, '7-1.3', '8-1.3'])
      expect(portPathsAt(port, look)).toEqual(['7-1.3', '8-1.3']);
    expect(portPathsAt('1.3@pci0000:00/0000:00:1a.0', look)).toEqual([]);
    expect(portPathsAt('1-1.3', look)).toEqual(['1-1.3']);
    expect(portPathsAt('1-1.3', undefined)).toEqual(['1-1.3']);
    expect(portPathsAt('bay-7', look)).toEqual([]);
  });

  it('is nothing for a name that is no port', () => {
    expect(deviceAt('bay-7', lookWith([device('1-1.3')]))).toBeUndefined();
    expect(deviceAt(undefined, lookWith([device('1-1.3')]))).toBeUndefined();
    expect(['1-1.3', `ss-1@${controller}`, 'usb-1.3', '1-', 'x@y'].map(isUsbPort)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('places', () => {
  it('are not given where two buses of one controller cannot be told apart', () => {
    const buses = [1, 2].map((number) => ({ number, controller, superSpeed: false }));
    expect(placesOf(buses, [{ portPath: '1-1', peer: undefined }]).size).toBe(0);
  });

  it('know ports by the names that sysfs gives them', () => {
    expect(['usb3-port4', '1-1-port3', '1-1.2-port10', 'usb3', '1-port3', '../x-port1'].map(portPathOfPort)).toEqual([
      '3-4',
      '1-1.3',
      '1-1.2.10',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
