/** What the media helper does next, from what it sees: every state leads to the right one, step by step, and stays there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verbatim } from '../../drivers/contract/phrase.js';
import type { UsbLook } from '../../drivers/contract/usb.js';
import { blockKey, type Disk, type Known, type Look, mountOptions, plan } from '../../drivers/media/helper/plan.js';
import { portPathIn } from '../../drivers/media/helper/port-path.js';
import type { Mount } from '../../drivers/media/mountinfo.js';

const root = '/run/custodock/media';
const clean: Known = { kind: 'volume', fileSystem: 'vfat', dirty: false };

function disk(name: string, portPath: string | undefined, sequence: string, partitions = 1): Disk {
  const letter = name.charCodeAt(2) - 97;
  const block = (part: number) => ({ name: `${name}${part}`, device: `8:${letter * 16 + part}`, sizeBytes: 1_000_000 });
  return {
    name,
    device: `8:${letter * 16}`,
    sizeBytes: 2_000_000,
    portPath,
    sequence,
    partitions: Array.from({ length: partitions }, (_, index) => block(index + 1)),
  };
}

function mount(device: string, mountPoint: string, sealed = true): Mount {
  return { id: 1, device, mountPoint, fileSystem: 'vfat', readOnly: true, sealed };
}

const controller = 'pci0000:00/0000:00:14.0';
/** A hub with four ports and its SuperSpeed half; in its port 2 a camera that has a hub inside. */
const usb: UsbLook = {
  devices: [],
  places: new Map(
    ['1', '1.1', '1.2', '1.2.1', '1.2.2', '1.3', '1.4'].flatMap((ports) =>
      [1, 2].map((bus) => [`${bus}-${ports}`, `${ports}@${controller}`] as const),
    ),
  ),
};
const bayPorts = [`1.1@${controller}`, `1.2@${controller}`, '1-1.3', '1-1.4'];

function look(seen: Partial<Look>): Look {
  return { disks: [], mounts: [], contents: new Map(), bayPorts, usb, root, clearing: new Set(), ...seen };
}

const card = disk('sda', '1-1.3', '9');
const [part = card] = card.partitions;
const key = blockKey(card, part);

describe('a card at the port of a bay', () => {
  it('is read, then mounted at its port, then left alone', () => {
    expect(plan(look({ disks: [card] }))).toMatchObject({
      steps: [{ do: 'read', port: '1-1.3' }],
      ports: [{ port: '1-1.3', state: 'pending' }],
    });
    const known = new Map([[key, clean]]);
    expect(plan(look({ disks: [card], contents: known }))).toMatchObject({
      steps: [{ do: 'mount', at: `${root}/1-1.3`, fileSystem: 'vfat', block: { name: 'sda1' } }],
      // Said before it appears: whoever opens it knows at once that it is dirty, or not.
      ports: [{ state: 'pending', volume: { device: '8:1', dirty: false } }],
    });
    expect(plan(look({ disks: [card], contents: known, mounts: [mount('8:1', `${root}/1-1.3`)] }))).toEqual({
      steps: [],
      ports: [{ port: '1-1.3', state: 'mounted', fileSystem: 'vfat', device: '8:1', dirty: false, emptyFolders: [] }],
      strangers: [],
    });
  });

  it('without a partition table is a volume itself', () => {
    const whole = disk('sda', '1-1.3', '9', 0);
    expect(plan(look({ disks: [whole], contents: new Map([['9/sda', clean]]) })).steps).toMatchObject([
      { do: 'mount', block: { name: 'sda', device: '8:0' } },
    ]);
  });

  it('is refused whole where it has two volumes: a part out of sight would pass for offloaded', () => {
    const two = disk('sda', '1-1.3', '9', 2);
    const contents = new Map([[key, clean]]);
    const seen = plan(look({ disks: [two], contents, mounts: [mount('8:1', `${root}/1-1.3`)] }));
    expect(seen.steps).toMatchObject([{ do: 'unmount', at: `${root}/1-1.3` }]);
    expect(seen.ports).toEqual([{ port: '1-1.3', state: 'refused', reason: 'several', found: 'sda1, sda2' }]);
  });

  it('is refused with what was found, and not tried again', () => {
    const contents = new Map<string, Known>([
      [key, { kind: 'refused', reason: 'damaged', found: verbatim('FAT of 9 bytes') }],
    ]);
    expect(plan(look({ disks: [card], contents }))).toMatchObject({
      steps: [],
      ports: [{ state: 'refused', reason: 'damaged', found: 'FAT of 9 bytes' }],
    });
  });

  it('that somebody else mounted is reported, not mounted a second time', () => {
    const contents = new Map([[key, clean]]);
    expect(plan(look({ disks: [card], contents, mounts: [mount('8:1', '/media/usb')] }))).toMatchObject({
      steps: [],
      ports: [{ state: 'refused', reason: 'in-use', found: '/media/usb' }],
    });
  });

  it('left writable by a helper that died is sealed, unless it is being cleared', () => {
    const seen = { disks: [card], contents: new Map([[key, clean]]), mounts: [mount('8:1', `${root}/1-1.3`, false)] };
    expect(plan(look(seen)).steps).toMatchObject([{ do: 'seal', at: `${root}/1-1.3` }]);
    expect(plan(look({ ...seen, clearing: new Set(['1-1.3']) })).steps).toEqual([]);
  });

  it('that was pulled is unmounted, also where another took its device number at another port (I7)', () => {
    const mounts = [mount('8:1', `${root}/1-1.3`)];
    expect(plan(look({ mounts })).steps).toEqual([{ do: 'unmount', port: '1-1.3', at: `${root}/1-1.3` }]);
    const other = disk('sda', '1-1.4', '10');
    const steps = plan(look({ disks: [other], mounts, contents: new Map([['10/sda1', clean]]) })).steps;
    expect(steps[0]).toMatchObject({ do: 'unmount', at: `${root}/1-1.3` });
  });

  it('without a medium is waited for', () => {
    const empty = { ...disk('sda', '1-1.3', '9', 0), sizeBytes: 0 };
    expect(plan(look({ disks: [empty] }))).toMatchObject({ steps: [], ports: [{ state: 'pending' }] });
  });
});

describe('a bay', () => {
  const contents = new Map([[key, clean]]);

  it.each(['1-1.1', '2-1.1', '1-1.2.1'])('known by its lasting place has the card at %s', (port) => {
    const seen = plan(look({ disks: [disk('sda', port, '9')], contents }));
    expect(seen).toMatchObject({ steps: [{ do: 'mount', port, at: `${root}/${port}` }], strangers: [] });
  });

  it('has nothing while its hub is not there, and its card as soon as it is', () => {
    const seen = { disks: [disk('sda', '1-1.1', '9')], contents, bayPorts: [`1.1@${controller}`] };
    expect(plan(look({ ...seen, usb: { devices: [], places: new Map() } })).strangers).toHaveLength(1);
    expect(plan(look(seen)).steps).toMatchObject([{ do: 'mount', port: '1-1.1' }]);
  });

  it('with two volumes is refused whole, at whichever ports behind its own they are', () => {
    const disks = [disk('sda', '1-1.2.1', '9'), disk('sdb', '1-1.2.2', '10')];
    const seen = plan(look({ disks, contents, mounts: [mount('8:1', `${root}/1-1.2.1`)] }));
    expect(seen.steps).toEqual([{ do: 'unmount', port: '1-1.2.1', at: `${root}/1-1.2.1` }]);
    expect(seen.ports).toEqual([{ port: '1-1.2.1', state: 'refused', reason: 'several', found: 'sda1, sdb1' }]);
  });

  it('has the card of a reader whose other slot is empty', () => {
    const empty = { ...disk('sda', '1-1.1', '8', 0), sizeBytes: 0 };
    const seen = plan(look({ disks: [empty, disk('sdb', '1-1.1', '9')], contents: new Map([['9/sdb1', clean]]) }));
    expect(seen.steps).toMatchObject([{ do: 'mount', block: { name: 'sdb1' } }]);
  });
});

describe('everything else', () => {
  it('in no bay, or on no USB, is left alone, whatever is on it', () => {
    const disks = [disk('sda', '1-2.1', '1'), disk('sdb', '1-1', '2'), disk('sdc', undefined, '3')];
    expect(plan(look({ disks }))).toEqual({
      steps: [],
      ports: [],
      strangers: [
        { port: '1-2.1', name: 'sda' },
        { port: '1-1', name: 'sdb' },
      ],
    });
    expect(plan(look({ disks: [disk('sda', '1-1.4', '1')], bayPorts: bayPorts.slice(0, 3) })).strangers).toHaveLength(
      1,
    );
  });

  it('of a port that is configured no more is unmounted', () => {
    const seen = look({ disks: [card], bayPorts: [], mounts: [mount('8:1', `${root}/1-1.3`)] });
    expect(plan(seen).steps).toMatchObject([{ do: 'unmount' }]);
  });

  it('is never touched outside the media root, nor a device that is in no bay (property)', () => {
    const ports = fc.constantFrom('1-1.1', '1-1.2', '1-2', '2-1.1', '1-1.1.1', '1-2.1', '3-1.1', undefined);
    const disks = fc
      .array(fc.tuple(ports, fc.nat(3)), { maxLength: 5 })
      .map((list) =>
        list.map(([port, parts], index) => disk(`sd${String.fromCharCode(97 + index)}`, port, String(index), parts)),
      );
    const mounts = fc.array(
      fc
        .tuple(
          fc.nat(80),
          fc.constantFrom(`${root}/1-1.1`, `${root}/1-1.2`, '/', '/mnt', `${root}-other/x`),
          fc.boolean(),
        )
        .map(([minor, at, sealed]) => mount(`8:${minor}`, at, sealed)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(disks, mounts, fc.boolean(), (there, table, known) => {
        const contents = new Map(
          known
            ? there.flatMap((one) => [one, ...one.partitions].map((block) => [blockKey(one, block), clean] as const))
            : [],
        );
        for (const step of plan(look({ disks: there, mounts: table, contents })).steps) {
          if ('at' in step) expect(step.at.startsWith(`${root}/`)).toBe(true);
          if ('disk' in step) expect(step.disk.portPath).toMatch(/^[12]-1\.\d/);
        }
      }),
    );
  });
});

describe('options', () => {
  it.each(['vfat', 'exfat', 'ext4'])('of %s let nothing be written, run or owned (I1)', (fileSystem) => {
    const options = mountOptions(fileSystem, 990).split(',');
    expect(options).toEqual(expect.arrayContaining(['ro', 'noexec', 'nosuid', 'nodev', 'noatime']));
    expect(options.includes('norecovery')).toBe(fileSystem === 'ext4');
  });
});

describe('port paths', () => {
  it('come from the place in sysfs', () => {
    const pci = '/sys/devices/pci0000:00/0000:00:03.0/usb1/1-1/1-1.3/1-1.3:1.0/host2/target2:0:0/2:0:0:0/block/sda';
    expect(portPathIn(pci)).toBe('1-1.3');
    expect(portPathIn('/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda')).toBeUndefined();
    expect(portPathIn('/sys/devices/platform/soc/usb3/3-2/3-2.4/3-2.4.1/3-2.4.1:1.0/host0/block/sdb')).toBe('3-2.4.1');
  });
});
