/**
 * The first words with a device: opening its interface, finding it again at its port path, hearing what it is.
 *
 * Answerable for: whoever spoke to the device before may have been killed in the middle; its first answer is of our question all the same.
 */
import type { Interruption } from '../../contract/camera.js';
import { type Clock, sleep } from '../../contract/clock.js';
import { phrase } from '../../contract/phrase.js';
import type { OpenUsb, UsbDevice } from '../../contract/usb.js';
import { hex4, operations, responses } from './codes.js';
import { type DeviceInfo, decodeDeviceInfo } from './datasets.js';
import { gone, isGone, losesStep, refused } from './faults.js';
import { ptpInterface } from './interface.js';
import { PtpLink } from './link.js';
import { quirksOf } from './quirks.js';
import { type FindAgain, resynchronise } from './recovery.js';

export interface DeviceTools {
  readonly clock: Clock;
  readonly open: OpenUsb;
  /** What sits at a port path now; undefined while nothing does. Absent: a device that re-enumerates is gone. */
  readonly find?: (portPath: string) => Promise<UsbDevice | undefined>;
}

export type OnInterrupted = (interruption: Interruption) => void;

/** Of payload, where a question does not say otherwise, bytes. */
export const defaultMostBytes = 64 << 10;
/** How long a device that was reset may take to come back at its port, one that went by itself, and how often it is looked for, ms. */
const backWithinMs = 3_500;
const bouncedWithinMs = 800;
const lookEveryMs = 100;

export async function openLink(usb: UsbDevice, tools: DeviceTools, signal: AbortSignal): Promise<PtpLink> {
  const found = ptpInterface(usb);
  if (found === undefined) throw gone(new Error('the device has no PTP interface any more'));
  return new PtpLink(await tools.open(usb, found.number, signal), found.pipes, tools.clock);
}

/** The device as it comes back at its port path. Whether one that went by itself was pulled only its port can tell, and soon does. */
export async function foundAgain(
  usb: UsbDevice,
  tools: DeviceTools,
  reset: boolean,
  signal: AbortSignal,
): Promise<PtpLink> {
  const { clock, find } = tools;
  const { portPath, vendorId, productId } = usb;
  const untilMs = clock.monotonicMs() + (reset ? backWithinMs : bouncedWithinMs);
  while (find !== undefined && clock.monotonicMs() < untilMs) {
    const found = await find(portPath);
    if (found?.vendorId === vendorId && found.productId === productId) return openLink(found, tools, signal);
    await sleep(clock, 'ptp.find-again', lookEveryMs, signal);
  }
  throw gone(new Error(`nothing came back at port ${portPath}`));
}

/** DeviceInfo needs no session. Whoever spoke to the device before may have left it out of step. */
export async function firstWords(
  link: PtpLink,
  usb: UsbDevice,
  { clock }: DeviceTools,
  findAgain: FindAgain,
  onInterrupted: OnInterrupted,
): Promise<DeviceInfo> {
  const { silenceMs } = quirksOf(usb, undefined);
  const transaction = { operation: operations.getDeviceInfo, parameters: [], mostBytes: defaultMostBytes, silenceMs };
  const askOnce = async (asked: PtpLink): Promise<DeviceInfo> => {
    const { code, data } = await asked.transact({ ...transaction, wholeMs: silenceMs });
    if (code === responses.ok) return decodeDeviceInfo(data);
    throw refused(phrase`tell about itself (${hex4(operations.getDeviceInfo)})`, code);
  };
  try {
    return await askOnce(link);
  } catch (error) {
    if (!losesStep(error) || isGone(error)) throw error;
    const startedMs = clock.monotonicMs();
    const recovered = await resynchronise(link, clock, findAgain);
    onInterrupted({ cause: error, by: recovered.by, tookMs: clock.monotonicMs() - startedMs });
    return askOnce(recovered.link);
  }
}
