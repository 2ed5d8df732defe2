/** The datasets by which a simulated PTP camera tells what it is and has (PIMA 15740, 5.5). Pure. */
import { DatasetWriter } from './dataset-writer.js';
import { knownProperties } from './properties.js';
import type { ResponderOptions } from './responder.js';

export const storageId = 0x0001_0001;

const knownOperations = [
  0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1007, 0x1008, 0x1009, 0x100b, 0x1014, 0x1015, 0x1016, 0x101b, 0x95c1,
  0x9803, 0x9805,
] as const;

export function deviceInfo(
  { maker = 'Simulated', model = 'PTP recorder', serial }: ResponderOptions,
  unknown: ReadonlySet<number>,
): DatasetWriter {
  return new DatasetWriter()
    .u16(100)
    .u32(6)
    .u16(100)
    .text('microsoft.com: 1.0;')
    .u16(0)
    .u16s(knownOperations.filter((operation) => !unknown.has(operation)))
    .u16s([0x4002, 0x4003, 0x4005])
    .u16s(knownProperties)
    .u16s([])
    .u16s([0x3000, 0x3001, 0x300b])
    .text(maker)
    .text(model)
    .text('1.0')
    .text(serial);
}

export function storageInfo(access: ResponderOptions['access'] = 0): DatasetWriter {
  return new DatasetWriter()
    .u16(3)
    .u16(2)
    .u16(access)
    .u64(64_000_000_000n)
    .u64(16_000_000_000n)
    .u32(0xffff_ffff)
    .text('')
    .text('');
}

export interface ToldObject {
  readonly parent: number;
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
}

/** `modified`: as the camera writes a time. */
export function objectInfo({ parent, name, isFolder, sizeBytes }: ToldObject, modified: string): DatasetWriter {
  return new DatasetWriter()
    .u32(storageId)
    .u16(isFolder ? 0x3001 : 0x3000)
    .u16(0)
    .u32(isFolder ? 0 : Math.min(sizeBytes, 0xffff_ffff))
    .u16(0)
    .u32(0)
    .u32(0)
    .u32(0)
    .u32(0)
    .u32(0)
    .u32(0)
    .u32(parent)
    .u16(isFolder ? 1 : 0)
    .u32(0)
    .u32(0)
    .text(name)
    .text('')
    .text(modified)
    .text('');
}
