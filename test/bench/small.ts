/** Sixteen cards of many small recordings: what each costs beyond its bytes, and the memory it takes to know them all. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { camera, card, offloadMs, pins, residentBytes } from './offload.js';
import { coldStart, copyAndHash } from './peers.js';
import { type Figure, ratio } from './report.js';
import { serviceEnvironment } from './service.js';

const bays = 16;
const perCard = 1_000;
const bytesEach = 4_096;
const most = 200e6;

export async function smallRecordings(): Promise<readonly Figure[]> {
  const slots = Array.from({ length: bays }, (_, index) => index + 1);
  const rig = await DaemonRig.make({ bays, cameras: slots.map(camera) });
  const dockAll = async (): Promise<number> => {
    const from = rig.log.length;
    for (const slot of slots) await rig.putIn(slot, join(rig.cards, camera(slot)), pins(camera(slot)));
    await eventually(
      () => slots.every((slot) => rig.cradle.light(slot) === 'green-steady'),
      120_000,
      () => rig.tail(),
    );
    return offloadMs(rig, from);
  };
  try {
    for (const slot of slots) await card(rig, camera(slot), perCard, bytesEach);
    const peer = join(rig.folder, 'peer');
    await coldStart();
    const clerkMs = await copyAndHash(rig.cards, peer);
    await rm(peer, { recursive: true });
    await rig.start(await serviceEnvironment());
    await coldStart();
    const ms = await dockAll();
    const bytes = await residentBytes(rig.pid ?? 0);
    await rig.takeOutAll();
    // Now the ledger has them all, and sixteen plans are made against it at once.
    await dockAll();
    const againBytes = await residentBytes(rig.pid ?? 0);
    return [
      {
        what: `${bays} bays at once, ${perCard} recordings of ${bytesEach / 1024} KiB each, every one synced, read back and entered`,
        measured: `${((bays * perCard * 1000) / ms).toFixed(0)}/s`,
      },
      { what: '  of cp; sync; drop; sha256sum, which syncs once and enters nothing', measured: ratio(clerkMs / ms) },
      {
        what: '  largest resident memory (with all of them docked again)',
        measured: `${(bytes / 1024 ** 2).toFixed(0)} MiB (${(againBytes / 1024 ** 2).toFixed(0)})`,
        budget: '≤ 200 MB',
        met: againBytes <= most,
      },
    ];
  } finally {
    await rig.close();
  }
}
