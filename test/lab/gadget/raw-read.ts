/**
 * What the bus itself gives: `node raw-read.js <place>` reads the first recording of the PTP camera there with nothing but bulk transfers, one
 * after the other, and throws the bytes away. Prints `{ bytes, ms }`.
 */
import { systemClock } from '../../../daemon/runtime/clock.js';
import { operations } from '../../../drivers/camera/ptp/codes.js';
import { encodeShort } from '../../../drivers/camera/ptp/container.js';
import { decodeNumbers, decodeObjectInfo } from '../../../drivers/camera/ptp/datasets.js';
import { ptpInterface } from '../../../drivers/camera/ptp/interface.js';
import { PtpLink } from '../../../drivers/camera/ptp/link.js';
import { usbOpener } from '../../../drivers/usb/connection.js';
import { UsbSysfs } from '../../../drivers/usb/sysfs.js';

const transferBytes = 1 << 20;
const withinMs = 20_000;
const headerBytes = 12;

const [, , place = ''] = process.argv;
const clock = systemClock;
const sysfs = new UsbSysfs(clock);
const { devices, places } = await sysfs.look();
const device = devices.find(({ portPath }) => places.get(portPath) === place);
const spoken = device === undefined ? undefined : ptpInterface(device);
if (device === undefined || spoken === undefined) throw new Error(`no PTP camera at ${place}`);
const connection = await usbOpener({ clock, sysfs })(device, spoken.number, new AbortController().signal);
const link = new PtpLink(connection, spoken.pipes, clock);

async function ask(operation: number, parameters: readonly number[]): Promise<Uint8Array> {
  const limits = { mostBytes: 1 << 20, silenceMs: withinMs, wholeMs: withinMs };
  return (await link.transact({ operation, parameters, ...limits })).data;
}

/** Recordings are in folders, which come before what is in them. */
async function firstRecording(parent: number): Promise<{ handle: number; sizeBytes: number } | undefined> {
  for (const handle of decodeNumbers(await ask(operations.getObjectHandles, [0xffff_ffff, 0, parent]), 'handles')) {
    const { format, sizeField } = decodeObjectInfo(await ask(operations.getObjectInfo, [handle]), false);
    const found = format === 0x3001 ? await firstRecording(handle) : { handle, sizeBytes: sizeField };
    if (found !== undefined) return found;
  }
  return undefined;
}

await ask(operations.openSession, [1]);
const recording = await firstRecording(0xffff_ffff);
if (recording === undefined) throw new Error('no recording on the camera');
const command = encodeShort('command', operations.getObject, link.lastTransaction + 1, [recording.handle]);
const memory = new Uint8Array(transferBytes);
const startedMs = performance.now();
await connection.transferOut(spoken.pipes.bulkOut, command, true, withinMs);
for (let left = recording.sizeBytes + headerBytes; left > 0; ) {
  left -= (await connection.transferIn(spoken.pipes.bulkIn, memory, withinMs)).length;
}
process.stdout.write(`${JSON.stringify({ bytes: recording.sizeBytes, ms: performance.now() - startedMs })}\n`);
await connection.close();
