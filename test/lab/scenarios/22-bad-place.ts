/**
 * A sector of a card that cannot be read, in the middle of a recording: what can be read of it is kept and said to be incomplete, and it
 * costs no other recording and no other bay anything.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { extentOf, sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

/** What a recording is taken apart to (decision 0042), bytes. */
const placeBytes = 4096;

export const scenario: Scenario = {
  title: 'an I/O error inside a recording: it is entered as incomplete with its range, all else is whole (I2, I8)',
  async run(lab) {
    const { machine, folder } = lab;
    const worn = await vfatCard(folder, { device: 'C0001', recordings: someRecordings(3, 9_000_000) });
    const other = await vfatCard(folder, { device: 'C0002', recordings: someRecordings(2) });
    const before = await sha256(worn.image);
    const [, bad] = worn.files;
    assert.ok(bad);
    const name = path.posix.basename(bad.path.toString());
    const { at, bytes } = extentOf(worn.image, bad);
    const from = Math.floor(bad.sizeBytes / 2 / placeBytes) * placeBytes;
    const missing = { from, to: from + placeBytes };
    await lab.configured();
    lab.cradle.insert(1, { batteryPercent: 99, serial: 'C0001' });
    await machine.plugWorn(1, worn.image, at + from);
    await lab.dock(2, other.image, { serial: 'C0002' });
    await lab.light(2, 'green-steady');
    // What could be read is safe, and another docking would not get more (decision 0042): the camera may go out again.
    await lab.light(1, 'green-steady');
    const offloaded = await lab.entries('recording.offloaded');
    assert.equal(offloaded.length, worn.files.length + other.files.length);
    for (const { path: where, label, missing: ranges } of offloaded) {
      const isBad = String(where).endsWith(name);
      assert.deepEqual([label, ranges], isBad ? ['incomplete', [missing]] : ['complete', []], String(where));
    }
    assert.match(
      await lab.journal('-u custodock -p warning BAY=1-1'),
      new RegExp(`${name} could not be read completely`),
    );
    const kept = createHash('sha256')
      .update(Buffer.from(bytes).fill(0, missing.from, missing.to))
      .digest('hex');
    const archived = await lab.archived();
    for (const file of [...worn.files, ...other.files]) {
      const expected: string | undefined = file === bad ? kept : file.sha256;
      assert.equal(archived.get(path.posix.basename(file.path.toString())), expected, file.path.toString());
    }
    for (const kind of ['recording.failed', 'camera.refused', 'camera.undocked'])
      assert.deepEqual(await lab.entries(kind), [], kind);
    await lab.undock(1);
    assert.equal(await sha256(worn.image), before, 'the card image');
    lab.note(`${name}: bytes ${missing.from} to ${missing.to} are missing`);
    lab.note(await machine.ok('journalctl -k -o cat | grep -m1 "I/O error"'));
  },
};
