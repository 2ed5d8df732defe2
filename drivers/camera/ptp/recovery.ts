/**
 * Bringing a device back in step after an interrupted transaction, one rung after the other until it answers again: cancel and drain,
 * class reset, reset of its port, and finding it again at the same port path.
 *
 * Answerable for: the whole ladder takes no longer than its deadline; a device that answers for ever is not listened to for ever.
 */
import type { Interruption } from '../../contract/camera.js';
import { type Clock, sleep } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { verbatim } from '../../contract/phrase.js';
import { classRequests, operations, responses } from './codes.js';
import { gone, isGone, noAnswer } from './faults.js';
import type { PtpLink } from './link.js';

/** Time for one control request, ms. */
const requestMs = 400;
/** How long the device may say that it is busy cancelling, ms. */
const busyMs = 1_000;
/** A pipe that is silent for so long is empty, ms. */
const emptyMs = 100;
/** Longest that a pipe is emptied, ms, and most bytes of it: the end of a block that was under way, not of a film. */
const drainMs = 500;
const mostDrainedBytes = 8 << 20;
/** How long the device may take over the question whether it is in step, ms. */
const probeMs = 1_000;

/** The device where it comes back at its port; `reset`: it was us who reset it, and it can be expected to. */
export type FindAgain = (reset: boolean) => Promise<PtpLink>;

export interface Recovered {
  readonly link: PtpLink;
  /** After anything but `cancel` there is no session any more, and handles mean nothing. */
  readonly by: Interruption['by'];
}

/** Throws DOCK_CAMERA_GONE when no rung helps. */
export async function resynchronise(link: PtpLink, clock: Clock, findAgain: FindAgain): Promise<Recovered> {
  const { connection } = link;
  let last: unknown;
  const inStep = async (rung: () => Promise<void>): Promise<boolean> => {
    if (isGone(last)) return false;
    try {
      await rung();
      await probe(link);
      return true;
    } catch (error) {
      if (!(error instanceof DockError)) throw error;
      last = error;
      return false;
    }
  };
  if (await inStep(() => cancel(link, clock))) return { link, by: 'cancel' };
  if (await inStep(() => classReset(link, clock))) return { link, by: 'class-reset' };
  const wentByItself = isGone(last);
  if (await inStep(() => portReset(link))) return { link, by: 'port-reset' };
  await connection.close();
  let found: PtpLink | undefined;
  try {
    found = await findAgain(!wentByItself);
    await probe(found);
    return { link: found, by: 'reopened' };
  } catch (error) {
    // Held on to, nobody could open the device any more.
    await found?.connection.close();
    throw gone(isGone(last) || !(error instanceof DockError) ? error : last);
  }
}

/** Tells the device to drop the transaction, waits until it has, and empties the pipe. */
async function cancel(link: PtpLink, clock: Clock): Promise<void> {
  const { connection } = link;
  const order = new Uint8Array(6);
  const view = new DataView(order.buffer);
  view.setUint16(0, 0x4001, true);
  view.setUint32(2, link.lastTransaction, true);
  await bestEffort(connection.controlOut(classRequest(link, classRequests.cancel), order, requestMs));
  await clearHalts(link);
  await drain(link, clock);
  const untilMs = clock.monotonicMs() + busyMs;
  while (clock.monotonicMs() < untilMs && (await statusOf(link)) === responses.deviceBusy) {
    await sleep(clock, 'ptp.busy', 50);
    await drain(link, clock);
  }
  // A status may have told of an endpoint that halted meanwhile.
  await clearHalts(link);
}

async function classReset(link: PtpLink, clock: Clock): Promise<void> {
  await bestEffort(link.connection.controlOut(classRequest(link, classRequests.reset), new Uint8Array(0), requestMs));
  await clearHalts(link);
  await drain(link, clock);
}

async function portReset(link: PtpLink): Promise<void> {
  await link.connection.reset();
  link.forget();
}

/** Any question that every device answers outside a session too; late replies are passed over on the way. */
async function probe(link: PtpLink): Promise<void> {
  const { code } = await link.transact({
    operation: operations.getDeviceInfo,
    parameters: [],
    mostBytes: 64 << 10,
    silenceMs: probeMs,
    wholeMs: probeMs,
  });
  if (code !== responses.ok) throw noAnswer(verbatim('DeviceInfo'));
}

async function clearHalts({ connection, pipes }: PtpLink): Promise<void> {
  for (const endpoint of [pipes.bulkIn, pipes.bulkOut]) await bestEffort(connection.clearHalt(endpoint));
}

/** Takes from the pipe what is in it. Ends with the first silence. */
async function drain(link: PtpLink, clock: Clock): Promise<void> {
  const { connection, pipes } = link;
  link.forget();
  const untilMs = clock.monotonicMs() + drainMs;
  const memory = new Uint8Array(Math.ceil(65_536 / pipes.packetBytes) * pipes.packetBytes);
  for (let drained = 0; drained < mostDrainedBytes && clock.monotonicMs() < untilMs; ) {
    const chunk = await bestEffort(connection.transferIn(pipes.bulkIn, memory, emptyMs));
    if (chunk === undefined) return;
    // Empty packets count for something, or a device that sends nothing else would keep us here.
    drained += Math.max(chunk.length, pipes.packetBytes);
  }
}

/** Response code of the device's status; undefined where it does not tell. */
async function statusOf(link: PtpLink): Promise<number | undefined> {
  const status = await bestEffort(link.connection.controlIn(classRequest(link, classRequests.status), 64, requestMs));
  if (status === undefined || status.length < 4) return undefined;
  return new DataView(status.buffer, status.byteOffset, status.byteLength).getUint16(2, true);
}

function classRequest({ connection }: PtpLink, request: number) {
  return { type: 'class', recipient: 'interface', request, value: 0, index: connection.interface.number } as const;
}

/** Many devices know only some of the class requests; what they refuse is tried by the next rung. Gone is gone. */
async function bestEffort<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (!(error instanceof DockError) || isGone(error)) throw error;
    return undefined;
  }
}
