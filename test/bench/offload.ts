/** Offloads by the whole daemon: one bay and sixteen, against peers; memory, event loop, lights, and a pull in the middle. */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { coldStart, copyAndHash, rawDirect, rawDirectAtOnce, rsync } from './peers.js';
import { type Figure, median, perSecond, ratio } from './report.js';
import { serviceEnvironment } from './service.js';

const gibibyte = 1024 ** 3;
const rounds = 3;
export const pins = (serial: string) => ({ serial, batteryPercent: 98, capacityBytes: 64e9, freeBytes: 60e9 });
export const camera = (slot: number): string => `C${String(slot).padStart(4, '0')}`;

export async function card(rig: DaemonRig, id: string, count: number, bytes: number): Promise<string> {
  const folder = join(rig.cards, id);
  await writeCard(folder, {
    seed: id,
    device: id,
    user: '0042',
    recordings: segments('2026-11-20T09:00:00', count, bytes),
  });
  return folder;
}

/** From the plan to the last entry, as the daemon's own log says; ms. */
export function offloadMs(rig: DaemonRig, from: number): number {
  const lines = rig.log.slice(from);
  const times = (key: string): number[] =>
    lines.filter((line) => line.key === key).map((line) => Date.parse(String(line['time'])));
  return Math.max(...times('offload.ended')) - Math.min(...times('offload.planned'));
}

export async function oneBay(): Promise<readonly Figure[]> {
  const ours: number[] = [];
  const peers = { clerk: [] as number[], rsync: [] as number[], raw: [] as number[] };
  const rig = await DaemonRig.make({
    bays: 1,
    cameras: Array.from({ length: rounds }, (_, index) => camera(index + 1)),
  });
  try {
    await rig.start(await serviceEnvironment());
    for (let round = 1; round <= rounds; round++) {
      const id = camera(round);
      const folder = await card(rig, id, 1, gibibyte);
      const to = join(rig.folder, 'peer');
      for (const [times, peer] of [
        [peers.clerk, copyAndHash],
        [peers.rsync, rsync],
        [peers.raw, rawDirect],
      ] as const) {
        await coldStart();
        times.push(await peer(folder, to));
        await rm(to, { recursive: true });
      }
      await coldStart();
      const from = rig.log.length;
      const put = await rig.putIn(1, folder, pins(id));
      await eventually(
        () => rig.cradle.light(1) === 'green-steady',
        120_000,
        () => rig.tail(),
      );
      ours.push(offloadMs(rig, from));
      rig.cradle.remove(1);
      await put.remove();
      await eventually(
        () => rig.cradle.light(1) === 'off',
        5_000,
        () => rig.tail(),
      );
      await rm(folder, { recursive: true });
    }
  } finally {
    await rig.close();
  }
  // By round: what a disk does changes from minute to minute, and everybody of a round had the same minute.
  const against = (times: readonly number[]): number =>
    median(times.map((ms, round) => ms / (ours[round] ?? Number.NaN)));
  const clerk = against(peers.clerk);
  const raw = against(peers.raw);
  return [
    { what: `1 GiB, one bay, verified, median of ${rounds}`, measured: perSecond(gibibyte, median(ours)) },
    {
      what: '  faster than cp; sync; drop; sha256sum of both',
      measured: ratio(clerk),
      budget: '≥ 3 ×',
      met: clerk >= 3,
    },
    { what: '  faster than rsync --fsync (which verifies nothing)', measured: ratio(against(peers.rsync)) },
    {
      what: '  of raw direct read, write and read-back (dd)',
      measured: ratio(raw),
      budget: '≥ 0.8 ×',
      met: raw >= 0.8,
    },
  ];
}

interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export async function sixteenBays(): Promise<readonly Figure[]> {
  const bays = 16;
  const bytesEach = 128 * 1024 ** 2;
  const slots = Array.from({ length: bays }, (_, index) => index + 1);
  const cameraOf = (round: number, slot: number): string => camera(100 * round + slot);
  const rig = await DaemonRig.make({
    bays,
    cameras: Array.from({ length: rounds }, (_, round) => slots.map((slot) => cameraOf(round, slot))).flat(),
  });
  try {
    const loopFile = join(rig.folder, 'loop.json');
    const preload = new URL('./loop-delay.js', import.meta.url).pathname;
    const service = await serviceEnvironment();
    await rig.start({
      ...service,
      NODE_OPTIONS: `${service['NODE_OPTIONS']} --import=${preload}`,
      CUSTODOCK_BENCH_LOOP: loopFile,
    });
    const times: number[] = [];
    const shares: number[] = [];
    const delays: LoopDelay[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const slot of slots) await card(rig, cameraOf(round, slot), 2, bytesEach / 2);
      const beforeMs = await rawAtOnce(rig, (slot) => join(rig.cards, cameraOf(round, slot)), slots);
      await coldStart();
      await loopDelay(rig, loopFile);
      const from = rig.log.length;
      for (const slot of slots) {
        const id = cameraOf(round, slot);
        await rig.putIn(slot, join(rig.cards, id), pins(id));
      }
      await eventually(
        () => slots.every((slot) => rig.cradle.light(slot) === 'green-steady'),
        180_000,
        () => rig.tail(),
      );
      const ms = offloadMs(rig, from);
      delays.push(await loopDelay(rig, loopFile));
      // As the cards are now: under the media root.
      const afterMs = await rawAtOnce(rig, (slot) => join(rig.mediaRoot, `1-${slot}`), slots);
      times.push(ms);
      shares.push((beforeMs + afterMs) / 2 / ms);
      await rig.takeOutAll();
    }
    const memory = await residentBytes(rig.pid ?? 0);
    const delay = delays.reduce((worst, each) => (each.p99Ms > worst.p99Ms ? each : worst));
    const share = median(shares);
    return [
      {
        what: `${bays} bays at once, ${bytesEach / 1024 ** 2} MiB each, verified, median of ${rounds}`,
        measured: perSecond(bays * bytesEach, median(times)),
      },
      {
        what: '  of raw direct copies of all at once (dd, mean of one before and one after)',
        measured: `${ratio(share)} (${shares.map((each) => each.toFixed(2)).join(', ')})`,
        budget: '≥ 0.9 ×',
        met: share >= 0.9,
      },
      {
        what: '  largest resident memory',
        measured: `${(memory / 1024 ** 2).toFixed(0)} MiB`,
        budget: '≤ 200 MB',
        met: memory <= 200e6,
      },
      {
        what: '  event-loop delay p99 (p50, max) of the worst round',
        measured: `${delay.p99Ms.toFixed(1)} ms (${delay.p50Ms.toFixed(1)}, ${delay.maxMs.toFixed(0)})`,
        budget: '≤ 50 ms',
        met: delay.p99Ms <= 50,
      },
    ];
  } finally {
    await rig.close();
  }
}

/** What the daemon's event loop did since it was last asked. */
async function loopDelay(rig: DaemonRig, file: string): Promise<LoopDelay> {
  await rm(file, { force: true });
  process.kill(rig.pid ?? 0, 'SIGUSR2');
  let delay: LoopDelay | undefined;
  await eventually(
    async () => {
      delay = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
      return delay !== undefined;
    },
    5_000,
    () => 'no event-loop figures',
  );
  if (delay === undefined) throw new Error('eventually ended without figures');
  return delay;
}

async function rawAtOnce(rig: DaemonRig, cardOf: (slot: number) => string, slots: readonly number[]): Promise<number> {
  const peer = join(rig.folder, 'peer');
  await mkdir(peer);
  await coldStart();
  const ms = await rawDirectAtOnce(slots.map((slot) => [cardOf(slot), join(peer, String(slot))] as const));
  await rm(peer, { recursive: true });
  return ms;
}

/** The most that it ever had. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Docked to light, last byte to green: many small dockings, since one says little. */
export async function lights(): Promise<readonly Figure[]> {
  const rig = await DaemonRig.make({ bays: 16, cameras: [camera(1)] });
  const toLight: number[] = [];
  const toGreen: number[] = [];
  try {
    await rig.start(await serviceEnvironment());
    for (let round = 0; round < 12; round++) {
      const folder = await card(rig, `${camera(1)}-${round}`, 1, 3_000_000);
      const from = rig.log.length;
      const putMs = systemClock.wallMs();
      const put = await rig.putIn(1, folder, pins(camera(1)));
      await until(rig, () => rig.cradle.light(1) !== 'off');
      toLight.push(systemClock.wallMs() - putMs);
      await until(rig, () => rig.cradle.light(1) === 'green-steady');
      const greenMs = systemClock.wallMs();
      const ended = rig.log.slice(from).find(({ key }) => key === 'offload.ended');
      toGreen.push(greenMs - Date.parse(String(ended?.['time'])));
      rig.cradle.remove(1);
      await put.remove();
      await eventually(
        () => rig.cradle.light(1) === 'off',
        5_000,
        () => rig.tail(),
      );
      await rm(folder, { recursive: true });
    }
  } finally {
    await rig.close();
  }
  const worst = (values: readonly number[]): number => Math.max(...values);
  return [
    {
      what: 'camera docked → light changes, worst of 12 (median)',
      measured: `${worst(toLight)} ms (${median(toLight)})`,
      budget: '≤ 500 ms',
      met: worst(toLight) <= 500,
    },
    {
      what: 'last recording verified and entered → green, worst of 12 (median)',
      measured: `${worst(toGreen)} ms (${median(toGreen)})`,
      budget: '≤ 300 ms',
      met: worst(toGreen) <= 300,
    },
  ];
}

async function until(rig: DaemonRig, met: () => boolean): Promise<void> {
  const byMs = systemClock.monotonicMs() + 20_000;
  while (!met()) {
    if (systemClock.monotonicMs() > byMs) throw new Error(`the light did not change within 20 s\n${rig.tail()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Bytes that are read from the camera a second time after a pull at about half of 1 GiB. */
export async function pulledAtHalf(): Promise<readonly Figure[]> {
  const rig = await DaemonRig.make({ bays: 2, cameras: [camera(1)] });
  try {
    const folder = await card(rig, camera(1), 1, gibibyte);
    await rig.start(await serviceEnvironment());
    const put = await rig.putIn(1, folder, pins(camera(1)));
    await until(rig, () => rig.log.some(({ key }) => key === 'offload.planned'));
    const part = join(rig.archive, '.parts');
    await eventually(
      async () => (await largestFile(part)) >= gibibyte / 2,
      60_000,
      () => rig.tail(),
    );
    rig.cradle.remove(1);
    await put.remove();
    await eventually(
      () => rig.cradle.light(1) === 'off',
      10_000,
      () => rig.tail(),
    );
    // Everything that the daemon read: the camera's bytes before the pull, then the rest of them, the prefix again from the
    // archive's disk, and the whole file at its read-back.
    await rig.putIn(2, folder, pins(camera(1)));
    await eventually(
      () => rig.cradle.light(2) === 'green-steady',
      120_000,
      () => rig.tail(),
    );
    const readBytes = Number(/rchar: (\d+)/.exec(await readFile(`/proc/${rig.pid}/io`, 'utf8'))?.[1]);
    const resumedBytes = (await rig.entered('recording.offloaded'))[0]?.resumedBytes ?? Number.NaN;
    const againBytes = readBytes - 2 * gibibyte - resumedBytes;
    return [
      {
        what: 'pulled out at half of 1 GiB: read from the camera again',
        measured: `${(againBytes / 1024 ** 2).toFixed(1)} MiB (${(resumedBytes / 1024 ** 2).toFixed(0)} MiB taken over)`,
        budget: '≤ 8 MiB',
        met: againBytes <= 8 * 1024 ** 2,
      },
    ];
  } finally {
    await rig.close();
  }
}

async function largestFile(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let largest = 0;
  for (const name of names)
    largest = Math.max(largest, (await stat(join(folder, name)).catch(() => ({ size: 0 }))).size);
  return largest;
}
