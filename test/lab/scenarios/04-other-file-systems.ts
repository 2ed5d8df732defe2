/**
 * exFAT, ext4 and vfat as cameras leave them that lost their power, and an exFAT in order, at once: each as it is, none repaired, none changed,
 * and no link on a card is a way out of it.
 */
import path from 'node:path';
import {
  exfatCard,
  ext4Card,
  leaveJournalOpen,
  markExfatDirty,
  markFatDirty,
  sha256,
  someRecordings,
  vfatCard,
} from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

/** As recordings, and as folders that may have some. The relative ones lead out of where the card is mounted. */
const links = {
  'video/20261120/DSJ_C0002_0042_20261120_100000.mp4': '/etc/passwd',
  'video/20261120/DSJ_C0002_0042_20261120_101000.mp4': '../../../../../../etc/passwd',
  up: '../../..',
  ledger: '/var/lib/custodock',
};

export const scenario: Scenario = {
  title: 'dirty exFAT, ext4 and vfat cards are offloaded, entered as dirty and unchanged; links lead nowhere (I1, I11)',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = someRecordings(2);
    const exfat = await exfatCard(folder, { device: 'C0001', recordings }, machine);
    const ext4 = await ext4Card(folder, { device: 'C0002', recordings }, links);
    const vfat = await vfatCard(folder, { device: 'C0003', recordings });
    const clean = await exfatCard(folder, { device: 'C0004', recordings }, machine);
    markExfatDirty(exfat.image);
    const [first] = ext4.files;
    assert.ok(first);
    leaveJournalOpen(ext4.image, first);
    markFatDirty(vfat.image);
    const cards = [exfat, ext4, vfat, clean];
    const before = await Promise.all(cards.map(({ image }) => sha256(image)));
    await lab.configured();
    for (const [index, { image }] of cards.entries()) await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    for (const bay of [1, 2, 3, 4]) await lab.light(bay, 'green-steady');
    const options = await machine.ok('findmnt -rn -o TARGET,FSTYPE,FS-OPTIONS | grep custodock/media');
    assert.match(options, /1-1\.1 exfat ro,/);
    assert.match(options, /1-1\.2 ext4 ro,.*norecovery/);
    assert.match(options, /1-1\.3 vfat ro,/);
    const archived = await lab.archived();
    const files = cards.flatMap((card) => card.files);
    for (const file of files) {
      assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256, file.path.toString());
    }
    assert.equal(archived.size, files.length, 'nothing that a link leads to');
    const offloaded = await lab.entries('camera.offloaded');
    const skipped = new Map(offloaded.map((entry) => [entry['camera'], [entry['skipped'], entry['unread']]]));
    assert.deepEqual(skipped.get('C0002'), [Object.keys(links).length, 0]);
    assert.deepEqual(skipped.get('C0004'), [0, 0]);
    const inspected = await lab.entries('camera.inspected');
    const dirty = new Map(inspected.map(({ camera, volume }) => [camera, (volume as { dirty: boolean }).dirty]));
    for (const [bay, isDirty] of [true, true, true, false].entries()) {
      assert.equal(dirty.get(`C000${bay + 1}`), isDirty, `bay ${bay + 1}`);
      const said = await lab.journal(`-u custodock-media BAY=1-${bay + 1}`);
      assert.equal(said.includes('was not put away in order'), isDirty, said);
    }
    for (const bay of [1, 2, 3, 4]) await lab.undock(bay);
    await machine.until('! findmnt -rn | grep custodock/media/', 60_000);
    for (const [index, { image }] of cards.entries()) {
      assert.equal(await sha256(image), before[index], image);
      lab.note(`${path.basename(image)} before and after: ${before[index]}`);
    }
  },
};
