/** A card whose device has left while its file system is still mounted: what that still shows is not what is on the card (I2, I8). */
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import type { Volume } from '../../drivers/contract/camera.js';
import { folderVolume } from '../../drivers/media/volumes.js';

const never = new AbortController().signal;
const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 100 });

let card: string;
beforeEach(async () => {
  card = await mkdtemp(join(tmpdir(), 'custodock-left-'));
  await writeFile(join(card, 'DSJ_C0001_0042_20261120_090000.mp4'), 'footage');
});
afterEach(() => rm(card, { recursive: true }));

/** The folder as if a device were mounted there: a mount of that number is behind every descriptor of it. */
async function mountedFrom(device: string): Promise<Volume> {
  const folder = await open(card);
  const info = await readFile(`/proc/self/fdinfo/${folder.fd}`, 'latin1');
  await folder.close();
  return { ...(await folderVolume('1-1', card)), mountId: `mount:${device}:${/mnt_id:\s*(\d+)/.exec(info)?.[1]}` };
}

async function count(volume: Volume): Promise<number> {
  const session = await family.open({ volume }, never);
  let recordings = 0;
  for await (const listed of session.recordings(never)) if ('recording' in listed) recordings += 1;
  return recordings;
}

it('is gone, whatever its file system still lists', async () => {
  // No driver has this number: 254:1048575 is the last that there can be.
  await expect(count(await mountedFrom('254:1048575'))).rejects.toMatchObject({
    code: 'DOCK_VOLUME_GONE',
    found: 'its file system without its device',
  });
});

it('is not confused with a file system that has no device of its own', async () => {
  expect(await count(await mountedFrom('0:77'))).toBe(1);
});
