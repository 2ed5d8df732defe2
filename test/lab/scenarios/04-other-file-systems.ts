/** exFAT, ext4 and a dirty vfat, at once: each as it is, none repaired, none changed. */
import path from 'node:path';
import { exfatCard, ext4Card, markFatDirty, sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'exFAT, ext4 and a dirty vfat card are offloaded and unchanged; the dirt is entered, not repaired (I1)',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = someRecordings(2);
    const cards = [
      await exfatCard(folder, { device: 'C0001', recordings }, machine),
      await ext4Card(folder, { device: 'C0002', recordings }),
      await vfatCard(folder, { device: 'C0003', recordings }),
    ];
    markFatDirty(cards[2]?.image ?? '');
    const before = await Promise.all(cards.map(({ image }) => sha256(image)));
    await lab.configured();
    for (const [index, { image }] of cards.entries()) await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    for (const bay of [1, 2, 3]) await lab.light(bay, 'green-steady');
    const options = await machine.ok('findmnt -rn -o TARGET,FSTYPE,FS-OPTIONS | grep custodock/media');
    assert.match(options, /1-1\.1 exfat ro,/);
    assert.match(options, /1-1\.2 ext4 ro,.*norecovery/);
    assert.match(options, /1-1\.3 vfat ro,/);
    const archived = await lab.archived();
    for (const file of cards.flatMap(({ files }) => files)) {
      assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256, file.path.toString());
    }
    const inspected = await lab.entries('camera.inspected');
    const dirty = new Map(inspected.map(({ camera, volume }) => [camera, (volume as { dirty: boolean }).dirty]));
    assert.deepEqual([dirty.get('C0001'), dirty.get('C0002'), dirty.get('C0003')], [false, false, true]);
    assert.match(await lab.journal('-u custodock-media BAY=1-3'), /was not put away in order/);
    for (const bay of [1, 2, 3]) await lab.undock(bay);
    await machine.until('! findmnt -rn | grep custodock/media/', 60_000);
    for (const [index, { image }] of cards.entries()) {
      assert.equal(await sha256(image), before[index], image);
      lab.note(`${path.basename(image)} before and after: ${before[index]}`);
    }
  },
};
