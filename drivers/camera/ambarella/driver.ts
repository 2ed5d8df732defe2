/** Ambarella recorders: who they are and the time over their own bulk protocol, then disk mode. Must never write anything but date and time. */
import type { CameraFamily } from '../../contract/camera.js';
import type { Clock } from '../../contract/clock.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import type { UsbConnection } from '../../contract/usb.js';
import type { LocalSecond } from '../standard/edge.js';
import {
  bulkPair,
  mayHaveLeft,
  type StandardDevice,
  type StandardOptions,
  standardFamily,
} from '../standard/family.js';
import { refused } from '../standard/result.js';
import { type AmbarellaModel, ambarellaModels } from './models.js';
import { type Answer, type Command, payloadOf } from './protocol.js';
import { AmbarellaWire } from './wire.js';

export function ambarellaFamily(options: StandardOptions): CameraFamily {
  return standardFamily(
    {
      name: 'ambarella',
      models: ambarellaModels,
      interfaceOf: ({ interfaces }) => interfaces.find((one) => bulkPair(one) !== undefined),
      connect,
    },
    options,
  );
}

async function connect(usb: UsbConnection, model: AmbarellaModel, clock: Clock): Promise<StandardDevice> {
  const wire = new AmbarellaWire(usb, clock);
  assertNotRefused(await wire.ask('Ver', model.login), phrase`to be let in`);
  const { serial, password } = await identityOf(wire, model);
  return {
    says: { serial, maker: 'Ambarella', model: model.name },
    setTime: (second, edge) => setTime(wire, second, edge),
    toDiskMode: () => toDiskMode(wire, password),
  };
}

/** Its identity, and the password that it was told for. */
async function identityOf(
  wire: AmbarellaWire,
  { passwords }: AmbarellaModel,
): Promise<{ readonly serial: string; readonly password: string }> {
  for (const password of passwords) {
    const answer = await wire.ask('Gdv', password);
    if (answer.said !== 'error') return { serial: payloadOf(answer), password };
  }
  throw refused(
    'DOCK_CAMERA_PASSWORD',
    phrase`its identity`,
    phrase`none of ${passwords.length} known passwords`,
    'after-redocking',
  );
}

/** Far from midnight, for the moment in between. */
const noon = '120000';
/** Nearer to midnight than this a day could begin between two commands, seconds. */
const midnightMarginS = 60;
const dayS = 86_400;

/**
 * Date and time are two commands. A camera whose clock ran over midnight between them would be a day out, and nobody could read that: so
 * the time is set first, somewhere where the day cannot end, then the date, then the time once more at the edge.
 */
async function setTime(wire: AmbarellaWire, second: LocalSecond, edge: () => Promise<void>): Promise<void> {
  const sinceMidnightS = second.hour * 3_600 + second.minute * 60 + second.second;
  const nearMidnight = Math.min(sinceMidnightS, dayS - sinceMidnightS) < midnightMarginS;
  const order = async (command: Command, payload: string, announced?: number): Promise<void> =>
    assertNotRefused(await wire.ask(command, payload, announced), phrase`${command} to be carried out`);
  // The kit announces 6 for a time although hundredths follow.
  await order('Stm', `${nearMidnight ? noon : second.time}00`, 6);
  await order('Sdt', second.date);
  await edge();
  await order('Stm', `${second.time}00`, 6);
}

/** A second `ATH` would switch it back: it is sent once, and whether it came to pass is seen on the bus. */
async function toDiskMode(wire: AmbarellaWire, password: string): Promise<void> {
  let answer: Answer;
  try {
    answer = await wire.ask('ATH', password);
  } catch (error) {
    if (mayHaveLeft(error)) return;
    throw error;
  }
  if (answer.said === 'error') {
    throw refused(
      'DOCK_CAMERA_DISK_MODE_REFUSED',
      phrase`the camera to switch to disk mode`,
      phrase`it refused`,
      'now',
    );
  }
}

function assertNotRefused({ said, command }: Answer, wanted: Phrase): void {
  if (said === 'error') throw refused('DOCK_CAMERA_COMMAND_REFUSED', wanted, phrase`ERROR to ${command}`, 'now');
}
