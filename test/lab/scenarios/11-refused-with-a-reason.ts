/** What is damaged, foreign, not what it says, in two parts or behind another hub is not mounted, and it is said why. */
import path from 'node:path';
import { hollowExfatCard, ntfsCard, patch, someRecordings, vfatCard } from '../cards.js';
import { run } from '../program.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'damaged, foreign, hollow and divided cards and strange places are refused with a reason, and stay unmounted',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = someRecordings(1);
    const cut = (await vfatCard(folder, { device: 'C0001', recordings })).image;
    // A volume that claims 4 GiB on a card of 128 MiB.
    patch(cut, 1024 * 1024 + 32, Buffer.from([0, 0, 0x80, 0]));
    const blank = path.join(folder, 'blank.img');
    run('truncate', ['-s', '64M', blank]);
    const divided = path.join(folder, 'divided.img');
    run('truncate', ['-s', '64M', divided]);
    run('sfdisk', ['-q', divided], 'label: dos\nsize=20MiB, type=c\ntype=c\n');
    await lab.configured();
    for (const [index, image] of [cut, ntfsCard(folder), divided, hollowExfatCard(folder)].entries())
      await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    await machine.plugElsewhere(blank);
    for (const [bay, reason] of [
      ['1-1', /damaged: FAT of \d+ bytes/],
      ['1-2', /unknown: NTFS/],
      ['1-3', /several: sd.1, sd.2/],
      // What mount(8) says: its boot region is sound.
      ['1-4', /not mounted: mount: /],
    ] as const) {
      await machine.until(
        `journalctl --no-pager -o cat -u custodock BAY=${bay} CODE=DOCK_VOLUME_UNFIT | grep -q .`,
        60_000,
      );
      assert.match(await lab.journal(`-u custodock BAY=${bay} CODE=DOCK_VOLUME_UNFIT`), reason);
      assert.match(await lab.journal(`-u custodock-media BAY=${bay}`), reason);
    }
    // A bay that refused one card looks at the next.
    await lab.undock(2);
    await lab.dock(2, blank, { serial: 'C0002' });
    await machine.until(
      'journalctl --no-pager -o cat -u custodock-media BAY=1-2 | grep -q "unknown: nothing but zeros"',
      60_000,
    );
    // A fast card is at the other half of that port, on a bus of its own.
    await machine.until(
      'journalctl --no-pager -o cat -u custodock-media | grep -q "at port [12]-2 is in no configured bay"',
      60_000,
    );
    assert.equal((await machine.run('findmnt -rn | grep custodock/media/')).status, 1, 'nothing is mounted');
    lab.note((await lab.journal('-u custodock-media -p warning')).split('\n').slice(0, 8).join('\n   '));
  },
};
