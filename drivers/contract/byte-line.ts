/**
 * A duplex stream of bytes with nothing assumed about frames: a serial port, a TCP connection, or a pair in memory.
 *
 * One object is one connection: once closed it stays closed, and nothing written to it is ever sent later.
 */
import type { DockError } from './error.js';

export interface ByteReceiver {
  bytes(chunk: Uint8Array): void;
  /** The far end or the hardware went away; comes at most once, and never after `close()` was called. */
  closed(error: DockError): void;
}

export interface ByteLine {
  /**
   * What one character takes on the wire at the least, ms; 0 where there is no wire or its speed is not known
   * (TCP, pseudo-terminals).
   */
  readonly characterMs: number;
  /** Sets the one receiver. Bytes that come while there is none are lost, as on a wire that nobody listens to. */
  listen(receiver: ByteReceiver): void;
  /** Hands all bytes to the system. Fails with DOCK_LINE_CLOSED when the line is not open; never kept for later. */
  write(bytes: Uint8Array): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Opens a new connection, or fails with a DockError that says why not. Gives up as soon as the signal is aborted. */
export type OpenByteLine = (signal: AbortSignal) => Promise<ByteLine>;
