import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { encodeShort } from '../../drivers/camera/ptp/container.js';
import type { CameraSession, Interruption } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { bulkIn } from '../../drivers/simulated/ptp/interface.js';
import type { MemoryUsbOptions } from '../../drivers/simulated/ptp/memory-usb.js';
import type { Mishap, Temper } from '../../drivers/simulated/ptp/temper.js';
import { noise, sha256 } from '../support/copy-rig.js';
import { hashOver, listedBy, never, PtpRig, recordingsOf, timed } from '../support/ptp-rig.js';
import type { VirtualClock } from '../support/virtual-clock.js';

const mib = 1 << 20;
const rigs: PtpRig[] = [];
const sessions: CameraSession[] = [];
async function rigWith(options: Partial<MemoryUsbOptions> = {}): Promise<PtpRig> {
  const rig = await PtpRig.make(options);
  rigs.push(rig);
  return rig;
}
async function virtualRig(): Promise<{ rig: PtpRig; clock: VirtualClock }> {
  const made = await PtpRig.virtual();
  rigs.push(made.rig);
  return made;
}
async function sessionOf(rig: PtpRig): Promise<CameraSession> {
  const session = await rig.session();
  sessions.push(session);
  return session;
}
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  for (const rig of rigs.splice(0)) await rig.remove();
});

const partial = 0x95c1;
const deviceInfo = 0x1001;
const openSession = 0x1002;

describe('within the standard and odd', () => {
  it.each([
    ['a header in a packet of its own', { splitHeader: true }],
    ['a response glued to the data', { glueResponse: true }],
    ['a split header and a glued response', { splitHeader: true, glueResponse: true }],
    ['no empty packet after full ones', { emptyPackets: false }],
    ['containers without a length', { unknownLength: true }],
    ['a session that somebody left open', { sessionLeftOpen: true }],
    ['handles of everything for every folder', { flat: true }],
  ] satisfies [string, Partial<Temper>][])('%s', async (_, temper) => {
    // 12 + 500 and 12 + 524 end exactly with a packet, with and without the header; 12 + 52 with one of full speed.
    const sizes = [0, 1, 52, 499, 500, 501, 512, 1012, 1024, mib - 12, mib, 2 * mib + 500];
    const atFullSpeed = sizes.filter((size) => size <= 1024).map((size) => [64, size] as const);
    for (const [packetBytes, sizeBytes] of [...atFullSpeed, ...sizes.map((size) => [512, size] as const)]) {
      const rig = await rigWith({ packetBytes });
      Object.assign(rig.temper, temper);
      const bytes = noise(sizeBytes);
      await rig.put('video/a.bin', bytes);
      const session = await sessionOf(rig);
      const [recording] = await recordingsOf(session);
      if (recording === undefined) throw new Error('one was put there');
      expect(recording).toMatchObject({ displayPath: 'video/a.bin', sizeBytes });
      expect(await hashOver(session, recording)).toBe(sha256(bytes));
    }
  });

  it.each([
    ['no 64-bit partial reads', [0x95c1]],
    ['no partial reads at all', [0x95c1, 0x101b]],
  ])('%s', async (_, unknown) => {
    const rig = await rigWith();
    for (const operation of unknown) rig.temper.unknown.add(operation);
    const bytes = noise(5 * mib + 77);
    await rig.put('a.bin', bytes);
    await rig.put('b.bin', noise(1000));
    const session = await sessionOf(rig);
    // Two objects that come only whole would take the device from each other.
    expect(session.copiesAtOnce).toBe(1);
    const [first, second] = await recordingsOf(session);
    if (first === undefined || second === undefined) throw new Error('two were put there');
    expect(await hashOver(session, first)).toBe(sha256(bytes));
    expect(await hashOver(session, second)).toBe(sha256(noise(1000)));
    // Going on in the middle, and elsewhere: what is not wanted is passed over.
    const source = session.source(first);
    if (source.kind !== 'session') throw new Error('PTP has no files');
    expect(
      Buffer.from(await source.read(new Uint8Array(4096), 3 * mib, never)).equals(
        bytes.subarray(3 * mib, 3 * mib + 4096),
      ),
    ).toBe(true);
    expect(
      Buffer.from(await source.read(new Uint8Array(4096), mib, never)).equals(bytes.subarray(mib, mib + 4096)),
    ).toBe(true);
    // The device is free again for other questions.
    expect(await session.battery?.()).toMatchObject({ percent: 80 });
  });

  it('counts in 32 bits: what is larger comes whole, from its beginning on', async () => {
    const rig = await rigWith();
    rig.temper.unknown.add(0x95c1);
    await rig.put('a.bin', noise(10));
    await rig.put('b.bin', noise(10));
    await truncate(join(rig.card, 'b.bin'), 2 ** 32);
    const session = await sessionOf(rig);
    const sources = (await recordingsOf(session)).map((recording) => session.source(recording));
    expect(sources).toMatchObject([{ inOrder: false }, { inOrder: true }]);
  });

  it('declares an operation that it does not know', async () => {
    const rig = await rigWith();
    const bytes = noise(3 * mib);
    await rig.put('a.bin', bytes);
    rig.temper.mishaps.set(partial, { kind: 'refuse', code: 0x2005, times: 1 });
    const session = await sessionOf(rig);
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    expect(await hashOver(session, recording)).toBe(sha256(bytes));
    expect(rig.camera.responder.asked.filter((operation) => operation === partial)).toHaveLength(1);
  });

  it('is busy for a while', async () => {
    const rig = await rigWith();
    rig.temper.mishaps.set(0x1004, { kind: 'refuse', code: 0x2019, times: 3 });
    await rig.put('a.bin', noise(10));
    expect(await recordingsOf(await sessionOf(rig))).toHaveLength(1);
  });
});

const once: readonly [string, Mishap][] = [
  ['stalls', { kind: 'stall', times: 1 }],
  ['says nothing', { kind: 'silent', times: 1 }],
  ['answers late', { kind: 'late', times: 1 }],
  ['breaks off in the middle', { kind: 'cut', afterBytes: 300_000, times: 1 }],
  ['forgets the response', { kind: 'no-response', times: 1 }],
  ['answers for ever', { kind: 'endless', times: 1 }],
  ['sends empty packets for ever', { kind: 'empty-packets', times: 1 }],
  ['sends garbage', { kind: 'garbage', times: 1 }],
  ['answers another transaction', { kind: 'another-transaction', times: 1 }],
];
/** Who brings it back in step, and how often its port is reset for that. */
const ladders: readonly [string, (temper: Temper) => void, number][] = [
  ['cancelling helps', () => undefined, 0],
  ['only a class reset helps', ({ deafTo }) => void deafTo.add('cancel'), 0],
  ['only a port reset helps', ({ deafTo }) => void deafTo.add('cancel').add('class-reset'), 1],
  [
    'it has to be found again',
    (temper) => {
      temper.deafTo.add('cancel').add('class-reset');
      temper.reenumeratesAfterMs = 700;
    },
    1,
  ],
];
/**
 * Longest that an interrupted transfer takes to go on, ms. It counts from when the interruption is noticed: at once where the device or the bus says
 * so, else after the silence that a read is granted (6 s). The lab sees only the last byte before and the first one after.
 */
const recoveredWithinMs = 10_000;
const silenceMs = 6_000;

/** Reads a recording through one mishap; the bytes are right, and the interruption is told once. */
async function readThrough(mishap: Mishap, ladder: (temper: Temper) => void) {
  const { rig, clock } = await virtualRig();
  const bytes = noise(3 * mib + 1);
  await rig.put('a.bin', bytes);
  const noticedMs: number[] = [];
  const opening = rig.family.open({ usb: rig.camera.device }, never, ({ tookMs }) => {
    noticedMs.push(clock.monotonicMs() - tookMs);
  });
  const { value: session } = await timed(clock, opening);
  if (session === undefined) throw new Error('it is of good temper yet');
  const { value: recordings } = await timed(clock, recordingsOf(session));
  const recording = recordings?.[0];
  if (recording === undefined) throw new Error('one was put there');
  ladder(rig.temper);
  rig.temper.mishaps.set(partial, { ...mishap });
  const { value, error, tookMs: sinceLastByteMs } = await timed(clock, hashOver(session, recording));
  const endedMs = clock.monotonicMs();
  expect(error).toBeUndefined();
  expect(value).toBe(sha256(bytes));
  expect(noticedMs).toHaveLength(1);
  await timed(clock, session.close());
  return { sinceLastByteMs, sinceNoticedMs: endedMs - Math.min(...noticedMs), portResets: rig.camera.portResets };
}

describe.each(ladders)('a device that goes wrong once, %s', (_, ladder, mostPortResets) => {
  it.each(once)('%s: the bytes are right in the end, within 10 s', async (_, mishap) => {
    const { sinceLastByteMs, sinceNoticedMs, portResets } = await readThrough(mishap, ladder);
    expect(sinceNoticedMs).toBeLessThanOrEqual(recoveredWithinMs);
    // What does not take as long as it may goes on within that time of its last byte, as the lab measures it.
    expect(sinceLastByteMs).toBeLessThanOrEqual(recoveredWithinMs);
    expect(portResets).toBeLessThanOrEqual(mostPortResets);
  });
});

it('a device that says nothing at any rung and comes back as late as it may goes on within 10 s of its silence', async () => {
  const { sinceLastByteMs, sinceNoticedMs } = await readThrough({ kind: 'silent', times: 1 }, (temper) => {
    temper.deafTo.add('cancel').add('class-reset');
    temper.mishaps.set(deviceInfo, { kind: 'silent', times: 2 });
    temper.reenumeratesAfterMs = 3_300;
  });
  expect(sinceNoticedMs).toBeGreaterThan(5_000);
  expect(sinceNoticedMs).toBeLessThanOrEqual(recoveredWithinMs);
  expect(sinceLastByteMs).toBeLessThanOrEqual(silenceMs + recoveredWithinMs);
});

describe('reads that wait for one another', () => {
  const block = 1 << 19;

  async function waitingReads(mishap?: Mishap) {
    const rig = await rigWith();
    const bytes = noise(6 * block + 77);
    await rig.put('a.bin', bytes);
    await rig.put('b.bin', noise(2 * block));
    const session = await sessionOf(rig);
    const [first, second] = await recordingsOf(session);
    if (first === undefined || second === undefined) throw new Error('two were put there');
    if (mishap !== undefined) rig.temper.mishaps.set(partial, mishap);
    const readers = [first, second].map((recording) => session.source(recording));
    const [one, two] = readers.map((source) => {
      if (source.kind !== 'session') throw new Error('PTP has no files');
      return (at: number, signal = new AbortController().signal) =>
        source.read(new Uint8Array(block), at * block, signal);
    });
    if (one === undefined || two === undefined) throw new Error('two were opened');
    const busy = session.storage?.();
    return { rig, bytes, one, two, busy, asked: () => rig.camera.responder.asked.filter((code) => code === partial) };
  }

  it('are asked for in one transaction as long as they follow one another, and each gets its own bytes', async () => {
    const { bytes, one, two, busy, asked } = await waitingReads();
    const reads = [one(3), two(0), one(4), one(5), one(6), one(0)];
    await busy;
    const got = await Promise.all(reads);
    const at = (from: number): Buffer => Buffer.from(bytes.subarray(from * block, (from + 1) * block));
    expect(got.map((piece) => sha256(piece))).toEqual(
      [at(3), Buffer.from(noise(2 * block).subarray(0, block)), at(4), at(5), at(6), at(0)].map((piece) =>
        sha256(piece),
      ),
    );
    // One byte when they were listed; 3 to 6 together.
    expect(asked()).toHaveLength(1 + 3);
    // Whoever gets bytes may give their memory away.
    expect(new Set(got.map((piece) => piece.buffer)).size).toBe(got.length);
  });

  it.each([
    ['refused', { kind: 'refuse', code: 0x2002, times: 1 }],
    ['cut off', { kind: 'cut', afterBytes: 100, times: 1 }],
  ] satisfies [string, Mishap][])('%s together, each is asked for alone', async (_, mishap) => {
    const { bytes, one, busy } = await waitingReads(mishap);
    const reads = [one(0), one(1), one(2)];
    await busy;
    expect(sha256(Buffer.concat(await Promise.all(reads)))).toBe(sha256(bytes.subarray(0, 3 * block)));
  });

  it('of a device that gives less than was asked for get their own bytes all the same', async () => {
    const { rig, bytes, one, busy, asked } = await waitingReads();
    rig.temper.mostPartialBytes = block + 1_000;
    const reads = [one(0), one(1), one(2)];
    await busy;
    expect(sha256(Buffer.concat(await Promise.all(reads)))).toBe(sha256(bytes.subarray(0, 3 * block)));
    // One byte when they were listed; all three together, of which the first came whole; the other two, of which the second did; the third.
    expect(asked()).toHaveLength(1 + 3);
  });

  it('one of them is given up: the others get their bytes', async () => {
    const { bytes, one, busy } = await waitingReads();
    const leaving = new AbortController();
    const reads = [one(0), one(1, leaving.signal), one(2)] as const;
    leaving.abort(new Error('no longer wanted'));
    await expect(reads[1]).rejects.toThrow('no longer wanted');
    await busy;
    expect(sha256(await reads[0])).toBe(sha256(bytes.subarray(0, block)));
    expect(sha256(await reads[2])).toBe(sha256(bytes.subarray(2 * block, 3 * block)));
  });
});

describe('a device that gives objects only whole', () => {
  const getObject = 0x1009;

  async function wholeOnly(sizeBytes: number) {
    const rig = await rigWith();
    rig.temper.unknown.add(partial).add(0x101b);
    const bytes = noise(sizeBytes);
    await rig.put('a.bin', bytes);
    const session = await sessionOf(rig);
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    const source = session.source(recording);
    if (source.kind !== 'session') throw new Error('PTP has no files');
    return { bytes, source, sent: () => rig.camera.responder.asked.filter((code) => code === getObject).length };
  }

  it('sends nothing for reads that were given up while they waited', async () => {
    const { source, sent } = await wholeOnly(8 * mib);
    expect(source.inOrder).toBe(true);
    const leaving = new AbortController();
    const first = source.read(new Uint8Array(mib), 0, leaving.signal);
    const ahead = [1, 2, 3].map((at) => source.read(new Uint8Array(mib), at * mib, leaving.signal));
    await first;
    leaving.abort(new Error('taken out'));
    for (const read of ahead) await expect(read).rejects.toThrow('taken out');
    // Whoever comes next has the device to himself.
    expect(await source.read(new Uint8Array(mib), 0, never)).toHaveLength(mib);
    expect(sent()).toBe(2);
  });

  it('goes on for whoever comes back after others had the device', async () => {
    const { bytes, source } = await wholeOnly(8 * mib);
    const head = await source.read(new Uint8Array(mib), 0, never);
    // Nobody reads on, and somebody waits: the object is let go of, and a read comes at that moment.
    const identity = source.identity();
    await new Promise((resolve) => setTimeout(resolve, 560));
    const rest: Uint8Array[] = [];
    for (let at = mib; at < bytes.length; at += mib) {
      rest.push(await source.read(new Uint8Array(mib), at, never));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await identity;
    expect(sha256(Buffer.concat([head, ...rest]))).toBe(sha256(bytes));
  });
});

describe('a device that whoever spoke to it before left out of step', () => {
  /** What the device owes to somebody who was killed: it was asked what it is, and nobody took the whole answer. */
  async function leaveBehind(rig: PtpRig, transaction: number, takesData: boolean): Promise<void> {
    const before = await rig.camera.open(rig.camera.device, 0, never);
    await before.transferOut(1, encodeShort('command', deviceInfo, transaction, []), true, 1_000);
    if (takesData) await before.transferIn(bulkIn, new Uint8Array(4096), 1_000);
    await vi.waitFor(() => expect(rig.camera.responder.asked).toEqual([deviceInfo]));
    await before.close();
  }

  it.each([
    ['far ahead of our count: it is passed over', 184, false, [deviceInfo, openSession]],
    ['with our own number: the device is brought back in step', 1, true, [deviceInfo, deviceInfo, deviceInfo]],
  ])('a reply %s', async (_, transaction, takesData, asked) => {
    const rig = await rigWith();
    await rig.put('a.bin', noise(10));
    await leaveBehind(rig, transaction, takesData);
    expect(await recordingsOf(await sessionOf(rig))).toHaveLength(1);
    expect(rig.camera.responder.asked.slice(1, asked.length + 1)).toEqual(asked);
    expect(rig.camera.portResets).toBe(0);
  });

  it('only a port reset helps, after which it enumerates anew: is found again while it is opened', async () => {
    const { rig, clock } = await virtualRig();
    await rig.put('a.bin', noise(10));
    rig.temper.deafTo.add('cancel').add('class-reset');
    rig.temper.reenumeratesAfterMs = 700;
    rig.temper.mishaps.set(0x1001, { kind: 'endless', times: 1 });
    const { value: session, error, tookMs } = await timed(clock, rig.session());
    expect(error).toBeUndefined();
    if (session === undefined) throw new Error('it was opened');
    expect((await timed(clock, recordingsOf(session))).value).toHaveLength(1);
    expect(rig.camera.portResets).toBe(1);
    expect(tookMs).toBeLessThan(21_000);
    await timed(clock, session.close());
  });
});

describe('a listing', () => {
  it('does not depend on the bytes of any one object: what a device cannot give is told to whoever reads it (I8)', async () => {
    const { rig, clock } = await virtualRig();
    await rig.put('a.bin', noise(10));
    await rig.put('b.bin', noise(mib));
    const { value: session } = await timed(clock, rig.session());
    if (session === undefined) throw new Error('it is of good temper yet');
    rig.temper.deafTo.add('cancel');
    rig.temper.mishaps.set(partial, { kind: 'endless', times: 1 });
    const { value: recordings, error } = await timed(clock, recordingsOf(session));
    expect(error).toBeUndefined();
    expect(recordings).toHaveLength(2);
    const second = recordings?.[1];
    if (second === undefined) throw new Error('two were put there');
    expect((await timed(clock, hashOver(session, second))).value).toBe(sha256(noise(mib)));
    await timed(clock, session.close());
  });
});

describe('an interruption', () => {
  it.each([
    ['cancel', 0, undefined],
    ['class-reset', 1, undefined],
    ['port-reset', 2, undefined],
    ['reopened', 2, 700],
  ] as const)('is told of once, with what helped: %s', async (by, silentProbes, reenumeratesAfterMs) => {
    const { rig, clock } = await virtualRig();
    const heard: Interruption[] = [];
    const opening = rig.family.open({ usb: rig.camera.device }, never, (interruption) => heard.push(interruption));
    const { value: session } = await timed(clock, opening);
    if (session?.storage === undefined) throw new Error('it tells its storage');
    rig.temper.reenumeratesAfterMs = reenumeratesAfterMs;
    rig.temper.mishaps.set(deviceInfo, { kind: 'silent', times: silentProbes });
    rig.temper.mishaps.set(0x1004, { kind: 'silent', times: 1 });
    expect((await timed(clock, session.storage())).error).toBeUndefined();
    expect(heard.map((interruption) => interruption.by)).toEqual([by]);
    expect(heard[0]?.cause).toBeInstanceOf(DockError);
    await timed(clock, session.close());
  });
});

describe('a device that is lost', () => {
  it('comes back and does not answer: it is let go of, and can be opened when it has come to', async () => {
    const { rig, clock } = await virtualRig();
    const { value: session } = await timed(clock, rig.session());
    if (session?.storage === undefined) throw new Error('it tells its storage');
    rig.temper.reenumeratesAfterMs = 700;
    // It is asked whether it is in step after each rung.
    rig.temper.mishaps.set(deviceInfo, { kind: 'silent', times: 3 });
    rig.temper.mishaps.set(0x1004, { kind: 'silent', times: 1 });
    expect((await timed(clock, session.storage())).error).toMatchObject({ code: 'DOCK_CAMERA_GONE' });
    await timed(clock, session.close());
    const { value: again, error } = await timed(clock, rig.session());
    expect(error).toBeUndefined();
    await timed(clock, again?.close() ?? Promise.resolve());
  });

  it('never answers: the camera is gone, in bounded time, for everybody who asks', async () => {
    const { rig, clock } = await virtualRig();
    await rig.put('a.bin', noise(mib));
    const { value: session } = await timed(clock, rig.session());
    if (session === undefined) throw new Error('it is of good temper yet');
    for (const way of ['cancel', 'class-reset', 'port-reset'] as const) rig.temper.deafTo.add(way);
    for (let code = 0x1001; code < 0x1020; code += 1) {
      rig.temper.mishaps.set(code, { kind: 'silent', times: 1_000 });
    }
    const { error, tookMs } = await timed(clock, listedBy(session));
    expect(error).toMatchObject({ code: 'DOCK_CAMERA_GONE', retry: 'after-redocking' });
    expect(tookMs).toBeLessThan(33_000);
    const again = await timed(clock, Promise.resolve(session.battery?.()));
    expect(again.error).toMatchObject({ code: 'DOCK_CAMERA_GONE' });
    expect(again.tookMs).toBeLessThan(100);
    await timed(clock, session.close());
  });

  it('answers for ever to everything: is given up without filling the memory', async () => {
    const { rig, clock } = await virtualRig();
    const { value: session } = await timed(clock, rig.session());
    if (session === undefined) throw new Error('it is of good temper yet');
    for (const way of ['cancel', 'class-reset', 'port-reset'] as const) rig.temper.deafTo.add(way);
    for (let code = 0x1001; code < 0x1020; code += 1) {
      rig.temper.mishaps.set(code, { kind: 'endless', times: 1_000 });
    }
    const before = process.memoryUsage().rss;
    const { error, tookMs } = await timed(clock, listedBy(session));
    expect(error).toMatchObject({ code: 'DOCK_CAMERA_GONE' });
    expect(tookMs).toBeLessThan(33_000);
    expect(rig.camera.bulkInBytes).toBeLessThan(64 * mib);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * mib);
    await timed(clock, session.close());
  });

  it('comes back as another camera: nothing is read from it', async () => {
    const rig = await rigWith();
    await rig.put('a.bin', noise(mib));
    const session = await sessionOf(rig);
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    rig.temper.mishaps.set(partial, { kind: 'stall', times: 1 });
    rig.temper.mishaps.set(0x1001, {
      kind: 'alter',
      times: 99,
      data: (data) => Buffer.from(Buffer.from(data).toString('latin1').replaceAll('1\0\0\0', '2\0\0\0'), 'latin1'),
    });
    await expect(hashOver(session, recording)).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE' });
  });

  it('is pulled in the middle of a data phase', async () => {
    const rig = await rigWith();
    await rig.put('a.bin', noise(5 * mib));
    const session = await sessionOf(rig);
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    rig.temper.mishaps.set(partial, { kind: 'vanish', afterBytes: 300_000, times: 1 });
    await expect(hashOver(session, recording)).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE' });
  });

  it('is let go of at once when whoever asks has gone, though it says nothing', async () => {
    const { rig, clock } = await virtualRig();
    rig.temper.mishaps.set(0x1001, { kind: 'silent', times: 9 });
    const abort = new AbortController();
    const reason = new Error('the camera was taken');
    const opening = rig.session(abort.signal);
    await clock.advance(50);
    abort.abort(reason);
    // No time passes any more: no deadline can have ended it.
    await expect(opening).rejects.toBe(reason);
  });
});

describe('lies', () => {
  it.each([
    ['more than it has', 1, 'DOCK_RECORDING'],
    ['less than it has', -1, 'DOCK_RECORDING_CHANGED'],
  ])('about a size, %s: is found out by whoever reads to the end', async (_, by) => {
    const rig = await rigWith();
    await rig.put('a.bin', noise(mib));
    rig.temper.sizeLies.set('a.bin', by);
    const session = await sessionOf(rig);
    const [recording] = await recordingsOf(session);
    if (recording === undefined) throw new Error('one was put there');
    const source = session.source(recording);
    if (source.kind !== 'session') throw new Error('PTP has no files');
    if (by < 0) {
      await expect(source.read(new Uint8Array(mib), 0, never)).rejects.toMatchObject({
        code: 'DOCK_RECORDING_CHANGED',
      });
    } else {
      expect((await source.read(new Uint8Array(2 * mib), 0, never)).length).toBe(mib);
      expect((await source.read(new Uint8Array(4096), mib, never)).length).toBe(0);
    }
  });

  it('about parents, in circles and into nowhere: everything is listed once', async () => {
    for (const flat of [false, true]) {
      const rig = await rigWith();
      for (const name of ['a', 'b', 'c']) await rig.put(`folder-${name}/${name}.bin`, noise(10));
      rig.temper.flat = flat;
      const folders = new Map<string, number>();
      rig.temper.lie = ({ name, handle, isFolder }) => {
        if (!isFolder) return {};
        folders.set(name, handle);
        if (name === 'folder-a') return { parent: folders.get('folder-b') ?? 999_999 };
        if (name === 'folder-b') return { parent: folders.get('folder-a') ?? 888_888 };
        return { parent: handle };
      };
      const recordings = await recordingsOf(await sessionOf(rig));
      expect(recordings.map(({ displayPath }) => displayPath.split('/').at(-1)).sort()).toEqual([
        'a.bin',
        'b.bin',
        'c.bin',
      ]);
      expect(new Set(recordings.map(({ displayPath }) => displayPath)).size).toBe(3);
    }
  });

  it('gives several objects one name: each has a path, the mark and the extension of its own', async () => {
    const rig = await rigWith();
    for (const name of ['a', 'b', 'c']) await rig.put(`video/${name}.mp4`, noise(10, name.charCodeAt(0)));
    rig.temper.lie = ({ isFolder }) => (isFolder ? {} : { name: 'same_IMP.mp4' });
    const session = await sessionOf(rig);
    const recordings = await recordingsOf(session);
    expect(recordings.map(({ displayPath }) => displayPath)).toEqual([
      'video/same_IMP.mp4',
      'video/~2/same_IMP.mp4',
      'video/~3/same_IMP.mp4',
    ]);
    expect(recordings.every(({ important, kind }) => important && kind === 'video')).toBe(true);
    const hashes = await Promise.all(recordings.map((recording) => hashOver(session, recording)));
    expect(hashes).toEqual(['a', 'b', 'c'].map((name) => sha256(noise(10, name.charCodeAt(0)))));
  });

  it('names that are no names lead nowhere', async () => {
    const names = ['..', '.', '', '/etc/passwd', 'a\0b', '~2', '../../x'];
    const rig = await rigWith();
    for (const index of names.keys()) await rig.put(`v/${index}.bin`, noise(10));
    rig.temper.lie = ({ isFolder, name }) => (isFolder ? {} : { name: names[Number.parseInt(name, 10)] ?? '' });
    const recordings = await recordingsOf(await sessionOf(rig));
    expect(recordings).toHaveLength(names.length);
    for (const { path } of recordings) {
      const parts = Buffer.from(path).toString('utf8').split('/');
      expect(parts).toHaveLength(2);
      expect(parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))).toBe(false);
    }
  });

  it('an ObjectInfo that is cut short is one object that cannot be read, not the end of the listing', async () => {
    const rig = await rigWith();
    for (const name of ['a', 'b', 'c']) await rig.put(`${name}.bin`, noise(10));
    const session = await sessionOf(rig);
    rig.temper.mishaps.set(0x1008, { kind: 'alter', data: (data) => Buffer.alloc(data.length, 0xff), times: 1 });
    const listed = await listedBy(session);
    expect(listed.filter((one) => 'recording' in one)).toHaveLength(2);
    expect(listed.filter((one) => 'skipped' in one)).toMatchObject([{ skipped: { reason: 'unreadable' } }]);
  });

  it('a storage that goes during the listing makes no empty camera', async () => {
    const rig = await rigWith();
    for (const name of ['a', 'b', 'c']) await rig.put(`${name}.bin`, noise(10));
    const session = await sessionOf(rig);
    const listing = session.recordings(never)[Symbol.asyncIterator]();
    await listing.next();
    rig.camera.responder.storeRemoved();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const rest = async (): Promise<void> => {
      for (let next = await listing.next(); next.done !== true; next = await listing.next());
    };
    await expect(rest()).rejects.toMatchObject({ retry: 'after-redocking' });
  });
});

describe('refusals', () => {
  it('of properties: the camera cannot tell, and nothing else suffers', async () => {
    const rig = await rigWith();
    rig.temper.refusedProperties.add(0x5001).add(0x5011);
    await rig.put('a.bin', noise(10));
    const session = await sessionOf(rig);
    await expect(session.battery?.()).rejects.toMatchObject({ code: 'DOCK_CRADLE_CANNOT_TELL' });
    await expect(session.clock?.read()).rejects.toMatchObject({ code: 'DOCK_CRADLE_CANNOT_TELL' });
    expect(await recordingsOf(session)).toHaveLength(1);
  });

  it('of a serial number: an identity is not made up', async () => {
    for (const serial of ['', '0000000000', '../x', 'a b']) {
      const rig = await rigWith({ serial });
      const error = await rig.session().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DockError);
      expect((error as DockError).code).toMatch(/^DOCK_CAMERA_IDENTITY_/);
    }
  });
});
