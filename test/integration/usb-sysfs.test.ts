/** What is on the USB, read from a tree that looks like /sys, and followed as devices come and go. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../daemon/runtime/clock.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { UsbLook } from '../../drivers/contract/usb.js';
import { usbOpener } from '../../drivers/usb/connection.js';
import { deviceNodeHints } from '../../drivers/usb/hints.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { type UsbWatch, watchUsb } from '../../drivers/usb/watch.js';
import { failure, until } from '../support/cradle-rig.js';
import { eventually } from '../support/daemon-rig.js';
import { FakeUsb, ptpInterface, storageInterface } from '../support/fake-usb.js';

const xhci = 'pci0000:00/0000:00:14.0';
let usb: FakeUsb;
let sysfs: UsbSysfs;
beforeEach(() => {
  usb = new FakeUsb();
  usb.controller(xhci, { usb2: 1, usb3: 2 }, 4);
  usb.plug('1-1', { ports: 4 });
  usb.plug('2-1', { ports: 4 }, '5000');
  usb.peer('1-1', '2-1', 4);
  sysfs = new UsbSysfs(clock, usb.sysfs);
});
afterEach(() => usb.remove());

const at = (look: UsbLook, portPath: string) => look.devices.find((device) => device.portPath === portPath);

describe('a look at the USB', () => {
  it('tells each device with its interfaces and strings', async () => {
    usb.plug('1-1.3', {
      vendorId: 0x4255,
      productId: 0x1000,
      maker: 'Amba',
      product: 'DSJ',
      serial: 'A7',
      interfaces: [ptpInterface, storageInterface],
    });
    const look = await sysfs.look();
    expect(look.devices.map(({ portPath }) => portPath)).toEqual(['1-1', '1-1.3', '2-1']);
    expect(at(look, '1-1.3')).toMatchObject({
      vendorId: 0x4255,
      productId: 0x1000,
      maker: 'Amba',
      product: 'DSJ',
      serial: 'A7',
      interfaces: [
        { number: 0, classCode: 6, name: 'MTP' },
        { number: 1, classCode: 8, name: '' },
      ],
    });
  });

  it('shows no control character of a string, and survives descriptors that are cut (I11)', async () => {
    usb.plug('1-1.3', { product: 'a\u001b[2J\u202eb\nc', serial: 'x'.repeat(5_000), descriptors: new Uint8Array(7) });
    const device = at(await sysfs.look(), '1-1.3');
    expect(device).toMatchObject({ product: 'a\\u{1b}[2J\\u{202e}b\\u{a}c', vendorId: 0, interfaces: [] });
    expect(device?.serial).toHaveLength(200);
  });

  it('gives both halves of a hub port one place, which outlives other bus numbers (I7)', async () => {
    usb.plug('1-1.3');
    const first = await sysfs.look();
    expect(first.places.get('1-1.3')).toBe(`1.3@${xhci}`);
    expect(first.places.get('2-1.3')).toBe(`1.3@${xhci}`);
    expect(first.places.get('1-1.4')).toBe(`1.4@${xhci}`);
    const rebooted = new FakeUsb();
    rebooted.controller('pci0000:00/0000:00:1a.0', { usb2: 1 }, 2);
    rebooted.controller(xhci, { usb2: 3, usb3: 4 }, 4);
    rebooted.plug('3-1', { ports: 4 });
    rebooted.plug('4-1', { ports: 4 }, '5000');
    rebooted.peer('3-1', '4-1', 4);
    const second = await new UsbSysfs(clock, rebooted.sysfs).look();
    expect(second.places.get('3-1.3')).toBe(`1.3@${xhci}`);
    expect(second.places.get('4-1.3')).toBe(`1.3@${xhci}`);
    expect(second.places.get('1-1')).toBe('1@pci0000:00/0000:00:1a.0');
    rebooted.remove();
  });

  it('gives a SuperSpeed port whose other half is not known a place of its own', async () => {
    usb.plug('2-1.2', { ports: 2 }, '5000');
    expect((await sysfs.look()).places.get('2-1.2.1')).toBe(`ss-1.2.1@${xhci}`);
  });

  it('tells one enumeration from the next at the same port, and is the same object while nothing changes', async () => {
    usb.plug('1-1.3');
    const before = await sysfs.look();
    expect(await sysfs.look()).toBe(before);
    usb.reenumerate('1-1.3');
    const after = await sysfs.look();
    expect(at(after, '1-1.3')?.enumeration).not.toBe(at(before, '1-1.3')?.enumeration);
    expect(at(after, '1-1')?.enumeration).toBe(at(before, '1-1')?.enumeration);
  });

  it('gives several who look at once the same, and whoever looks later never less', async () => {
    const first = sysfs.look();
    usb.plug('1-1.3');
    const [, second, third] = await Promise.all([first, sysfs.look(), sysfs.look()]);
    expect(at(second, '1-1.3')).toBeDefined();
    expect(third).toBe(second);
  });

  it('is not held up by a device that does not answer for its strings, and hears them later (I8)', async () => {
    usb.plug('1-1.3', { serial: 'S', interfaces: [storageInterface] });
    const serial = join(usb.sysfs, 'bus/usb/devices/1-1.3/serial');
    rmSync(serial);
    execFileSync('mkfifo', [serial]);
    usb.plug('1-1.4', { serial: 'T' });
    // Nobody writes into it: whoever waited for it would wait for ever.
    const look = await sysfs.look();
    expect(at(look, '1-1.4')?.serial).toBe('T');
    expect(at(look, '1-1.3')).toMatchObject({ serial: '', interfaces: [{ classCode: 8 }] });
    // Still open: it is not asked a second time.
    expect(at(await sysfs.look(), '1-1.3')?.serial).toBe('');
    execFileSync('sh', ['-c', `echo S > ${serial}`]);
    rmSync(serial);
    usb.write('1-1.3', 'serial', 'S\n');
    await eventually(
      async () => at(await sysfs.look(), '1-1.3')?.serial === 'S',
      2_000,
      () => 'its serial',
    );
  });

  it('says that there is no USB where there is none', async () => {
    expect((await failure(new UsbSysfs(clock, join(usb.folder, 'none')).look())).code).toBe('DOCK_USB_ABSENT');
  });
});

describe('the watch of the USB', () => {
  let looks: UsbLook[];
  let troubles: (DockError | null)[];
  let watch: UsbWatch | undefined;
  const start = (hints = true, watchClock: Clock = clock): void => {
    looks = [];
    troubles = [];
    watch = watchUsb({
      clock: watchClock,
      sysfs,
      watchHints: hints ? deviceNodeHints(usb.nodes) : deviceNodeHints(join(usb.folder, 'none')),
      onLook: (look) => looks.push(look),
      onTrouble: (error) => troubles.push(error),
    });
  };
  afterEach(async () => {
    await watch?.stop();
    watch = undefined;
  });
  const seen = (portPath: string): boolean => looks.at(-1)?.devices.some((one) => one.portPath === portPath) === true;

  it('sees a device without its next look, by the hint of its node', async () => {
    const { timer } = clock;
    // The time for the next look never comes.
    start(true, {
      ...clock,
      timer: (name, delayMs, fire) =>
        name === 'usb.rescan' ? { cancel: () => undefined } : timer(name, delayMs, fire),
    });
    await until(clock, 'a first look', () => looks.length > 0);
    for (let round = 0; round < 20; round += 1) {
      usb.plug('1-1.3');
      await until(clock, 'plugged', () => seen('1-1.3'));
      usb.unplug('1-1.3');
      await until(clock, 'unplugged', () => !seen('1-1.3'));
    }
  });

  it('misses nothing when there are no hints', async () => {
    start(false);
    await until(clock, 'a first look', () => looks.length > 0);
    usb.plug('1-1.3');
    await until(clock, 'plugged', () => seen('1-1.3'), 2_000);
    usb.unplug('1-1.3');
    await until(clock, 'unplugged', () => !seen('1-1.3'), 2_000);
  });

  it('says once that there is no USB, and sees it when it comes', async () => {
    const later = new FakeUsb();
    rmSync(later.sysfs, { recursive: true });
    sysfs = new UsbSysfs(clock, later.sysfs);
    start();
    await until(clock, 'trouble', () => troubles.length === 1);
    expect(troubles[0]?.code).toBe('DOCK_USB_ABSENT');
    expect(looks.at(-1)?.devices).toEqual([]);
    execFileSync('mkdir', ['-p', join(later.sysfs, 'bus/usb/devices')]);
    await until(clock, 'no trouble', () => troubles.at(-1) === null);
    expect(troubles).toHaveLength(2);
    later.remove();
  });
});

describe('a connection', () => {
  it('is refused to another enumeration than the one that was seen, before libusb is asked', async () => {
    usb.plug('1-1.3', { interfaces: [ptpInterface] });
    const device = at(await sysfs.look(), '1-1.3');
    if (device === undefined) throw new Error('nothing plugged');
    const waits: string[] = [];
    const timer: typeof clock.timer = (name, delayMs, fire) => {
      waits.push(name);
      return clock.timer(name, delayMs, fire);
    };
    const open = usbOpener({ clock: { ...clock, timer }, sysfs });
    const { signal } = new AbortController();
    expect((await failure(open(device, 5, signal))).code).toBe('DOCK_USB_GONE');
    usb.reenumerate('1-1.3', { interfaces: [ptpInterface] });
    expect((await failure(open(device, 0, signal))).code).toBe('DOCK_USB_GONE');
    // It was not waited for: libusb will never show that one again.
    expect(waits).toEqual([]);
  });

  it.each([
    ['that no driver has', undefined],
    ['that the kernel has', 'usb-storage'],
  ])('to a device %s and that libusb does not show is given up within seconds', async (_, driver) => {
    usb.plug('1-1.3', { interfaces: [ptpInterface, storageInterface] });
    if (driver !== undefined) usb.bind('1-1.3', 0, driver);
    expect(await sysfs.hasDriver('1-1.3', 0)).toBe(driver !== undefined);
    expect(await sysfs.hasDriver('1-1.3', 1)).toBe(false);
    const device = at(await sysfs.look(), '1-1.3');
    if (device === undefined) throw new Error('nothing plugged');
    const { signal } = new AbortController();
    expect((await failure(usbOpener({ clock, sysfs })(device, 0, signal))).code).toMatch(/^DOCK_USB_(GONE|FAILED)$/);
  });
});
