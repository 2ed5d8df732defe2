/** What systemd does for the dock: it brings back a helper that stands still and a daemon that was killed, and holds both within their rights. */
import path from 'node:path';
import { segments } from '../../../drivers/simulated/card.js';
import { sha256, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

/** From exec to ready, and from the kernel's first moment. */
const readiness = `for unit in custodock-media custodock; do
  systemctl show -p ExecMainStartTimestampMonotonic -p ActiveEnterTimestampMonotonic --value $unit | sort -n |
    awk -v unit=$unit 'NR == 1 { exec = $1 } { ready = $1 } END { printf "%s ready %.1f s after its exec, at %.1f s; ", unit, (ready - exec) / 1e6, ready / 1e6 }'
done`;

/** What libgphoto2 and its like do where somebody installs them: every camera is marked for desktops, and belongs to their users. */
const rivals = ['60-libgphoto2-6', '90-another'].map(
  (name) =>
    `echo 'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ${name < '61' ? 'ENV{ID_GPHOTO2}="1", ' : ''}GROUP="plugdev", MODE="0664"' > /etc/udev/rules.d/${name}.rules`,
);

export const scenario: Scenario = {
  title:
    'a stalled helper and a killed daemon come back, an offload survives both; exposure, device rights, boot to ready (D12)',
  async run(lab) {
    const { machine } = lab;
    // Of 100: D12 allows 1.5 for the dock and 1.8 for the helper.
    await machine.ok('systemd-analyze security --no-pager --threshold=15 custodock');
    await machine.ok('systemd-analyze security --no-pager --threshold=18 custodock-media');
    lab.note((await machine.ok('systemd-analyze security --no-pager | grep custodock')).replaceAll(/\s+/g, ' ').trim());
    const card = await vfatCard(lab.folder, {
      device: 'C0001',
      recordings: segments('2026-11-20T09:00:00', 3, 20_000_000),
    });
    const before = await sha256(card.image);
    await machine.ok([...rivals, 'udevadm control --reload'].join('; '));
    await lab.configured();
    await lab.dock(1, card.image, { serial: 'C0001' });

    // Nobody but root may read a card around the mount; the dock may speak to the device.
    await machine.until('findmnt /run/custodock/media/1-1.1', 120_000);
    const device = await machine.ok(
      'cd /sys/bus/usb/devices/1-1.1; printf "/dev/bus/usb/%03d/%03d" $(cat busnum) $(cat devnum)',
    );
    assert.equal(await machine.ok(`stat -c "%U:%G %a" ${device}`), 'root:custodock 660');
    const marks = await machine.ok('udevadm info --query=property --path=/sys/bus/usb/devices/1-1.1');
    assert.match(marks, /^MTP_NO_PROBE=1$/m);
    assert.doesNotMatch(marks, /^ID_GPHOTO2=1$/m);
    assert.notEqual((await machine.run('runuser -u custodock -- head -c1 /dev/sda')).status, 0);
    assert.match(await machine.ok('udevadm info --query=property --name=/dev/sda'), /^UDISKS_IGNORE=1$/m);
    assert.equal(await machine.ok('cat /sys/bus/usb/devices/1-1.1/power/control'), 'on');

    const helperStopped = performance.now();
    await machine.ok('systemctl kill --signal=SIGSTOP --kill-whom=main custodock-media');
    await machine.until('find /var/lib/custodock/archive/.parts -type f -size +1M 2>/dev/null | grep -q .', 240_000);
    const pid = await machine.ok('systemctl show -p MainPID --value custodock');
    await machine.ok('systemctl kill --signal=SIGKILL --kill-whom=main custodock');
    const daemonKilled = performance.now();
    await lab.light(1, 'fallback', 60_000);
    await machine.until(
      `test "$(systemctl show -p NRestarts --value custodock)" = 1 -a "$(systemctl show -p MainPID --value custodock)" != ${pid} && custodock status --json >/dev/null`,
      300_000,
    );
    lab.note(`a killed daemon works again after ${seconds(daemonKilled)} (RestartSec=5)`);
    await machine.until(
      'test "$(systemctl show -p NRestarts --value custodock-media)" = 1 && systemctl is-active custodock-media',
      300_000,
    );
    lab.note(`a stalled helper works again after ${seconds(helperStopped)} (WatchdogSec=60)`);
    assert.match(await lab.journal('-u custodock-media _PID=1'), /Watchdog timeout/);

    await lab.light(1, 'green-steady');
    const archived = await lab.archived();
    for (const file of card.files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
    assert.equal((await lab.entries('camera.docked')).length, 1, 'one docking');
    assert.equal((await lab.entries('recording.offloaded')).length, card.files.length);
    await machine.ok('custodock ledger check');
    await lab.undock(1);
    // The helper that came back is one that works: what is gone is unmounted.
    await machine.until('! findmnt /run/custodock/media/1-1.1', 60_000);
    assert.equal(await sha256(card.image), before);

    await machine.reboot();
    await machine.until('custodock status --json >/dev/null', 300_000);
    lab.note(`${await machine.ok('systemd-analyze time | head -1')}, ${await machine.ok(readiness)} (TCG)`);
    assert.equal(await machine.ok('systemctl --failed --no-legend | wc -l'), '0');
  },
};

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
