/** Input that no Ambarella recorder should send, for the decoder of its answers, for one command on the wire and for a docking. */
import { ambarellaFamily } from '../../drivers/camera/ambarella/driver.js';
import {
  commands,
  decodeAnswer,
  isComplete,
  longestAnswerBytes,
  payloadOf,
} from '../../drivers/camera/ambarella/protocol.js';
import { AmbarellaWire } from '../../drivers/camera/ambarella/wire.js';
import { AmbarellaDevice } from '../../drivers/simulated/ambarella/device.js';
import type { Random } from '../simulation/random.js';
import { assertHolds, damaged, decoded, noise, type Target } from './hostile.js';
import { endOf } from './hostile-usb.js';
import { dockHostile, hostileWire } from './standard-hostile.js';

const orderly = ['@Ver;OK;#', '@Ver;2;OK;#\0\0', '@ATH;ERROR#', '@Gdv;8;A1234567;#', `@Gdv;505;${'A'.repeat(505)};#`];
const letters = [...'@;#Gdv80OKER\0\u001b\u0085'];

function hostileAnswer(random: Random): Uint8Array {
  if (random.chance(0.2)) return noise(random, 600);
  if (random.chance(0.5)) return damaged(random, Buffer.from(random.pick(orderly), 'latin1'));
  return Buffer.from(Array.from({ length: random.int(0, 40) }, () => random.pick(letters)).join(''), 'latin1');
}

/** An answer says no more than its bytes do, and its payload is taken only at the length that it announces. */
function assertAnswerRead(bytes: Uint8Array): void {
  const answer = decoded(bytes, 'DOCK_CAMERA_ANSWER_INVALID', decodeAnswer);
  if (answer === undefined) return;
  const text = Buffer.from(bytes).toString('latin1');
  assertHolds(
    isComplete(bytes) && bytes.length <= longestAnswerBytes,
    `an answer has its end: ${JSON.stringify(text)}`,
  );
  const { command, payload, length, said } = answer;
  assertHolds(
    text.startsWith(`@${command};`) && text.includes(`;${payload}`),
    `it is what came: ${JSON.stringify(text)}`,
  );
  assertHolds(said === 'payload' || payload === '', 'a verdict has no payload');
  const taken = decoded(bytes, 'DOCK_CAMERA_ANSWER_INVALID', () => payloadOf(answer));
  assertHolds(
    taken === undefined || taken.length === length,
    `${taken?.length} characters are the ${length} announced`,
  );
}

export const ambarellaAnswers: Target = {
  name: 'Ambarella answers',
  parts: 10,
  decode: (random) => assertAnswerRead(hostileAnswer(random)),
};

/** A transfer of the kit; then an answer, whose last pieces may each take a millisecond more; then the pipe is emptied. */
const transferMs = 3_000;
const answeredMs = transferMs + transferMs + 5 * 64;
const askMs = answeredMs + 64 * 100;

export const ambarellaCommands: Target = {
  name: 'Ambarella commands',
  parts: 8,
  talk: async (random) => {
    const { rig, wire } = await hostileWire(random, (camera) => new AmbarellaDevice(camera), transferMs);
    const link = new AmbarellaWire(wire, rig.clock);
    const shares: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const command = random.pick(commands);
      const { value, share } = await endOf(rig.clock, link.ask(command, random.pick(['00000000', '12345678'])), askMs);
      assertHolds(value === undefined || value.command === command, 'an answer is to the command that was asked');
      shares.push(share);
    }
    wire.assertAskedRightly();
    return Math.max(...shares);
  },
};

/** It logs in and tries three passwords, and all of it once more where an answer was lost; a refusal ends it. */
const openMs = 2 * (3 * answeredMs + askMs);

export const ambarellaDockings: Target = {
  name: 'Ambarella dockings',
  parts: 8,
  talk: (random) =>
    dockHostile(
      {
        family: ambarellaFamily,
        device: (camera) => new AmbarellaDevice(camera),
        mostMs: {
          transfer: transferMs,
          open: openMs,
          battery: 1,
          setTime: 2 * answeredMs + askMs,
          toDiskMode: askMs,
        },
      },
      random,
    ),
};
