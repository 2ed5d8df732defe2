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
const withinTransferMs = 4_000;
/** Until copying begins in a bay, or its light says that there is nothing left to copy. */
const underWayWithinMs = 300_000;
/** Charged, so that it is ready as soon as all is safe. */
const ptp = { kind: 'ptp', card: '/root/card0', serial: 'C0001', batteryPercent: 99 } as const;
const charged = { batteryPercent: 97 } as const;
/** A plain disk says nothing of battery and clock: it has the cradle's data pins for that. */
const diskBay = 1;
/** More to copy where more is pulled; what fits on a card, four times, at most. */
const recordingBytes = (pulls: number): number => Math.min(25_000_000, 1_000_000 * pulls);

export const scenario: Scenario = {
  title:
    'pulled at random points of transfers over all families: nothing half is seen, all is resumed, no bay disturbs another',
  async run(lab) {
    const gadgets = await lab.gadgets();
    const cards = await cameras(lab, gadgets);
    await lab.configured(smallCards);
    const random = new Random(lab.options.seed);
    const pulls = cards.map(() => 0);
    const interrupted = cards.map(() => 0);
    for (let done = 0; done < lab.options.pulls; ) {
      const round = cards.map((_, bay) => bay).slice(0, lab.options.pulls - done);
      for (const bay of round) await insert(lab, gadgets, bay);
      await Promise.all(
        round.map(async (bay) => {
          await underWay(lab, bay);
          await sleep(random.next() * withinTransferMs);
          await pull(lab, gadgets, bay, bay === 0 && random.chance(0.5));
          pulls[bay] = (pulls[bay] ?? 0) + 1;
        }),
      );
      done += round.length;
      for (const bay of round) await lab.light(bay + 1, 'off');
      await assertWhole(lab, cards.flat());
    }
    for (const { bay, safe, of } of (await lab.entries('camera.undocked')) as readonly Undocked[]) {
      const at = Number(bay.slice(2)) - 1;
      if (of === null || safe < of) interrupted[at] = (interrupted[at] ?? 0) + 1;
    }
    for (const [bay] of cards.entries()) await insert(lab, gadgets, bay);
    for (const [bay] of cards.entries()) await lab.light(bay + 1, 'green-steady', 900_000);
    const archived = await lab.archived();
    for (const file of cards.flat()) assert.equal(archived.get(file.name), file.sha256, file.name);
    assert.equal(archived.size, cards.flat().length);
    assert.equal(await lab.machine.ok('find /var/lib/custodock/archive/.parts -type f | wc -l'), '0');
    const undocked = (await lab.entries('camera.undocked')) as readonly Undocked[];
    const left = cards.map((_, bay) => undocked.filter((entry) => entry.bay === `1-${bay + 1}`).length);
    assert.deepEqual(left, pulls, 'each bay lost its camera when that was pulled, and never else');
    for (const kind of ['camera.refused', 'recording.failed']) assert.deepEqual(await lab.entries(kind), [], kind);
    const offloaded = await lab.entries('recording.offloaded');
    const resumed = offloaded.filter(({ resumedBytes }) => Number(resumedBytes) > 0).length;
    await lab.machine.ok('custodock ledger check');
    lab.note(
      `seed ${lab.options.seed}: ${lab.options.pulls} pulls (${pulls.join(' + ')}: PTP, disk, Ambarella, JieLi), ` +
        `${interrupted.join(' + ')} before all was safe; ${resumed} of ${offloaded.length} recordings were resumed`,
    );
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
  const recordings = () => someRecordings(4, recordingBytes(lab.options.pulls));
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

async function pull(lab: Lab, gadgets: Gadgets, bay: number, breaksDown: boolean): Promise<void> {
  if (breaksDown) {
    await gadgets.kill(bay);
    await gadgets.start(bay, ptp);
  } else await gadgets.unplug(bay);
  lab.cradle.remove(bay + 1);
}

async function underWay(lab: Lab, bay: number): Promise<void> {
  await lab.eventually(
    async () => {
      const state = (await lab.status()).bays.find((one) => one.bay === `1-${bay + 1}`)?.state;
      await sleep(500);
      return state === 'offloading' || lab.cradle.light(bay + 1) === 'green-steady';
    },
    underWayWithinMs,
    () => `bay 1-${bay + 1} copies, or has nothing left to copy`,
  );
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
