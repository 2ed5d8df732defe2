/** Pulled at some byte of an offload, put back, and gone on with: no half file is ever visible, and the other bay does not notice. */
import path from 'node:path';
import { segments } from '../../../drivers/simulated/card.js';
import { sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'pulled in the middle of an offload: nothing half is seen, it resumes when put back, the card is unchanged',
  async run(lab) {
    const { machine, folder } = lab;
    const large = await vfatCard(folder, {
      device: 'C0001',
      recordings: segments('2026-11-20T09:00:00', 3, 30_000_000),
    });
    const other = await vfatCard(folder, { device: 'C0002', recordings: someRecordings(2) });
    const before = await sha256(large.image);
    await lab.configured();
    await lab.dock(1, large.image, { serial: 'C0001' });
    await machine.until('find /var/lib/custodock/archive/.parts -type f -size +1M 2>/dev/null | grep -q .', 120_000);
    await lab.undock(1);
    const half = await lab.archived();
    for (const [name, hash] of half) {
      assert.equal(
        hash,
        large.files.find(({ path: file }) => file.toString().endsWith(name))?.sha256,
        `${name} is whole`,
      );
    }
    assert.ok(half.size < large.files.length, 'it was pulled in the middle');
    await lab.light(1, 'off');
    await lab.dock(2, other.image, { serial: 'C0002' });
    await lab.light(2, 'green-steady');
    const [undocked] = await lab.entries('camera.undocked');
    lab.note(`removed early: ${undocked?.['safe']} of ${undocked?.['of']} safe`);
    assert.equal(await sha256(large.image), before, 'the card image after the pull');
    await lab.dock(1, large.image, { serial: 'C0001' });
    await lab.light(1, 'green-steady');
    const archived = await lab.archived();
    for (const file of [...large.files, ...other.files]) {
      assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256, file.path.toString());
    }
    assert.equal(await machine.ok('find /var/lib/custodock/archive/.parts -type f | wc -l'), '0');
    await lab.undock(1);
    await lab.undock(2);
    assert.equal(await sha256(large.image), before, 'the card image at the end');
    lab.note(`image SHA-256 throughout: ${before}`);
  },
};
