/** Stopped and started again by systemd in the middle of an offload: it ends cleanly, and goes on where it was. */
import path from 'node:path';
import { segments } from '../../../drivers/simulated/card.js';
import { sha256, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'stopped and restarted in mid-offload it ends cleanly, keeps the docking and resumes',
  async run(lab) {
    const { machine } = lab;
    const card = await vfatCard(lab.folder, {
      device: 'C0001',
      recordings: segments('2026-11-20T09:00:00', 3, 30_000_000),
    });
    const before = await sha256(card.image);
    await lab.configured();
    await lab.dock(1, card.image, { serial: 'C0001' });
    // Whatever is longer than two checkpoints (4 MiB) has one that is noted.
    const underWay = "find /var/lib/custodock/archive/.parts -name '*.part' -size +8M 2>/dev/null | grep -q .";
    await machine.until(underWay, 120_000);
    const began = performance.now();
    await machine.ok('systemctl stop custodock');
    lab.note(`stopped in ${((performance.now() - began) / 1000).toFixed(1)} s in mid-offload`);
    assert.equal(
      await machine.ok('systemctl show -p Result -p ExecMainStatus custodock | sort'),
      'ExecMainStatus=0\nResult=success',
    );
    await machine.ok('findmnt /run/custodock/media/1-1.1');
    await machine.ok('systemctl start custodock');
    await lab.light(1, 'green-steady');
    const archived = await lab.archived();
    for (const file of card.files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
    assert.equal((await lab.entries('camera.docked')).length, 1, 'one docking');
    const offloaded = await lab.entries('recording.offloaded');
    const resumedBytes = offloaded.reduce((sum, entry) => sum + Number(entry['resumedBytes']), 0);
    assert.ok(resumedBytes > 0, 'all was copied anew');
    lab.note(`${resumedBytes} bytes of ${card.files.length * 30_000_000} were not read again`);
    await machine.ok('custodock ledger check');
    await lab.undock(1);
    assert.equal(await sha256(card.image), before);
  },
};
