/** What is damaged, not what it says, in two parts or behind another hub is not mounted, and it is said why. */
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { someRecordings, vfatCard } from '../cards.js';
import { run } from '../program.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'damaged, foreign and divided cards and strange places are refused with a reason, and stay unmounted',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = someRecordings(1);
    const cut = (await vfatCard(folder, { device: 'C0001', recordings })).image;
    // A volume that claims 4 GiB on a card of 128 MiB.
    const file = openSync(cut, 'r+');
    writeSync(file, Buffer.from([0, 0, 0x80, 0]), 0, 4, 1024 * 1024 + 32);
    closeSync(file);
    const blank = path.join(folder, 'blank.img');
    run('truncate', ['-s', '64M', blank]);
    const divided = path.join(folder, 'divided.img');
    run('truncate', ['-s', '64M', divided]);
    run('sfdisk', ['-q', divided], 'label: dos\nsize=20MiB, type=c\ntype=c\n');
    await lab.configured();
    for (const [index, image] of [cut, blank, divided].entries())
      await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    await machine.plugElsewhere(path.join(folder, 'blank.img'));
    for (const [bay, reason] of [
      ['1-1', /damaged: FAT of \d+ bytes/],
      ['1-2', /unknown: nothing but zeros/],
      ['1-3', /several: sd.1, sd.2/],
    ] as const) {
      await machine.until(
        `journalctl --no-pager -o cat -u custodock BAY=${bay} CODE=DOCK_VOLUME_UNFIT | grep -q .`,
        60_000,
      );
      assert.match(await lab.journal(`-u custodock BAY=${bay} CODE=DOCK_VOLUME_UNFIT`), reason);
      assert.match(await lab.journal(`-u custodock-media BAY=${bay}`), reason);
    }
    // A fast card is at the other half of that port, on a bus of its own.
    await machine.until(
      'journalctl --no-pager -o cat -u custodock-media | grep -q "at port [12]-2 is in no configured bay"',
      60_000,
    );
    assert.equal((await machine.run('findmnt -rn | grep custodock/media/')).status, 1, 'nothing is mounted');
    lab.note((await lab.journal('-u custodock-media -p warning')).split('\n').slice(0, 8).join('\n   '));
  },
};
