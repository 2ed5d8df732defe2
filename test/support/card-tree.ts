/** A card's whole tree as one hash, and changes to it that a test makes behind everybody's back. */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { open, stat, utimes } from 'node:fs/promises';

/** Content of larger files is not read: any write to them shows in their change time. */
const mostHashedBytes = 64n * 1024n * 1024n;

/** Changes with every name, content, size, mode, target, modification and change time below `folder`; not with being read. */
export function fingerprintOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const visit = (path: Buffer): void => {
    const status: BigIntStats = lstatSync(path, { bigint: true });
    hash.update(path);
    hash.update(` ${status.mode} ${status.size} ${status.mtimeNs} ${status.ctimeNs} ${status.ino} ${status.nlink}\n`);
    if (status.isSymbolicLink()) hash.update(readlinkSync(path, { encoding: 'buffer' }));
    if (status.isFile() && status.size <= mostHashedBytes) hash.update(readFileSync(path));
    if (!status.isDirectory()) return;
    const names = readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
    for (const name of names) visit(Buffer.concat([path, Buffer.from('/'), name]));
  };
  visit(Buffer.from(folder));
  return Promise.resolve(hash.digest('hex'));
}

/** Turns one byte in the middle of a file; size and modification time stay. */
export async function alterContent(folder: string, path: Uint8Array): Promise<void> {
  const full = Buffer.concat([Buffer.from(`${folder}/`), path]);
  const { size, mtimeMs } = await stat(full);
  const file = await open(full, constants.O_RDWR);
  try {
    const byte = Buffer.alloc(1);
    const at = Math.floor(size / 2);
    await file.read(byte, 0, 1, at);
    byte.writeUInt8(byte.readUInt8() ^ 0x01);
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
  await utimes(full, mtimeMs / 1_000, mtimeMs / 1_000);
}

/** Sets the modification time two seconds on: the step of FAT. */
export async function touchTime(folder: string, path: Uint8Array): Promise<void> {
  const full = Buffer.concat([Buffer.from(`${folder}/`), path]);
  const { mtimeMs } = await stat(full);
  await utimes(full, mtimeMs / 1_000 + 2, mtimeMs / 1_000 + 2);
}
