/** A dock that is only a hub: what of the contract of cradle lines applies to it, on trees that look like those of sysfs. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsbLook } from '../../drivers/contract/usb.js';
import { hubLine } from '../../drivers/cradle/hub/line.js';
import { awayMs } from '../../drivers/cradle/hub/presence.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { CradleEar, failure, one } from '../support/cradle-rig.js';
import { eventually } from '../support/daemon-rig.js';
import { FakeLeds } from '../support/fake-leds.js';
import { FakeUsb, ptpInterface } from '../support/fake-usb.js';
import { VirtualClock } from '../support/virtual-clock.js';

const xhci = 'pci0000:00/0000:00:14.0';
let usb: FakeUsb;
let leds: FakeLeds;
let clock: VirtualClock;
let ear: CradleEar;
let line: ReturnType<typeof hubLine>;
let tell: (look: UsbLook) => void;
let sysfs: UsbSysfs;

beforeEach(async () => {
  usb = new FakeUsb();
  usb.controller(xhci, { usb2: 1, usb3: 2 }, 4);
  leds = new FakeLeds();
  for (const name of ['b1:red', 'b1:green', 'b2']) leds.add(name);
  clock = new VirtualClock();
  sysfs = new UsbSysfs(clock, usb.sysfs);
  ear = new CradleEar();
  line = hubLine({
    cradles: [
      {
        cradle: '3',
        bays: [
          { slot: 1, port: `1@${xhci}`, leds: ['b1:red', 'b1:green'] },
          { slot: 2, port: '1-2', leds: ['b2'] },
          { slot: 4, port: '1-4', leds: [] },
        ],
      },
    ],
    ledFolder: leds.folder,
    usb: { listen: (listener) => (tell = listener) },
    clock,
  });
  line.start(ear);
});
afterEach(async () => {
  await line.stop();
  usb.remove();
  leds.remove();
});

/** LEDs are files: until nothing has been written to them for a while. */
async function settle(): Promise<void> {
  for (let quiet = 0, before = ''; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const now = leds.everything();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}
/** Time with a look every second, as the watch gives them. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    if (passed % 1_000 === 0) tell(await sysfs.look());
    await clock.advance(250);
  }
  await settle();
}
const seating = (slot: number) => ear.bay(slot, '3')?.seating;

describe('CradleLine of a hub', () => {
  it('is found with the first look, and reads its bays ever after at least every 300 ms', async () => {
    expect(ear.descriptions).toEqual([]);
    await pass(3_000);
    expect(ear.descriptions).toEqual([{ cradle: '3', serial: '', firmware: '', mapVersion: 0, bayCount: 4 }]);
    expect(ear.last('3')?.bays.map(({ slot }) => slot)).toEqual([1, 2, 4]);
    expect(ear.readings.length).toBeGreaterThanOrEqual(10);
    expect(ear.codes('3')).toEqual([]);
  });

  it('shows arrival and removal at the port of the bay, whichever half of it is used (I7)', async () => {
    await pass(500);
    usb.plug('2-1', { interfaces: [ptpInterface] }, '5000');
    await pass(500);
    expect([1, 2, 4].map(seating)).toEqual(['seated', 'empty', 'empty']);
    expect(ear.bay(1, '3')).toMatchObject({ arrivals: 1, charge: 'unknown', sideChannel: false });
    usb.unplug('2-1');
    await pass(500);
    expect(seating(1)).toBe('not-seated');
    await pass(awayMs + 1_000);
    expect(seating(1)).toBe('empty');
    usb.plug('1-1');
    await pass(500);
    expect(ear.bay(1, '3')).toMatchObject({ seating: 'seated', arrivals: 2 });
  });

  it('takes a camera that changes its mode for the same arrival, however often it does', async () => {
    usb.plug('1-2', { interfaces: [ptpInterface] });
    await pass(500);
    for (let round = 0; round < 5; round += 1) {
      usb.unplug('1-2');
      await pass(6_000);
      usb.plug('1-2');
      await pass(1_000);
    }
    expect(ear.bay(2, '3')).toMatchObject({ seating: 'seated', arrivals: 1 });
  });

  it('ends a promise with the camera that it was made of, and not a wish about the place (I12)', async () => {
    usb.plug('1-2');
    await pass(500);
    line.setLight('3', 2, 'green-steady');
    await settle();
    expect(leds.shows('b2', 1_000)).toBe(255);
    expect(ear.last('3')?.bays).toBeDefined();
    usb.unplug('1-2');
    tell(await sysfs.look());
    await settle();
    expect([0, 1_000, 4_000].map((ms) => leds.shows('b2', ms))).toEqual([0, 0, 0]);
    line.setLight('3', 2, 'red-steady');
    usb.plug('1-2');
    await pass(500);
    expect(ear.bay(2, '3')?.light).toBe('red-steady');
  });

  it('renews a promise as long as it lives, and nobody does when it is dead (I12)', async () => {
    usb.plug('1-1');
    await pass(500);
    line.setLight('3', 1, 'green-steady');
    await settle();
    const startedMs = leds.startedMs('b1:green');
    await pass(2_500);
    expect(leds.startedMs('b1:green')).toBeGreaterThan(startedMs);
    expect(leds.startedMs('b1:red')).toBeGreaterThan(startedMs);
    // From here on nobody writes: what the kernel makes of the program.
    expect(leds.shows('b1:green', 4_000)).toBe(255);
    expect([6_000, 20_000, 600_000].map((ms) => leds.shows('b1:green', ms))).toEqual([0, 0, 0]);
    const reds = Array.from({ length: 200 }, (_, index) => leds.shows('b1:red', index * 100));
    expect(Math.max(...reds.slice(0, 49))).toBe(0);
    expect(Math.max(...reds.slice(50))).toBe(255);
  });

  it('shows red, slowly, before the first look and after it was stopped (I12)', async () => {
    await eventually(
      () => leds.read('b1:red', 'pattern') !== '' && leds.read('b1:green', 'pattern') !== '',
      2_000,
      () => leds.everything(),
    );
    await settle();
    const slowly = (name: string) => Array.from({ length: 100 }, (_, index) => leds.shows(name, index * 100));
    expect(slowly('b1:red').filter((level) => level > 0)).toHaveLength(10);
    expect(slowly('b1:green').every((level) => level === 0)).toBe(true);
    await pass(500);
    line.setLight('3', 1, 'green-steady');
    await settle();
    await line.stop();
    expect(slowly('b1:red').filter((level) => level > 0)).toHaveLength(10);
    expect(slowly('b1:green').every((level) => level === 0)).toBe(true);
    line.setLight('3', 1, 'green-steady');
    await settle();
    expect(slowly('b1:green').every((level) => level === 0)).toBe(true);
  });

  it('says once that nobody looks at the USB any more, forgets what was wished, and is found again', async () => {
    usb.plug('1-2');
    await pass(500);
    line.setLight('3', 2, 'green-steady');
    await clock.advance(12_000);
    await settle();
    expect(ear.codes('3')).toEqual(['DOCK_HUB_UNSEEN']);
    expect([600, 1_000, 4_000].map((ms) => leds.shows('b2', ms))).toEqual([0, 0, 0]);
    await pass(500);
    expect(ear.founds('3')).toBe(2);
    expect(ear.codes('3')).toHaveLength(1);
    expect(ear.bay(2, '3')?.light).not.toBe('green-steady');
  });

  it('says the trouble of a light once, goes on with the others, and lights it when it is back (I8)', async () => {
    await pass(500);
    leds.lose('b2');
    line.setLight('3', 2, 'red-steady');
    line.setLight('3', 1, 'red-steady');
    await pass(6_000);
    expect(ear.lightTroubles.map(({ slot, error }) => `${slot} ${error.code}`)).toEqual(['2 DOCK_LED_MISSING']);
    expect(leds.shows('b1:red', 100)).toBe(255);
    expect(ear.codes('3')).toEqual([]);
    leds.find('b2');
    await pass(3_000);
    expect(leds.shows('b2', 100)).toBe(255);
  });

  it('puts right an LED that somebody else has touched', async () => {
    await pass(500);
    line.setLight('3', 2, 'red-steady');
    await settle();
    leds.lose('b2');
    leds.find('b2');
    expect(leds.shows('b2', 100)).toBe(0);
    await pass(12_000);
    expect(leds.shows('b2', 100)).toBe(255);
  });

  it('gives no light at all to an LED that nothing would put out (I12)', async () => {
    leds.lose('b2');
    leds.add('b2', { triggers: '[none] timer heartbeat' });
    await pass(500);
    line.setLight('3', 2, 'green-steady');
    await pass(3_000);
    expect(ear.lightTroubles.at(-1)?.error.code).toBe('DOCK_LED_NO_PATTERN');
    expect(leds.read('b2', 'pattern')).toBe('');
    expect(leds.read('b2', 'brightness')).toBe('0');
  });

  it('has no side channel, and knows its bays', async () => {
    const side = line.sideChannel('3', 1);
    expect((await failure(side.identity())).code).toBe('DOCK_CRADLE_CANNOT_TELL');
    expect((await failure(side.clock.read())).code).toBe('DOCK_CRADLE_CANNOT_TELL');
    expect(() => line.setLight('3', 3, 'off')).toThrow('DOCK_CRADLE_UNKNOWN_BAY');
    expect(() => line.sideChannel('4', 1)).toThrow('DOCK_CRADLE_UNKNOWN_BAY');
    expect(one(ear.codes('3').length === 0 ? true : undefined)).toBe(true);
  });
});
