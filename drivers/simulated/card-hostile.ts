/**
 * The worst cards that a file system can hold (I11): names, depths, links, times, counts and sizes that no camera should write, and some do.
 * For tests and training; the truth about each card comes back with it.
 */
import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CardFile, writeCardFile } from './card.js';
import { mp4Bytes } from './card-content.js';

export interface HostileCard {
  readonly files: readonly CardFile[];
  /** What is no recording, by the reason that a listing must give; raw paths. */
  readonly skipped: readonly { readonly path: Buffer; readonly reason: 'link' | 'special' | 'too-deep' }[];
}

/** 2026-03-01T08:00:00Z. */
const ordinaryMs = 1_772_352_000_000;

/** Names that must come back byte for byte and lead nowhere. */
const hostileNames: readonly Buffer[] = [
  'new\nline.mp4',
  'carriage\rreturn.mp4',
  'tab\tand space .mp4',
  ' ',
  '...',
  '..foo',
  '..;.mp4',
  '%2e%2e%2fetc%2fpasswd',
  'a\\..\\b.mp4',
  '-rf',
  '--help.mp4',
  '~root',
  '$(reboot).mp4',
  '`reboot`.mp4',
  'quote\'".mp4',
  'CON',
  'trailing.dot.',
  'trailing space ',
  '\u202egpj.exe.mp4',
  '\u200bzero-width.mp4',
  '\u001b[31mred.mp4',
  '执法记录.mp4',
  'e\u0301 decomposed.mp4',
  '\u00e9 composed.mp4',
  'clip.mp4',
  'CLIP.mp4',
  'Clip.MP4',
  `${'x'.repeat(251)}.mp4`,
  '字'.repeat(85),
  'proof.sha256',
  'half.part',
  'DSJ_________.mp4',
  'DSJ_1_2_20260230_000000.mp4',
  'DSJ_1_2_20260228_250000.mp4',
]
  .map((name) => Buffer.from(name))
  .concat(
    Buffer.from([0xff, 0xfe, 0x2e, 0x6d, 0x70, 0x34]),
    Buffer.from([0xff, 0xfd, 0x2e, 0x6d, 0x70, 0x34]),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from([0xc0, 0xae, 0xc0, 0xae]),
    Buffer.concat([Buffer.from('gbk '), Buffer.from([0xd6, 0xb4, 0xb7, 0xa8]), Buffer.from('.mp4')]),
  );

/** Modification times that clocks without power, FAT and broken firmware leave. */
const absurdTimesMs = {
  'time-1980.mp4': Date.UTC(1980, 0, 1),
  'time-1970.mp4': 0,
  'time-2038.mp4': Date.UTC(2038, 0, 19, 3, 14, 8),
  'time-2106.mp4': Date.UTC(2106, 1, 7, 6, 28, 16),
  'time-future.mp4': Date.UTC(2099, 11, 31),
} as const;

/** Writes a card with one of everything. `deepest`: folders below the root that a listing goes into. */
export async function writeHostileCard(folder: string, seed: string, deepest: number): Promise<HostileCard> {
  const files: CardFile[] = [];
  const skipped: { path: Buffer; reason: 'link' | 'special' | 'too-deep' }[] = [];
  const add = async (path: Buffer | string, sizeBytes: number, modifiedMs = ordinaryMs, finished = true) => {
    const raw = Buffer.from(path);
    const content = { seed: `${seed}/${raw.toString('latin1')}`, kind: 'video', sizeBytes, finished } as const;
    files.push(await writeCardFile(folder, raw, modifiedMs, content));
  };

  for (const [index, name] of hostileNames.entries()) {
    await add(Buffer.concat([Buffer.from('names/'), name]), 200 + index);
  }
  // A folder with a hostile name, and the important mark in the other case.
  await add(Buffer.concat([Buffer.from([0xfe]), Buffer.from('\n/imp/a.mp4')]), 300);
  for (const [name, modifiedMs] of Object.entries(absurdTimesMs)) await add(`times/${name}`, 256, modifiedMs);

  await add('sizes/empty.mp4', 0);
  await add('sizes/one.mp4', 1);
  await add('sizes/truncated.mp4', 100_000, ordinaryMs, false);
  const large = { seed, kind: 'video', sizeBytes: 4 * 1024 ** 3 + 4_097, sparse: true } as const;
  files.push(await writeCardFile(folder, Buffer.from('sizes/beyond-4-GiB.mp4'), ordinaryMs, large));

  await add('System Volume Information/IndexerVolumeGuid', 76);
  await add('$RECYCLE.BIN/S-1-5-21/$R1.mp4', 500);
  await add('.Trashes/501/clip.mp4', 500);
  await add('video/._clip.mp4', 400);

  const deep = Array.from({ length: deepest }, (_, level) => `d${level}`).join('/');
  await add(`${deep}/last.mp4`, 222);
  await mkdir(join(folder, deep, 'beyond'));
  writeFileSync(join(folder, deep, 'beyond', 'never.mp4'), 'too deep');
  skipped.push({ path: Buffer.from(`${deep}/beyond`), reason: 'too-deep' });

  await mkdir(join(folder, 'links'));
  for (const [name, target] of [
    ['to-file.mp4', '/etc/passwd'],
    ['to-folder', '/etc'],
    ['to-root', '/'],
    ['up', '..'],
    ['self', 'self'],
    ['inside.mp4', '../sizes/truncated.mp4'],
    ['nowhere.mp4', '/nonexistent/x'],
  ] as const) {
    await symlink(target, join(folder, 'links', name));
    skipped.push({ path: Buffer.from(`links/${name}`), reason: 'link' });
  }
  // Whoever opens a pipe for reading waits until somebody writes: for ever.
  await promisify(execFile)('mkfifo', [join(folder, 'pipe.mp4')]);
  skipped.push({ path: Buffer.from('pipe.mp4'), reason: 'special' });
  return { files, skipped };
}

/** Fills `count` names of one small file into folders of at most 5,000, by hard links: a full card in a second or two. */
export function writeManyNames(folder: string, count: number): void {
  const content = mp4Bytes('many', 200, { finished: true });
  for (let from = 0; from < count; from += 5_000) {
    const into = join(folder, `video${from / 5_000}`);
    mkdirSync(into, { recursive: true });
    const first = join(into, `clip${from}.mp4`);
    writeFileSync(first, content, { flag: 'wx' });
    for (let index = from + 1; index < Math.min(from + 5_000, count); index++) {
      linkSync(first, join(into, `clip${index}.mp4`));
    }
  }
}
