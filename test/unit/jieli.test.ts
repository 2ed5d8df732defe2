import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkOnly } from '../../drivers/camera/jieli/bulk-only.js';
import { jieliFamily } from '../../drivers/camera/jieli/driver.js';
import { decodeBattery, decodeStatus, encodeTime, vendorCommand } from '../../drivers/camera/jieli/protocol.js';
import {
  commandWrapper,
  decodeCommandWrapper,
  decodeStatusWrapper,
  results,
  statusWrapper,
} from '../../drivers/camera/jieli/wrappers.js';
import { localSecond } from '../../drivers/camera/standard/edge.js';
import { DockError } from '../../drivers/contract/error.js';
import type { UsbDevice } from '../../drivers/contract/usb.js';
import { JieliDevice, type PhaseFault, phaseFaults } from '../../drivers/simulated/jieli/device.js';
import { StandardCamera, type StandardCameraOptions } from '../../drivers/simulated/standard-camera.js';
import { meetFirst } from '../support/hostile.js';
import { jieliCommands, jieliDockings, jieliWrappers } from '../support/jieli-hostile.js';
import { chinaTime, UsbRig } from '../support/usb-rig.js';

const never = new AbortController().signal;
const word = fc.integer({ min: 0, max: 0xffffffff });

describe('the wrappers of Bulk-Only Transport', () => {
  it('are laid out as the specification says', () => {
    const cdb = vendorCommand('read', 'battery', 4);
    expect(Buffer.from(commandWrapper({ tag: 0x01020304, cdb, lengthBytes: 4, direction: 'in' })).toString('hex')).toBe(
      '5553424304030201040000008000' + '10' + 'fd810000000800040000000000000000',
    );
    expect(Buffer.from(statusWrapper(0x01020304, { result: 'failed', residueBytes: 5 })).toString('hex')).toBe(
      '55534253' + '04030201' + '05000000' + '01',
    );
  });

  it('come back as they went (property)', () => {
    const command = fc.record({
      tag: word,
      lengthBytes: word,
      direction: fc.constantFrom('in' as const, 'out' as const),
      cdb: fc.uint8Array({ minLength: 1, maxLength: 16 }),
    });
    fc.assert(
      fc.property(command, (sent) => {
        const back = decodeCommandWrapper(commandWrapper(sent));
        expect({ ...back, cdb: [...(back?.cdb ?? [])] }).toEqual({ ...sent, cdb: [...sent.cdb] });
      }),
    );
    fc.assert(
      fc.property(word, word, fc.constantFrom(...results), (tag, residueBytes, result) => {
        expect(decodeStatusWrapper(statusWrapper(tag, { result, residueBytes }), tag, residueBytes)).toEqual({
          result,
          residueBytes,
        });
      }),
    );
  });

  it('are valid only for their command, with a residue that can be (I11)', () => {
    const good = statusWrapper(7, { result: 'passed', residueBytes: 3 });
    expect(decodeStatusWrapper(good, 8, 3)).toBeUndefined();
    expect(decodeStatusWrapper(good, 7, 2)).toBeUndefined();
    expect(decodeStatusWrapper(good.subarray(0, 12), 7, 3)).toBeUndefined();
    expect(decodeStatusWrapper(Buffer.concat([good, good]), 7, 3)).toBeUndefined();
  });
});

describe('vendor data of JieLi recorders', () => {
  it('has the year in two bytes, little-endian', () => {
    expect([...encodeTime(localSecond(Date.UTC(2026, 10, 25, 11, 48, 5)))]).toEqual([0xea, 0x07, 11, 25, 11, 48, 5]);
  });

  it('is a percentage or is refused (I11)', () => {
    expect(decodeBattery(Uint8Array.of(97, 0, 0, 0))).toBe(97);
    expect(() => decodeBattery(Uint8Array.of(97, 1, 0, 0))).toThrow(DockError);
    expect(() => decodeStatus(new Uint8Array())).toThrow(DockError);
  });
});

describe('a JieLi recorder that sends whatever it likes (I11)', () => {
  it('has its wrappers and data understood or refused', () => meetFirst(5_000, jieliWrappers));
  it('answers a command within its deadlines or is refused', () => meetFirst(500, jieliCommands));
  it('is docked or refused within the deadlines, and given back', () => meetFirst(500, jieliDockings));
});

function rig(options: Partial<StandardCameraOptions> = {}) {
  const bus = new UsbRig();
  const camera = new StandardCamera(bus.clock, { serial: 'A700012', userNumber: '003217', ...options });
  const device = new JieliDevice(camera);
  const family = jieliFamily(bus.options);
  const sighting = bus.plug(device);
  const fault = (name: string, kind: PhaseFault, times = 100): void =>
    void device.faults.set(name, { fault: kind, times });
  return { bus, camera, device, family, sighting, fault, open: () => bus.run(family.open(sighting, never)) };
}

describe('a JieLi recorder', () => {
  it('is known by its name and its transport, and not once its volume is there', () => {
    const { family, sighting } = rig();
    const { usb } = sighting;
    if (usb === undefined) throw new Error('nothing plugged');
    expect(family.probe(sighting).score).toBeGreaterThan(20);
    expect(family.probe({ usb: { ...usb, product: 'Mass Storage' } }).score).toBe(0);
    const uas = usb.interfaces.map((one) => ({ ...one, protocol: 0x62 }));
    expect(family.probe({ usb: { ...usb, interfaces: uas } }).score).toBe(0);
    const volume = { name: '1-1.3', path: '/m', mountId: '1', fileSystem: 'vfat', readOnly: true };
    expect(family.probe({ usb, volume }).score).toBe(0);
  });

  it.each(['packed', 'terminated'] as const)('tells who it is and its battery, with a %s block', async (layout) => {
    const { open, device, bus } = rig({ userName: Buffer.from('d5c5ceb0', 'hex') });
    device.layout = layout;
    const { value: session } = await open();
    expect(session.identity).toEqual({
      id: 'A700012',
      source: 'protocol',
      maker: 'JieLi',
      model: 'JL5301',
      userNumber: '003217',
    });
    expect((await bus.run(session.battery?.() ?? Promise.reject(new Error('no battery')))).value).toEqual({
      percent: 96,
      charging: false,
    });
  });

  it('begins its second when ours begins', async () => {
    const { open, bus, camera } = rig();
    const { value: session } = await open();
    const targetMs = Math.ceil((bus.clock.wallMs() + 300) / 1_000) * 1_000;
    const atMs = bus.clock.monotonicMs() + targetMs - bus.clock.wallMs();
    await bus.run(session.blindClock?.set(targetMs, atMs) ?? Promise.reject(new Error('no clock')));
    expect(Math.abs(camera.shownMs() - chinaTime(bus.clock.wallMs()))).toBeLessThanOrEqual(1);
    expect(camera.timesSet).toBe(1);
  });

  it('is understood with either way of counting success', async () => {
    const { open, device } = rig();
    device.goodStatus = 1;
    expect((await open()).value.identity.id).toBe('A700012');
  });

  it('refuses disk mode while it closes a clip, and has none without a card', async () => {
    const closing = rig({ refusesDiskMode: 1 });
    const { value: session } = await closing.open();
    const ask = (): Promise<void> => session.toDiskMode?.() ?? Promise.reject(new Error('no disk mode'));
    await expect(closing.bus.run(ask())).rejects.toMatchObject({ code: 'DOCK_CAMERA_DISK_MODE_REFUSED', retry: 'now' });
    await closing.bus.run(ask());
    const empty = rig();
    empty.device.cardIn = false;
    const { value: without } = await empty.open();
    await expect(empty.bus.run(without.toDiskMode?.() ?? Promise.resolve())).rejects.toMatchObject({
      code: 'DOCK_CAMERA_NO_CARD',
    });
    expect(empty.camera.diskModeAsked).toBe(0);
  });

  it('has switched when it left the bus instead of answering', async () => {
    const { open, bus, camera } = rig();
    camera.onDiskMode = () => bus.usb.unplug('1-1.3');
    const { value: session } = await open();
    await bus.run(session.toDiskMode?.() ?? Promise.reject(new Error('no disk mode')));
  });

  for (const fault of phaseFaults) {
    it(`that shows ${fault} once comes into step again, and one that stays so is given up in bounded time`, async () => {
      if (fault !== 'wrong-password') {
        const once = rig();
        once.fault('readInformation', fault, 1);
        expect((await once.open()).value.identity.id).toBe('A700012');
      }
      const always = rig();
      always.fault('readInformation', fault);
      const fromMs = always.bus.clock.monotonicMs();
      const outcome = await always.open().then(
        () => 'opened',
        (error: unknown) => (error instanceof DockError ? error.code : error),
      );
      // A status that was stalled is asked for again: that is no fault at all.
      if (fault === 'status-stall') expect(outcome).toBe('opened');
      else expect(outcome).toMatch(/^DOCK_/);
      if (fault === 'wrong-password') expect(outcome).toBe('DOCK_CAMERA_PASSWORD');
      expect(always.bus.clock.monotonicMs() - fromMs).toBeLessThan(30_000);
      if (outcome !== 'opened') expect(always.bus.usb.isOpen('1-1.3')).toBe(false);
    });
  }

  it('is a drive without a medium to a kernel that meets it first, and takes no command of a disk for its own', async () => {
    const { bus, device, camera, sighting } = rig();
    const usb = await bus.usb.open(sighting.usb as UsbDevice, 0, never);
    const scsi = new BulkOnly(usb);
    const inquiry = (await bus.run(scsi.in(Uint8Array.of(0x12, 0, 0, 0, 36, 0), 36))).value;
    expect(Buffer.from(inquiry).toString('ascii', 8, 36)).toBe('JIELI   DV16 DEVICE     1.00');
    // TEST UNIT READY, and READ (10) of the sector whose number is that of the function “disk mode”.
    const refused = { code: 'DOCK_CAMERA_COMMAND_REFUSED' };
    await expect(bus.run(scsi.out(new Uint8Array(6), new Uint8Array()))).rejects.toMatchObject(refused);
    const read = Uint8Array.of(0x28, 0, 0, 0, 0, 6, 0, 0, 1, 0);
    await expect(bus.run(scsi.in(read, 512))).rejects.toMatchObject(refused);
    const sense = (await bus.run(scsi.in(Uint8Array.of(0x03, 0, 0, 0, 18, 0), 18))).value;
    expect([sense[2], sense[12]]).toEqual([2, 0x3a]);
    expect(camera.diskModeAsked).toBe(0);
    expect(device.heard).toEqual(['drive', 'drive', 'drive', 'drive']);
    await usb.close();
  });

  it('is reset and its pipes cleared after a phase error (5.3.4)', async () => {
    const { open, fault, device } = rig();
    fault('idCode', 'phase-error', 1);
    await open();
    const at = device.heard.indexOf('reset');
    expect(device.heard.slice(at - 1, at + 2)).toEqual(['idCode', 'reset', 'init']);
  });
});
