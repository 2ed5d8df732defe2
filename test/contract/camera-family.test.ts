import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import { deepestFolder } from '../../drivers/camera/mass-storage/listing.js';
import { folderVolume } from '../../drivers/media/volumes.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { writeHostileCard } from '../../drivers/simulated/card-hostile.js';
import { alterContent, fingerprintOf, touchTime } from '../support/card-tree.js';
import { type DeviceUnderTest, describeCameraFamily } from './camera-family.js';

const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 10_000 });

async function device(
  fill: (card: string) => Promise<Pick<DeviceUnderTest, 'identity' | 'files' | 'skipped'>>,
  readOnly = false,
): Promise<DeviceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-family-'));
  const card = join(folder, 'card');
  await mkdir(card);
  return {
    family,
    ...(await fill(card)),
    sighting: async () => ({ volume: { ...(await folderVolume('1-1', card)), readOnly, uuid: '1A2B-3C4D' } }),
    fingerprint: () => fingerprintOf(card),
    alter: (path) => alterContent(card, path),
    touch: (path) => touchTime(card, path),
    // What an unmount leaves behind: an empty directory at the same path.
    pull: async () => {
      await rename(card, join(folder, 'pulled'));
      await mkdir(card);
    },
    dispose: () => rm(folder, { recursive: true }),
  };
}

const orderly = async (card: string) => ({
  identity: { id: 'A7000123', source: 'file-names' } as const,
  files: await writeCard(card, {
    seed: 'orderly',
    device: 'A7000123',
    user: '0042',
    recordings: [
      ...segments('2026-03-01T09:00:00', 6, 40_000),
      { kind: 'audio', startedLocal: '2026-03-01T11:00:00', sizeBytes: 8_000 },
      { kind: 'image', startedLocal: '2026-03-01T11:05:00', sizeBytes: 9_000 },
      { kind: 'video', startedLocal: '2026-03-01T12:00:00', sizeBytes: 60_000, important: true },
    ],
  }),
  skipped: [],
});

describeCameraFamily('mass-storage', {
  orderly: () => device(orderly),
  readOnly: () => device(orderly, true),
  hostile: () =>
    device(async (card) => ({
      identity: { id: '1A2B-3C4D', source: 'volume' },
      ...(await writeHostileCard(card, 'hostile', deepestFolder)),
    })),
});
