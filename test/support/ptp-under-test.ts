/** A PTP camera over a folder as the contract of camera families wants it, on whatever bus. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ptpFamily } from '../../drivers/camera/ptp/driver.js';
import { deepestFolder } from '../../drivers/camera/ptp/listing.js';
import type { DeviceTools } from '../../drivers/camera/ptp/opening.js';
import type { UsbDevice } from '../../drivers/contract/usb.js';
import type { CardFile } from '../../drivers/simulated/card.js';
import { writeHostileCard } from '../../drivers/simulated/card-hostile.js';
import type { DeviceUnderTest } from '../contract/camera-family.js';
import { alterContent, fingerprintOf, touchTime } from './card-tree.js';
import { writeOrderlyCard } from './family-cards.js';
import { overPtp, ptpPath } from './ptp-paths.js';

export const ptpSerial = 'PTP-0001';

export interface PluggedPtp extends Pick<DeviceTools, 'open'> {
  device(): Promise<UsbDevice>;
  pull(): Promise<void>;
  dispose(): Promise<void>;
}

/** `plug`: puts a camera with this card on the bus. */
export async function ptpUnderTest(
  content: 'orderly' | 'hostile',
  plug: (card: string) => Promise<PluggedPtp>,
): Promise<DeviceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-ptp-'));
  const card = join(folder, 'card');
  await mkdir(card);
  const { files, skipped } =
    content === 'orderly'
      ? { files: await writeOrderlyCard(card), skipped: [] }
      : await writeHostileCard(card, 'hostile', deepestFolder);
  const rawOf = new Map(files.map(({ path }) => [ptpPath(path).toString('latin1'), path]));
  const raw = (path: Uint8Array): Uint8Array => rawOf.get(Buffer.from(path).toString('latin1')) ?? path;
  const { open, device, pull, dispose } = await plug(card);
  return {
    family: ptpFamily({
      clock: systemClock,
      open,
      maxRecordings: () => 10_000,
      timeZone: () => 'Asia/Shanghai',
    }),
    identity: { id: ptpSerial, source: 'protocol' },
    files: files.map((file) => overPtp(file as CardFile, 480)),
    // What is no file and no folder is no object either.
    skipped: skipped.filter(({ reason }) => reason === 'too-deep'),
    sighting: async () => ({ usb: await device() }),
    fingerprint: () => fingerprintOf(card),
    alter: (path) => alterContent(card, raw(path)),
    touch: (path) => touchTime(card, raw(path)),
    pull,
    dispose: async () => {
      await dispose();
      await rm(folder, { recursive: true });
    },
  };
}
