/**
 * Pulled at some byte of an offload, put back, and gone on with, on each file system: no half file is ever visible, and the other bay does not
 * notice.
 */
import path from 'node:path';
import { segments } from '../../../drivers/simulated/card.js';
import { exfatCard, ext4Card, sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

const parts = '/var/lib/custodock/archive/.parts';

export const scenario: Scenario = {
  title:
    'vfat, exFAT and ext4 pulled in mid-offload: nothing half is seen, each resumes when put back, each is unchanged',
  async run(lab) {
    const { machine, folder } = lab;
    const recordings = segments('2026-11-20T09:00:00', 3, 30_000_000);
    const cards = {
      vfat: await vfatCard(folder, { device: 'C0001', recordings }),
      exFAT: await exfatCard(folder, { device: 'C0002', recordings }, machine),
      ext4: await ext4Card(folder, { device: 'C0003', recordings }),
    };
    const other = await vfatCard(folder, { device: 'C0004', recordings: someRecordings(2) });
    const whole = new Map(
      [...Object.values(cards), other]
        .flatMap(({ files }) => files)
        .map((file) => [path.posix.basename(file.path.toString()), file.sha256]),
    );
    await lab.configured();
    for (const [index, [fileSystem, { image, files }]] of Object.entries(cards).entries()) {
      const bay = index + 1;
      const serial = `C000${bay}`;
      const before = await sha256(image);
      await lab.dock(bay, image, { serial });
      // Whatever is longer than two checkpoints (4 MiB) has one that is noted.
      await machine.until(`find ${parts} -name '*.part' -size +8M 2>/dev/null | grep -q .`, 120_000);
      await lab.undock(bay);
      const half = await lab.archived();
      for (const [name, hash] of half) assert.equal(hash, whole.get(name), `${name} is whole`);
      const safe = [...half.keys()].filter((name) => name.includes(serial));
      assert.ok(safe.length < files.length, 'it was pulled in the middle');
      await lab.light(bay, 'off');
      // Put in while the first one is out, and left there while the others are pulled.
      if (bay === 1) await lab.dock(4, other.image, { serial: 'C0004' });
      await lab.light(4, 'green-steady');
      assert.equal(await sha256(image), before, 'the card image after the pull');
      await lab.dock(bay, image, { serial });
      await lab.light(bay, 'green-steady');
      assert.equal(await machine.ok(`find ${parts} -type f | wc -l`), '0');
      await lab.undock(bay);
      assert.equal(await sha256(image), before, 'the card image at the end');
      const offloaded = (await lab.entries('recording.offloaded')).filter(({ camera }) => camera === serial);
      const resumedBytes = offloaded.reduce((sum, entry) => sum + Number(entry['resumedBytes']), 0);
      assert.ok(resumedBytes > 0, `${fileSystem}: all was copied anew`);
      lab.note(
        `${fileSystem}: image SHA-256 before, pulled and at the end ${before}; ${safe.length} of ${files.length} safe when pulled, ` +
          `${resumedBytes} bytes resumed`,
      );
    }
    const archived = await lab.archived();
    for (const [name, hash] of whole) assert.equal(archived.get(name), hash, name);
    const undocked = await lab.entries('camera.undocked');
    assert.ok(!undocked.some(({ camera }) => camera === 'C0004'), 'the other bay did not notice');
  },
};
