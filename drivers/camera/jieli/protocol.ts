/** Vendor commands of JieLi recorders: SCSI command descriptors whose sixth byte is a standard device function, and their data. Pure. */
import { DockError } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import type { LocalSecond } from '../standard/edge.js';

/** CDB[5]. Those that write to the camera's settings or passwords are left out on purpose. */
export const functions = {
  init: 1,
  idCode: 2,
  readInformation: 3,
  syncTime: 5,
  diskMode: 6,
  battery: 8,
  cardStatus: 12,
  lastStatus: 14,
} as const;
export type DeviceFunction = keyof typeof functions;

export const idCodeBytes = 6;
export const batteryBytes = 4;
export const statusBytes = 4;

/** CDB[0] and CDB[1], by direction. */
const operations = { read: [0xfd, 0x81], write: [0xfb, 0x82] } as const;

/** CDB[2..5] small data, of which the last byte names the function; CDB[6..7] length of the data, big-endian. */
export function vendorCommand(direction: keyof typeof operations, name: DeviceFunction, dataBytes: number): Uint8Array {
  const cdb = Buffer.alloc(16);
  cdb.set(operations[direction]);
  cdb[5] = functions[name];
  cdb.writeUInt16BE(dataBytes, 6);
  return cdb;
}

/** Year as 16 bits little-endian, then a byte each. */
export function encodeTime({ year, month, day, hour, minute, second }: LocalSecond): Uint8Array {
  return Uint8Array.of(year & 0xff, year >> 8, month, day, hour, minute, second);
}

/** Percent, 32 bits little-endian; throws DOCK_CAMERA_ANSWER_INVALID for what is none. */
export function decodeBattery(data: Uint8Array): number {
  const percent = data.length === batteryBytes ? Buffer.from(data).readUInt32LE() : undefined;
  if (percent !== undefined && percent <= 100) return percent;
  throw answerInvalid(
    phrase`${batteryBytes} bytes with 0–100 %`,
    percent === undefined ? phrase`${data.length} bytes` : verbatim(`${percent}`),
  );
}

/** First byte of a status; the others are not used. */
export function decodeStatus(data: Uint8Array): number {
  const [status] = data;
  if (status !== undefined && data.length <= statusBytes) return status;
  throw answerInvalid(phrase`a status of ${statusBytes} bytes`, phrase`${data.length} bytes`);
}

export function answerInvalid(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_CAMERA_ANSWER_INVALID', {
    expected,
    found,
    todo: phrase`Put the camera in again; if it stays so, it is not of the kind that it says it is`,
    retry: 'now',
  });
}
