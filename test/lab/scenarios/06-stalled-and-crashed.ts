/** A daemon that stands still is restarted by systemd; a helper that crashes comes back and finds its mounts; an offload goes on meanwhile. */
import { someRecordings, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'a stalled daemon is restarted by the watchdog, a crashed helper finds its mounts again (I12)',
  async run(lab) {
    const { machine } = lab;
    const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings() });
    await lab.configured();
    await lab.dock(1, card.image, { serial: 'C0001' });
    await lab.light(1, 'green-steady');
    const mount = await machine.ok('findmnt -n -o ID,SOURCE /run/custodock/media/1-1.1');
    await machine.ok('systemctl kill --signal=SIGKILL --kill-whom=main custodock-media');
    await machine.until(
      'test "$(systemctl show -p NRestarts --value custodock-media)" = 1 && systemctl is-active custodock-media',
      120_000,
    );
    assert.equal(
      await machine.ok('findmnt -n -o ID,SOURCE /run/custodock/media/1-1.1'),
      mount,
      'the same mount, never gone',
    );
    const began = performance.now();
    await machine.ok('systemctl kill --signal=SIGSTOP --kill-whom=main custodock');
    await lab.light(1, 'fallback', 60_000);
    lab.note(
      `the cradle fell back to its own light ${((performance.now() - began) / 1000).toFixed(1)} s after the daemon stood still`,
    );
    await machine.until(
      'test "$(systemctl show -p NRestarts --value custodock)" = 1 && custodock status --json >/dev/null',
      300_000,
    );
    lab.note(
      `watchdog, restart and ready after ${((performance.now() - began) / 1000).toFixed(1)} s (WatchdogSec=30, RestartSec=5)`,
    );
    assert.match(await lab.journal('-u custodock'), /Watchdog timeout|watchdog/i);
    await lab.light(1, 'green-steady');
    // The same docking goes on: the camera never left.
    assert.equal((await lab.entries('camera.docked')).length, 1);
    await lab.undock(1);
    await machine.until('! findmnt /run/custodock/media/1-1.1', 60_000);
  },
};
