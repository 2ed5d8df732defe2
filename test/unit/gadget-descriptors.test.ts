import { describe, expect, it } from 'vitest';
import { interfacesOf } from '../../drivers/usb/descriptors.js';
import { functionDescriptors, functionStrings } from '../lab/gadget/descriptors.js';

const shown = {
  number: 0,
  classCode: 6,
  subclass: 1,
  protocol: 1,
  name: 'MTP',
  endpoints: [
    { address: 0x81, transfer: 'bulk', packetBytes: 512 },
    { address: 0x02, transfer: 'bulk', packetBytes: 512 },
    { address: 0x83, transfer: 'interrupt', packetBytes: 64 },
  ],
} as const;

/** A device with this interface at one speed, as the kernel would keep its descriptors. */
function asDevice(ofInterface: Buffer): Buffer {
  const config = Buffer.from([9, 2, 9 + ofInterface.length, 0, 1, 1, 0, 0x80, 1]);
  return Buffer.concat([Buffer.alloc(18), config, ofInterface]);
}

describe('what a gadget of the lab says of itself', () => {
  it('is the interface of the simulated device at high speed, and with smaller packets at full speed', () => {
    const bytes = functionDescriptors(shown);
    expect([0, 4, 8, 12, 16].map((at) => bytes.readUInt32LE(at))).toEqual([3, bytes.length, 3, 4, 4]);
    const each = 9 + 3 * 7;
    const [full, high] = [bytes.subarray(20, 20 + each), bytes.subarray(20 + each)];
    const names = new Map([[0, 'MTP']]);
    expect(interfacesOf(asDevice(high), 1, names)).toEqual([shown]);
    const packets = interfacesOf(asDevice(full), 1, names)[0]?.endpoints.map(({ packetBytes }) => packetBytes);
    expect(packets).toEqual([64, 64, 64]);
  });

  it('has a string only where the interface has a name', () => {
    expect(functionStrings(shown).toString('hex')).toBe('0200000016000000010000000100000009044d545000');
    expect(functionStrings({ ...shown, name: '' }).toString('hex')).toBe('02000000100000000000000000000000');
    expect(functionDescriptors({ ...shown, name: '' })[20 + 8]).toBe(0);
  });
});
