import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ambarellaFamily } from '../../drivers/camera/ambarella/driver.js';
import {
  type Command,
  commands,
  decodeAnswer,
  encodeCommand,
  payloadOf,
} from '../../drivers/camera/ambarella/protocol.js';
import { DockError } from '../../drivers/contract/error.js';
import { AmbarellaDevice, type AnswerFault, answerFaults } from '../../drivers/simulated/ambarella/device.js';
import { StandardCamera, type StandardCameraOptions } from '../../drivers/simulated/standard-camera.js';
import { ambarellaAnswers, ambarellaCommands, ambarellaDockings } from '../support/ambarella-hostile.js';
import { meetFirst } from '../support/hostile.js';
import { chinaTime, UsbRig } from '../support/usb-rig.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const never = new AbortController().signal;

describe('the command language of Ambarella recorders', () => {
  it('is what the kit sends', () => {
    const text = (...words: Parameters<typeof encodeCommand>): string =>
      Buffer.from(encodeCommand(...words)).toString();
    expect(text('Ver', '00000000')).toBe('@Ver;8;00000000;#');
    expect(text('Gdv', '12345678')).toBe('@Gdv;8;12345678;#');
    expect(text('Stm', '08153000', 6)).toBe('@Stm;6;08153000;#');
  });

  it('reads a verdict, a payload, and padding behind either', () => {
    expect(decodeAnswer(bytes('@Ver;OK;#'))).toMatchObject({ command: 'Ver', said: 'ok' });
    expect(decodeAnswer(bytes('@Ver;2;OK;#\0\0'))).toMatchObject({ command: 'Ver', said: 'ok' });
    expect(decodeAnswer(bytes('@ATH;ERROR#'))).toMatchObject({ command: 'ATH', said: 'error' });
    expect(payloadOf(decodeAnswer(bytes('@Gdv;8;A1234567;#')))).toBe('A1234567');
  });

  it.each([
    '@Gdv;7;A1234567;#',
    '@Gdv;9;A1234567;#',
    '@Gdv;;A1234567;#',
    '@Gdv;0;;#',
    '@Gdv;OK;#',
    '@Gdv;1e1;A123456789;#',
  ])('takes no identity from %s', (answer) => {
    expect(() => payloadOf(decodeAnswer(bytes(answer)))).toThrow(
      expect.objectContaining({ code: 'DOCK_CAMERA_ANSWER_INVALID', retry: 'now' }),
    );
  });

  it('takes any payload back that it sent, for any command (property)', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), fc.stringMatching(/^[0-9A-Za-z._-]{1,64}$/), (command, payload) => {
        fc.pre(!/^(ok|error)$/i.test(payload));
        expect(decodeAnswer(encodeCommand(command, payload))).toEqual({
          command,
          said: 'payload',
          payload,
          length: payload.length,
        });
      }),
    );
  });

  it('decodes or refuses whatever comes, and shows nothing of it that could act on a terminal (I11)', () =>
    meetFirst(5_000, ambarellaAnswers));
});

function rig(options: Partial<StandardCameraOptions> = {}) {
  const bus = new UsbRig();
  const camera = new StandardCamera(bus.clock, { serial: 'A7000123', ...options });
  const device = new AmbarellaDevice(camera);
  const family = ambarellaFamily(bus.options);
  const sighting = bus.plug(device);
  const fault = (command: Command, fault: AnswerFault, times = 100): void =>
    void device.faults.set(command, { fault, times });
  return { bus, camera, device, family, sighting, fault, open: () => bus.run(family.open(sighting, never)) };
}

describe('an Ambarella recorder', () => {
  it('is known by what it shows on the bus, and by nothing else', () => {
    const { family, sighting } = rig();
    expect(family.probe(sighting).score).toBeGreaterThan(20);
    expect(family.probe({}).score).toBe(0);
    const { usb } = sighting;
    if (usb === undefined) throw new Error('nothing plugged');
    expect(family.probe({ usb: { ...usb, productId: 0x1000 } }).score).toBe(0);
    // Descriptors that lie: the right numbers without the pipes.
    expect(family.probe({ usb: { ...usb, interfaces: [] } }).score).toBe(0);
    const noPackets = usb.interfaces.map((one) => ({
      ...one,
      endpoints: one.endpoints.map((endpoint) => ({ ...endpoint, packetBytes: 0 })),
    }));
    expect(family.probe({ usb: { ...usb, interfaces: noPackets } }).score).toBe(0);
  });

  it('logs in, tells who it is, and tells no battery', async () => {
    const { open, device } = rig();
    const { value: session } = await open();
    expect(session.identity).toMatchObject({ id: 'A7000123', source: 'protocol', model: 'Amba Simple Class' });
    expect(session.battery).toBeUndefined();
    expect(session.clock).toBeUndefined();
    expect(device.heard).toEqual(['@Ver;8;00000000;#', '@Gdv;8;12345678;#']);
  });

  it('begins its second when ours begins', async () => {
    const { open, bus, camera } = rig();
    const { value: session } = await open();
    const targetMs = Math.ceil((bus.clock.wallMs() + 300) / 1_000) * 1_000;
    const atMs = bus.clock.monotonicMs() + targetMs - bus.clock.wallMs();
    await bus.run(session.blindClock?.set(targetMs, atMs) ?? Promise.reject(new Error('no clock')));
    expect(Math.abs(camera.shownMs() - chinaTime(bus.clock.wallMs()))).toBeLessThanOrEqual(1);
  });

  it('is on the right day however near to midnight it is set, and whatever its clock showed before (property)', async () => {
    const day = Date.UTC(2026, 10, 24, 16);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -5_000, max: 5_000 }),
        fc.integer({ min: -5_000, max: 5_000 }),
        async (aboutMidnightMs, shownAboutMidnightMs) => {
          const { open, bus, camera } = rig({ shownMs: Date.UTC(2020, 0, 1) + shownAboutMidnightMs });
          bus.clock.stepWall(day + aboutMidnightMs - bus.clock.wallMs());
          const { value: session } = await open();
          const targetMs = Math.ceil((bus.clock.wallMs() + 300) / 1_000) * 1_000;
          const atMs = bus.clock.monotonicMs() + targetMs - bus.clock.wallMs();
          await bus.run(session.blindClock?.set(targetMs, atMs) ?? Promise.reject(new Error('no clock')));
          expect(Math.abs(camera.shownMs() - chinaTime(bus.clock.wallMs()))).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not set when the second has already begun', async () => {
    const { open, bus, camera } = rig();
    const { value: session } = await open();
    await bus.clock.advance(1_000);
    const set = session.blindClock?.set(bus.clock.wallMs(), bus.clock.monotonicMs() - 1);
    await expect(bus.run(set ?? Promise.resolve())).rejects.toMatchObject({ code: 'DOCK_CAMERA_CLOCK_LATE' });
    // It shows neither time rather than a wrong one that was confirmed: whoever asked knows that it failed.
    expect(camera.timesSet).toBe(2);
  });

  it('is not told a second by a machine that wakes too late for it', async () => {
    const { open, bus, camera } = rig();
    const { value: session } = await open();
    const timer = bus.clock.timer.bind(bus.clock);
    bus.clock.timer = (name, delayMs, fire) =>
      timer(name, name === 'camera clock edge' ? delayMs + 300 : delayMs, fire);
    const set = session.blindClock?.set(bus.clock.wallMs() + 1_000, bus.clock.monotonicMs() + 1_000);
    await expect(bus.run(set ?? Promise.resolve())).rejects.toMatchObject({
      code: 'DOCK_CAMERA_CLOCK_LATE',
      retry: 'now',
    });
    // Time and date, and not the time at the edge.
    expect(camera.timesSet).toBe(2);
  });

  it('says what is wrong with its password', async () => {
    const { open } = rig({ foreignPassword: true });
    await expect(open()).rejects.toMatchObject({ code: 'DOCK_CAMERA_PASSWORD', retry: 'after-redocking' });
  });

  it('refuses disk mode while it closes a clip, and switches once it has', async () => {
    const { open, bus, camera } = rig({ refusesDiskMode: 2 });
    let switched = 0;
    camera.onDiskMode = () => {
      switched += 1;
    };
    const { value: session } = await open();
    const ask = (): Promise<void> => session.toDiskMode?.() ?? Promise.reject(new Error('no disk mode'));
    for (const _ of [1, 2]) {
      await expect(bus.run(ask())).rejects.toMatchObject({ code: 'DOCK_CAMERA_DISK_MODE_REFUSED', retry: 'now' });
    }
    await bus.run(ask());
    expect(switched).toBe(1);
  });

  it('has switched when it left the bus instead of answering', async () => {
    const { open, bus, camera, fault } = rig();
    fault('ATH', 'silent');
    camera.onDiskMode = () => bus.usb.unplug('1-1.3');
    const { value: session } = await open();
    await bus.run(session.toDiskMode?.() ?? Promise.reject(new Error('no disk mode')));
    await session.close();
  });

  it('never takes its serial from another: hostile ones are refused, not mended (I11)', async () => {
    for (const serial of ['..', 'A/7', 'A7\u001b[31m', ';', '']) {
      await expect(rig({ serial: Buffer.from(serial, 'latin1') }).open()).rejects.toBeInstanceOf(DockError);
    }
  });

  for (const fault of answerFaults) {
    it(`that is ${fault} once is asked again, and one that stays so is given up in bounded time`, async () => {
      const once = rig();
      once.fault('Gdv', fault, 1);
      expect((await once.open()).value.identity.id).toBe('A7000123');
      const always = rig();
      always.fault('Gdv', fault);
      const fromMs = always.bus.clock.monotonicMs();
      const outcome = await always.open().then(
        () => 'opened',
        (error: unknown) => (error instanceof DockError ? error.code : error),
      );
      if (fault === 'pieces') expect(outcome).toBe('opened');
      else if (fault === 'late') expect(['opened', 'DOCK_USB_TIMEOUT']).toContain(outcome);
      else expect(outcome).toMatch(/^DOCK_(USB_TIMEOUT|USB_STALL|CAMERA_ANSWER_INVALID)$/);
      expect(always.bus.clock.monotonicMs() - fromMs).toBeLessThan(15_000);
      // Whatever happened, the interface is given back.
      if (outcome !== 'opened') expect(always.bus.usb.isOpen('1-1.3')).toBe(false);
    });
  }

  it('behind whatever wire answers a command within its deadlines or is refused (I11)', () =>
    meetFirst(500, ambarellaCommands));

  it('behind whatever wire is docked or refused within the deadlines, and given back (I11)', () =>
    meetFirst(500, ambarellaDockings));

  it('that is pulled out at any moment is a device that is gone, and nothing else', async () => {
    for (const command of ['Ver', 'Gdv'] as const) {
      const { open, bus, fault } = rig();
      fault(command, 'silent');
      bus.clock.timer('pull', 500, () => bus.usb.unplug('1-1.3'));
      await expect(open()).rejects.toMatchObject({ code: 'DOCK_USB_GONE', retry: 'after-redocking' });
    }
  });
});
