/** What a recorder with a control interface goes through in a bay, from plugged in to green. The same for every family. */
import path from 'node:path';
import { sha256, someRecordings, vfatCard } from './cards.js';
import type { ControlSpec } from './gadget/camera.js';
import { smallCards, withoutPins } from './gadgets.js';
import { assert, type Lab } from './scenario.js';

/** Bay 1; its card is an image of the host, which the guest sees as a disk at a port without bay and the camera shows as its own. */
export async function toGreenThroughDiskMode(lab: Lab, kind: ControlSpec['kind']): Promise<void> {
  const card = await vfatCard(lab.folder, { device: 'C0001', recordings: someRecordings() });
  const before = await sha256(card.image);
  const gadgets = await lab.gadgets();
  await lab.configured(smallCards);
  const image = await gadgets.image(card.image);
  await gadgets.start(0, { kind, serial: 'C0001', options: { batteryPercent: 97, refusesDiskMode: 1 }, image });
  lab.cradle.insert(1, withoutPins);
  await gadgets.plug(0);
  await lab.light(1, 'green-steady');
  const { timesSet, switched, inDiskMode } = await gadgets.state(0);
  assert.deepEqual({ switched, inDiskMode }, { switched: 1, inDiskMode: true });
  // In one command, or in three where date and time are two.
  assert.ok(timesSet === 1 || timesSet === 3, `its time was set ${timesSet} times`);
  assert.equal((await lab.entries('camera.docked')).length, 1, 'one docking through both modes');
  const archived = await lab.archived();
  for (const file of card.files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
  assert.equal(archived.size, card.files.length);
  lab.cradle.remove(1);
  await gadgets.unplug(0);
  await lab.light(1, 'off');
  assert.equal(await sha256(card.image), before, 'the card image');
  lab.note(`image SHA-256 before and after: ${before}`);
  lab.note(await lab.journal('-u custodock BAY=1-1'));
}
