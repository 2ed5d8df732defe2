/** The package on a bare Debian: nothing else is needed, and what runs says what it waits for. */
import { assert, debInGuest, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'installed on a bare Debian it runs, unconfigured, and explains itself',
  machine: 'bare',
  async run(lab) {
    const { machine } = lab;
    assert.notEqual((await machine.run('command -v node')).status, 0, 'a bare Debian has no Node.js');
    const installing = await machine.ok(`dpkg --install ${debInGuest} 2>&1`);
    assert.doesNotMatch(installing, /error|fail|cannot|warning/i);
    await machine.until('systemctl is-active custodock custodock-media custodock-media.socket', 120_000);
    assert.equal(
      await machine.ok('systemctl is-enabled custodock custodock-media custodock-media.socket'),
      'enabled\nenabled\nenabled',
    );
    const status = await machine.ok('systemctl status --no-pager custodock');
    assert.match(status, /Active: active \(running\)/);
    assert.match(status, /Status: ".*\/etc\/custodock\/config\.yaml.*custodock config check.*custodock doctor/);
    lab.note(
      status
        .split('\n')
        .find((line) => line.includes('Status:'))
        ?.trim() ?? '',
    );
    const doctor = await machine.run('custodock doctor --language en');
    assert.equal(doctor.status, 78);
    assert.match(doctor.output, /FAIL\s+configuration: .*still the example/);
    assert.match(doctor.output, /Edit dock, cradles, cameras and central in \/etc\/custodock\/config\.yaml/);
    assert.equal(
      (await machine.run('ls /var/lib/custodock/ledger.db')).status,
      2,
      'no ledger under the names of the example',
    );
    assert.equal(
      await machine.ok(
        'stat -c "%U:%G %a" /etc/custodock/config.yaml /var/lib/custodock /run/custodock /run/custodock/media',
      ),
      'root:custodock 640\ncustodock:custodock 750\nroot:custodock 750\nroot:root 755',
    );
    assert.equal(await machine.ok('systemctl show -p NRestarts --value custodock custodock-media | tr -d "\\n"'), '00');
    const security = await machine.ok(
      'systemd-analyze security --no-pager custodock custodock-media | cat; systemd-analyze security --no-pager | grep custodock',
    );
    lab.note(
      security
        .split('\n')
        .filter((line) => /custodock.*\d\.\d/.test(line))
        .join(' · ')
        .replaceAll(/\s+/g, ' '),
    );
    // A mistake in the file is said, and is no restart loop; a file that is gone is a failure that can be seen.
    await machine.ok('echo "dok: {}" >>/etc/custodock/config.yaml');
    await machine.until(
      'systemctl status --no-pager custodock | grep -q "Status:.*1 .*custodock config check"',
      60_000,
    );
    await machine.ok('systemctl restart custodock || true; sleep 15');
    assert.equal(
      await machine.ok('systemctl show -p ActiveState -p NRestarts -p ExecMainStatus custodock | sort'),
      'ActiveState=failed\nExecMainStatus=78\nNRestarts=0',
    );
  },
};
