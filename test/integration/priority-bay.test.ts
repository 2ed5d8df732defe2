/** Who goes first, by the built daemon: a priority bay before the others (design §8), and in each camera what is important. Order, not durations. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OffloadProgress } from '../../daemon/offload/offload.js';
import { type CardFile, type CardRecording, segments, writeCard } from '../../drivers/simulated/card.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { readsAreFast, slowReads } from '../support/slow-reads.js';

const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });
/** The bay of slot 4 goes ahead of the others. */
const prioritySlot = 4;
/** Copies that were past their last read when they were told to wait may end meanwhile. */
const copiesAtOnce = 6;
/** Several offloads one after the other, of which the machine may have others to do at the same time. */
const slow = { timeout: 90_000 };

let rig: DaemonRig;

afterEach(async () => {
  if (rig.pid !== undefined) await readsAreFast(rig.pid);
  await rig.close();
});

async function makeRig(yaml: string): Promise<void> {
  rig = await DaemonRig.make({
    bays: 4,
    priority: [prioritySlot],
    cameras: ['C0001', 'C0002', 'C0003', 'C0004'],
    yaml,
  });
}

async function card(id: string, recordings: readonly CardRecording[]): Promise<readonly CardFile[]> {
  return writeCard(join(rig.cards, id), { seed: id, device: id, user: '0042', recordings });
}

/** Where the daemon sees these files once the camera is in its bay. */
function seenIn(slot: number, files: readonly CardFile[]): readonly string[] {
  return files.map(({ path }) => join(rig.mediaRoot, `1-${slot}`, path.toString()));
}

async function putIn(slot: number, id: string): Promise<void> {
  await rig.putIn(slot, join(rig.cards, id), pins(id));
  await rig.logged('offload.planned', { camera: id });
}

/** Cameras of all recordings that were entered, in the order of the ledger. */
async function order(): Promise<readonly string[]> {
  return (await rig.entered('recording.offloaded')).map(({ camera }) => camera);
}

async function progressOf(slot: number): Promise<OffloadProgress | null> {
  return (await rig.status()).bays.find(({ bay }) => bay === `1-${slot}`)?.progress ?? null;
}

/** The first progress of a bay that tells an end and of which this much is done. */
async function forecastOf(slot: number, doneShare: number): Promise<OffloadProgress & { readonly etaMs: number }> {
  let seen: OffloadProgress | null = null;
  await eventually(
    async () => {
      seen = await progressOf(slot);
      return seen !== null && seen.etaMs !== null && seen.bytes.done >= doneShare * seen.bytes.total;
    },
    15_000,
    () => `bay ${slot} tells no end: ${JSON.stringify(seen)}\n${rig.tail()}`,
  );
  return seen as unknown as OffloadProgress & { readonly etaMs: number };
}

async function expectArchived(id: string, files: readonly CardFile[]): Promise<void> {
  const bodies = (await rig.entered('recording.offloaded')).filter(({ camera }) => camera === id);
  expect(bodies.map(({ sha256 }) => sha256).sort()).toEqual(files.map(({ sha256 }) => sha256).sort());
  for (const { archivePath, sha256 } of bodies) {
    const stored = await readFile(join(rig.archive, archivePath));
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
  }
}

/** Everything of every card is safe, and nothing had to be begun a second time. */
async function expectAllDone(cards: Readonly<Record<string, readonly CardFile[]>>): Promise<void> {
  for (const [id, files] of Object.entries(cards)) await expectArchived(id, files);
  expect(await readdir(join(rig.archive, '.parts'))).toEqual([]);
  expect(rig.log.filter(({ key }) => key === 'offload.retried' || key === 'offload.recording-failed')).toEqual([]);
}

describe('a priority bay', () => {
  it('is done first, while large offloads of the others wait and are not lost (design §8)', slow, async () => {
    await makeRig(`offload: { copiesAtOnce: ${copiesAtOnce} }`);
    const shift = [...segments('2026-11-20T09:00:00', 2, 24 << 20), ...segments('2026-11-20T15:00:00', 60, 1 << 17)];
    const twoLarge = segments('2026-11-20T09:00:00', 2, 24 << 20);
    const cards = {
      C0001: await card('C0001', shift),
      C0002: await card('C0002', shift),
      C0003: await card('C0003', twoLarge),
      C0004: await card('C0004', twoLarge),
    };
    const files = [cards.C0001, cards.C0002, cards.C0003, cards.C0004].flatMap((all, at) => seenIn(at + 1, all));
    await rig.start({}, slowReads(files, 100));
    await putIn(1, 'C0001');
    await putIn(2, 'C0002');
    await putIn(3, 'C0003');
    const ordinary = await forecastOf(3, 0.25);
    await putIn(prioritySlot, 'C0004');
    const already = (await order()).length;
    const ahead = await forecastOf(prioritySlot, 0.25);
    // How the ETA is made of paces is the unit test's; here it is told for both, and the order below shows who was ahead.
    expect(ahead.bytes.total).toBe(ordinary.bytes.total);
    const waiting = await progressOf(1);
    await rig.light(prioritySlot, 'green-steady');
    const entered = await order();
    const meanwhile = entered.slice(already, entered.lastIndexOf('C0004') + 1);
    expect(meanwhile.filter((camera) => camera === 'C0004')).toHaveLength(2);
    expect(meanwhile.filter((camera) => camera !== 'C0004').length).toBeLessThanOrEqual(copiesAtOnce);
    expect(entered.filter((camera) => camera === 'C0001' || camera === 'C0002').length).toBeLessThan(2 * 30);
    for (const slot of [1, 2]) expect(rig.cradle.light(slot)).toBe('amber-breathing');

    await readsAreFast(rig.pid ?? 0);
    for (const slot of [1, 2, 3]) await rig.light(slot, 'green-steady');
    expect(waiting?.recordings.failed).toBe(0);
    await expectAllDone(cards);
  });

  it('whose card hangs does not keep the others waiting, and is done when it answers (I8)', slow, async () => {
    await makeRig('');
    const cards = {
      C0001: await card('C0001', segments('2026-11-20T09:00:00', 2, 24 << 20)),
      C0002: await card('C0002', segments('2026-11-20T09:00:00', 20, 100_000)),
      C0004: await card('C0004', segments('2026-11-20T09:00:00', 2, 12 << 20)),
    };
    // Longer than anybody waits for the others here, and not so long that its copies are given up.
    await rig.start({}, slowReads(seenIn(prioritySlot, cards.C0004), 35_000));
    await putIn(prioritySlot, 'C0004');
    await putIn(1, 'C0001');
    await putIn(2, 'C0002');
    for (const slot of [1, 2]) await rig.light(slot, 'green-steady');
    expect(await order()).not.toContain('C0004');
    expect(rig.cradle.light(prioritySlot)).toBe('amber-breathing');
    await readsAreFast(rig.pid ?? 0);
    await rig.light(prioritySlot, 'green-steady');
    await expectAllDone(cards);
  });
});

describe('what is important on a camera', () => {
  it('is offloaded first, then the rest from the oldest on', async () => {
    await makeRig('offload: { copiesAtOnce: 1 }');
    const at = (startedLocal: string, important = false): CardRecording => ({
      kind: 'video',
      startedLocal,
      sizeBytes: 200_000,
      important,
    });
    const hours = ['11', '09', '14', '10', '13', '12'].map((hour) => `2026-11-20T${hour}:00:00`);
    const marked = ['2026-11-20T13:30:00', '2026-11-20T09:30:00'];
    const files = await card('C0001', [...hours.map((hour) => at(hour)), ...marked.map((hour) => at(hour, true))]);
    await rig.start();
    await putIn(1, 'C0001');
    await rig.light(1, 'green-steady');
    const entered = await rig.entered('recording.offloaded');
    expect(entered.map(({ important }) => important)).toEqual([true, true, ...hours.map(() => false)]);
    const startOf = ({ path }: { readonly path: string }): string => path.match(/_(\d{8}_\d{6})/)?.[1] ?? path;
    const starts = [...[...marked].sort(), ...[...hours].sort()].map((local) =>
      local.replaceAll(/[-:]/g, '').replace('T', '_'),
    );
    expect(entered.map(startOf)).toEqual(starts);
    await expectAllDone({ C0001: files });
  });
});
