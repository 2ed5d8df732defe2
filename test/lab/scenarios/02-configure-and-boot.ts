/** A technician writes the configuration: the dock takes it over by itself, and after a reboot systemd brings it up to ready. */
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'configured it works at once, and after a reboot systemd brings it up to ready',
  async run(lab) {
    const { machine } = lab;
    await lab.configured();
    assert.equal(await machine.ok('systemctl show -p Type -p NRestarts custodock | sort'), 'NRestarts=0\nType=notify');
    await lab.light(1, 'off');
    await machine.reboot();
    await machine.until('systemctl is-active custodock custodock-media', 300_000);
    await machine.until('custodock status --json >/dev/null', 120_000);
    await lab.light(1, 'off');
    const status = await machine.ok('systemctl status --no-pager custodock');
    assert.match(status, /Status: "0\/4 bays in use, ledger \d+, clock trusted"/);
    assert.equal(await machine.ok('systemctl --failed --no-legend | wc -l'), '0');
    assert.equal(
      await machine.ok(
        'stat -c "%U:%G %a" /run/custodock /run/custodock/media /run/custodock/dock /run/custodock/media.socket',
      ),
      'root:custodock 750\nroot:root 755\ncustodock:custodock 750\ncustodock:root 600',
    );
    const [, started] = await lab.entries('dock.started');
    assert.equal(started?.['previousStop'], 'clean');
    lab.note(
      await machine.ok(
        'systemctl show custodock -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic --value | sort -n | awk \'NR==1{a=$1} {b=$1} END {printf "from exec to ready %.1f s (TCG)", (b-a)/1e6}\'',
      ),
    );
  },
};
