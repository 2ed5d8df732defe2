/**
 * Simulated cameras on the guest's own buses: each at the only port of a dummy_hcd controller, played by `gadget/program.ts` in the guest.
 *
 * The programs run with the product's own node beside the product; what they read (compiled code, cards) comes through a USB disk at a port
 * where the dock has no bay.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CardRecording } from '../../drivers/simulated/card.js';
import { type CardFile, writeCard } from '../../drivers/simulated/card.js';
import type { CameraSpec } from './gadget/camera.js';
import type { Machine, Outcome } from './machine.js';
import { run } from './program.js';

const compiled = path.resolve(import.meta.dirname, '../..');
const home = '/opt/lab';
/** The product's own node. */
export const guestNode = '/usr/lib/custodock/bin/node';
/** Threads that wait on endpoints, and room for files. */
const threads = 'UV_THREADPOOL_SIZE=16';
const firstPort = 4100;

/** At the contacts of a cradle without data pins: USB is all that is known of it. */
export const withoutPins = { serial: '', dumb: true, batteryPercent: 99 } as const;

/** For the configuration: what these cameras have room for is enough. */
export const smallCards = 'readiness: { recordingMinutes: 0 }';

/** How a camera is meant without the place that it is at. */
export type Camera = CameraSpec extends infer Spec
  ? Spec extends CameraSpec
    ? Omit<Spec, 'name' | 'bus'>
    : never
  : never;

export class Gadgets {
  readonly #machine: Machine;
  readonly #folder: string;
  #ports: readonly string[] = [];
  #sent = 0;

  private constructor(machine: Machine, folder: string) {
    this.#machine = machine;
    this.#folder = folder;
  }

  /** By bus, as the kernel numbers them: `3-1`. */
  get ports(): readonly string[] {
    return this.#ports;
  }

  /** `buses`: how many ports there are. */
  static async prepare(machine: Machine, folder: string, buses: number): Promise<Gadgets> {
    const gadgets = new Gadgets(machine, folder);
    const code = path.join(folder, 'code');
    mkdirSync(code, { recursive: true });
    run('cp', ['-r', ...['config', 'daemon', 'drivers', 'test'].map((name) => path.join(compiled, name)), code]);
    writeFileSync(path.join(code, 'package.json'), '{"type":"module"}');
    await gadgets.send(code, `${home}/dist`);
    rmSync(code, { recursive: true });
    await machine.ok(`ln -sfn /usr/lib/custodock/node_modules ${home}/node_modules
      modprobe dummy_hcd num=${buses} && modprobe libcomposite && modprobe usb_f_fs && modprobe usb_f_mass_storage
      mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config`);
    const numbers = await machine.ok('for n in /sys/devices/platform/dummy_hcd.*/usb*/busnum; do cat $n; done');
    gadgets.#ports = numbers.split('\n').map((number) => `${number}-1`);
    return gadgets;
  }

  /** The lasting place of a port. */
  static placeOf(bus: number): string {
    return `1@platform/dummy_hcd.${bus}`;
  }

  /** Puts the content of a folder of the host into one of the guest. */
  async send(from: string, into: string): Promise<void> {
    this.#sent += 1;
    const name = `feed${this.#sent}`;
    const feed = path.join(this.#folder, `${name}.tar`);
    run('tar', ['-cf', feed, '-C', from, '.']);
    await this.#machine.plugElsewhere(feed);
    const disk = '/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_elsewhere-0:0';
    await this.#machine.until(`test -b ${disk}`, 60_000);
    await this.#machine.ok(`mkdir -p ${into} && tar -xf ${disk} --no-same-owner -C ${into}`);
    await this.#machine.pull(2, 'elsewhere');
    await this.#machine.until(`! test -e ${disk}`, 60_000);
    rmSync(feed);
  }

  /** Writes a card on the host and puts it into a folder of the guest; the truth about it. */
  async card(folder: string, device: string, recordings: readonly CardRecording[]): Promise<readonly CardFile[]> {
    const content = path.join(this.#folder, `card-${device}`);
    mkdirSync(content, { recursive: true });
    const files = await writeCard(content, { seed: `gadget-${device}`, device, user: '0042', recordings });
    await this.send(content, folder);
    rmSync(content, { recursive: true });
    return files;
  }

  /** An image of the host as a disk of the guest; its device. */
  async image(file: string): Promise<string> {
    const [disk = ''] = await this.images([file]);
    return disk;
  }

  /** The same for up to three, at ports of the computer itself, where no bay is. */
  async images(files: readonly string[]): Promise<readonly string[]> {
    const disks: string[] = [];
    for (const [index, file] of files.entries()) {
      const port = index + 2;
      const name = `image${port}`;
      await this.#machine.plug(port, file, name, String(port));
      const disk = `/dev/disk/by-id/usb-QEMU_QEMU_HARDDISK_${name}-0:0`;
      await this.#machine.until(`test -b ${disk}`, 60_000);
      disks.push(disk);
    }
    return disks;
  }

  /** Reads the first recording of the PTP camera at a bus with nothing but bulk transfers. */
  async rawRead(bus: number): Promise<{ readonly bytes: number; readonly ms: number }> {
    const program = `${home}/dist/test/lab/gadget/raw-read.js`;
    return JSON.parse(await this.#machine.ok(`${guestNode} ${program} '${Gadgets.placeOf(bus)}'`)) as {
      readonly bytes: number;
      readonly ms: number;
    };
  }

  /** Brings vitest and what it needs. */
  async sendRunner(): Promise<void> {
    const content = path.join(this.#folder, 'runner');
    mkdirSync(content, { recursive: true });
    for (const folder of withDependencies('vitest')) {
      const into = path.join(content, folder.slice(folder.indexOf('node_modules/') + 'node_modules/'.length));
      mkdirSync(path.dirname(into), { recursive: true });
      // A package inside another came with it.
      if (!existsSync(into)) run('cp', ['-r', folder, into]);
    }
    await this.send(content, `${home}/dist/node_modules`);
    rmSync(content, { recursive: true });
  }

  /** Runs the compiled tests in a folder below dist/; longer than a command of the machine may take. */
  async runTests(folder: string, ...options: readonly string[]): Promise<Outcome> {
    const config = {
      root: `${home}/dist/${folder}`,
      include: ['*.test.js'],
      pool: 'forks',
      maxWorkers: 1,
      fileParallelism: false,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    };
    await this.#machine.ok(`cat >/root/vitest.config.mjs <<'END'
export default { test: ${JSON.stringify(config)} };
END
cat >/root/tests.sh <<'END'
export PATH=${path.dirname(guestNode)}:$PATH NO_COLOR=1
cd ${home}/dist
node node_modules/vitest/vitest.mjs run --config /root/vitest.config.mjs --reporter=verbose ${options.join(' ')} >/root/tests.log 2>&1
echo $? >/root/tests.status
END
rm -f /root/tests.status; systemd-run --quiet --collect --unit=lab-tests bash /root/tests.sh`);
    const status = await this.#machine.until('sleep 2; cat /root/tests.status', 3_600_000);
    return { status: Number(status), output: await this.#machine.ok('cat /root/tests.log') };
  }

  /** Starts the program of a camera, which is not plugged in yet. One that is there already is killed. */
  async start(bus: number, camera: Camera): Promise<void> {
    const spec = JSON.stringify({ ...camera, name: `camera${bus}`, bus });
    await this.#kill(bus);
    await this.#machine.ok(
      `systemd-run --quiet --collect --unit=${unitOf(bus)} --setenv=${threads} ${guestNode} ${home}/dist/test/lab/gadget/program.js '${spec}' ${firstPort + bus}`,
    );
    await this.#machine.until(`exec 3<>/dev/tcp/127.0.0.1/${firstPort + bus}`, 60_000);
  }

  /** Whatever it is doing. Killed in the middle of a transfer, FunctionFS has been seen to hang the whole bus: never then. */
  async #kill(bus: number): Promise<void> {
    await this.#machine.run(`systemctl kill --signal=KILL ${unitOf(bus)}; systemctl stop ${unitOf(bus)}`);
  }

  /** When, by the guest's clock, ms. */
  async plug(bus: number): Promise<number> {
    return Number((await this.order(bus, { order: 'plug' }))['atMs']);
  }

  unplug(bus: number): Promise<unknown> {
    return this.order(bus, { order: 'unplug' });
  }

  state(bus: number): Promise<Readonly<Record<string, unknown>>> {
    return this.order(bus, { order: 'state' });
  }

  misbehave(bus: number, how: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.order(bus, { ...how, order: 'misbehave' });
  }

  async order(bus: number, order: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const line = await this.#machine.ok(
      `exec 3<>/dev/tcp/127.0.0.1/${firstPort + bus}; printf '%s\\n' '${JSON.stringify(order)}' >&3; read -t 60 -r line <&3 && printf '%s' "$line"`,
    );
    const answer = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (answer['error'] !== undefined) throw new Error(`camera ${bus}: ${JSON.stringify(order)}: ${answer['error']}`);
    return answer;
  }
}

/** Folders of a package of this checkout and of all that it depends on. */
function withDependencies(name: string, from = compiled, found = new Set<string>()): ReadonlySet<string> {
  let folder = from;
  while (!existsSync(path.join(folder, 'node_modules', name))) {
    const above = path.dirname(folder);
    // Optional, and not for this machine.
    if (above === folder) return found;
    folder = above;
  }
  const at = realpathSync(path.join(folder, 'node_modules', name));
  if (found.has(at)) return found;
  found.add(at);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(path.join(at, 'package.json'), 'utf8'),
  ) as Readonly<Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>> | undefined>>;
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) withDependencies(needed, at, found);
  return found;
}

function unitOf(bus: number): string {
  return `lab-camera-${bus}`;
}
