/** Cards as images, filled by the simulated recorder. The truth about what is on them comes back, and the image's own hash. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { type CardFile, type CardRecording, segments, writeCard } from '../../drivers/simulated/card.js';
import type { Machine } from './machine.js';
import { run } from './program.js';

export interface CardImage {
  readonly image: string;
  readonly files: readonly CardFile[];
}

export interface CardContents {
  readonly device: string;
  readonly recordings: readonly CardRecording[];
}

/** Recordings of a short shift, and one that is marked important. */
export function someRecordings(count = 3, sizeBytes = 300_000): readonly CardRecording[] {
  return [
    ...segments('2026-11-20T09:00:00', count, sizeBytes),
    { kind: 'video', startedLocal: '2026-11-20T15:00:00', sizeBytes: 200_000, important: true },
  ];
}

const mebibyte = 1024 * 1024;

/** Room for what is on it, and some: 128 MiB at least, whole MiB. */
function cardBytes({ recordings }: CardContents): number {
  const content = recordings.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return Math.max(128, Math.ceil((content * 1.1) / mebibyte) + 8) * mebibyte;
}

/** A card as recorders have it: one partition with FAT32. */
export async function vfatCard(folder: string, contents: CardContents): Promise<CardImage> {
  const { image, content, files } = await prepared(folder, 'vfat', contents);
  run('sfdisk', ['-q', image], 'label: dos\nstart=1MiB, type=c\n');
  run('mkfs.vfat', [
    '-F',
    '32',
    '-n',
    'DSJ',
    '-i',
    '1A2B3C4D',
    '--offset',
    '2048',
    image,
    String(cardBytes(contents) / 1024 - 1024),
  ]);
  run('mcopy', [
    '-i',
    `${image}@@1M`,
    '-s',
    '-m',
    '-Q',
    ...readdirSync(content).map((name) => path.join(content, name)),
    '::/',
  ]);
  rmSync(content, { recursive: true });
  return { image, files };
}

/** `links`: symbolic ones, where they are on the card and where they lead. */
export async function ext4Card(
  folder: string,
  contents: CardContents,
  links: Readonly<Record<string, string>> = {},
): Promise<CardImage> {
  const { image, content, files } = await prepared(folder, 'ext4', contents);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(content, name));
  run('mkfs.ext4', ['-q', '-F', '-d', content, image]);
  rmSync(content, { recursive: true });
  return { image, files };
}

/** Nothing on the host fills exFAT without mounting it: the guest does, at a port where the dock lets it. */
export async function exfatCard(folder: string, contents: CardContents, machine: Machine): Promise<CardImage> {
  const { image, content, files } = await prepared(folder, 'exfat', contents);
  run('mkfs.exfat', [image]);
  const feed = path.join(folder, 'feed.tar');
  run('tar', ['-cf', feed, '-C', content, '.']);
  rmSync(content, { recursive: true });
  await machine.plug(1, image, 'blank');
  await machine.plug(2, feed, 'feed');
  const disk = (name: string): string => `/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_${name}-0:0`;
  await machine.until(`test -b ${disk('blank')} -a -b ${disk('feed')}`, 60_000);
  await machine.ok(
    `mkdir -p /mnt/card && mount -t exfat ${disk('blank')} /mnt/card && tar -xf ${disk('feed')} --no-same-owner -C /mnt/card && umount /mnt/card`,
  );
  await machine.pull(1, 'blank');
  await machine.pull(2, 'feed');
  // The next card may be made at once, and its disks have the same names.
  await machine.until(`! test -e ${disk('blank')} && ! test -e ${disk('feed')}`, 60_000);
  rmSync(feed);
  return { image, files };
}

/** NTFS, as far as anybody looks who does not mount it. */
export function ntfsCard(folder: string): string {
  const image = path.join(folder, 'ntfs.img');
  run('truncate', ['-s', '64M', image]);
  patch(image, 0, Buffer.from('\xeb\x52\x90NTFS    ', 'latin1'));
  patch(image, 510, Buffer.from([0x55, 0xaa]));
  return image;
}

/** exFAT whose boot region is sound and is all that there is: without a root directory no kernel mounts it. */
export function hollowExfatCard(folder: string): string {
  const image = path.join(folder, 'hollow.img');
  run('truncate', ['-s', '64M', image]);
  run('mkfs.exfat', [image]);
  // Allocation table and clusters begin behind the first MiB.
  run('truncate', ['-s', '1M', image]);
  run('truncate', ['-s', '64M', image]);
  return image;
}

/** As a camera leaves a card that lost its power while it recorded. `at`: where the volume begins in the image. */
export function markFatDirty(image: string, at = mebibyte): void {
  // Bit 0 of the state in the FAT32 boot sector.
  patch(image, at + 65, Buffer.from([1]));
}

/** The same with exFAT. */
export function markExfatDirty(image: string): void {
  // VolumeDirty of the VolumeFlags, which the checksum of the boot region leaves out.
  patch(image, 106, Buffer.from([2]));
}

/** The same with ext4: its journal was not played back, and playing it back would put zeros at the beginning of this recording. */
export function leaveJournalOpen(image: string, { path: name }: CardFile): void {
  const block = run('debugfs', ['-R', `bmap /${name} 0`, image]).trim();
  run('debugfs', ['-w', image], `journal_open\njournal_write -b ${block} /dev/zero\njournal_close\n`);
}

/** Where in an image a video begins, and its bytes: in one piece, as mcopy puts it on an empty card. */
export function extentOf(image: string, { path: name, sizeBytes, sha256 }: CardFile): { at: number; bytes: Buffer } {
  const all = readFileSync(image);
  for (let mark = all.indexOf('ftyp'); mark >= 0; mark = all.indexOf('ftyp', mark + 1)) {
    const bytes = all.subarray(mark - 4, mark - 4 + sizeBytes);
    if (createHash('sha256').update(bytes).digest('hex') === sha256) return { at: mark - 4, bytes };
  }
  throw new Error(`${name} is not in one piece in ${image}`);
}

/** Bytes of an image, as a mishap would have them. */
export function patch(image: string, at: number, bytes: Buffer): void {
  const file = openSync(image, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function prepared(
  folder: string,
  kind: string,
  contents: CardContents,
): Promise<{ readonly image: string; readonly content: string; readonly files: readonly CardFile[] }> {
  const { device, recordings } = contents;
  const image = path.join(folder, `${kind}-${device}.img`);
  const content = path.join(folder, `${kind}-${device}`);
  mkdirSync(content, { recursive: true });
  const files = await writeCard(content, { seed: `${kind}-${device}`, device, user: '0042', recordings });
  run('truncate', ['-s', String(cardBytes(contents)), image]);
  return { image, content, files };
}
