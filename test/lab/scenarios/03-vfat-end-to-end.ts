/** The everyday case, on real media: a vfat card behind the hub goes from plugged to green without a byte of it changed (I1). */
import path from 'node:path';
import { sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'a vfat card is mounted read-only, offloaded to green, and unchanged (I1, I2)',
  async run(lab) {
    const { machine } = lab;
    const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings() });
    const before = await sha256(card.image);
    await lab.configured();
    await lab.dock(3, card.image, { serial: 'C0001' });
    await machine.until('findmnt /run/custodock/media/1-1.3', 60_000);
    const mount = await machine.ok('findmnt -n -o SOURCE,FSTYPE,VFS-OPTIONS,FS-OPTIONS /run/custodock/media/1-1.3');
    assert.match(mount, /^\/dev\/sd.1\s+vfat\s+ro,nosuid,nodev,noexec,noatime\s+ro,.*utf8/);
    assert.equal(await machine.ok('cat /sys/block/sd?/ro'), '1');
    await lab.light(3, 'green-steady');
    const archived = await lab.archived();
    for (const file of card.files) {
      assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256, file.path.toString());
    }
    assert.equal(archived.size, card.files.length);
    const offloaded = await lab.entries('recording.offloaded');
    assert.deepEqual(new Set(offloaded.map(({ readBack }) => readBack)), new Set(['direct']));
    await machine.until("systemctl show -P StatusText custodock | grep '^1/4 bays in use'", 30_000);
    await lab.undock(3);
    await machine.until('! findmnt /run/custodock/media/1-1.3 && ! test -e /run/custodock/media/1-1.3', 60_000);
    await lab.light(3, 'off');
    assert.equal(await sha256(card.image), before, 'the card image');
    lab.note(`image SHA-256 before and after: ${before}`);
  },
};
