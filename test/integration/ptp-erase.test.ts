import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CameraRecording, CameraSession, EraseProof } from '../../drivers/contract/camera.js';
import type { Mishap } from '../../drivers/simulated/ptp/temper.js';
import { noise } from '../support/copy-rig.js';
import { hashOver, PtpRig, recordingsOf, timed } from '../support/ptp-rig.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const deleteObject = 0x100b;
const rigs: PtpRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

interface Ready {
  readonly rig: PtpRig;
  readonly clock: VirtualClock;
  readonly session: CameraSession;
  readonly recording: CameraRecording;
  readonly proof: EraseProof;
  erase(): Promise<{ readonly error?: unknown }>;
}

async function ready(): Promise<Ready> {
  const { rig, clock } = await PtpRig.virtual();
  rigs.push(rig);
  await rig.put('video/a.bin', noise(100_000, 1));
  await rig.put('video/b.bin', noise(100_000, 2));
  const done = async <T>(work: Promise<T>): Promise<T> => {
    await timed(clock, work);
    return work;
  };
  const session = await done(rig.session());
  const recording = (await done(recordingsOf(session))).find(({ displayPath }) => displayPath === 'video/a.bin');
  const { erase } = session;
  if (recording === undefined || erase === undefined) throw new Error('it was put there, and may be erased');
  const proof = { sha256: await done(hashOver(session, recording)), sequence: 7, leaf: 'ab'.repeat(32) };
  return { rig, clock, session, recording, proof, erase: () => timed(clock, erase(recording, proof)) };
}

function left(rig: PtpRig): readonly string[] {
  return ['a', 'b'].filter((name) => existsSync(join(rig.card, `video/${name}.bin`)));
}

describe('erasing over PTP (I3)', () => {
  it.each([
    ['the answer is lost after it was done', { kind: 'no-answer' as const }],
    ['the device stalls before it does anything', { kind: 'stall', times: 1 } satisfies Mishap],
    ['the device says nothing', { kind: 'silent', times: 1 } satisfies Mishap],
    ['it refuses', { kind: 'refuse', code: 0x2002, times: 1 } satisfies Mishap],
  ])('%s: what is said of it is what is so, and nothing else goes', async (_, mishap) => {
    const { rig, erase } = await ready();
    if (mishap.kind === 'no-answer') rig.temper.mishaps.set(deleteObject, { kind: 'another-transaction', times: 1 });
    else rig.temper.mishaps.set(deleteObject, { ...mishap });
    const { error } = await erase();
    expect(left(rig)).toEqual(error === undefined ? ['b'] : ['a', 'b']);
    if (error !== undefined) expect(error).toMatchObject({ code: 'DOCK_ERASE_FAILED' });
    // Asked once: asking twice could hit what came under the same handle.
    expect(rig.camera.responder.asked.filter((operation) => operation === deleteObject)).toHaveLength(1);
  });

  it('says OK and keeps it: that is no erasure', async () => {
    const { rig, erase } = await ready();
    rig.temper.mishaps.set(deleteObject, { kind: 'refuse', code: 0x2001, times: 1 });
    expect((await erase()).error).toMatchObject({ code: 'DOCK_ERASE_FAILED' });
    expect(left(rig)).toEqual(['a', 'b']);
  });

  it('is refused where the device was reset between the look and the deletion: handles are new', async () => {
    const { rig, clock, session, recording, proof } = await ready();
    // The second look at the object meets a device that has to be reset.
    rig.temper.deafTo.add('cancel');
    let looks = 0;
    rig.temper.lie = ({ isFolder }) => {
      if (!isFolder) looks += 1;
      if (looks === 2) rig.temper.mishaps.set(0x1008, { kind: 'garbage', times: 1 });
      return {};
    };
    const { error } = await timed(clock, Promise.resolve(session.erase?.(recording, proof)));
    expect(error).toMatchObject({ code: 'DOCK_ERASE_FAILED' });
    expect(rig.camera.responder.asked).not.toContain(deleteObject);
    expect(left(rig)).toEqual(['a', 'b']);
  });

  it('is refused where the folders above are not those of the path', async () => {
    const { rig, erase } = await ready();
    rig.temper.lie = ({ isFolder, name }) => (isFolder && name === 'video' ? { name: 'other' } : {});
    expect((await erase()).error).toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
    expect(left(rig)).toEqual(['a', 'b']);
  });

  it('never deletes a folder, whatever an object turned into', async () => {
    const { rig, erase } = await ready();
    rig.temper.mishaps.set(0x1008, {
      kind: 'alter',
      times: 99,
      data: (data) => Uint8Array.from(data, (byte, at) => (at === 4 ? 0x01 : at === 5 ? 0x30 : byte)),
    });
    expect((await erase()).error).toMatchObject({ code: 'DOCK_ERASE_CHANGED' });
    expect(rig.camera.responder.asked).not.toContain(deleteObject);
  });
});
