import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mount, mountAt, mountOver, parseMountInfo } from '../../drivers/media/mountinfo.js';

const card =
  '36 35 8:1 / /run/custodock/media/1-1.3 ro,nosuid,nodev,noexec,noatime master:1 - vfat /dev/sda1 ro,tz=UTC';

describe('mount table', () => {
  it('reads a mount as proc_pid_mountinfo(5) describes it', () => {
    expect(parseMountInfo(card)).toEqual([
      {
        id: 36,
        device: '8:1',
        mountPoint: '/run/custodock/media/1-1.3',
        fileSystem: 'vfat',
        readOnly: true,
        sealed: true,
      },
    ]);
  });

  it.each([
    ['none', '1 2 8:1 / /m rw - ext4 /dev/sda rw', false],
    ['the mount alone', '1 2 8:1 / /m ro,relatime - ext4 /dev/sda rw', true],
    ['the file system alone, as after an I/O error', '1 2 8:1 / /m rw - ext4 /dev/sda errors=remount-ro,ro', true],
    ['an option that only contains it', '1 2 8:1 / /m rw,iocharset=ro8 - vfat /dev/sda rw,errors=remount-ro', false],
  ])('sees read-only: %s', (_, line, readOnly) => {
    expect(parseMountInfo(line)[0]?.readOnly).toBe(readOnly);
  });

  it('reads any number of optional fields', () => {
    for (const optional of ['', 'shared:1 ', 'shared:1 master:2 ', 'shared:1 master:2 propagate_from:3 unbindable ']) {
      expect(parseMountInfo(`1 2 8:1 / /m rw ${optional}- vfat /dev/sda rw`)[0]?.fileSystem).toBe('vfat');
    }
  });

  it('is not confused by dashes in the place of a name', () => {
    expect(parseMountInfo('1 2 8:1 / /- rw - vfat - rw')[0]).toMatchObject({ mountPoint: '/-', fileSystem: 'vfat' });
  });

  it('undoes the escapes of the kernel, also of names that are no ASCII', () => {
    const text = Buffer.from('1 2 8:1 / /m/a\\040b\\011c\\012d\\134e\\043执 rw - vfat /dev/sda rw').toString('latin1');
    expect(parseMountInfo(text)[0]?.mountPoint).toBe('/m/a b\tc\nd\\e#执');
  });

  it('reads back every mount point that the kernel could write (property)', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            sealed: fc.boolean(),
            id: fc.nat(),
            device: fc.tuple(fc.nat(4095), fc.nat(1_048_575)).map(([major, minor]) => `${major}:${minor}`),
            mountPoint: fc.string({ unit: 'grapheme' }).map((name) => `/${name.toWellFormed()}`),
            fileSystem: fc.constantFrom('vfat', 'exfat', 'ext4', 'fuse.sshfs'),
            readOnly: fc.boolean(),
          }),
          { maxLength: 8 },
        ),
        (mounts) => {
          expect(parseMountInfo(mounts.map(kernelLine).join(''))).toEqual(
            mounts.map((mount) => ({ ...mount, readOnly: mount.readOnly || mount.sealed })),
          );
        },
      ),
    );
  });

  it('takes nothing from lines that make no sense, and never throws (property)', () => {
    fc.assert(
      fc.property(fc.string(), (junk) => {
        for (const { id, mountPoint } of parseMountInfo(`${junk}\n${card}\n${junk}`)) {
          expect(Number.isInteger(id)).toBe(true);
          expect(mountPoint.startsWith('/')).toBe(true);
        }
        expect(parseMountInfo(`${junk}\n${card}\n${junk}`).some(({ id }) => id === 36)).toBe(true);
      }),
    );
    for (const cut of Array.from(card, (_, length) => card.slice(0, length))) {
      for (const mount of parseMountInfo(cut)) expect(mount.mountPoint).toBe('/run/custodock/media/1-1.3');
    }
  });
});

describe('what is mounted where', () => {
  const at = (mountPoint: string, id: number, fileSystem = 'vfat'): Mount => ({
    id,
    device: '8:1',
    mountPoint,
    fileSystem,
    readOnly: true,
    sealed: true,
  });

  it('finds only what is mounted exactly there: a directory on the way is no volume', () => {
    const mounts = [at('/', 1), at('/media', 2), at('/media/1-1/sub', 3)];
    expect(mountAt(mounts, '/media')?.id).toBe(2);
    expect(mountAt(mounts, '/media/1-1')).toBeUndefined();
  });

  it('takes the upper of two mounts at one place', () => {
    expect(mountAt([at('/m', 1), at('/m', 2)], '/m')?.id).toBe(2);
    expect(mountOver([at('/m', 1), at('/m', 2)], '/m/x')?.id).toBe(2);
  });

  it('takes an automounter’s trigger for no volume', () => {
    expect(mountAt([at('/m', 1, 'autofs')], '/m')).toBeUndefined();
    expect(mountAt([at('/m', 1, 'autofs'), at('/m', 2)], '/m')?.id).toBe(2);
  });

  it('knows the mount that a path lies on, and does not take a longer name for a folder', () => {
    const mounts = [at('/', 1), at('/media', 2)];
    expect(mountOver(mounts, '/media/x')?.id).toBe(2);
    expect(mountOver(mounts, '/media2')?.id).toBe(1);
    expect(mountOver([], '/x')).toBeUndefined();
  });
});

function kernelLine({ id, device, mountPoint, fileSystem, readOnly, sealed }: Mount): string {
  const escaped = Buffer.from(mountPoint)
    .toString('latin1')
    .replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `${id} 1 ${device} / ${escaped} ${readOnly ? 'ro' : 'rw'},noatime shared:9 - ${fileSystem} /dev/x ${sealed ? 'ro' : 'rw'}\n`;
}
