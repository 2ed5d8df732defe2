/** The package goes; what it kept stays (I9), and whoever installs it again goes on with the same ledger. */
import { someRecordings, vfatCard } from '../cards.js';
import { assert, debInGuest, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'removal and purge leave footage, ledger and their owner; installed again it goes on (I9)',
  async run(lab) {
    const { machine } = lab;
    const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings() });
    await lab.configured();
    await lab.dock(1, card.image, { serial: 'C0001' });
    await lab.light(1, 'green-steady');
    const kept = await lab.archived();
    await machine.ok('findmnt /run/custodock/media/1-1.1');
    await machine.ok('dpkg --remove custodock 2>&1');
    await machine.ok('! findmnt -rn | grep custodock/media');
    await lab.undock(1);
    assert.equal((await machine.run('systemctl is-active custodock custodock-media')).output, 'inactive\ninactive');
    await machine.ok(
      'test -f /etc/custodock/config.yaml && ! test -e /usr/bin/custodock && ! test -d /usr/lib/custodock',
    );
    assert.deepEqual(await lab.archived(), kept);
    const purging = await machine.ok('dpkg --purge custodock 2>&1');
    assert.match(purging, /recordings and ledger are kept in \/var\/lib\/custodock/);
    await machine.ok('! test -e /etc/custodock/config.yaml');
    assert.deepEqual(await lab.archived(), kept);
    assert.equal(await machine.ok('stat -c %U:%G /var/lib/custodock/ledger.db'), 'custodock:custodock');
    assert.equal(
      await machine.ok(
        'find / -xdev -name "*custodock*" -not -path "/var/lib/custodock*" -not -path "/proc/*" -not -path "/root/*" -not -path "/var/log/*" -not -path "/run/*" | sort',
      ),
      '',
    );
    assert.equal(await machine.ok('systemctl --failed --no-legend | wc -l'), '0');
    await machine.ok(`dpkg --install ${debInGuest} 2>&1`);
    await machine.until('systemctl is-active custodock', 120_000);
    await lab.configured();
    assert.equal((await lab.entries('recording.offloaded')).length, kept.size);
    await machine.ok('custodock ledger check');
    lab.note(`${kept.size} recordings and the ledger survived removal, purge and installation`);
  },
};
