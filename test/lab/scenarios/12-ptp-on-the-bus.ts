/** A PTP camera on a real bus: identity, battery, clock and recordings over bulk transfers of the kernel, to green. */
import path from 'node:path';
import { someRecordings } from '../cards.js';
import { smallCards, withoutPins } from '../gadgets.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'a PTP camera on the bus is set, offloaded to green, and its recordings are those of its card (I2)',
  async run(lab) {
    const gadgets = await lab.gadgets();
    const files = await gadgets.card('/root/card0', 'C0001', someRecordings());
    await lab.configured(smallCards);
    await gadgets.start(0, {
      kind: 'ptp',
      card: '/root/card0',
      serial: 'C0001',
      clockOffsetMs: 90_000,
      batteryPercent: 99,
    });
    lab.cradle.insert(1, withoutPins);
    await gadgets.plug(0);
    await lab.light(1, 'green-steady');
    const archived = await lab.archived();
    for (const file of files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
    assert.equal(archived.size, files.length);
    const { wrongMs } = await gadgets.state(0);
    assert.ok(Math.abs(Number(wrongMs)) < 1_000, `its clock is ${wrongMs} ms wrong`);
    lab.note(`clock of the camera: 90 s wrong before, ${wrongMs} ms after`);
    lab.cradle.remove(1);
    await gadgets.unplug(0);
    await lab.light(1, 'off');
    lab.note(await lab.journal('-u custodock BAY=1-1'));
  },
};
