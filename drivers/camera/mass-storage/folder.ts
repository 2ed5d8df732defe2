/**
 * Folders of a volume, opened one below the other by handle and never by a path of several parts: Node has no openat(2), but a path
 * through /proc/self/fd begins at the folder that was really opened. So no link, and no folder that is exchanged meanwhile, can lead
 * out of the volume (I11). Must never open for writing.
 */
import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Volume } from '../../contract/camera.js';
import { phrase } from '../../contract/phrase.js';
import { deviceLeft, isOfVolume } from '../../media/mount-id.js';
import { volumeFault, volumeGone } from './faults.js';
import { answered, type Patience } from './patience.js';

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The root of the volume; DOCK_VOLUME_GONE when what is at its path now is not what was seen there, or has lost its device. */
export async function openVolume(volume: Volume, patience: Patience): Promise<FileHandle> {
  try {
    const root = await opened(patience, volume.path);
    try {
      if (!(await answered(patience, isOfVolume(root, volume.mountId))))
        throw volumeGone(volume.name, phrase`another directory at its place`);
      if (await deviceLeft(volume.mountId)) throw volumeGone(volume.name, phrase`its file system without its device`);
      return root;
    } catch (error) {
      await root.close();
      throw error;
    }
  } catch (error) {
    throw volumeFault(volume.name, error);
  }
}

/** A folder directly in an open one. Fails with ELOOP or ENOTDIR where the name is a link or no folder. */
export function openFolder(parent: FileHandle, name: Uint8Array, patience: Patience): Promise<FileHandle> {
  return opened(patience, within(parent, name));
}

function opened(patience: Patience, path: string | Buffer): Promise<FileHandle> {
  return answered(patience, open(path, folderFlags), (late) => void late.close());
}

/** Path of an entry that stays in this folder wherever the folder is moved; valid while the handle is open. */
export function within(folder: FileHandle, name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), name]);
}
