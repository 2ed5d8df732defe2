import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ptpFamily } from '../../drivers/camera/ptp/driver.js';
import { deepestFolder } from '../../drivers/camera/ptp/listing.js';
import { type CardFile, segments, writeCard } from '../../drivers/simulated/card.js';
import { writeHostileCard } from '../../drivers/simulated/card-hostile.js';
import { MemoryUsbCamera, type MemoryUsbOptions } from '../../drivers/simulated/ptp/memory-usb.js';
import { alterContent, fingerprintOf, touchTime } from '../support/card-tree.js';
import { overPtp, ptpPath } from '../support/ptp-paths.js';
import { type DeviceUnderTest, describeCameraFamily } from './camera-family.js';

async function device(
  fill: (card: string) => Promise<Pick<DeviceUnderTest, 'files' | 'skipped'>>,
  options: Partial<MemoryUsbOptions> = {},
  temper: (camera: MemoryUsbCamera) => void = () => undefined,
): Promise<DeviceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-ptp-'));
  const card = join(folder, 'card');
  await mkdir(card);
  const filled = await fill(card);
  const rawOf = new Map(filled.files.map(({ path }) => [ptpPath(path).toString('latin1'), path]));
  const raw = (path: Uint8Array): Uint8Array => rawOf.get(Buffer.from(path).toString('latin1')) ?? path;
  const camera = new MemoryUsbCamera({ card, clock: systemClock, serial: 'PTP-0001', ...options });
  temper(camera);
  return {
    family: ptpFamily({
      clock: systemClock,
      open: camera.open,
      maxRecordings: () => 10_000,
      timeZone: () => 'Asia/Shanghai',
    }),
    identity: { id: 'PTP-0001', source: 'protocol' },
    files: filled.files.map((file) => overPtp(file as CardFile, 480)),
    // What is no file and no folder is no object either.
    skipped: filled.skipped.filter(({ reason }) => reason === 'too-deep'),
    sighting: async () => ({ usb: camera.device }),
    fingerprint: () => fingerprintOf(card),
    alter: (path) => alterContent(card, raw(path)),
    touch: (path) => touchTime(card, raw(path)),
    pull: async () => camera.pull(),
    dispose: async () => {
      camera.pull();
      await rm(folder, { recursive: true });
    },
  };
}

const orderly = async (card: string) => ({
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

const hostile = (card: string) => writeHostileCard(card, 'hostile', deepestFolder);

describeCameraFamily('ptp', {
  orderly: () => device(orderly),
  readOnly: () => device(orderly, { access: 1 }),
  hostile: () => device(hostile),
});

describeCameraFamily('ptp, a device with bad manners', {
  orderly: () => device(orderly, { interface: 'vendor', packetBytes: 1024 }, roughly),
  readOnly: () => device(orderly, { access: 1 }, roughly),
  hostile: () => device(hostile, {}, roughly),
});

/** Everything that is allowed and odd. */
function roughly({ responder: { temper } }: MemoryUsbCamera): void {
  Object.assign(temper, { splitHeader: true, glueResponse: true, sessionLeftOpen: true, flat: true });
  temper.unknown.add(0x95c1);
}
