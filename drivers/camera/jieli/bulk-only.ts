/**
 * SCSI commands over Bulk-Only Transport (USB Mass Storage Class, Bulk-Only Transport, revision 1.0; section numbers are of that document).
 * One command at a time. Whatever goes wrong, the pipes are left so that the next command finds them in order.
 */
import { DockError, messageOf } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import type { UsbConnection } from '../../contract/usb.js';
import { bulkPair } from '../standard/family.js';
import { type CommandStatus, commandWrapper, decodeStatusWrapper, statusWrapperBytes } from './wrappers.js';

/** The kit gives a read 2 s and a write 10 s; a camera that is closing a clip takes its time. */
const transferWithinMs = 5_000;
const resetWithinMs = 2_000;

/** Bulk-Only Mass Storage Reset (3.1). */
const massStorageReset = 0xff;

export class BulkOnly {
  readonly #usb: UsbConnection;
  readonly #pair: NonNullable<ReturnType<typeof bulkPair>>;
  #tag = 0;

  constructor(usb: UsbConnection) {
    const pair = bulkPair(usb.interface);
    if (pair === undefined) throw new Error('an interface without its two bulk endpoints');
    this.#usb = usb;
    this.#pair = pair;
  }

  /** A command that reads: at most `lengthBytes`, fewer where the device has fewer. */
  async in(cdb: Uint8Array, lengthBytes: number): Promise<Uint8Array> {
    const { data, status } = await this.#recovering(() => this.#transact(cdb, lengthBytes, undefined));
    assertPassed(status);
    return data.subarray(0, lengthBytes - status.residueBytes);
  }

  /** A command that writes `bytes`, or has no data. */
  async out(cdb: Uint8Array, bytes: Uint8Array): Promise<void> {
    const { status } = await this.#recovering(() => this.#transact(cdb, bytes.length, bytes));
    assertPassed(status);
  }

  async #transact(
    cdb: Uint8Array,
    lengthBytes: number,
    out: Uint8Array | undefined,
  ): Promise<{ readonly data: Uint8Array; readonly status: CommandStatus }> {
    this.#tag = (this.#tag + 1) >>> 0;
    const tag = this.#tag;
    const command = commandWrapper({ tag, cdb, lengthBytes, direction: out === undefined ? 'in' : 'out' });
    await this.#usb.transferOut(this.#pair.out, command, false, transferWithinMs);
    let data: Uint8Array = new Uint8Array();
    if (out !== undefined && out.length > 0) {
      // A device that does not want the data stalls, and says why in its status (6.7.3).
      await this.#despiteStall(this.#pair.out, () =>
        this.#usb.transferOut(this.#pair.out, out, false, transferWithinMs),
      );
    } else if (out === undefined && lengthBytes > 0) {
      data = (await this.#despiteStall(this.#pair.in, () => this.#read(lengthBytes))) ?? data;
      // Some leave the data out and send their status at once, against the specification.
      if (data.length === statusWrapperBytes && data.length < lengthBytes) {
        const early = decodeStatusWrapper(data, tag, lengthBytes);
        if (early !== undefined) return { data: new Uint8Array(), status: early };
      }
    }
    const status = decodeStatusWrapper(await this.#status(), tag, lengthBytes);
    if (status === undefined || status.result === 'phase-error')
      throw outOfStep(status === undefined ? phrase`no valid status` : phrase`status ${status.result}`);
    return { data, status };
  }

  /** The status, asked for once more where the pipe stalls (figure 2). */
  async #status(): Promise<Uint8Array> {
    return (
      (await this.#despiteStall(this.#pair.in, () => this.#read(statusWrapperBytes))) ??
      (await this.#read(statusWrapperBytes))
    );
  }

  #read(lengthBytes: number): Promise<Uint8Array> {
    const { packetBytes } = this.#pair;
    const wholePackets = Math.ceil(lengthBytes / packetBytes) * packetBytes;
    return this.#usb.transferIn(this.#pair.in, new Uint8Array(wholePackets), transferWithinMs);
  }

  /** Undefined: the pipe stalled, and is cleared. */
  async #despiteStall<T>(endpoint: number, transfer: () => Promise<T>): Promise<T | undefined> {
    try {
      return await transfer();
    } catch (error) {
      if (!(error instanceof DockError) || error.code !== 'DOCK_USB_STALL') throw error;
      await this.#usb.clearHalt(endpoint);
      return undefined;
    }
  }

  /** After anything but a proper status: reset recovery (5.3.4), and the port's reset where that does not help. */
  async #recovering<T>(transact: () => Promise<T>): Promise<T> {
    try {
      return await transact();
    } catch (error) {
      if (!(error instanceof DockError) || error.code === 'DOCK_USB_GONE') throw error;
      await this.#recover(error);
      throw error;
    }
  }

  async #recover(after: DockError): Promise<void> {
    const { out, in: from } = this.#pair;
    try {
      const reset = {
        type: 'class',
        recipient: 'interface',
        request: massStorageReset,
        value: 0,
        index: this.#usb.interface.number,
      } as const;
      await this.#usb.controlOut(reset, new Uint8Array(), resetWithinMs);
      await this.#usb.clearHalt(from);
      await this.#usb.clearHalt(out);
    } catch (error) {
      if (error instanceof DockError && error.code === 'DOCK_USB_GONE') throw error;
      try {
        await this.#usb.reset();
      } catch (hopeless) {
        if (hopeless instanceof DockError && hopeless.code === 'DOCK_USB_GONE') throw hopeless;
        throw new DockError('DOCK_CAMERA_OUT_OF_STEP', {
          expected: phrase`the camera to come back into step`,
          found: phrase`${after.code}, and then: ${messageOf(hopeless)}`,
          todo: phrase`Put the camera in again`,
          retry: 'after-redocking',
          cause: hopeless,
        });
      }
    }
  }
}

function assertPassed({ result }: CommandStatus): void {
  if (result === 'passed') return;
  throw new DockError('DOCK_CAMERA_COMMAND_REFUSED', {
    expected: phrase`the camera to carry out a command`,
    found: phrase`status ${result}`,
    todo: phrase`Put the camera in again`,
    retry: 'now',
  });
}

function outOfStep(found: Phrase): DockError {
  return new DockError('DOCK_CAMERA_OUT_OF_STEP', {
    expected: phrase`command, data and status in step`,
    found,
    todo: phrase`Put the camera in again`,
    retry: 'now',
  });
}
