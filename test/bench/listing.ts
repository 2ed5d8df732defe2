/** Listing a card of 100,000 recordings: what a look at each costs beyond what the file system takes to tell of it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { deepestFolder, listVolume } from '../../drivers/camera/mass-storage/listing.js';
import { folderVolume } from '../../drivers/media/volumes.js';
import { writeManyNames } from '../../drivers/simulated/card-hostile.js';
import { findAll } from './peers.js';
import { type Figure, median, ratio } from './report.js';

const rounds = 3;
const recordings = 100_000;
const never = new AbortController().signal;

export async function listing(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-listing-'));
  try {
    const card = join(folder, 'card');
    await mkdir(card);
    writeManyNames(card, recordings);
    const ours: number[] = [];
    const finds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      finds.push(await findAll(card));
      ours.push(await list(card));
    }
    const ms = median(ours);
    return [
      { what: `a card of ${recordings} recordings, listed`, measured: `${((recordings * 1000) / ms).toFixed(0)}/s` },
      {
        what: '  of find -printf, which neither checks what it lists nor gives it to anybody',
        measured: ratio(median(finds) / ms),
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function list(card: string): Promise<number> {
  const limits = { recordings, depth: deepestFolder };
  const beganMs = systemClock.monotonicMs();
  let count = 0;
  for await (const listed of listVolume(await folderVolume('1-1', card), limits, systemClock, never)) {
    if ('recording' in listed) count += 1;
  }
  if (count !== recordings) throw new Error(`${count} of ${recordings} were listed`);
  return systemClock.monotonicMs() - beganMs;
}
