/**
 * Pulled again and again at random points of transfers, over all families at once: nothing half is ever visible, every recording is resumed,
 * and no bay notices what happens at another. `--pulls=200` for as many as that; `--seed=` for the same choices again.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../simulation/random.js';
import { someRecordings, vfatCard } from '../cards.js';
import { type Gadgets, smallCards, withoutPins } from '../gadgets.js';
import { assert, type Lab, type Scenario } from '../scenario.js';

/** How long after the copying began, at most, ms. */
const withinTransferMs = 2_500;
/** From put in until copying begins, or the light says that nothing is left to copy; of each bay, whatever the others do. */
const underWayWithinMs = 300_000;
/** Resident. No pull and no recording may leave anything behind; what waits to be collected is far below what then would be left. */
const mostMemoryKib = 300_000;
/** Charged, so that it is ready as soon as all is safe. */
const ptp = { kind: 'ptp', card: '/root/card0', serial: 'C0001', batteryPercent: 99, withoutEvents: true } as const;
const charged = { batteryPercent: 97 } as const;
/** A plain disk says nothing of battery and clock: it has the cradle's data pins for that. */
const diskBay = 1;
const recordingBytes = 25_000_000;
/** On each card: what is copied before the last pull must not be all; for 200 pulls as much as the guest's disk holds. */
const recordingsFor = (pulls: number): number => Math.max(4, Math.ceil(pulls / 6));

export const scenario: Scenario = {
  title:
    'pulled at random points of transfers over all families: nothing half is seen, all is resumed, no bay disturbs another',
  async run(lab) {
    const gadgets = await lab.gadgets();
    const cards = await cameras(lab, gadgets);
    await lab.configured(smallCards);
    const random = new Random(lab.options.seed);
    const pulls = cards.map(() => 0);
    for (const [bay] of cards.entries()) await insert(lab, gadgets, bay);
    const copiedAtMs = cards.map(() => performance.now());
    while (total(pulls) < lab.options.pulls) {
      const copying = await underWay(lab, cards.length);
      if (copying.length === 0) break;
      for (const bay of copying) copiedAtMs[bay] = performance.now();
      await assertMoving(lab, copiedAtMs);
      const taken = someOf(copying, random).slice(0, lab.options.pulls - total(pulls));
      await Promise.all(
        taken.map(async (bay) => {
          await sleep(random.next() * withinTransferMs);
          await gadgets.unplug(bay);
          lab.cradle.remove(bay + 1);
          pulls[bay] = (pulls[bay] ?? 0) + 1;
          await lab.light(bay + 1, 'off');
        }),
      );
      await assertWhole(lab, cards.flat());
      for (const bay of taken) await insert(lab, gadgets, bay);
      lab.note(`${total(pulls)} pulls (${pulls.join(' + ')}), of bays ${taken.map((bay) => bay + 1).join(' and ')}`);
    }
    const interrupted = await interruptions(lab, cards.length);
    for (const [bay] of cards.entries()) await lab.light(bay + 1, 'green-steady', 900_000);
    const archived = await lab.archived();
    for (const file of cards.flat()) assert.equal(archived.get(file.name), file.sha256, file.name);
    assert.equal(archived.size, cards.flat().length);
    assert.equal(await lab.machine.ok('find /var/lib/custodock/archive/.parts -type f | wc -l'), '0');
    const undocked = (await lab.entries('camera.undocked')) as readonly Undocked[];
    const taken = cards.map((_, bay) => undocked.filter((entry) => entry.bay === `1-${bay + 1}`).length);
    assert.deepEqual(taken, pulls, 'each bay lost its camera when that was pulled, and never else');
    for (const kind of ['camera.refused', 'recording.failed']) assert.deepEqual(await lab.entries(kind), [], kind);
    const offloaded = await lab.entries('recording.offloaded');
    const resumed = cards.map(
      (_, at) => offloaded.filter(({ bay, resumedBytes }) => bay === `1-${at + 1}` && Number(resumedBytes) > 0).length,
    );
    await lab.machine.ok('custodock ledger check');
    const held = 'ls -l /proc/$(systemctl show -P MainPID custodock)/fd 2>/dev/null | grep -c /dev/bus/usb || true';
    assert.ok(Number(await lab.machine.ok(held)) <= cards.length, 'what was pulled is let go of');
    const memory = await lab.machine.ok(
      "awk '/^VmRSS/ { print $2 }' /proc/$(systemctl show -P MainPID custodock)/status",
    );
    lab.note(`memory of the dock in the end: ${Math.round(Number(memory) / 1_000)} MB`);
    lab.note(
      `seed ${lab.options.seed}: ${total(pulls)} pulls (${pulls.join(' + ')}: PTP, disk, Ambarella, JieLi), ` +
        `${interrupted.join(' + ')} before all was safe; ${resumed.join(' + ')} of ${offloaded.length} recordings were resumed`,
    );
    assert.ok(Number(memory) <= mostMemoryKib, 'the dock keeps memory');
    // A pull that meets no transfer shows nothing.
    assert.equal(total(pulls), lab.options.pulls, 'all was safe before all pulls were done');
    assert.ok(total(interrupted) >= 0.9 * total(pulls), 'too few of the pulls met a transfer');
    for (const [bay, count] of interrupted.entries()) {
      if (count > 0) assert.ok((resumed[bay] ?? 0) > 0, `bay 1-${bay + 1} resumed nothing`);
    }
  },
};

interface Undocked extends Readonly<Record<string, unknown>> {
  readonly bay: string;
  readonly safe: number;
  readonly of: number | null;
}

interface TrueFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string | undefined;
}

/** One of each family, in the order of the bays. */
async function cameras(lab: Lab, gadgets: Gadgets): Promise<readonly (readonly TrueFile[])[]> {
  const recordings = () => someRecordings(recordingsFor(lab.options.pulls), recordingBytes);
  const overPtp = await gadgets.card('/root/card0', 'C0001', recordings());
  await gadgets.start(0, ptp);
  const disks = await Promise.all(
    [1, 2, 3].map((n) => vfatCard(lab.folder, { device: `C000${n + 1}`, recordings: recordings() })),
  );
  const images = await gadgets.images(disks.map(({ image }) => image));
  const [disk = '', ambarella = '', jieli = ''] = images;
  await gadgets.start(diskBay, { kind: 'disk', image: disk });
  await gadgets.start(2, { kind: 'ambarella', serial: 'C0003', options: charged, image: ambarella });
  await gadgets.start(3, { kind: 'jieli', serial: 'C0004', options: charged, image: jieli });
  return [overPtp, ...disks.map(({ files }) => files)].map((files) =>
    files.map(({ path: raw, sizeBytes, sha256 }) => ({ name: path.posix.basename(raw.toString()), sizeBytes, sha256 })),
  );
}

async function insert(lab: Lab, gadgets: Gadgets, bay: number): Promise<void> {
  lab.cradle.insert(bay + 1, bay === diskBay ? { serial: 'C0002', batteryPercent: 99 } : withoutPins);
  await gadgets.plug(bay);
}

/** The bays that copy now, at least one; none: nothing is left to copy. The journal is asked, for it answers within a moment. */
async function underWay(lab: Lab, bays: number): Promise<readonly number[]> {
  let copying: readonly number[] = [];
  const all = Array.from({ length: bays }, (_, bay) => bay);
  const last = all.map((bay) => `journalctl -u custodock BAY=1-${bay + 1} -o cat -n 1 | tail -n 1`).join('; ');
  await lab.eventually(
    async () => {
      if (all.every((bay) => lab.cradle.light(bay + 1) === 'green-steady')) return true;
      const lines = (await lab.machine.ok(last)).split('\n');
      copying = all.filter((bay) => lines[bay]?.includes('Offload begins') === true);
      return copying.length > 0;
    },
    underWayWithinMs,
    () => 'a bay copies, or all have nothing left to copy',
  );
  return copying;
}

/** No bay waits for ever while the others are pulled. What it waits for is in its status. */
async function assertMoving(lab: Lab, copiedAtMs: readonly number[]): Promise<void> {
  for (const [bay, atMs] of copiedAtMs.entries()) {
    if (performance.now() - atMs < underWayWithinMs || lab.cradle.light(bay + 1) === 'green-steady') continue;
    assert.fail(`bay 1-${bay + 1} stands still: ${await lab.machine.ok('custodock status --json')}`);
  }
}

/** By bay: how often the camera was taken before all of its recordings were safe. */
async function interruptions(lab: Lab, bays: number): Promise<readonly number[]> {
  const undocked = (await lab.entries('camera.undocked')) as readonly Undocked[];
  return Array.from(
    { length: bays },
    (_, at) => undocked.filter(({ bay, safe, of }) => bay === `1-${at + 1}` && (of === null || safe < of)).length,
  );
}

/** Each as likely as not, one at least. */
function someOf(bays: readonly number[], random: Random): readonly number[] {
  const chosen = bays.filter(() => random.chance(0.5));
  return chosen.length > 0 ? chosen : [random.pick(bays)];
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Whatever has a final name is as long as it was on its card; the content is compared at the end. */
async function assertWhole(lab: Lab, truth: readonly TrueFile[]): Promise<void> {
  const sizes = new Map(truth.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const listed = await lab.machine.ok(
    "cd /var/lib/custodock/archive && find . -type f -path './[0-9]*' ! -name '*.sha256' -printf '%s %f\\n'",
  );
  for (const line of listed.split('\n').filter((text) => text !== '')) {
    const [size = '', name = ''] = line.split(' ');
    assert.equal(Number(size), sizes.get(name), name);
  }
}
