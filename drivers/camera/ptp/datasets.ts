/** The datasets of PTP and MTP that this family reads. Pure; hostile input (I11), see `DatasetReader`. */
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import { beyond32Bits } from './codes.js';
import { DatasetReader, type PtpValue } from './dataset-reader.js';
import { malformed } from './malformed.js';

export interface DeviceInfo {
  readonly vendorExtension: string;
  readonly operations: ReadonlySet<number>;
  readonly properties: ReadonlySet<number>;
  readonly maker: string;
  readonly model: string;
  readonly version: string;
  readonly serial: string;
}

export function decodeDeviceInfo(bytes: Uint8Array): DeviceInfo {
  const reader = new DatasetReader(bytes, 'DeviceInfo');
  // Version of the standard, id and version of the vendor extension.
  reader.skip(2 + 4 + 2);
  const vendorExtension = reader.text();
  reader.skip(2);
  const operations = new Set(reader.u16s());
  reader.u16s();
  const properties = new Set(reader.u16s());
  reader.u16s();
  reader.u16s();
  return {
    vendorExtension,
    operations,
    properties,
    maker: reader.textIfAny(),
    model: reader.textIfAny(),
    version: reader.textIfAny(),
    serial: reader.textIfAny(),
  };
}

/** Storage ids or object handles. */
export function decodeNumbers(bytes: Uint8Array, what: string): readonly number[] {
  return new DatasetReader(bytes, what).u32s();
}

export interface StorageInfo {
  /** `storageAccess`; other numbers are the device's own. */
  readonly access: number;
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

export function decodeStorageInfo(bytes: Uint8Array): StorageInfo {
  const reader = new DatasetReader(bytes, 'StorageInfo');
  reader.skip(2 + 2);
  const access = reader.u16();
  const capacityBytes = wholeNumber(reader.u64(), phrase`a capacity`);
  const freeBytes = wholeNumber(reader.u64(), phrase`free space`);
  return { access, capacityBytes, freeBytes: Math.min(freeBytes, capacityBytes) };
}

export interface ObjectInfo {
  readonly storage: number;
  readonly format: number;
  /** `beyond32Bits`: the object is at least that large, and its size has to be asked for. */
  readonly sizeField: number;
  readonly parent: number;
  readonly name: string;
  readonly captured: string;
  readonly modified: string;
}

/** Where the count of the name stands; four bytes on where the size has 64 bits. */
const nameCountAt = 52;

/** `mayBeWide`: this device is known to write the size in 64 bits at times. */
export function decodeObjectInfo(bytes: Uint8Array, mayBeWide = false): ObjectInfo {
  const reader = new DatasetReader(bytes, 'ObjectInfo');
  const storage = reader.u32();
  const format = reader.u16();
  reader.skip(2);
  let sizeField = reader.u32();
  if (mayBeWide && bytes[nameCountAt] === 0 && (bytes[nameCountAt + 4] ?? 0) > 0 && reader.u32() > 0) {
    sizeField = beyond32Bits;
  }
  // Format, size, width and height of the thumbnail; width, height and depth of the picture.
  reader.skip(2 + 4 * 3 + 4 * 3);
  const parent = reader.u32();
  reader.skip(2 + 4 + 4);
  const name = reader.text();
  return { storage, format, sizeField, parent, name, captured: reader.textIfAny(), modified: reader.textIfAny() };
}

export interface PropertyDescription {
  readonly code: number;
  readonly type: number;
  readonly writable: boolean;
  readonly current: PtpValue;
  /** Least and greatest value, where the device describes a range. */
  readonly range: { readonly least: PtpValue; readonly greatest: PtpValue } | undefined;
}

export function decodePropertyDescription(bytes: Uint8Array): PropertyDescription {
  const reader = new DatasetReader(bytes, 'DevicePropDesc');
  const code = reader.u16();
  const type = reader.u16();
  const writable = reader.u8() === 1;
  reader.value(type);
  const current = reader.value(type);
  const form = reader.left === 0 ? 0 : reader.u8();
  if (form !== 1) return { code, type, writable, current, range: undefined };
  return { code, type, writable, current, range: { least: reader.value(type), greatest: reader.value(type) } };
}

export interface ObjectProperty {
  readonly handle: number;
  readonly property: number;
  readonly value: PtpValue;
}

/** Handle, property, type and one byte of value: the least that an element can be. */
const leastElementBytes = 9;

/** Element after element, so that a long list costs no more memory than its bytes. */
export function* decodeObjectPropList(bytes: Uint8Array): Generator<ObjectProperty, void, undefined> {
  const reader = new DatasetReader(bytes, 'ObjectPropList');
  const count = reader.u32();
  if (count * leastElementBytes > reader.left)
    throw malformed(phrase`room for ${count} properties`, phrase`${reader.left} bytes`);
  for (let index = 0; index < count; index += 1) {
    const handle = reader.u32();
    const property = reader.u16();
    yield { handle, property, value: reader.value(reader.u16()) };
  }
}

/** A size in bytes; throws where no medium is so large. */
export function wholeNumber(value: PtpValue, what: Phrase): number {
  const number = Number(value);
  if (typeof value === 'string' || !Number.isSafeInteger(number) || number < 0) {
    throw malformed(
      phrase`${what} of 0 to 2^53 − 1 bytes`,
      typeof value === 'string' ? phrase`text` : verbatim(String(value)),
    );
  }
  return number;
}

/** Text as PTP counts it: units with the NUL in one byte, so 254 at most. */
export function encodeText(text: string): Uint8Array {
  if (text === '') return Uint8Array.of(0);
  if (text.length > 254) throw malformed(phrase`text of at most 254 UTF-16 units`, verbatim(`${text.length}`));
  const bytes = new Uint8Array(1 + (text.length + 1) * 2);
  bytes[0] = text.length + 1;
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1) view.setUint16(1 + index * 2, text.charCodeAt(index), true);
  return bytes;
}
