/** What is kept of the transfers of a camera once they are over. */
import { expect, it, vi } from 'vitest';
import { systemClock as clock } from '../../daemon/runtime/clock.js';
import type { Libusb } from '../../drivers/usb/binding.js';
import { usbOpener } from '../../drivers/usb/connection.js';
import { busAddress } from '../../drivers/usb/snapshot.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { FakeUsb, ptpInterface } from '../support/fake-usb.js';
import { heldBytes } from '../support/held-bytes.js';

type Ended = (error: undefined, buffer: Buffer, moved: number) => void;

/** What `usb` holds from outside of the collector's sight: what a transfer calls at its end, for as long as the transfer is not collected. */
const called = new Map<number, Ended>();
const collected = new FinalizationRegistry<number>((id) => called.delete(id));
let lastId = 0;

class Transfer {
  readonly #id: number;

  constructor(_device: unknown, _endpoint: number, _type: number, _timeoutMs: number, ended: Ended) {
    lastId += 1;
    this.#id = lastId;
    called.set(this.#id, ended);
    collected.register(this, this.#id);
  }

  submit(buffer: Buffer): this {
    setImmediate(() => called.get(this.#id)?.(undefined, buffer, buffer.length));
    return this;
  }

  cancel(): boolean {
    return false;
  }
}

const well = (): void => undefined;
const device = {
  busNumber: 0,
  deviceAddress: 0,
  open: well,
  close: well,
  __claimInterface: well,
  __releaseInterface: (_: number, done: () => void) => done(),
};
const withoutADevice = { INIT_ERROR: 0, LIBUSB_TRANSFER_TYPE_BULK: 2, Transfer, getDeviceList: () => [device] };
vi.mock('../../drivers/usb/binding.js', () => ({ loadLibusb: async () => withoutADevice as unknown as Libusb }));

it('neither the transfers nor their buffers, however many there were', async () => {
  const usb = new FakeUsb();
  try {
    usb.controller('pci0000:00/0000:00:14.0', { usb2: 1 }, 4);
    usb.plug('1-1', { interfaces: [ptpInterface] });
    const sysfs = new UsbSysfs(clock, usb.sysfs);
    const seen = (await sysfs.look()).devices.find(({ portPath }) => portPath === '1-1');
    if (seen === undefined) throw new Error('nothing plugged');
    const { bus, address } = busAddress(seen);
    Object.assign(device, { busNumber: bus, deviceAddress: address });
    const connection = await usbOpener({ clock, sysfs })(seen, 0, new AbortController().signal);
    const read = async (): Promise<void> => {
      expect((await connection.transferIn(0x81, new Uint8Array(1 << 20), 1_000)).length).toBe(1 << 20);
    };
    await read();
    const before = heldBytes();
    for (let n = 0; n < 64; n += 1) await read();
    // What the registry of the collected has to say comes in a turn of its own; only then is what was called collected too.
    for (let turn = 0; turn < 3; turn += 1) {
      heldBytes();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heldBytes() - before).toBeLessThan(8 << 20);
    expect(called.size).toBeLessThan(8);
    await connection.close();
  } finally {
    usb.remove();
  }
});
