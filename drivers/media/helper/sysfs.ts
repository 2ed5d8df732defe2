/** Which disks the kernel has, from sysfs. Reads, and nothing else; the folder can be another one for tests. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../contract/error.js';
import type { Block, Disk } from './plan.js';
import { portPathIn } from './port-path.js';

/** sysfs counts in these, whatever the device's own sectors are. */
const sectorBytes = 512;

/** All disks in the order of their names. One that goes away during the look is left out. */
export async function disksIn(sys: string): Promise<readonly Disk[]> {
  const folder = join(sys, 'block');
  const disks = await Promise.all((await readdir(folder)).sort().map((name) => diskAt(join(folder, name), name)));
  return disks.filter((disk) => disk !== undefined);
}

async function diskAt(link: string, name: string): Promise<Disk | undefined> {
  try {
    const path = await realpath(link);
    const inside = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const partitions: Block[] = [];
    for (const { name: part } of inside) {
      if (part.startsWith(name) && (await attribute(path, part, 'partition')) !== undefined) {
        partitions.push(await blockAt(join(path, part), part));
      }
    }
    return {
      ...(await blockAt(path, name)),
      portPath: portPathIn(path),
      sequence: (await attribute(path, 'diskseq')) ?? '0',
      partitions: partitions.sort((one, other) => (one.name < other.name ? -1 : 1)),
    };
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

async function blockAt(path: string, name: string): Promise<Block> {
  const device = (await readFile(join(path, 'dev'), 'latin1')).trim();
  const sectors = Number((await readFile(join(path, 'size'), 'latin1')).trim());
  return { name, device, sizeBytes: sectors * sectorBytes };
}

async function attribute(...path: readonly string[]): Promise<string | undefined> {
  try {
    return (await readFile(join(...path), 'latin1')).trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}
