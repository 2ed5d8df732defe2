/**
 * `Volume.mountId`: what tells one mount from the next at the same place, and whether an open directory is still of it.
 *
 * Whoever opens a volume asks `isOfVolume` of the directory that was really opened. Without that, a card that was unmounted
 * between two looks would leave its empty mount point behind, and that would pass for an empty card with nothing left to offload.
 */

import type { BigIntStats } from 'node:fs';
import { access, type FileHandle, readFile } from 'node:fs/promises';
import { errnoOf } from '../contract/error.js';
import type { Mount } from './mountinfo.js';

export function mountedId(mount: Pick<Mount, 'device' | 'id'>): string {
  return `mount:${mount.device}:${mount.id}`;
}

/** A plain directory that stands for a volume. The time of its making tells it from another that got the same inode number. */
export function folderId(stat: BigIntStats): string {
  return `folder:${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
}

/** Whether this open directory is the root of the volume with this `mountId`. */
export async function isOfVolume(directory: FileHandle, mountId: string): Promise<boolean> {
  if (mountId.startsWith('folder:')) return folderId(await directory.stat({ bigint: true })) === mountId;
  const mount = /^mount:\d+:\d+:(\d+)$/.exec(mountId)?.[1];
  if (mount === undefined) return false;
  // The kernel's own word for the mount behind a descriptor: holds for every file system, unlike st_dev (btrfs).
  const info = await readFile(`/proc/self/fdinfo/${directory.fd}`, 'latin1');
  return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1] === mount;
}

/**
 * Whether the device under a mount has left. Its file system stays mounted until somebody unmounts it, and goes on to answer with what it
 * remembers: vfat passes over folder blocks that cannot be read any more, without an error, so that a full card looks empty.
 * `sys`: /sys, or a tree that looks like it.
 */
export async function deviceLeft(mountId: string, sys = '/sys'): Promise<boolean> {
  const device = /^mount:(\d+:\d+):/.exec(mountId)?.[1];
  // Major 0: no block device of its own (btrfs, tmpfs, a network).
  if (device === undefined || device.startsWith('0:')) return false;
  const blockDevices = `${sys}/dev/block`;
  return (await isMissing(`${blockDevices}/${device}`)) && !(await isMissing(blockDevices));
}

async function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  );
}
