/** One request at a time: which answer is taken, and what is said when none comes. */
import { beforeEach, expect, it } from 'vitest';
import type { ByteLine } from '../../drivers/contract/byte-line.js';
import { encodeException, encodeReply, type Request } from '../../drivers/cradle/modbus/pdu.js';
import { rtu, rtuFrame } from '../../drivers/cradle/modbus/rtu.js';
import { type Answer, Wire } from '../../drivers/cradle/modbus/wire.js';
import { memoryLinePair } from '../../drivers/simulated/memory-line.js';
import { failure } from '../support/cradle-rig.js';
import { VirtualClock } from '../support/virtual-clock.js';

const request: Request = { read: { address: 0x200, count: 4 }, write: { address: 0x100, values: [1, 1, 1] } };
const answerWith = (heartbeat: number): Uint8Array => rtuFrame(1, encodeReply(request, [heartbeat, 1, 1, 0]));

let clock: VirtualClock;
let far: ByteLine;
let wire: Wire;

beforeEach(() => {
  clock = new VirtualClock();
  const pair = memoryLinePair(clock);
  far = pair.ends[1];
  wire = new Wire(pair.ends[0], rtu, clock, () => undefined);
});

/** Asks with a heartbeat that the answer must echo. */
function ask(heartbeat: number): Promise<Answer> {
  const work = wire.ask(
    1,
    () => request,
    (registers) => registers[0] === heartbeat,
  );
  // Settles in virtual time, before anybody awaits it.
  work.catch(() => undefined);
  return work;
}

it('takes the answer with its own echo, and none that came late', async () => {
  const first = ask(1);
  await clock.advance(120);
  expect((await failure(first)).code).toBe('DOCK_CRADLE_SILENT');
  const second = ask(2);
  await clock.advance(5);
  await far.write(answerWith(1));
  await clock.advance(5);
  await far.write(answerWith(2));
  await clock.advance(5);
  expect(await second).toMatchObject({ kind: 'registers', registers: [2, 1, 1, 0] });
});

it('takes a late answer alone for out of turn', async () => {
  const asked = ask(2);
  await clock.advance(5);
  await far.write(answerWith(1));
  await clock.advance(120);
  expect((await failure(asked)).code).toBe('DOCK_CRADLE_OUT_OF_TURN');
});

it('does not believe an exception while an older request is unanswered, and believes it at once otherwise', async () => {
  const refusal = rtuFrame(1, encodeException(0x17, 0x42));
  const lost = ask(1);
  await clock.advance(120);
  expect((await failure(lost)).code).toBe('DOCK_CRADLE_SILENT');
  expect(wire.unsettled(1)).toBe(true);
  const next = ask(2);
  await clock.advance(5);
  await far.write(refusal);
  await clock.advance(5);
  await far.write(answerWith(2));
  await clock.advance(5);
  expect(await next).toMatchObject({ kind: 'registers' });
  expect(wire.unsettled(1)).toBe(false);
  const refused = ask(3);
  await clock.advance(5);
  await far.write(refusal);
  await clock.advance(5);
  expect(await refused).toMatchObject({ kind: 'exception', code: 0x42 });
});

it('waits for quiet after a disturbed exchange, and not for ever', async () => {
  const asked = ask(1);
  for (let ms = 0; ms < 400; ms += 5) {
    await far.write(Uint8Array.of(0x55, 0xaa));
    await clock.advance(5);
  }
  expect((await failure(asked)).code).toBe('DOCK_CRADLE_BABBLE');
});

it('keeps no more than its bound of what babbles', async () => {
  const asked = ask(1);
  await clock.advance(1);
  for (let block = 0; block < 100; block += 1) await far.write(new Uint8Array(300).fill(0x5a));
  await clock.advance(120);
  const bytes = Number((await failure(asked)).found.split(' ')[0]);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(1_024);
});

it('hears the answer behind any amount of babble', async () => {
  const asked = ask(1);
  await clock.advance(1);
  for (let block = 0; block < 100; block += 1) await far.write(new Uint8Array(300).fill(0x5a));
  await far.write(answerWith(1));
  await clock.advance(1);
  expect(await asked).toMatchObject({ kind: 'registers' });
});

it('fails what is asked when the line goes, at once', async () => {
  const asked = ask(1);
  await clock.advance(5);
  await far.close();
  expect((await failure(asked)).code).toBe('DOCK_LINE_CLOSED');
  expect((await failure(ask(2))).code).toBe('DOCK_LINE_CLOSED');
});
