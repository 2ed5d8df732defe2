/** How a simulated PTP camera sends data and responses: containers (PIMA 15740 over USB, annex D), and what is wrong with them when it misbehaves. */
import type { DatasetWriter } from './dataset-writer.js';
import type { Mishap, Temper } from './temper.js';

export const ok = 0x2001;

/** Ends what is being sent: the host has cancelled it or reset the device. */
export class Cancelled extends Error {}

export interface Reply {
  readonly code: number;
  readonly data?: AsyncIterable<Uint8Array> | undefined;
  readonly dataBytes?: number;
}

export interface ToHost {
  /** Throws `Cancelled` when the host does not want it any more. `ends`: with a short packet. */
  send(bytes: Uint8Array, ends: boolean): Promise<void>;
  vanish(): void;
}

export interface Sending {
  readonly operation: number;
  readonly transaction: number;
  readonly reply: Reply;
  readonly mishap: Mishap | undefined;
  readonly temper: Temper;
}

export async function sendReply(sending: Sending, host: ToHost): Promise<void> {
  const { mishap, reply, temper } = sending;
  const transaction = mishap?.kind === 'another-transaction' ? sending.transaction + 7 : sending.transaction;
  const response = container(3, reply.code, transaction, new Uint8Array(0));
  if (mishap?.kind === 'garbage') return host.send(Buffer.alloc(700, 0xa5), true);
  if (mishap?.kind === 'empty-packets') for (;;) await host.send(new Uint8Array(0), true);
  if (mishap?.kind === 'endless') for (;;) await host.send(Buffer.alloc(1 << 16), false);
  if (reply.data === undefined) return host.send(response, true);
  await sendData({ ...sending, transaction }, host, response);
  if (mishap?.kind === 'no-response' || temper.glueResponse) return;
  await host.send(response, true);
}

async function sendData(
  { operation, transaction, reply: { data = none(), dataBytes = 0 }, mishap, temper }: Sending,
  host: ToHost,
  response: Uint8Array,
): Promise<void> {
  const { splitHeader, glueResponse, emptyPackets, unknownLength } = temper;
  let pending: Uint8Array = container(2, operation, transaction, new Uint8Array(0));
  const whole = 12 + dataBytes;
  new DataView(pending.buffer).setUint32(0, unknownLength || whole > 0xffff_ffff ? 0xffff_ffff : whole, true);
  if (splitHeader) {
    await host.send(pending, true);
    pending = new Uint8Array(0);
  }
  let sent = 0;
  for await (const part of data) {
    let piece = part;
    if (mishap?.kind === 'alter') piece = mishap.data(part);
    const left = mishap?.kind === 'cut' || mishap?.kind === 'vanish' ? mishap.afterBytes - sent : undefined;
    if (left !== undefined && piece.length > left) {
      await host.send(Buffer.concat([pending, piece.subarray(0, left)]), false);
      if (mishap?.kind === 'vanish') host.vanish();
      throw new Cancelled();
    }
    sent += piece.length;
    const joined = Buffer.concat([pending, piece]);
    // Only whole packets may go before the end.
    const full = joined.length - (joined.length % 1024);
    if (full > 0) await host.send(joined.subarray(0, full), false);
    pending = joined.subarray(full);
  }
  if (glueResponse) return host.send(Buffer.concat([pending, response]), true);
  // Without the empty packet the host learns of the end by the length alone.
  await host.send(pending, emptyPackets || pending.length > 0 || unknownLength);
}

export function dataReply(writer: DatasetWriter): Reply {
  const { bytes } = writer;
  async function* once(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return { code: ok, data: once(), dataBytes: bytes.length };
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Nothing to send.
}

export function container(type: number, code: number, transaction: number, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + rest.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, code, true);
  view.setUint32(8, transaction, true);
  bytes.set(rest, 12);
  return bytes;
}
