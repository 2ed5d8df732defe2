/** A dock that is only a hub: LEDs of the kernel (leds-gpio) are its lights, given to it by the udev rule, on its own ground under hardening. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256, someRecordings, vfatCard } from '../cards.js';
import { ledTable } from '../firmware.js';
import { assert, debInGuest, type Lab, type Scenario } from '../scenario.js';

const leds = ['custodock:red:bay1', 'custodock:green:bay1'];

/** Until an LED does this: `samples` of its brightness, some ten a second, as 0 and 1. */
function shows(lab: Lab, led: string, rhythm: RegExp, samples = 40): Promise<void> {
  let seen = '';
  return lab.eventually(
    async () => {
      seen = await lab.machine.ok(
        `cd /sys/class/leds/${led}; for sample in $(seq ${samples}); do read -r level <brightness; printf %d $((level > 0)); sleep 0.1; done`,
      );
      return rhythm.test(seen);
    },
    240_000,
    () => `${led} showed ${seen}`,
  );
}

export const scenario: Scenario = {
  title:
    'a dock that is only a hub: LEDs of the stock kernel breathe, say no, and turn to their own light when the dock is gone (I12)',
  machine: 'bare',
  acpiTables: (folder) => [ledTable(folder, leds)],
  async run(lab) {
    const { machine } = lab;
    assert.equal(
      await machine.ok('ls -d /sys/class/leds/custodock* | wc -l'),
      '2',
      'leds-gpio was loaded by its alias',
    );
    await machine.ok(`dpkg --install ${debInGuest} 2>&1`);
    await machine.until(
      leds.map((led) => `grep -q "\\[pattern\\]" /sys/class/leds/${led}/trigger`).join(' && '),
      120_000,
    );
    lab.note(
      await machine.ok(`readlink -f /sys/class/leds/${leds[0]}; stat -c "%G %a" /sys/class/leds/${leds[0]}/pattern`),
    );
    // Enough to copy that its light is seen: it is looked at for four seconds at a time.
    const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings(3, 30_000_000) });
    const before = await sha256(card.image);
    const names = leds.map((led) => `"${led}"`).join(', ');
    const bays = `[{ slot: 1, port: 1-1.1, leds: [${names}] }, { slot: 2, port: 1-1.2 }]`;
    await lab.configured('', `{ name: hub, line: { usb: true }, bays: ${bays} }`);
    const [red = '', green = ''] = leds;
    await shows(lab, red, /^0+$/);
    await machine.plug(1, card.image);
    // Red and green together are amber; their brightness goes up and down, and is no steady light of either.
    await shows(lab, green, /0.*1.*0/);
    // Nothing tells the battery of a plain card: M7 cannot be vouched for, and red says so.
    await machine.until('custodock status --json | grep -q \'"state": *"not-ready"\'', 240_000);
    await shows(lab, red, /^1+$/);
    await shows(lab, green, /^0+$/);
    assert.equal((await lab.entries('recording.offloaded')).length, card.files.length);
    assert.equal(await lab.journal('-u custodock CODE=DOCK_LED_DENIED'), '');
    // Their driver is loaded anew: the rule gives them to the dock again, and the dock its light to them.
    await machine.ok('modprobe -r leds-gpio && modprobe leds-gpio');
    await shows(lab, red, /^1+$/);
    await machine.pull(1);
    await shows(lab, red, /^0+$/);
    await machine.ok('systemctl stop custodock');
    await sleep(1_000);
    // Slowly, by itself: half a second of five, with nobody there to play it.
    await shows(lab, red, /10{6,}1{1,8}0{6,}1/, 120);
    assert.equal(await machine.ok('systemctl is-active custodock || true'), 'inactive');
    assert.equal(await sha256(card.image), before);
  },
};
