/**
 * What has to be mounted and unmounted, from what sysfs and the mount table show. Pure.
 *
 * Level, not edge: whatever happened before, by whomever, one look says what is to be done next, and doing it twice does no harm. A bay's
 * volumes are all mounted or none is: a card of which a part is out of sight would pass for one that was offloaded whole.
 */
import { type Phrase, verbatim } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import type { UsbLook } from '../../contract/usb.js';
import { isBehind } from '../../usb/at-port.js';
import type { Mount } from '../mountinfo.js';
import type { Contents } from './contents.js';

/** A disk, or a partition of one, that may hold a file system. */
export interface Block {
  /** As in /dev: `sda1`. */
  readonly name: string;
  /** `major:minor`. */
  readonly device: string;
  readonly sizeBytes: number;
}

export interface Disk extends Block {
  /** Undefined: not on the USB. */
  readonly portPath: string | undefined;
  /** Unlike its name never given to another disk as long as the computer runs (sysfs `diskseq`). */
  readonly sequence: string;
  readonly partitions: readonly Block[];
}

/** What is known of one block's contents; undefined in the map: not looked at yet. */
export type Known =
  | (Contents & { readonly emptyFolders?: readonly string[] })
  | { readonly kind: 'refused'; readonly reason: 'unreadable' | 'not-mounted'; readonly found: Phrase };

export interface Look {
  readonly disks: readonly Disk[];
  /** Whole mount table. */
  readonly mounts: readonly Mount[];
  /** By `blockKey`. */
  readonly contents: ReadonlyMap<string, Known>;
  /** Ports of the bays as they are configured: by their lasting places, or as the kernel names them. */
  readonly bayPorts: readonly string[];
  /** Taken after `disks`: the port of each of them that is still there is in it. */
  readonly usb: UsbLook;
  /** Media root, absolute. */
  readonly root: string;
  /** Ports that are being cleared: their volumes are writable on purpose. */
  readonly clearing: ReadonlySet<string>;
}

export type Step =
  /** Look at what is on it. */
  | { readonly do: 'read'; readonly port: string; readonly disk: Disk; readonly block: Block }
  | {
      readonly do: 'mount';
      readonly port: string;
      readonly disk: Disk;
      readonly block: Block;
      readonly fileSystem: string;
      readonly at: string;
    }
  | { readonly do: 'unmount'; readonly port: string; readonly at: string }
  /** A helper that died while it cleared left the file system writable. */
  | { readonly do: 'seal'; readonly port: string; readonly at: string; readonly disk: Disk; readonly block: Block };

/** What the dock is told of a volume that it sees. */
export interface VolumeFacts {
  readonly device: string;
  readonly dirty: boolean;
  /** Folders in its root that only root may read, and that are empty. */
  readonly emptyFolders: readonly string[];
}

export type PortReport =
  | ({ readonly port: string; readonly state: 'mounted'; readonly fileSystem: string } & VolumeFacts)
  | { readonly port: string; readonly state: 'refused'; readonly reason: RefusalReason; readonly found: Phrase }
  /** Something is being done; the next look knows more. What is known is said before the volume appears. */
  | { readonly port: string; readonly state: 'pending'; readonly volume?: VolumeFacts };

/** Ports whose volume cannot be mounted, and why. */
export type RefusedPort = Extract<PortReport, { readonly state: 'refused' }>;

export type RefusalReason = 'unknown' | 'damaged' | 'unreadable' | 'not-mounted' | 'several' | 'in-use';

export interface Plan {
  readonly steps: readonly Step[];
  readonly ports: readonly PortReport[];
  /** Disks on the USB that are nobody's business: left alone. */
  readonly strangers: readonly { readonly port: string; readonly name: string }[];
}

export function blockKey(disk: Disk, block: Block): string {
  return `${disk.sequence}/${block.name}`;
}

export function plan(look: Look): Plan {
  const perBay = new Map<string, UsbDisk[]>();
  const strangers: { readonly port: string; readonly name: string }[] = [];
  for (const disk of look.disks) {
    if (!isOnUsb(disk)) continue;
    // The same rule as the bay's own (decision 0110): what is mounted without a bay, or left out of one, is seen by nobody.
    const bay = look.bayPorts.find((port) => isBehind(disk.portPath, port, look.usb));
    if (bay === undefined) strangers.push({ port: disk.portPath, name: disk.name });
    else perBay.set(bay, [...(perBay.get(bay) ?? []), disk]);
  }
  const planned = [...perBay.values()].map((disks) => planBay(disks, look));
  return {
    steps: [...leftovers([...perBay.values()].flat(), look), ...planned.flatMap(({ steps }) => steps)],
    ports: planned.flatMap(({ report }) => report ?? []),
    strangers,
  };
}

type UsbDisk = Disk & { readonly portPath: string };

function isOnUsb(disk: Disk): disk is UsbDisk {
  return disk.portPath !== undefined;
}

/** Mounts in the media root whose volume is gone, or is at another port, or of a port that is not configured any more. */
function leftovers(ours: readonly Disk[], { mounts, root }: Look): Step[] {
  return mounts.flatMap((mount): Step[] => {
    const { mountPoint, device } = mount;
    if (!mountPoint.startsWith(`${root}/`)) return [];
    const port = mountPoint.slice(root.length + 1);
    const rightful = ours.some(
      (disk) => disk.portPath === port && blocksOf(disk).some((block) => block.device === device),
    );
    return rightful ? [] : [unmounting(port, mount)];
  });
}

/** What may hold a file system: the partitions, or the whole disk where there are none. Without a medium it has no size. */
export function blocksOf(disk: Disk): readonly Block[] {
  return (disk.partitions.length > 0 ? disk.partitions : [disk]).filter(({ sizeBytes }) => sizeBytes > 0);
}

function planBay(disks: readonly UsbDisk[], look: Look): { steps: Step[]; report?: PortReport } {
  const found = disks.flatMap((disk) => blocksOf(disk).map((block) => ({ disk, block })));
  const [first] = found;
  const port = (first?.disk ?? disks[0])?.portPath;
  if (port === undefined) return { steps: [] };
  if (first === undefined) return { steps: [], report: { port, state: 'pending' } };
  if (found.length > 1) {
    const names = found.map(({ block }) => block.name).join(', ');
    const ports = [...new Set(disks.map(({ portPath }) => portPath))];
    // One that was mounted alone, before the other came to light, is taken away again.
    const steps = ports.flatMap((at) => mountsAt(at, look).map((mount) => unmounting(at, mount)));
    return { steps, report: { port, state: 'refused', reason: 'several', found: verbatim(names) } };
  }
  const { disk, block } = first;
  const mounted = mountsAt(port, look).filter(({ device }) => device === block.device);
  const known = look.contents.get(blockKey(disk, block));
  if (known === undefined) return { steps: [{ do: 'read', port, disk, block }], report: { port, state: 'pending' } };
  if (known.kind === 'refused') {
    const steps = mounted.map((mount) => unmounting(port, mount));
    return { steps, report: { port, state: 'refused', reason: known.reason, found: known.found } };
  }
  const at = `${look.root}/${port}`;
  const [mount] = mounted;
  if (mount === undefined) {
    const elsewhere = look.mounts.find(({ device }) => device === block.device);
    if (elsewhere !== undefined) {
      // Whoever mounted it may have written to it: that is worth knowing before anything else is done.
      return {
        steps: [],
        report: { port, state: 'refused', reason: 'in-use', found: printable(elsewhere.mountPoint) },
      };
    }
    const { fileSystem } = known;
    return {
      steps: [{ do: 'mount', port, disk, block, fileSystem, at }],
      report: { port, state: 'pending', volume: factsOf(block, known) },
    };
  }
  const unsealed = !mount.sealed && !look.clearing.has(port);
  return {
    steps: unsealed ? [{ do: 'seal', port, at, disk, block }] : [],
    report: { port, state: 'mounted', fileSystem: mount.fileSystem, ...factsOf(block, known) },
  };
}

function factsOf({ device }: Block, known: Extract<Known, { kind: 'volume' }>): VolumeFacts {
  return { device, dirty: known.dirty, emptyFolders: known.emptyFolders ?? [] };
}

function unmounting(port: string, { mountPoint }: Mount): Step {
  return { do: 'unmount', port, at: mountPoint };
}

function mountsAt(port: string, { mounts, root }: Look): Mount[] {
  return mounts.filter(({ mountPoint }) => mountPoint === `${root}/${port}`);
}

/** Options of a mount for evidence (I1). `group`: who may read besides root, where the file system itself has no owners. */
export function mountOptions(fileSystem: string, group: number): string {
  const always = 'ro,noexec,nosuid,nodev,noatime';
  const owners = `uid=0,gid=${group},fmask=0137,dmask=0027`;
  switch (fileSystem) {
    // The camera's wall time is shown as it is (decision 0024).
    case 'vfat':
      return `${always},${owners},tz=UTC,utf8,errors=continue`;
    case 'exfat':
      return `${always},${owners},time_offset=0,errors=continue`;
    default:
      // Without this ext4 replays its journal even when it is mounted read-only.
      return `${always},norecovery,errors=continue`;
  }
}
