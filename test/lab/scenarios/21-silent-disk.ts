/**
 * A JieLi recorder that does not answer what the kernel asks of every disk: the kernel's driver lets go of it only after half a minute, and
 * whoever takes it from that driver waits as long.
 */
import path from 'node:path';
import { someRecordings } from '../cards.js';
import { smallCards, withoutPins } from '../gadgets.js';
import { assert, type Scenario } from '../scenario.js';

/** The cradle puts its lights out after 5 s without an order; a guest without KVM is a slow dock. */
const mostSilenceMs = 3_000;

export const scenario: Scenario = {
  title: 'a disk that does not answer the kernel holds up nobody but its own bay (I8)',
  async run(lab) {
    const gadgets = await lab.gadgets();
    const files = await gadgets.card('/root/card1', 'C0002', someRecordings());
    await lab.configured(smallCards);
    await gadgets.start(0, { kind: 'jieli', serial: 'C0001', options: { batteryPercent: 97 } });
    await gadgets.start(1, {
      kind: 'ptp',
      card: '/root/card1',
      serial: 'C0002',
      batteryPercent: 99,
      withoutEvents: true,
    });
    await gadgets.misbehave(0, { name: 'drive', fault: 'no-data', times: 1_000_000 });
    lab.cradle.takeLongestSilenceMs();
    lab.cradle.insert(1, withoutPins);
    await gadgets.plug(0);
    lab.cradle.insert(2, withoutPins);
    await gadgets.plug(1);
    await lab.light(2, 'green-steady');
    await lab.eventually(
      async () => (await lab.journal('-u custodock BAY=1-1')).includes('DOCK_'),
      120_000,
      () => 'bay 1 says what is wrong with its camera',
    );
    const silenceMs = lab.cradle.takeLongestSilenceMs();
    lab.note(`longest that the cradle heard nothing: ${silenceMs.toFixed(0)} ms`);
    lab.note(await lab.journal('-u custodock BAY=1-1'));
    lab.note(
      await lab.machine.ok("journalctl -k -o short-monotonic | grep -i 'scsi\\|usb 3-1\\|usb-storage' | tail -n 20"),
    );
    assert.ok(silenceMs <= mostSilenceMs, `the cradle heard nothing for ${silenceMs} ms`);
    const archived = await lab.archived();
    for (const file of files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
    await lab.machine.ok('test "$(systemctl show -P NRestarts custodock)" = 0');
  },
};
