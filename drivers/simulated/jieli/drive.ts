/**
 * What a JieLi recorder answers to the commands that every disk gets: a drive without a medium. A kernel that meets it asks these before
 * anybody else speaks to it. Pure.
 */

const inquiry = 0x12;
const requestSense = 0x03;

const vendorOperations: readonly number[] = [0xfd, 0xfb];

export function isVendorCommand(cdb: Uint8Array): boolean {
  return vendorOperations.includes(cdb[0] ?? 0);
}

/** Data of its answer; undefined: it fails, with the sense that `requestSense` tells. */
export function driveAnswer(cdb: Uint8Array): Uint8Array | undefined {
  switch (cdb[0]) {
    case inquiry: {
      // Direct access, removable, SPC-2, this format, 31 bytes more.
      const data = Buffer.alloc(36, 0x20);
      data.set([0, 0x80, 4, 2, 31, 0, 0, 0]);
      data.write('JIELI', 8, 'ascii');
      data.write('DV16 DEVICE', 16, 'ascii');
      data.write('1.00', 32, 'ascii');
      return data;
    }
    case requestSense: {
      // Fixed format; NOT READY, MEDIUM NOT PRESENT.
      const data = Buffer.alloc(18);
      data.set([0x70, 0, 0x02, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3a]);
      return data;
    }
    default:
      return undefined;
  }
}
