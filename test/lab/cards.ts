/** Cards as images, filled by the simulated recorder. The truth about what is on them comes back, and the image's own hash. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
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

export async function ext4Card(folder: string, contents: CardContents): Promise<CardImage> {
  const { image, content, files } = await prepared(folder, 'ext4', contents);
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
  rmSync(feed);
  return { image, files };
}

/** As a camera leaves a card that lost its power while it recorded. `at`: where the volume begins in the image. */
export function markFatDirty(image: string, at = 1024 * 1024): void {
  const file = openSync(image, 'r+');
  // Bit 0 of the state in the FAT32 boot sector.
  writeSync(file, Buffer.from([1]), 0, 1, at + 65);
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
