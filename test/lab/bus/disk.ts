/**
 * A camera that is a disk on the bus, as the contract of camera families wants it: the kernel's own gadget shows an image, usb-storage makes a disk
 * of it, and that is mounted here.
 *
 * With ext4, the only one of the three file systems that holds everything that hostile cards have; vfat and exFAT are offloaded and cleared in
 * scenarios 03, 04 and 10. Mounted by the test and not by the media helper, which never leaves a volume writable: what it calls to erase from one,
 * at a place of its own, the family does here.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../daemon/runtime/clock.js';
import { massStorageFamily } from '../../../drivers/camera/mass-storage/driver.js';
import { deepestFolder } from '../../../drivers/camera/mass-storage/listing.js';
import { disksIn } from '../../../drivers/media/helper/sysfs.js';
import { MediaLooks } from '../../../drivers/media/volumes.js';
import { writeHostileCard } from '../../../drivers/simulated/card-hostile.js';
import type { DeviceUnderTest } from '../../contract/camera-family.js';
import { alterContent, fingerprintOf, touchTime } from '../../support/card-tree.js';
import { writeOrderlyCard } from '../../support/family-cards.js';
import { run } from '../program.js';
import { eventually, PluggedCamera } from './plugged.js';

const uuid = '1a2b3c4d-5e6f-4a7b-8c9d-0a1b2c3d4e5f';
const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 10_000 });

/** `access`: how it is mounted. */
export async function diskOnTheBus(
  content: 'orderly' | 'hostile',
  access: 'rw' | 'ro' = 'rw',
): Promise<DeviceUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'custodock-disk-'));
  const image = join(folder, 'card.img');
  run('truncate', ['-s', '16M', image]);
  // Large inodes: small ones keep no time after 2038. Nothing is left to be written in the background.
  run('mkfs.ext4', ['-q', '-F', '-I', '256', '-U', uuid, '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
  const camera = await PluggedCamera.plug({ kind: 'disk', image });
  const { portPath } = await camera.device();
  const disk = await eventually('its disk', async () =>
    (await disksIn('/sys')).find((one) => one.portPath === portPath && one.sizeBytes > 0),
  );
  const root = join(folder, 'media');
  const place = join(root, portPath);
  await mkdir(place, { recursive: true });
  const mount = (how: string): string =>
    run('mount', ['-t', 'ext4', '-o', `${how},noexec,nosuid,nodev,noatime`, `/dev/${disk.name}`, place]);
  mount('rw');
  const facts = await written(content, place);
  // What was written is not to be read from memory: an unmounted file system leaves nothing there.
  run('umount', [place]);
  mount(access);
  let mounted = true;
  // As the media helper does when the disk has gone: somebody may still be reading.
  const unmount = (): void => {
    if (mounted) run('umount', ['--lazy', place]);
    mounted = false;
  };
  const looks = new MediaLooks({ root, requireMount: true }, systemClock);
  return {
    family,
    ...facts,
    sighting: async () => ({
      // Its UUID comes by way of udev, a moment later.
      volume: await eventually('a volume with a UUID', async () =>
        (await looks.look()).volumes.find((one) => one.name === portPath && one.uuid !== undefined),
      ),
    }),
    fingerprint: () => fingerprintOf(place),
    // A medium cannot change below a mounted file system and be seen to: what the camera would do to it is done through that.
    alter: (path) => alterContent(place, path),
    touch: (path) => touchTime(place, path),
    pull: async () => {
      await camera.pull();
      unmount();
    },
    dispose: async () => {
      unmount();
      await camera.pull();
      await camera.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

async function written(
  content: 'orderly' | 'hostile',
  card: string,
): Promise<Pick<DeviceUnderTest, 'identity' | 'files' | 'skipped'>> {
  if (content === 'hostile') {
    return {
      identity: { id: uuid, source: 'volume' },
      ...(await writeHostileCard(card, 'hostile', deepestFolder)),
    };
  }
  return { identity: { id: 'A7000123', source: 'file-names' }, files: await writeOrderlyCard(card), skipped: [] };
}
