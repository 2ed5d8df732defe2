/**
 * What is on a volume, from its first bytes alone. Pure.
 *
 * Everything here is hostile input (I11): the kernel mounts only what describes itself without a contradiction and fits on its device.
 * On-disk formats: Microsoft FAT specification 1.03; exFAT specification 1.00; ext4 in the kernel's own documentation.
 */
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';

/** Enough for every file system below: the boot regions of exFAT end at 24 sectors of 4096 bytes at most. */
export const headBytes = 128 * 1024;

export type FileSystem = 'vfat' | 'exfat' | 'ext4';

export type Contents =
  | {
      readonly kind: 'volume';
      readonly fileSystem: FileSystem;
      /** It was not unmounted, or its file system noted an error: what was written last may be missing. */
      readonly dirty: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'damaged'; readonly found: Phrase };

/** `head`: the first bytes of the volume, at most `headBytes`. `sizeBytes`: of the whole volume. */
export function contentsOf(head: Buffer, sizeBytes: number): Contents {
  if (head.length < 4096) return refused('damaged', phrase`${head.length} bytes that can be read`);
  const claims: Contents[] = [];
  if (head.toString('latin1', 3, 11) === 'EXFAT   ') claims.push(exfat(head, sizeBytes));
  else if (looksLikeFat(head)) claims.push(fat(head, sizeBytes));
  if (head.readUInt16LE(0x438) === 0xef53) claims.push(ext(head, sizeBytes));
  const [sound, other] = claims.filter(({ kind }) => kind === 'volume');
  // One of them is what an earlier format left; which one cannot be seen from here.
  if (sound?.kind === 'volume' && other?.kind === 'volume')
    return refused('unknown', phrase`the marks of ${sound.fileSystem} and of ${other.fileSystem}`);
  return sound ?? claims[0] ?? refused('unknown', foreign(head));
}

function refused(reason: 'unknown' | 'damaged', found: Phrase): Contents {
  return { kind: 'refused', reason, found };
}

function tooLarge(fileSystem: string, claimedBytes: bigint, sizeBytes: number): Contents {
  return refused('damaged', phrase`${fileSystem} of ${claimedBytes} bytes on a device of ${sizeBytes}`);
}

function exfat(head: Buffer, sizeBytes: number): Contents {
  const sectorShift = head.readUInt8(108);
  const clusterShift = head.readUInt8(109);
  const fats = head.readUInt8(110);
  const revision = head.readUInt8(105);
  if (
    sectorShift < 9 ||
    sectorShift > 12 ||
    sectorShift + clusterShift > 25 ||
    fats < 1 ||
    fats > 2 ||
    revision !== 1
  ) {
    return refused('damaged', phrase`an exFAT boot sector that contradicts itself`);
  }
  const sectorBytes = 1 << sectorShift;
  if (head.length < 12 * sectorBytes) return refused('damaged', phrase`an exFAT boot region that ends too early`);
  // The checksum leaves out the flags and the percentage in use, which change on every use.
  let sum = 0;
  for (let at = 0; at < 11 * sectorBytes; at++) {
    if (at === 106 || at === 107 || at === 112) continue;
    sum = (((sum & 1) << 31) | (sum >>> 1)) + (head[at] ?? 0);
    sum >>>= 0;
  }
  if (head.readUInt32LE(11 * sectorBytes) !== sum)
    return refused('damaged', phrase`an exFAT boot region with a wrong checksum`);
  const claimed = head.readBigUInt64LE(72) * BigInt(sectorBytes);
  if (claimed > BigInt(sizeBytes)) return tooLarge('exFAT', claimed, sizeBytes);
  // VolumeDirty and MediaFailure.
  return { kind: 'volume', fileSystem: 'exfat', dirty: (head.readUInt16LE(106) & 0b110) !== 0 };
}

function ext(head: Buffer, sizeBytes: number): Contents {
  const at = 0x400;
  const blockShift = head.readUInt32LE(at + 0x18);
  if (blockShift > 6) return refused('damaged', phrase`an ext superblock that contradicts itself`);
  const compatible = head.readUInt32LE(at + 0x5c);
  const incompatible = head.readUInt32LE(at + 0x60);
  const journal = (compatible & 0x4) !== 0;
  const journalDevice = (incompatible & 0x8) !== 0;
  if (journalDevice) return refused('unknown', phrase`a journal of another device`);
  const highBlocks = (incompatible & 0x80) === 0 ? 0 : head.readUInt32LE(at + 0x150);
  const blocks = (BigInt(highBlocks) << 32n) | BigInt(head.readUInt32LE(at + 0x04));
  const claimed = blocks << BigInt(10 + blockShift);
  if (blocks === 0n) return refused('damaged', phrase`an ext superblock without blocks`);
  if (claimed > BigInt(sizeBytes)) return tooLarge('ext', claimed, sizeBytes);
  const state = head.readUInt16LE(at + 0x3a);
  const needsRecovery = (incompatible & 0x4) !== 0;
  // EXT2_VALID_FS is taken off while a volume without a journal is in use; EXT2_ERROR_FS is set for good.
  const dirty = needsRecovery || (state & 0x2) !== 0 || (!journal && (state & 0x1) === 0);
  return { kind: 'volume', fileSystem: 'ext4', dirty };
}

function looksLikeFat(head: Buffer): boolean {
  const jump = head.readUInt8(0);
  return (
    (jump === 0xeb || jump === 0xe9) && head.readUInt16LE(510) === 0xaa55 && head.toString('latin1', 3, 7) !== 'NTFS'
  );
}

function fat(head: Buffer, sizeBytes: number): Contents {
  const sectorBytes = head.readUInt16LE(11);
  const clusterSectors = head.readUInt8(13);
  const reserved = head.readUInt16LE(14);
  const fats = head.readUInt8(16);
  const rootEntries = head.readUInt16LE(17);
  const sectors = head.readUInt16LE(19) || head.readUInt32LE(32);
  const shortFat = head.readUInt16LE(22);
  const fatSectors = shortFat || head.readUInt32LE(36);
  const powers = [512, 1024, 2048, 4096].includes(sectorBytes) && isPowerOfTwo(clusterSectors);
  if (!powers || reserved === 0 || fats === 0 || fatSectors === 0 || sectors === 0) {
    return refused('damaged', phrase`a FAT boot sector that contradicts itself`);
  }
  const rootSectors = Math.ceil((rootEntries * 32) / sectorBytes);
  const dataSectors = sectors - reserved - fats * fatSectors - rootSectors;
  if (dataSectors < clusterSectors) return refused('damaged', phrase`a FAT boot sector without room for a file`);
  const claimed = BigInt(sectors) * BigInt(sectorBytes);
  if (claimed > BigInt(sizeBytes)) return tooLarge('FAT', claimed, sizeBytes);
  // As the kernel tells them apart: FAT32 has no short table length. Where its state stands depends on that.
  const state = head.readUInt8(shortFat === 0 ? 65 : 37);
  return { kind: 'volume', fileSystem: 'vfat', dirty: (state & 0b11) !== 0 };
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/** What a technician would call it. */
function foreign(head: Buffer): Phrase {
  if (head.toString('latin1', 3, 7) === 'NTFS') return verbatim('NTFS');
  if (head.toString('latin1', 0, 4) === 'LUKS') return phrase`an encrypted volume (LUKS)`;
  if (head.toString('latin1', 3, 11) === '-FVE-FS-') return phrase`an encrypted volume (BitLocker)`;
  if (head.toString('latin1', 0x8001, 0x8006) === 'CD001') return verbatim('ISO 9660');
  if (head.toString('latin1', 0x400, 0x404) === '\x10\x20\xf5\xf2') return verbatim('F2FS');
  if (head.toString('latin1', 0, 4) === 'XFSB') return verbatim('XFS');
  if (head.every((byte) => byte === 0)) return phrase`nothing but zeros`;
  return phrase`no file system that is known here`;
}
