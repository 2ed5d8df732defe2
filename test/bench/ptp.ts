/**
 * Offload over PTP against the bus itself: a simulated camera in memory whose pipe takes the time that USB high speed takes, and that thinks for a
 * moment about every command. In the lab camera, kernel and dock share two emulated processors; here the bus is the limit, as on a dock.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { createThreadCopier } from '../../daemon/offload/thread-copier.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { operations } from '../../drivers/camera/ptp/codes.js';
import { encodeShort, headerBytes } from '../../drivers/camera/ptp/container.js';
import { ptpFamily } from '../../drivers/camera/ptp/driver.js';
import { sleep } from '../../drivers/contract/clock.js';
import type { OpenUsb } from '../../drivers/contract/usb.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { bulkIn, bulkOut } from '../../drivers/simulated/ptp/interface.js';
import { MemoryUsbCamera } from '../../drivers/simulated/ptp/memory-usb.js';
import { OffloadRig } from '../support/offload-rig.js';
import { type Figure, median, perSecond, ratio } from './report.js';

const rounds = 3;
const recordings = 8;
const recordingBytes = 64 << 20;
const totalBytes = recordings * recordingBytes;
/** What bulk transfers reach on USB high speed. */
const busBytesPerS = 40e6;
/** Until a camera has found what it was asked for, ms. */
const commandMs = 2;
const transferBytes = 1 << 20;
const deadlineMs = 10_000;
const never = new AbortController().signal;

/** Nothing comes faster than the bus allows, and the bus moves nothing while nobody has asked for a transfer. */
function atBusSpeed(open: OpenUsb): OpenUsb {
  return async (...asked) => {
    const connection = await open(...asked);
    /** When the bus is done with what it was asked for, and how much later than that it was told: a timer is late, a bus is not. */
    let freeMs = 0;
    let lateMs = 0;
    const askedMs = (): number => Math.max(freeMs, systemClock.monotonicMs() - lateMs);
    return {
      ...connection,
      transferOut: async (...out) => {
        await connection.transferOut(...out);
        freeMs = askedMs() + commandMs;
      },
      transferIn: async (endpoint, ...wanted) => {
        if (endpoint !== bulkIn) return connection.transferIn(endpoint, ...wanted);
        const beganMs = askedMs();
        const bytes = await connection.transferIn(endpoint, ...wanted);
        freeMs = beganMs + (bytes.length / busBytesPerS) * 1_000;
        const waitMs = freeMs - systemClock.monotonicMs();
        if (waitMs > 0) await sleep(systemClock, 'bench.bus', waitMs);
        lateMs = waitMs > 0 ? systemClock.monotonicMs() - freeMs : 0;
        return bytes;
      },
    };
  };
}

/** Every recording by bulk transfers alone, one after the other; ms. */
async function bareBus(camera: MemoryUsbCamera, open: OpenUsb): Promise<number> {
  const connection = await open(camera.device, 0, never);
  const tell = async (operation: number, number: number, parameter: number): Promise<void> =>
    connection.transferOut(bulkOut, encodeShort('command', operation, number, [parameter]), true, deadlineMs);
  const memory = new Uint8Array(transferBytes);
  const take = (): Promise<Uint8Array> => connection.transferIn(bulkIn, memory, deadlineMs);
  await tell(operations.openSession, 0, 1);
  await take();
  const beganMs = systemClock.monotonicMs();
  const files = camera.responder.objects.all(0).filter(({ isFolder }) => !isFolder);
  for (const [index, { handle }] of files.entries()) {
    await tell(operations.getObject, index + 1, handle);
    for (let left = recordingBytes + headerBytes; left > 0; ) left -= (await take()).length;
    await take();
  }
  const tookMs = systemClock.monotonicMs() - beganMs;
  await connection.close();
  return tookMs;
}

export async function overPtp(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-bench-ptp-'));
  const card = join(folder, 'card');
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    await mkdir(card);
    const content = segments('2026-11-20T09:00:00', recordings, recordingBytes);
    await writeCard(card, { seed: 'ptp', device: 'C0001', user: '0042', recordings: content });
    for (let round = 0; round < rounds; round += 1) {
      const camera = new MemoryUsbCamera({ card, clock: systemClock, serial: 'C0001' });
      const open = atBusSpeed(camera.open);
      bare.push(await bareBus(camera, open));
      const copier = createThreadCopier({
        threads: 2,
        copiesAtOnce: 4,
        salvage: { ...defaultSalvage, readRetries: 3 },
      });
      const rig = await OffloadRig.make({ copier });
      const family = ptpFamily({
        clock: systemClock,
        open,
        maxRecordings: () => 1_000,
        timeZone: () => 'Asia/Shanghai',
      });
      const session = await family.open({ usb: camera.device }, never);
      const beganMs = systemClock.monotonicMs();
      const { offloaded } = await rig.run('C0001', { session });
      ours.push(systemClock.monotonicMs() - beganMs);
      if (offloaded !== recordings) throw new Error(`${offloaded} of ${recordings} were offloaded`);
      await session.close();
      await rig.remove();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const [oursMs, bareMs] = [median(ours), median(bare)];
  return [
    {
      what: `PTP, ${recordings} recordings of 64 MiB on a bus of ${busBytesPerS / 1e6} MB/s, hashed, synced, read back, entered, median of ${rounds}`,
      measured: perSecond(totalBytes, oursMs),
    },
    { what: '  bulk transfers alone on the same bus', measured: perSecond(totalBytes, bareMs) },
    {
      what: '  of bulk transfers alone',
      measured: ratio(bareMs / oursMs),
      budget: '≥ 0.8 ×',
      met: bareMs / oursMs >= 0.8,
    },
  ];
}
