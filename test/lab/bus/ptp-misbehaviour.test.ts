/** A PTP camera on a real bus that misbehaves as it is ordered to, and what a session makes of it: the right bytes, or an error that says why not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operations } from '../../../drivers/camera/ptp/codes.js';
import type { CameraRecording, CameraSession, Interruption } from '../../../drivers/contract/camera.js';
import { hashOver, never, recordingsOf } from '../../support/ptp-rig.js';
import { type PtpOnTheBus, ptpOnTheBus } from './ptp.js';

/** Within the data phase of each recording: the smallest video has 40 kB. */
const inTheMiddle = 20_000;
/** An event that the bus has taken is with whoever listens long before, ms. */
const heardAfterMs = 1_000;

let device: PtpOnTheBus;
let session: CameraSession;
let interruptions: Interruption[];

beforeEach(async () => {
  interruptions = [];
  device = await ptpOnTheBus('orderly');
  session = await opened();
});
afterEach(async () => {
  await session.close();
  await device.dispose();
});

async function opened(): Promise<CameraSession> {
  return device.family.open(await device.sighting(), never, (interruption) => interruptions.push(interruption));
}

async function firstVideo(): Promise<{ recording: CameraRecording; trueBytes: number; sha256: string }> {
  const recording = (await recordingsOf(session)).find(({ kind }) => kind === 'video');
  const file = device.files.find(({ path }) => recording !== undefined && Buffer.from(path).equals(recording.path));
  if (recording === undefined || file?.sha256 === undefined) throw new Error('an orderly card has videos');
  return { recording, trueBytes: file.sizeBytes, sha256: file.sha256 };
}

/** From now on, in the next transfer of a recording. */
function inARead(mishap: Readonly<Record<string, unknown>>): Promise<unknown> {
  return device.camera.misbehave({ mishaps: [[operations.getPartialObject64, { ...mishap, times: 1 }]] });
}

describe('a PTP camera on the bus', () => {
  it.each([
    ['halts its endpoint', { kind: 'stall' }, 'DOCK_USB_STALL'],
    ['answers late', { kind: 'late' }, 'DOCK_USB_TIMEOUT'],
    ['breaks off in a data phase', { kind: 'cut', afterBytes: inTheMiddle }, 'DOCK_USB_TIMEOUT'],
    ['forgets the response', { kind: 'no-response' }, 'DOCK_USB_TIMEOUT'],
  ])('%s: it is brought back in step once, and the bytes are right', async (_, mishap, code) => {
    const { recording, sha256 } = await firstVideo();
    await inARead(mishap);
    expect(await hashOver(session, recording)).toBe(sha256);
    expect(interruptions).toMatchObject([{ cause: { code } }]);
  });

  it('vanishes in a data phase: it is gone for whoever asks, and gives the right bytes when it is put in again', async () => {
    const { recording, sha256 } = await firstVideo();
    await inARead({ kind: 'vanish', afterBytes: inTheMiddle });
    await expect(hashOver(session, recording)).rejects.toMatchObject({
      code: 'DOCK_CAMERA_GONE',
      retry: 'after-redocking',
    });
    await expect(recordingsOf(session)).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE' });
    await session.close();
    await device.pull();
    await device.camera.putIn();
    session = await opened();
    expect(await hashOver(session, (await firstVideo()).recording)).toBe(sha256);
  });

  it.each([
    ['one byte', 1],
    ['so much that only 64 bits hold it', 5 * 2 ** 30],
  ])('says that a recording has %s more than it has: it ends where its bytes end', async (_, more) => {
    const honest = await firstVideo();
    await device.camera.misbehave({ sizeLies: [[honest.recording.displayPath.split('/').at(-1), more]] });
    const { recording, trueBytes, sha256 } = await firstVideo();
    expect(recording.sizeBytes).toBe(trueBytes + more);
    // Fewer bytes than were listed: whoever copies them says so.
    expect(await hashOver(session, recording)).toBe(sha256);
  });

  it('says that a recording has less than it has: it is not taken for whole', async () => {
    const honest = await firstVideo();
    await device.camera.misbehave({ sizeLies: [[honest.recording.displayPath.split('/').at(-1), -1]] });
    const { recording } = await firstVideo();
    expect(recording.sizeBytes).toBe(honest.trueBytes - 1);
    await expect(hashOver(session, recording)).rejects.toMatchObject({
      code: 'DOCK_RECORDING_CHANGED',
      retry: 'after-redocking',
    });
  });

  it('refuses properties that it declares: it cannot tell them, and its recordings are there', async () => {
    await device.camera.misbehave({ refusedProperties: [0x5001, 0x5011] });
    await expect(session.battery?.()).rejects.toMatchObject({ code: 'DOCK_CRADLE_CANNOT_TELL' });
    await expect(session.clock?.read()).rejects.toMatchObject({ code: 'DOCK_CRADLE_CANNOT_TELL' });
    expect(await recordingsOf(session)).toHaveLength(device.files.length);
  });

  it('tells during a listing that its storage went: that listing is none, the next one is', async () => {
    const listing = session.recordings(never)[Symbol.asyncIterator]();
    await listing.next();
    await device.camera.misbehave({ event: 'store-removed' });
    await sleep(heardAfterMs);
    const rest = async (): Promise<void> => {
      for (let next = await listing.next(); next.done !== true; next = await listing.next());
    };
    await expect(rest()).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE', retry: 'after-redocking' });
    expect(await recordingsOf(session)).toHaveLength(device.files.length);
  });
});
