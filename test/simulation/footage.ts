/** Recordings of the simulated cameras, and the truth about them. Pure. */
import { createHash } from 'node:crypto';
import type { Random } from './random.js';

/** Stands in every 256 bytes of all footage: where it is found, footage is (I10). */
export const footageMark = 'FOOTAGE/7f3a9c51';

export interface Footage {
  /** Raw bytes relative to the card. */
  readonly path: Buffer;
  readonly bytes: Buffer;
  readonly modifiedMs: number;
  readonly sha256: string;
  readonly important: boolean;
  /** By its own format. */
  readonly whole: boolean;
}

/** What tells one recording of a camera from another: path, size and time. */
export function footageKey(pathBytes: Uint8Array, sizeBytes: number, modifiedMs: number): string {
  return `${Buffer.from(pathBytes).toString('base64')}|${sizeBytes}|${modifiedMs}`;
}

export function keyOf({ path, bytes, modifiedMs }: Footage): string {
  return footageKey(path, bytes.length, modifiedMs);
}

export function footage(path: Buffer, bytes: Buffer, modifiedMs: number, whole = true): Footage {
  const text = path.toString('latin1');
  return {
    path,
    bytes,
    modifiedMs,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    important: text.startsWith('IMP/') || text.includes('_IMP.'),
    whole,
  };
}

/** Bytes that are nowhere else, with the mark all over them; no two blocks are alike. */
export function content(random: Random, sizeBytes: number, whole = true): Buffer {
  const line = Buffer.alloc(256, `${random.int(0, 0xffffffff).toString(16)}.`);
  line.write(footageMark, 0);
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += line.length) {
    line.writeUInt32BE(at, 32);
    line.copy(bytes, at);
  }
  if (!whole) Buffer.from('00000010667479706d70343200000000ffffffff6d646174', 'hex').copy(bytes);
  return bytes;
}

/** Names that lead elsewhere, break lines, or are no text at all (I11). */
const hostileNames = [
  '..;.mp4',
  'new\nline.mp4',
  '\u001b[31mred.mp4',
  '\u202egpj.exe.mp4',
  '\u200bzero-width.mp4',
  '%2e%2e%2fetc%2fpasswd',
  'CON',
  '-rf.mp4',
  '...',
  ' ',
  'trailing.dot.',
  'proof.sha256',
  'half.part',
  '执法记录.mp4',
  `${'x'.repeat(251)}.mp4`,
  '字'.repeat(85),
  'DSJ_1_2_20260230_000000.mp4',
]
  .map((name) => Buffer.from(name))
  .concat(Buffer.from([0xff, 0xfe, 0x2e, 0x6d]), Buffer.from([0xc0, 0xae, 0xc0, 0xae]));

/** One more recording as a camera makes it; `others` are those that it has. */
export function newFootage(
  random: Random,
  device: string,
  user: string,
  cameraMs: number,
  others: readonly Footage[],
): Footage {
  const local = new Date(cameraMs + 28_800_000).toISOString().replaceAll(/[-:]/g, '');
  const [date = '', time = ''] = [local.slice(0, 8), local.slice(9, 15)];
  const important = random.chance(0.15);
  const plain = `DSJ_${device}_${user}_${date}_${time}`;
  const draw = random.next();
  let path: Buffer;
  if (draw < 0.1) path = Buffer.concat([Buffer.from('video/'), random.pick(hostileNames)]);
  else if (draw < 0.15) path = Buffer.from(`IMP/${random.int(1, 3)}.mp4`);
  // Names that differ only in case, and the same name in another folder: one name in the archive.
  else if (draw < 0.2) path = Buffer.from(`video/${date}/${random.pick(['clip', 'CLIP', 'Clip'])}.mp4`);
  else path = Buffer.from(`${random.pick(['video', 'video', 'audio'])}/${date}/${plain}${important ? '_IMP' : ''}.mp4`);
  while (others.some((other) => other.path.equals(path))) {
    // A second recording within the same second, or of the same hostile name.
    path = Buffer.concat([
      Buffer.from(`video/again${random.int(1, 99_999)}/`),
      path.subarray(path.lastIndexOf(0x2f) + 1),
    ]);
    if (important) path = Buffer.concat([Buffer.from('IMP/'), path]);
  }
  const whole = !random.chance(0.08);
  return footage(path, content(random, sizeOf(random, whole), whole), timeOf(random, cameraMs), whole);
}

function sizeOf(random: Random, whole: boolean): number {
  if (!whole) return random.int(64, 9_000);
  const draw = random.next();
  if (draw < 0.07) return 0;
  if (draw < 0.12) return random.int(1, 31);
  if (draw < 0.14) return random.int(5 << 20, 9 << 20);
  if (draw < 0.2) return random.int(1, 3) * 1_048_576;
  return random.int(1_000, 40_000);
}

function timeOf(random: Random, cameraMs: number): number {
  const draw = random.next();
  if (draw < 0.03) return Date.UTC(1980, 0, 1);
  if (draw < 0.05) return Date.UTC(2099, 11, 31);
  return Math.floor(cameraMs / 1_000) * 1_000 + random.int(0, 60) * 1_000;
}
