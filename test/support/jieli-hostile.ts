/** Input that no JieLi recorder should send, for the decoders of wrappers and vendor data, for one command on the wire and for a docking. */
import { BulkOnly } from '../../drivers/camera/jieli/bulk-only.js';
import { jieliFamily } from '../../drivers/camera/jieli/driver.js';
import {
  type DeviceFunction,
  decodeBattery,
  decodeStatus,
  functions,
  vendorCommand,
} from '../../drivers/camera/jieli/protocol.js';
import {
  commandWrapper,
  decodeCommandWrapper,
  decodeStatusWrapper,
  results,
  statusWrapper,
} from '../../drivers/camera/jieli/wrappers.js';
import { JieliDevice } from '../../drivers/simulated/jieli/device.js';
import type { Random } from '../simulation/random.js';
import { assertHolds, damaged, decoded, noise, type Target } from './hostile.js';
import { endOf } from './hostile-usb.js';
import { dockHostile, hostileWire } from './standard-hostile.js';

const word = (random: Random): number => random.pick([0, 1, 0xffff_ffff, random.int(0, 0xffff_ffff)]);

/** A status is one of the command with that tag, with a residue that can be. */
function assertStatusRead(bytes: Uint8Array, tag: number, lengthBytes: number): void {
  const status = decoded(bytes, 'nothing is refused', () => decodeStatusWrapper(bytes, tag, lengthBytes));
  if (status === undefined) return;
  assertHolds(bytes.length === 13 && Buffer.from(bytes).readUInt32LE(4) === tag, 'a status is of its command');
  const fits = status.residueBytes <= lengthBytes || status.result === 'phase-error';
  assertHolds(fits, `a residue of ${status.residueBytes} is at most the ${lengthBytes} asked for`);
}

/** A command that is understood says the same when it is written again. */
function assertCommandRead(bytes: Uint8Array): void {
  const command = decoded(bytes, 'nothing is refused', decodeCommandWrapper);
  if (command === undefined) return;
  const again = Buffer.from(commandWrapper(command));
  // Flags but for the direction and what is behind the command block mean nothing (5.1).
  const said = (wrapper: Uint8Array): string => Buffer.from(wrapper).toString('hex', 0, 12);
  assertHolds(said(again) === said(bytes), `a command is read as it came: ${Buffer.from(bytes).toString('hex')}`);
  const { cdb } = command;
  assertHolds(
    cdb.length >= 1 && cdb.length <= 16 && cdb.length === bytes[14],
    `${cdb.length} bytes are a command block`,
  );
  assertHolds(
    again.subarray(15, 15 + cdb.length).equals(bytes.subarray(15, 15 + cdb.length)),
    'it is the one that came',
  );
}

function assertBatteryRead(bytes: Uint8Array): void {
  const percent = decoded(bytes, 'DOCK_CAMERA_ANSWER_INVALID', decodeBattery);
  assertHolds(percent === undefined || (percent >= 0 && percent <= 100), `${percent} is 0 to 100 %`);
}

export const jieliWrappers: Target = {
  name: 'JieLi wrappers and data',
  parts: 10,
  decode: (random) => {
    const tag = word(random);
    const lengthBytes = word(random);
    const name = random.pick(Object.keys(functions) as DeviceFunction[]);
    const status = statusWrapper(tag, { result: random.pick(results), residueBytes: word(random) });
    assertStatusRead(random.chance(0.2) ? noise(random, 40) : damaged(random, status), tag, lengthBytes);
    const cdb = vendorCommand(random.pick(['read', 'write']), name, random.int(0, 0xffff));
    const direction = random.pick(['in', 'out'] as const);
    assertCommandRead(damaged(random, commandWrapper({ tag, cdb, lengthBytes, direction })));
    assertBatteryRead(damaged(random, Uint8Array.of(random.int(0, 255), 0, 0, 0)));
    decoded(noise(random, 8), 'DOCK_CAMERA_ANSWER_INVALID', decodeStatus);
  },
};

/** Command, data, status, and the status once more after a stall; then reset recovery. */
const transferMs = 5_000;
const answeredMs = 4 * transferMs;
const commandMs = answeredMs + 2_000;

export const jieliCommands: Target = {
  name: 'JieLi commands',
  parts: 8,
  talk: async (random) => {
    const { rig, wire } = await hostileWire(random, (camera) => new JieliDevice(camera), transferMs);
    const scsi = new BulkOnly(wire);
    const shares: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const dataBytes = random.pick([0, 4, 6, 13, 94, 512]);
      const name = random.pick(Object.keys(functions) as DeviceFunction[]);
      const work = random.chance(0.7)
        ? scsi.in(vendorCommand('read', name, dataBytes), dataBytes)
        : scsi.out(vendorCommand('write', name, dataBytes), new Uint8Array(dataBytes)).then(() => new Uint8Array());
      const { value, share } = await endOf(rig.clock, work, commandMs);
      assertHolds((value?.length ?? 0) <= dataBytes, `at most ${dataBytes} bytes are read`);
      shares.push(share);
    }
    wire.assertAskedRightly();
    return Math.max(...shares);
  },
};

export const jieliDockings: Target = {
  name: 'JieLi dockings',
  parts: 8,
  talk: (random) =>
    dockHostile(
      {
        family: jieliFamily,
        device: (camera) => {
          const device = new JieliDevice(camera);
          device.layout = random.pick(['packed', 'terminated']);
          device.cardIn = random.chance(0.9);
          return device;
        },
        mostMs: {
          transfer: transferMs,
          // Five commands, and all of it once more; so are the two of the battery.
          open: 2 * (4 * answeredMs + commandMs),
          battery: 2 * (answeredMs + commandMs),
          setTime: answeredMs + commandMs,
          toDiskMode: answeredMs + commandMs,
        },
      },
      random,
    ),
};
