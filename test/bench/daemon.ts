/** The daemon at rest and at its start, the camera's clock, and what waits for the centre after an outage. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { centreSide } from '../support/centre-side.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { Mosquitto } from '../support/mosquitto.js';
import { type Figure, median } from './report.js';
import { serviceEnvironment } from './service.js';

/** Until what starts once is done and hot code is compiled, ms. */
const settledAfterMs = 10_000;
const idleSpans = 5;
const idleMs = 3_000;

/** Of all its threads: /proc/pid/stat counts in ticks of 10 ms, which are a third of what is allowed in a span. */
async function cpuMs(pid: number): Promise<number> {
  let ms = 0;
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    ms += Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ')[0]) / 1e6;
  }
  return ms;
}

export async function startAndIdle(): Promise<readonly Figure[]> {
  const rig = await DaemonRig.make({ bays: 16, cameras: [] });
  try {
    const service = await serviceEnvironment();
    const starts: number[] = [];
    for (let round = 0; round < 5; round++) {
      const beganMs = systemClock.monotonicMs();
      await rig.start(service);
      starts.push(systemClock.monotonicMs() - beganMs);
      if (round < 4) await rig.end('SIGTERM');
    }
    // A dock idles for days: its code is warm.
    await new Promise((resolve) => setTimeout(resolve, settledAfterMs));
    const shares: number[] = [];
    for (let span = 0; span < idleSpans; span++) {
      const before = await cpuMs(rig.pid ?? 0);
      const beganMs = systemClock.monotonicMs();
      await new Promise((resolve) => setTimeout(resolve, idleMs));
      shares.push(((await cpuMs(rig.pid ?? 0)) - before) / (systemClock.monotonicMs() - beganMs));
    }
    const share = median(shares);
    const startMs = median(starts);
    return [
      {
        what: 'daemon start to ready, median of 5 (process start included)',
        measured: `${startMs.toFixed(0)} ms`,
        budget: '≤ 1,000 ms',
        met: startMs <= 1_000,
      },
      {
        what: `idle CPU, one cradle of 16 bays polled, ${settledAfterMs / 1000} s after its start, median of ${idleSpans} × ${idleMs / 1000} s`,
        measured: `${(share * 100).toFixed(2)} % of a core`,
        budget: '≤ 1 %',
        met: share <= 0.01,
      },
    ];
  } finally {
    await rig.close();
  }
}

export async function clockResidual(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const service = await serviceEnvironment();
  for (const [resolutionMs, budgetMs, name] of [
    [1, 50, 'milliseconds'],
    [1000, 1000, 'whole seconds'],
  ] as const) {
    const rig = await DaemonRig.make({ bays: 1, cameras: ['C0001'] });
    try {
      const card = join(rig.cards, 'C0001');
      await writeCard(card, {
        seed: 'clock',
        device: 'C0001',
        user: '0042',
        recordings: segments('2026-11-20T09:00:00', 1, 100_000),
      });
      await rig.start(service);
      await rig.putIn(1, card, {
        serial: 'C0001',
        batteryPercent: 98,
        capacityBytes: 64e9,
        freeBytes: 60e9,
        clockOffsetMs: -97_000,
        clockResolutionMs: resolutionMs,
      });
      await eventually(
        () => rig.cradle.light(1) === 'green-steady',
        60_000,
        () => rig.tail(),
      );
      const entry = (await rig.entered('camera.clock-set'))[0];
      // What the simulated camera really shows, beside what the dock believes.
      const trueMs = (rig.cradle.camera(1)?.exactMs() ?? Number.NaN) - systemClock.wallMs();
      const worst = Math.abs(entry?.after?.offsetMs ?? Number.NaN) + (entry?.after?.uncertaintyMs ?? Number.NaN);
      figures.push({
        what: `clock after setting, camera with ${name}: bound as entered (truth)`,
        measured: `${worst.toFixed(0)} ms (${trueMs.toFixed(1)} ms)`,
        budget: `≤ ${budgetMs} ms`,
        met: worst <= budgetMs && Math.abs(trueMs) <= budgetMs,
      });
    } finally {
      await rig.close();
    }
  }
  return figures;
}

const waiting = 20_000;

export async function outbox(): Promise<readonly Figure[]> {
  const broker = await Mosquitto.start();
  const centre = await centreSide(broker.url);
  const rig = await DaemonRig.make({ bays: 1, cameras: [], brokerUrl: broker.url });
  try {
    await mkdir(dirname(rig.ledgerFile));
    const { ledger } = await openLedger({
      file: rig.ledgerFile,
      dock: 'rig',
      clock: systemClock,
      entryClock: () => ({
        utc: new Date(systemClock.wallMs()).toISOString(),
        boot: 'bench',
        monotonicMs: 0,
        trusted: true,
        source: 'operator',
        errorMs: null,
      }),
    });
    while (ledger.head().seq < waiting) {
      await ledger.append(
        ...Array.from({ length: 500 }, () => ({ kind: 'dock.stopped' as const, body: { reason: 'bench' } })),
      );
    }
    await ledger.close();
    await rig.start(await serviceEnvironment());
    await eventually(
      () => centre.sequences.length > 0,
      10_000,
      () => rig.tail(),
    );
    const beganMs = systemClock.monotonicMs();
    const began = centre.sequences.length;
    await eventually(
      () => centre.sequences.includes(waiting),
      60_000,
      () => rig.tail(),
    );
    const perSecond = ((centre.sequences.length - began) * 1000) / (systemClock.monotonicMs() - beganMs);
    const firsts = [...new Set(centre.sequences)];
    const ordered = firsts.slice(0, waiting).every((sequence, index) => sequence === index + 1);
    return [
      {
        what: `outbox after an outage: ${waiting} events, at the subscriber${ordered ? ', in order, none lost' : ' — NOT IN ORDER'}`,
        measured: `${perSecond.toFixed(0)}/s`,
        budget: '≥ 2,000/s',
        met: ordered && perSecond >= 2_000,
      },
    ];
  } finally {
    await rig.close();
    await centre.stop();
    await broker.stop();
  }
}
