/** The erase policy on real media: proved recordings go, the important one stays, and nobody but the helper could write meanwhile. */
import path from 'node:path';
import { exfatCard, ext4Card, markFatDirty, sha256, someRecordings, vfatCard } from '../cards.js';
import { run } from '../program.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title:
    'proved recordings are cleared from vfat, exFAT and ext4, then read-only again; important and dirty ones stay (I3)',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = someRecordings(2);
    const cards = [
      await exfatCard(folder, { device: 'C0001', recordings }, machine),
      await ext4Card(folder, { device: 'C0002', recordings }),
      await vfatCard(folder, { device: 'C0003', recordings }),
      await vfatCard(folder, { device: 'C0004', recordings }),
    ];
    const dirty = cards[3]?.image ?? '';
    markFatDirty(dirty);
    const before = await sha256(dirty);
    await lab.configured('offload: { erase: after-verified }');
    await machine.until('custodock status --json | grep -q \'"check": *"clean"\'', 60_000);
    for (const [index, { image }] of cards.entries()) await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    for (const bay of [1, 2, 3, 4]) await lab.light(bay, 'green-steady');
    const left = await machine.ok('cd /run/custodock/media && find 1-1.* -type f | grep -c . ; find 1-1.* -type f');
    for (const bay of [1, 2, 3]) {
      const here = left.split('\n').filter((line) => line.startsWith(`1-1.${bay}/`));
      assert.equal(here.length, 1, `bay ${bay} keeps its important recording alone: ${here.join(', ')}`);
      assert.match(here[0] ?? '', /_IMP\.mp4$/);
    }
    assert.equal(
      left.split('\n').filter((line) => line.startsWith('1-1.4/')).length,
      recordings.length,
      'nothing goes from the dirty card',
    );
    const erased = await lab.entries('recording.erased');
    assert.equal(erased.length, 6);
    assert.deepEqual(new Set(erased.map(({ outcome }) => outcome)), new Set(['erased']));
    // Of the file systems themselves, under whatever is mounted of them, and of the kernel, for disks and partitions.
    await machine.until(
      'test "$(findmnt -rn -o FS-OPTIONS,TARGET | grep custodock/media/ | cut -c-2 | xargs)" = "ro ro ro ro" && ' +
        'test "$(sort -u /sys/class/block/sd*/ro)" = 1',
      60_000,
    );
    assert.doesNotMatch(
      await machine.ok('findmnt -rn -o TARGET,VFS-OPTIONS,FS-OPTIONS | grep custodock/media/'),
      /\brw\b/,
    );
    // Nobody but the dock's own user may even ask.
    assert.notEqual(
      (
        await machine.run(
          "setpriv --reuid=nobody --regid=custodock --clear-groups /usr/lib/custodock/bin/node -e \"require('net').connect('/run/custodock/media.socket').on('error',()=>process.exit(1)).on('connect',()=>process.exit(0))\"",
        )
      ).status,
      0,
    );
    for (const bay of [1, 2, 3, 4]) await lab.undock(bay);
    assert.equal(await sha256(dirty), before, 'the dirty card is unchanged');
    const [exfat, ext4, vfat] = cards.map(({ image }) => image);
    run('fsck.exfat', ['-n', exfat ?? '']);
    run('fsck.ext4', ['-n', '-f', ext4 ?? '']);
    run('dd', [`if=${vfat ?? ''}`, `of=${path.join(folder, 'part.img')}`, 'bs=1M', 'skip=1', 'status=none']);
    run('fsck.vfat', ['-n', path.join(folder, 'part.img')]);
    lab.note('fsck finds nothing wrong with the three cleared cards');
  },
};
