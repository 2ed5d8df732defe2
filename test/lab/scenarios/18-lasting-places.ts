/**
 * Bays by their lasting places, some mapped by a technician with `custodock bays map`: the helper mounts what is in them, also behind hubs that come
 * later and in cameras, and nothing else (I7).
 */
import path from 'node:path';
import { sha256, someRecordings, vfatCard } from '../cards.js';
import { assert, type Lab, type Scenario } from '../scenario.js';

/** A bay each at the hub at 1, at a hub that comes later, at the computer itself, and one with a camera that has a hub inside. */
const bays = ['1.1', '3.2', '4', '1.2'];
/** Not in the configuration that the technician begins with. */
const walkedTo: readonly string[] = ['1.1', '4'];

function controllerOf({ machine }: Lab): Promise<string> {
  return machine.ok('realpath --relative-to=/sys/devices "$(dirname "$(readlink -f /sys/bus/usb/devices/usb1)")"');
}

async function cradleAt(lab: Lab, controller: string): Promise<string> {
  const places = bays.map((ports, index) =>
    walkedTo.includes(ports) ? `{ slot: ${index + 1} }` : `{ slot: ${index + 1}, port: "${ports}@${controller}" }`,
  );
  return `{ ${await lab.line()}, bays: [${places.join(', ')}] }`;
}

/** From bay to bay with one camera, at a terminal that is a pipe: Enter where it was put in, `s` where the port is known. */
async function walk(lab: Lab, controller: string, card: string): Promise<void> {
  const { machine } = lab;
  const type = (key: string): Promise<string> => machine.ok(`echo '${key}' 1<>/root/keys`);
  const says = (text: string): Promise<string> => machine.until(`grep -F '${text}' /root/walk.log`, 60_000);
  // Opened for both ways, the pipe has no end when a key was pressed.
  await machine.ok(`mkfifo /root/keys; cat >/root/walk.sh <<'END'
custodock bays map --language en <>/root/keys >/root/walk.log 2>&1
echo $? >/root/walk.status
END
systemd-run --quiet --collect --unit=lab-walk bash /root/walk.sh`);
  for (const [index, ports] of bays.entries()) {
    const bay = `1-${index + 1}`;
    await says(`Bay ${bay} (now`);
    if (!walkedTo.includes(ports)) {
      await type('s');
      continue;
    }
    await machine.plug(7, card, 'walked', ports);
    await type('');
    await says(`Bay ${bay} is at ${ports}@${controller} (QEMU`);
    await machine.pull(7, 'walked');
  }
  assert.equal(await machine.until('cat /root/walk.status', 60_000), '0');
  lab.note(await machine.ok('cat /root/walk.log'));
  const folder = '/etc/custodock';
  assert.equal(await machine.ok(`stat -c '%U:%G %a' ${folder}/config.yaml`), 'root:custodock 640');
  assert.doesNotMatch(await machine.ok(`cat ${folder}/config.yaml.before-bays-map`), /port: "?1\.1@/);
  // Quotes and line breaks are the writer's.
  const written = (await machine.ok(`cat ${folder}/config.yaml`)).replaceAll(/["\s]+/g, ' ');
  for (const [index, ports] of bays.entries()) {
    const bay = `{ slot: ${index + 1}, port: ${ports}@${controller} }`;
    assert.ok(written.includes(bay), `${bay} in ${written}`);
  }
}

export const scenario: Scenario = {
  title:
    'bays by lasting places, two of them mapped: cards on either half, behind a later hub, in a camera with a hub; spare ports left alone (I7)',
  async run(lab) {
    const { machine, folder } = lab;
    const cards = await Promise.all(
      ['C0001', 'C0002', 'C0003', 'C0004', 'C0009'].map((device) =>
        vfatCard(folder, { device, recordings: someRecordings(1) }),
      ),
    );
    const before = await Promise.all(cards.map(({ image }) => sha256(image)));
    const [image = '', later = '', fast = '', inside = '', spare = ''] = cards.map((card) => card.image);
    const controller = await controllerOf(lab);
    await lab.configured('', await cradleAt(lab, controller));
    await walk(lab, controller, spare);
    await machine.ok('systemctl restart custodock');
    await machine.until('custodock status --json >/dev/null', 120_000);
    await machine.until(
      'systemctl show -p StatusText --value custodock-media | grep -q "1-1.1.*not there: 3.2@pci"',
      120_000,
    );
    const put = async (slot: number, card: string, place: string): Promise<void> => {
      lab.cradle.insert(slot, { batteryPercent: 99, serial: `C000${slot}` });
      await machine.plug(slot, card, `card${slot}`, place);
    };
    await put(1, image, '1.1');
    await machine.plugHub('3');
    await machine.until('! systemctl show -p StatusText --value custodock-media | grep -q "not there"', 60_000);
    await put(2, later, '3.2');
    await put(3, fast, '4');
    await machine.plugHub('1.2');
    await put(4, inside, '1.2.1');
    await machine.plug(5, spare, 'spare', '1.3');
    for (const slot of [1, 2, 3, 4]) await lab.light(slot, 'green-steady');
    const mounts = (await machine.ok('findmnt -rn -o TARGET | grep custodock/media/ | sort')).split('\n');
    lab.note(mounts.map((place) => path.basename(place)).join(', '));
    assert.equal(mounts.length, 4, 'the spare port is left alone');
    assert.match(await lab.journal('-u custodock-media'), /at port 1-1\.3 is in no configured bay/);
    const archived = await lab.archived();
    for (const { files } of cards.slice(0, 4)) {
      for (const file of files) assert.equal(archived.get(path.posix.basename(file.path.toString())), file.sha256);
    }
    // Two cards behind the hub in one camera: neither is taken, or the bay would go green without the other.
    await machine.pull(5, 'spare');
    await machine.plug(6, spare, 'second', '1.2.2');
    await machine.until('! findmnt -rn | grep -q custodock/media/1-1.2', 60_000);
    await machine.until(
      'journalctl --no-pager -o cat -u custodock BAY=1-4 CODE=DOCK_VOLUME_UNFIT | grep -q "several: sd"',
      60_000,
    );
    await lab.light(4, 'red-flashing');
    for (const slot of [1, 2, 3, 4]) await lab.undock(slot);
    await machine.pull(6, 'second');
    for (const [index, { image: card }] of cards.entries()) assert.equal(await sha256(card), before[index]);
  },
};
