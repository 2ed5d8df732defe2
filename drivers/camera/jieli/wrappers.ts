/** Command and status wrappers of Bulk-Only Transport (USB Mass Storage Class, Bulk-Only Transport 1.0, section 5), both directions. Pure. */

export const commandWrapperBytes = 31;
export const statusWrapperBytes = 13;

const commandSignature = 0x43425355;
const statusSignature = 0x53425355;

export interface Command {
  /** 0 … 2^32 − 1; the status repeats it. */
  readonly tag: number;
  /** 1–16 bytes. */
  readonly cdb: Uint8Array;
  /** Of the data phase; 0: there is none. */
  readonly lengthBytes: number;
  readonly direction: 'in' | 'out';
}

export const results = ['passed', 'failed', 'phase-error'] as const;

export interface CommandStatus {
  readonly result: (typeof results)[number];
  /** How much less than asked for was processed. */
  readonly residueBytes: number;
}

/** For logical unit 0. */
export function commandWrapper({ tag, cdb, lengthBytes, direction }: Command): Uint8Array {
  const wrapper = Buffer.alloc(commandWrapperBytes);
  wrapper.writeUInt32LE(commandSignature, 0);
  wrapper.writeUInt32LE(tag, 4);
  wrapper.writeUInt32LE(lengthBytes, 8);
  wrapper[12] = direction === 'in' ? 0x80 : 0;
  wrapper[14] = cdb.length;
  wrapper.set(cdb, 15);
  return wrapper;
}

/** Undefined for what is no valid and meaningful command (6.2). */
export function decodeCommandWrapper(bytes: Uint8Array): Command | undefined {
  const wrapper = Buffer.from(bytes);
  if (wrapper.length !== commandWrapperBytes || wrapper.readUInt32LE(0) !== commandSignature) return undefined;
  const cdbBytes = wrapper[14] ?? 0;
  if (cdbBytes < 1 || cdbBytes > 16 || wrapper[13] !== 0) return undefined;
  return {
    tag: wrapper.readUInt32LE(4),
    lengthBytes: wrapper.readUInt32LE(8),
    direction: ((wrapper[12] ?? 0) & 0x80) === 0 ? 'out' : 'in',
    cdb: wrapper.subarray(15, 15 + cdbBytes),
  };
}

export function statusWrapper(tag: number, { result, residueBytes }: CommandStatus): Uint8Array {
  const wrapper = Buffer.alloc(statusWrapperBytes);
  wrapper.writeUInt32LE(statusSignature, 0);
  wrapper.writeUInt32LE(tag, 4);
  wrapper.writeUInt32LE(residueBytes, 8);
  wrapper[12] = results.indexOf(result);
  return wrapper;
}

/** Undefined for what is no valid and meaningful status of that command (6.3): its residue may not exceed what was asked for. */
export function decodeStatusWrapper(bytes: Uint8Array, tag: number, lengthBytes: number): CommandStatus | undefined {
  const wrapper = Buffer.from(bytes);
  if (wrapper.length !== statusWrapperBytes || wrapper.readUInt32LE(0) !== statusSignature) return undefined;
  if (wrapper.readUInt32LE(4) !== tag) return undefined;
  const result = results[wrapper[12] ?? results.length];
  const residueBytes = wrapper.readUInt32LE(8);
  if (result === undefined) return undefined;
  if (result !== 'phase-error' && residueBytes > lengthBytes) return undefined;
  return { result, residueBytes };
}
