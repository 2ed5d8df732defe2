import { afterEach, describe, expect, it } from 'vitest';
import { writeManyNames } from '../../drivers/simulated/card-hostile.js';
import { noise, sha256 } from '../support/copy-rig.js';
import { hashOver, never, PtpRig, recordingsOf } from '../support/ptp-rig.js';

const rigs: PtpRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

describe('large cards over PTP', () => {
  it('are listed as a stream, with little memory for each object', async () => {
    // 100,000 take ten times as long; what one of them costs is the same.
    const count = 10_000;
    const rig = await PtpRig.make();
    rigs.push(rig);
    writeManyNames(rig.card, count);
    const session = await rig.session();
    // What the simulated card remembers is there before.
    rig.camera.responder.objects.all(0);
    global.gc?.();
    const before = process.memoryUsage().heapUsed;
    let listed = 0;
    let most = 0;
    for await (const _ of session.recordings(never)) {
      listed += 1;
      if (listed % 1_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    expect(listed).toBe(count);
    // Garbage of the transactions included.
    expect(most).toBeLessThan(96 << 20);
    await session.close();
  }, 60_000);

  it.each([
    [5, 3],
    // More handles in one folder than a card of that many recordings can have.
    [20, 0],
  ])('of %i end at the most that are allowed, and say so', async (count, taken) => {
    const rig = await PtpRig.make();
    rigs.push(rig);
    for (let index = 0; index < count; index += 1) await rig.put(`${index}.bin`, noise(10));
    const { ptpFamily } = await import('../../drivers/camera/ptp/driver.js');
    const { systemClock } = await import('../../daemon/runtime/clock.js');
    const few = ptpFamily({
      clock: systemClock,
      open: rig.camera.open,
      maxRecordings: () => 3,
      timeZone: () => 'Asia/Shanghai',
    });
    const session = await few.open({ usb: rig.camera.device }, never);
    const all = [];
    for await (const listed of session.recordings(never)) all.push(listed);
    expect(all.filter((one) => 'recording' in one)).toHaveLength(taken);
    expect(all.at(-1)).toMatchObject({ skipped: { reason: 'too-many' } });
    await session.close();
  });
});

describe('the 4 GiB edge', () => {
  it.each([
    ['as a property', []],
    ['as a list of one', [0x9803]],
    ['nowhere', [0x9803, 0x9805]],
  ])('tells a size beyond it %s', async (_, unknown) => {
    const rig = await PtpRig.make();
    rigs.push(rig);
    for (const operation of unknown) rig.temper.unknown.add(operation);
    await rig.put('large.bin', noise(1000));
    const { truncate, utimes } = await import('node:fs/promises');
    const sizeBytes = 4 * 1024 ** 3 + 4097;
    await truncate(`${rig.card}/large.bin`, sizeBytes);
    await utimes(`${rig.card}/large.bin`, 1_772_352_000, 1_772_352_000);
    const session = await rig.session();
    const recordings = await recordingsOf(session);
    if (unknown.length === 2) {
      // Not listed as a recording of 4 GiB − 1 bytes, which it is not.
      expect(recordings).toEqual([]);
    } else {
      expect(recordings[0]).toMatchObject({ sizeBytes });
      const source = recordings[0] === undefined ? undefined : session.source(recordings[0]);
      if (source?.kind !== 'session') throw new Error('PTP has no files');
      // Beyond what 32 bits can say, to the very end.
      expect((await source.read(new Uint8Array(4096), 4 * 1024 ** 3, never)).length).toBe(4096);
      expect((await source.read(new Uint8Array(4096), 4 * 1024 ** 3 + 4096, never)).length).toBe(1);
      expect((await source.read(new Uint8Array(4096), sizeBytes, never)).length).toBe(0);
    }
    await session.close();
  });

  it('reads the bytes behind it, and not those at the same place of the first 4 GiB', async () => {
    const rig = await PtpRig.make();
    rigs.push(rig);
    const { open, utimes } = await import('node:fs/promises');
    await rig.put('large.bin', noise(1 << 16, 1));
    const file = await open(`${rig.card}/large.bin`, 'r+');
    const behind = noise(1 << 16, 2);
    await file.write(behind, 0, behind.length, 4 * 1024 ** 3);
    await file.close();
    await utimes(`${rig.card}/large.bin`, 1_772_352_000, 1_772_352_000);
    const session = await rig.session();
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    const source = session.source(recording);
    if (source.kind !== 'session') throw new Error('PTP has no files');
    expect(sha256(await source.read(new Uint8Array(1 << 16), 4 * 1024 ** 3, never))).toBe(sha256(behind));
    expect(sha256(await source.read(new Uint8Array(1 << 16), 0, never))).toBe(sha256(noise(1 << 16, 1)));
    await session.close();
  });
});

describe('quirks on the wire', () => {
  it('never asks for what would fill the last packet, where the device would hang', async () => {
    const rig = await PtpRig.make({ vendorId: 0x04e8, productId: 0x6860 });
    rigs.push(rig);
    const bytes = noise((1 << 20) + 500);
    await rig.put('a.bin', bytes);
    const session = await rig.session();
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    expect(await hashOver(session, recording)).toBe(sha256(bytes));
    // 1 MiB, then 499 bytes and 1 instead of 500.
    expect(rig.camera.responder.asked.filter((operation) => operation === 0x95c1)).toHaveLength(1 + 3);
    await session.close();
  });
});
