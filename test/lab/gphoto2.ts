/**
 * gphoto2 in the guest: what a PTP camera can be read with otherwise, for comparison. The dock's Debian has none; the lab's computer lends it its
 * own, with all the libraries that it loads.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Gadgets } from './gadgets.js';
import type { Machine } from './machine.js';
import { run } from './program.js';

const home = '/opt/lab/gphoto2';
const drivers = { camlibs: 'libgphoto2/*/ptp2.so', iolibs: 'libgphoto2_port/*/usb1.so' } as const;

export class Gphoto2 {
  readonly #machine: Machine;

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  static async bring(machine: Machine, gadgets: Gadgets, folder: string): Promise<Gphoto2> {
    const content = path.join(folder, 'gphoto2');
    for (const [name, files] of Object.entries(drivers)) {
      mkdirSync(path.join(content, name), { recursive: true });
      run('bash', ['-c', `cp /usr/lib/*-linux-gnu/${files} ${path.join(content, name)}`]);
    }
    run('cp', ['/usr/bin/gphoto2', content]);
    const loaded = readdirSync(content, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('libs'))
      .flatMap((name) => run('ldd', [path.join(content, name)]).match(/\/\S+/g) ?? []);
    // By their own loader, which then finds all of them here: the guest's need not be of the same age.
    mkdirSync(path.join(content, 'lib'));
    run('cp', ['--dereference', ...new Set(loaded), path.join(content, 'lib')]);
    await gadgets.send(content, home);
    rmSync(content, { recursive: true });
    return new Gphoto2(machine);
  }

  /** How long it takes to get all files of the only camera that nobody else holds onto the dock's disk, beyond listing them, ms. */
  async getAllFiles(): Promise<number> {
    const listed = await this.#run('--list-files');
    return (await this.#run('--get-all-files')) - listed;
  }

  async #run(what: string): Promise<number> {
    const program = `${home}/lib/ld-linux-*.so.2 --library-path ${home}/lib ${home}/gphoto2`;
    const took = await this.#machine.ok(`rm -rf /var/tmp/gphoto2; mkdir /var/tmp/gphoto2; cd /var/tmp/gphoto2
      began=$(date +%s%3N)
      CAMLIBS=${home}/camlibs IOLIBS=${home}/iolibs ${program} --quiet ${what} >/dev/null || exit
      echo $(( $(date +%s%3N) - began )); cd /; rm -r /var/tmp/gphoto2`);
    return Number(took);
  }
}
