/** The media helper on a tree that looks like sysfs: whose card is mounted, whatever hubs and buses are called at this boot (I7). */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock as clock } from '../../daemon/runtime/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { ClearRequest } from '../../drivers/media/helper/clearing.js';
import { MediaHelper } from '../../drivers/media/helper/helper.js';
import type { PortReport } from '../../drivers/media/helper/plan.js';
import { disksIn } from '../../drivers/media/helper/sysfs.js';
import type { HelperListener } from '../../drivers/media/helper/telling.js';
import { UsbSysfs } from '../../drivers/usb/sysfs.js';
import { eventually } from '../support/daemon-rig.js';
import { FakeUsb } from '../support/fake-usb.js';
import { MountTable } from '../support/mount-table.js';

const xhci = 'pci0000:00/0000:00:14.0';
const root = '/run/custodock/media';
const workshop = '/run/custodock-media';
const sizeBytes = 8 * 1024 * 1024;

/** A FAT16 boot sector without a fault, and zeros. */
function fatHead(): Buffer {
  const head = Buffer.alloc(128 * 1024);
  head.set([0xeb, 0x3c, 0x90]);
  head.writeUInt16LE(512, 11);
  head.writeUInt8(4, 13);
  head.writeUInt16LE(1, 14);
  head.writeUInt8(2, 16);
  head.writeUInt16LE(512, 17);
  head.writeUInt16LE(sizeBytes / 512, 19);
  head.writeUInt16LE(16, 22);
  head.writeUInt16LE(0xaa55, 510);
  return head;
}

let usb: FakeUsb;
let table: MountTable;
let helper: MediaHelper;
let bayPorts: readonly string[];
let reports: readonly PortReport[];
let said: string[];
let sequence: number;

let publishing: () => void;

const says: HelperListener = {
  serves: (paths, missing) => said.push(`serves ${paths.join(' ')}${missing.length > 0 ? ` without ${missing}` : ''}`),
  ports: (now) => {
    publishing();
    reports = now;
  },
  mounted: (port) => said.push(`mounted ${port}`),
  refused: ({ found }: DockError, port) => said.push(`refused ${port}: ${found}`),
  done: () => undefined,
  unmounted: (port) => said.push(`unmounted ${port}`),
  sealed: (port) => said.push(`sealed ${port}`),
  stranger: (port) => said.push(`stranger ${port}`),
  cleared: (port) => said.push(`cleared ${port}`),
  trouble: (error) => said.push(`trouble ${String(error)}`),
  looked: () => undefined,
};

function start(sys = usb.sysfs, rescanMs = 20): void {
  const sysfs = new UsbSysfs(clock, sys);
  helper = new MediaHelper({
    root,
    workshop,
    group: 990,
    bayPorts: () => bayPorts,
    usb: () => sysfs.look(),
    rescanMs,
    clock,
    tools: table,
    disks: () => disksIn(usb.sysfs),
    says,
  });
  void helper.rescan();
}

function plugCard(portPath: string, letter: string, speed?: string): void {
  sequence += 1;
  usb.plug(portPath, undefined, speed);
  const device = `8:${(letter.charCodeAt(0) - 97) * 16}`;
  table.nodes.set(`/dev/sd${letter}`, { device, head: fatHead() });
  usb.disk(portPath, `sd${letter}`, { device, sizeBytes, sequence });
}

function hubs(usb2: number, usb3: number): void {
  usb.plug(`${usb2}-1`, { ports: 4 });
  usb.plug(`${usb3}-1`, { ports: 4 }, '5000');
  usb.peer(`${usb2}-1`, `${usb3}-1`, 4);
}

const mounted = (...ports: readonly string[]): Promise<void> =>
  eventually(
    () => table.places().join() === ports.map((port) => join(root, port)).join(),
    5_000,
    () => `${table.places()}; ${said.join(', ')}`,
  );
const heard = (text: string): Promise<void> =>
  eventually(
    () => said.includes(text),
    5_000,
    () => said.join(', '),
  );

beforeEach(() => {
  usb = new FakeUsb();
  usb.controller(xhci, { usb2: 1, usb3: 2 }, 4);
  table = new MountTable();
  bayPorts = [1, 2, 3].map((port) => `1.${port}@${xhci}`);
  reports = [];
  said = [];
  sequence = 0;
  publishing = () => undefined;
});
afterEach(async () => {
  await helper.stop();
  usb.remove();
});

describe('a bay that is configured by its lasting place', () => {
  it('has its card mounted on either half of its port, by the name that the kernel has for it', async () => {
    hubs(1, 2);
    start();
    await heard('serves 1-1.1 2-1.1 1-1.2 2-1.2 1-1.3 2-1.3');
    plugCard('1-1.1', 'a');
    plugCard('2-1.3', 'b', '5000');
    await mounted('1-1.1', '2-1.3');
    expect([...table.protected].sort()).toEqual(['/dev/sda', '/dev/sdb']);
    const told = (): string => reports.map(({ port, state }) => `${port} ${state}`).join(', ');
    await eventually(() => told() === '1-1.1 mounted, 2-1.3 mounted', 5_000, told);
    usb.unplug('1-1.1');
    await mounted('2-1.3');
  });

  it('is known as soon as its hub comes, however late, and said to be missing until then', async () => {
    start();
    await heard(`serves  without ${bayPorts}`);
    hubs(1, 2);
    await heard('serves 1-1.1 2-1.1 1-1.2 2-1.2 1-1.3 2-1.3');
    plugCard('1-1.2', 'a');
    await mounted('1-1.2');
    usb.unplug('1-1');
    usb.unplug('2-1');
    await mounted();
    hubs(1, 2);
    plugCard('1-1.2', 'a');
    await mounted('1-1.2');
  });

  it('is the same one after a boot that numbered the buses anew', async () => {
    usb.remove();
    usb = new FakeUsb();
    usb.controller('pci0000:00/0000:00:1a.0', { usb2: 1 }, 4);
    usb.controller(xhci, { usb2: 3, usb3: 4 }, 4);
    usb.plug('1-1', { ports: 4 });
    hubs(3, 4);
    start();
    plugCard('1-1.1', 'a');
    plugCard('3-1.1', 'b');
    await mounted('3-1.1');
    await heard('stranger 1-1.1');
  });

  it('has the card of a camera with a hub inside, and neither of two cards behind one', async () => {
    hubs(1, 2);
    start();
    usb.plug('1-1.2', { ports: 2 });
    plugCard('1-1.2.1', 'a');
    await mounted('1-1.2.1');
    plugCard('1-1.2.2', 'b');
    await mounted();
    await heard('refused 1-1.2.1: several: sda, sdb');
    usb.unplug('1-1.2.1');
    await mounted('1-1.2.2');
  });
});

describe('what is in no bay', () => {
  it("is left alone, also at a spare port of the bays' own hub", async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.4', 'a');
    plugCard('1-3', 'b');
    await heard('stranger 1-1.4');
    await heard('stranger 1-3');
    expect(table.places()).toEqual([]);
    bayPorts = ['1-1.4', '1-3'];
    await mounted('1-1.4', '1-3');
  });
});

describe('a card that looks sound and that the kernel does not mount', () => {
  /** Mounts of sda fail so often; counts how often it was tried. */
  function failing(times: number): { tried: number } {
    const mounts = { tried: 0 };
    table.onMount = (node) => {
      if (node !== '/dev/sda') return;
      mounts.tried += 1;
      if (mounts.tried <= times) throw new Error('wrong fs type, bad superblock');
    };
    return mounts;
  }
  const refusals = (): readonly string[] => said.filter((line) => line.startsWith('refused'));

  it('is refused as not mounted after three tries, which is said once, and holds up no other (I8)', async () => {
    hubs(1, 2);
    const mounts = failing(Number.POSITIVE_INFINITY);
    start();
    plugCard('1-1.1', 'a');
    await heard('refused 1-1.1: not mounted: wrong fs type, bad superblock');
    plugCard('1-1.2', 'b');
    await mounted('1-1.2');
    for (let looks = 0; looks < 5; looks += 1) await helper.rescan();
    expect(reports).toContainEqual({
      port: '1-1.1',
      state: 'refused',
      reason: 'not-mounted',
      found: 'wrong fs type, bad superblock',
    });
    expect(refusals()).toHaveLength(1);
    expect(mounts.tried).toBe(3);
  });

  it('is tried anew when it is put in again', async () => {
    hubs(1, 2);
    failing(3);
    start();
    plugCard('1-1.1', 'a');
    await heard('refused 1-1.1: not mounted: wrong fs type, bad superblock');
    usb.unplug('1-1.1');
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
  });

  it('until its reader has started is mounted without a word', async () => {
    hubs(1, 2);
    failing(2);
    start();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    expect(refusals()).toEqual([]);
  });
});

/** Of what is no recording of the card: it comes to nothing, but the card has been made writable for it. */
function request(port: string, device: string): ClearRequest {
  const proof = { sha256: 'a'.repeat(64), leaf: 'b'.repeat(64), sequence: 1 };
  return { port, device, path: Buffer.from('a.mp4'), sizeBytes: 1, modifiedMs: 0, ...proof };
}
describe('a card that is being cleared', () => {
  /** The card in 1-1.1 is cleared, and cannot be made read-only again; resolves when that was tried so often. */
  async function stuckFor(tries: number): Promise<{ readonly tried: number }> {
    await mounted('1-1.1');
    const stuck = { tried: 0 };
    table.onSeal = async () => {
      stuck.tried += 1;
      throw new Error('target is busy');
    };
    await expect(helper.clear(request('1-1.1', '8:0'))).rejects.toBeInstanceOf(Error);
    await eventually(
      () => stuck.tried >= tries,
      8_000,
      () => `${stuck.tried} tries`,
    );
    return stuck;
  }

  it('is let go of at once when it is pulled, and the next one has its place', async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    await expect(helper.clear(request('1-1.1', '8:0'))).rejects.toBeInstanceOf(Error);
    expect(table.places()).toContain(`${workshop}/1-1.1`);
    usb.unplug('1-1.1');
    await mounted();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    expect(said.filter((line) => line.startsWith('trouble'))).toEqual([]);
  });

  it('that cannot be made read-only yet is let go of, said once, and sealed as soon as it can be', async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.1', 'a');
    const stuck = await stuckFor(4);
    expect(table.places().length).toBeLessThanOrEqual(2);
    // Another recording is to be erased meanwhile: one way to the volume is enough.
    await expect(helper.clear(request('1-1.1', '8:0'))).rejects.toBeInstanceOf(Error);
    expect(table.places().length).toBeLessThanOrEqual(2);
    table.onSeal = async () => undefined;
    const sealed = async (): Promise<boolean> => (await table.mounts()).map((mount) => mount.sealed).join() === 'true';
    await eventually(sealed, 5_000, () => table.places().join());
    // The clearings that ended, and what followed them: not each try.
    expect(said.filter((line) => line.startsWith('trouble')).length).toBeLessThan(stuck.tried);
  });

  it('is tried to be sealed when the helper looks by itself, not again at once', async () => {
    hubs(1, 2);
    plugCard('1-1.1', 'a');
    start(undefined, 400);
    expect((await stuckFor(3)).tried).toBe(3);
  });

  it('is not made writable when another came in its place meanwhile', async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    table.onBind = () => {
      usb.unplug('1-1.1');
      plugCard('1-1.1', 'a');
    };
    await expect(helper.clear(request('1-1.1', '8:0'))).rejects.toMatchObject({ code: 'DOCK_VOLUME_GONE' });
    expect(table.places()).not.toContain(`${workshop}/1-1.1`);
    expect([...table.protected]).toEqual(['/dev/sda']);
  });

  it('holds up no other (I8)', async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.1', 'a');
    plugCard('1-1.2', 'b');
    await mounted('1-1.1', '1-1.2');
    let release: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    table.onSeal = (device) => (device === '8:0' ? hanging : Promise.resolve());
    await expect(helper.clear(request('1-1.1', '8:0'))).rejects.toBeInstanceOf(Error);
    await expect(helper.clear(request('1-1.2', '8:16'))).rejects.toBeInstanceOf(Error);
    // The second is read-only again and left, though the first hangs.
    await eventually(
      () => table.places().includes(`${workshop}/1-1.1`) && !table.places().includes(`${workshop}/1-1.2`),
      5_000,
      () => table.places().join(),
    );
    release();
  });
});

describe('a report that could not be written', () => {
  it('is written at the next look', async () => {
    hubs(1, 2);
    publishing = () => {
      publishing = () => undefined;
      throw new Error('no space left');
    };
    start();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    await eventually(
      () => reports.some(({ state }) => state === 'mounted'),
      5_000,
      () => JSON.stringify(reports),
    );
    expect(said.filter((line) => line.startsWith('trouble'))).toEqual(['trouble Error: no space left']);
  });
});

describe('a USB that cannot be told', () => {
  it('keeps what is mounted: what is unknown is not empty', async () => {
    hubs(1, 2);
    start();
    plugCard('1-1.1', 'a');
    await mounted('1-1.1');
    await helper.stop();
    const [looks, seen] = [said.length, table.places()];
    start(join(usb.folder, 'none'));
    await helper.rescan();
    await helper.rescan();
    expect(table.places()).toEqual(seen);
    expect(said.slice(looks)).toEqual([expect.stringContaining('DOCK_USB_ABSENT')]);
  });
});
