/** One docking as a technician reads it in the journal, by bay and by camera. */
import { someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'the journal shows one docking by BAY= and CAMERA=, and warnings by priority',
  async run(lab) {
    const { machine } = lab;
    const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings() });
    const stranger = await vfatCard(lab.folder, { device: 'C0099', recordings: someRecordings(1) });
    await lab.configured();
    await lab.dock(1, card.image, { serial: 'C0001' });
    await lab.dock(2, stranger.image, { serial: 'C0099' });
    await lab.light(1, 'green-steady');
    await lab.light(2, 'red-flashing');
    await lab.undock(1);
    await lab.light(1, 'off');
    const docking = await machine.ok('journalctl --no-pager -o short-iso -u custodock BAY=1-1');
    for (const line of docking.split('\n')) lab.note(line);
    assert.match(docking, /C0001/);
    assert.doesNotMatch(docking, /C0099/);
    assert.equal(
      await lab.journal('-u custodock CAMERA=C0001'),
      await lab.journal('-u custodock BAY=1-1 CAMERA=C0001'),
    );
    assert.match(await lab.journal('-u custodock -p warning BAY=1-2'), /C0099.*DOCK_CAMERA_NOT_REGISTERED/);
    assert.match(await lab.journal('-u custodock CODE=DOCK_CAMERA_NOT_REGISTERED'), /C0099/);
    assert.match(await lab.journal('-u custodock-media BAY=1-1'), /mounted read-only/);
  },
};
