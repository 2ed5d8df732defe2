/** Charge of a device's battery (BatteryLevel, 5001): UINT8 percent by the standard, another type or another range on many devices. */
import { type Battery, cannotTell } from '../../contract/camera.js';
import { DockError } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';
import { deviceProperties, hex4, operations, responses } from './codes.js';
import { DatasetReader, dataTypes, type PtpValue } from './dataset-reader.js';
import { decodePropertyDescription, type PropertyDescription } from './datasets.js';
import type { PtpDevice } from './device.js';
import { malformed } from './malformed.js';

const parameters = [deviceProperties.batteryLevel];

export async function readBattery(device: PtpDevice): Promise<Battery> {
  const { code, data } = await device.ask({ operation: operations.getDevicePropDesc, parameters });
  if (code === responses.ok) return batteryOf(percentOf(decodePropertyDescription(data)));
  const plain = await device.ask({ operation: operations.getDevicePropValue, parameters });
  if (plain.code !== responses.ok) throw unknown(plain.code);
  // Nobody says of which type it is: as many bytes as came.
  const type = plain.data.length === 2 ? dataTypes.uint16 : dataTypes.uint8;
  return batteryOf(Number(new DatasetReader(plain.data, 'BatteryLevel').value(type)));
}

/** The protocol does not tell whether it charges: a camera in a bay is powered by its port, and does until it is full. */
function batteryOf(level: number): Battery {
  const percent = Math.round(level);
  if (!(percent >= 0 && percent <= 100)) throw malformed(phrase`a battery level of 0 to 100`, verbatim(String(level)));
  return { percent, charging: percent < 100 };
}

/** Pure. A range that does not end at 100 counts the device's own steps. */
function percentOf({ current, range }: PropertyDescription): number {
  const level = numberOf(current);
  if (range === undefined) return level;
  const least = numberOf(range.least);
  const greatest = numberOf(range.greatest);
  if (greatest === 100 || greatest <= least) return level;
  return (100 * (level - least)) / (greatest - least);
}

function numberOf(value: PtpValue): number {
  if (typeof value === 'number') return value;
  throw malformed(phrase`a battery level of at most 32 bits`, verbatim(typeof value));
}

function unknown(code: number): DockError {
  return new DockError(cannotTell, {
    expected: phrase`the battery level of the camera`,
    found: phrase`response ${hex4(code)}`,
    todo: phrase`Nothing needs to be done: this camera does not tell it`,
    retry: 'never',
  });
}
