/** Which interface of a device speaks PTP, and through which endpoints. Pure. */
import { type Phrase, phrase } from '../../contract/phrase.js';
import type { UsbDevice, UsbInterface } from '../../contract/usb.js';
import type { Pipes } from './link.js';

export interface PtpInterface {
  readonly number: number;
  readonly pipes: Pipes;
  readonly because: Phrase;
}

/** Still image (6/1/1) first; then a vendor's interface that calls itself MTP, as phones do. Undefined: none with both bulk pipes. */
export function ptpInterface({ interfaces }: UsbDevice): PtpInterface | undefined {
  const stillImage = interfaces.find((one) => one.classCode === 6 && one.subclass === 1 && one.protocol === 1);
  const called = interfaces.find((one) => one.classCode === 0xff && /\bMTP\b/i.test(one.name));
  const found = [
    { candidate: stillImage, because: phrase`a still-image interface (6/1/1)` },
    { candidate: called, because: phrase`a vendor interface that calls itself MTP` },
  ];
  for (const { candidate, because } of found) {
    const pipes = candidate === undefined ? undefined : pipesOf(candidate);
    if (candidate !== undefined && pipes !== undefined) return { number: candidate.number, pipes, because };
  }
  return undefined;
}

function pipesOf({ endpoints }: UsbInterface): Pipes | undefined {
  const first = (transfer: 'bulk' | 'interrupt', into: boolean) =>
    endpoints.find((one) => one.transfer === transfer && ((one.address & 0x80) !== 0) === into && one.packetBytes > 0);
  const bulkIn = first('bulk', true);
  const bulkOut = first('bulk', false);
  if (bulkIn === undefined || bulkOut === undefined) return undefined;
  const interrupt = first('interrupt', true);
  return {
    bulkIn: bulkIn.address,
    bulkOut: bulkOut.address,
    packetBytes: bulkIn.packetBytes,
    interruptIn: interrupt?.address,
    interruptBytes: interrupt?.packetBytes ?? 0,
  };
}
