/**
 * A hub that resets all its ports while two cameras behind it are offloaded: their devices and volumes go at one moment and come back with other
 * numbers. The contacts of the cradle say that nobody took them, so nothing of it is custody.
 */
import path from 'node:path';
import { segments } from '../../../drivers/simulated/card.js';
import { sha256, vfatCard } from '../cards.js';
import { assert, type Scenario } from '../scenario.js';

const bays = [1, 2] as const;
/** All of them is some seconds of copying. */
const recordings = segments('2026-11-20T09:00:00', 4, 40_000_000);
/** The last that the dock has said of each bay. */
const copying = bays
  .map((bay) => `journalctl -o cat -n 1 -u custodock BAY=1-${bay} | grep -q 'Offload begins'`)
  .join(' && ');
/** Without authorization the hub has no configuration, and no ports. */
const resetHub = `set -e; cd /sys/bus/usb/devices; began=$(date +%s%3N)
  echo 0 >1-1/authorized; echo 1 >1-1/authorized
  until test -e 1-1.1/product -a -e 1-1.2/product; do sleep 0.05; done; echo $(($(date +%s%3N) - began))`;
/** Numbers that the kernel gave the devices. */
const devices = 'cat /sys/bus/usb/devices/1-1.{1,2}/devnum';

export const scenario: Scenario = {
  title: 'a hub resets all its ports in mid-offload: one docking each, nobody undocked, both resume and end green (I7)',
  async run(lab) {
    const { machine, folder } = lab;
    const cards = await Promise.all(bays.map((bay) => vfatCard(folder, { device: `C000${bay}`, recordings })));
    const before = await Promise.all(cards.map(({ image }) => sha256(image)));
    await lab.configured();
    for (const [index, { image }] of cards.entries()) await lab.dock(index + 1, image, { serial: `C000${index + 1}` });
    await machine.until(copying, 240_000);
    // Beyond 8 MiB a part has a beginning that is proved when it is taken over.
    await machine.until('find /var/lib/custodock/archive/.parts -name "*.part" -size +8M | grep -q .', 120_000);
    const devicesBefore = (await machine.ok(devices)).split('\n');
    const awayMs = await machine.ok(`{ ${copying}; } || { echo 'an offload had ended'; exit 1; }; ${resetHub}`);
    lab.note(`the ports of the hub were all empty, and again as before after ${awayMs} ms`);
    for (const bay of bays) await lab.light(bay, 'green-steady');
    for (const [index, device] of (await machine.ok(devices)).split('\n').entries()) {
      assert.notEqual(device, devicesBefore[index], `the camera of bay 1-${index + 1} never left`);
      lab.note(await lab.journal(`-u custodock BAY=1-${index + 1}`));
    }
    const docked = await lab.entries('camera.docked');
    assert.deepEqual(docked.map(({ bay }) => bay).sort(), ['1-1', '1-2'], 'one docking each');
    for (const kind of ['camera.undocked', 'camera.refused', 'recording.failed']) {
      assert.deepEqual(await lab.entries(kind), [], kind);
    }
    const offloaded = await lab.entries('recording.offloaded');
    const resumed = offloaded.filter(({ resumedBytes }) => Number(resumedBytes) > 0);
    lab.note(`${resumed.length} of ${offloaded.length} recordings were resumed`);
    assert.equal(offloaded.length, bays.length * recordings.length, 'each recording once');
    assert.ok(resumed.length > 0, 'nothing was resumed');
    const archived = await lab.archived();
    for (const file of cards.flatMap(({ files }) => files)) {
      assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256, file.path.toString());
    }
    for (const bay of bays) await lab.undock(bay);
    for (const [index, { image }] of cards.entries()) assert.equal(await sha256(image), before[index], image);
  },
};
