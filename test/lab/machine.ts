/**
 * A dock's computer as a guest: boots a copy-on-write layer over a disk, runs commands in it, plugs and pulls cards behind a hub.
 *
 * The hub is at 1-1 (QEMU's usb-hub on the first port of an xHCI controller), so a card in its port 3 is at 1-1.3. Under TCG everything
 * in the guest takes about ten times as long as on a PC: no deadline here is one of the product.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Base } from './base.js';
import { KernelFailed, kernelFailure } from './kernel.js';
import { run } from './program.js';
import { Qmp } from './qmp.js';

/** Where the guest finds the host. */
export const hostAddress = '10.0.2.2';

export interface MachineOptions {
  readonly base: Base;
  /** Goes on from a moment that `save` kept, on a copy of that disk; default: a fresh layer over the base's disk, and a boot. */
  readonly resume?: { readonly disk: string; readonly snapshot: string };
  /** Folder for the layer, sockets and logs of this machine. */
  readonly folder: string;
  /** Raw files that the guest sees as /dev/disk/by-id/virtio-<name>, read-only. */
  readonly files?: Readonly<Record<string, string>>;
  /** ACPI tables that its firmware has besides its own. Not for a machine that goes on from a kept moment: it has read them long ago. */
  readonly acpiTables?: readonly string[];
}

export interface Outcome {
  readonly status: number;
  readonly output: string;
}

const bootWithinMs = 600_000;
const commandWithinMs = 600_000;
const restartWithinMs = 120_000;
const kernelLookEveryMs = 2_000;

/**
 * Nothing of this concerns the dock; all of it keeps an emulated processor from standing still for ten seconds and more.
 * - Without huge pages: the kernel's collector of them was seen to hold a processor for minutes.
 * - Timers at the kernel's tick of 4 ms: dummy_hcd looks after its transfers every 125 µs, which took all of a processor and, waking it up
 *   each time, the emulator too.
 * - Pages are cleared and copied in words, and once: a store into a page that held code is slow in QEMU, and `rep stosb` makes one of each
 *   byte. Once free memory had all been used before, both processors stood in `clear_page_erms` for as long as twelve seconds.
 * - The time is read from the processor: the HPET is a device of QEMU behind its one lock, and Node reads the time all the time.
 */
export const kernelCommandLine =
  'rw console=ttyS0 quiet net.ifnames=0 systemd.show_status=false systemd.default_timeout_start_sec=600 mitigations=off transparent_hugepage=never highres=off clearcpuid=rep_good,erms,fsrm init_on_alloc=0 tsc=reliable';

/** Room for the cameras too, which are simulated in the same guest. What a dock itself takes is measured elsewhere. */
export const hardware: readonly string[] = [
  ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048'],
  ...['-display', 'none', '-nodefaults', '-no-user-config'],
];

export class Machine {
  readonly folder: string;
  readonly #options: MachineOptions;
  readonly #waiting = new Map<string, (outcome: Outcome) => void>();
  #qemu: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #kernelLook: NodeJS.Timeout | undefined;
  /** Rejects with KernelFailed; never resolves. */
  #kernelFailed: Promise<never> = new Promise(() => undefined);
  #qmp: Qmp | undefined;
  #shell: Socket | undefined;
  #commands = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.folder = options.folder;
    mkdirSync(this.folder, { recursive: true });
  }

  /** The layer that has what this machine wrote. */
  get disk(): string {
    return path.join(this.folder, 'disk.qcow2');
  }

  get #console(): string {
    return path.join(this.folder, 'console.log');
  }

  /** Power on; resolves when a shell answers. The layer of an earlier start is kept. */
  async boot(): Promise<void> {
    const { base, resume, files = {}, acpiTables = [] } = this.#options;
    const resuming = resume !== undefined && !existsSync(this.disk);
    if (resuming) copyFileSync(resume.disk, this.disk);
    else if (!existsSync(this.disk)) {
      run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base.disk, this.disk]);
    }
    const socket = (name: string): string => path.join(this.folder, `${name}.sock`);
    for (const left of [socket('qmp'), socket('shell'), this.#console]) rmSync(left, { force: true });
    const arguments_ = [
      ...hardware,
      ...['-kernel', base.kernel, '-initrd', base.initrd],
      ...['-append', kernelCommandLine],
      ...['-drive', `file=${this.disk},if=virtio,cache=unsafe,discard=unmap`],
      ...Object.entries(files).flatMap(([name, file]) => [
        ...['-drive', `file=${file},if=none,id=${name},format=raw,read-only=on`],
        ...['-device', `virtio-blk-pci,drive=${name},serial=${name}`],
      ]),
      ...acpiTables.flatMap((table) => ['-acpitable', `file=${table}`]),
      ...['-serial', `file:${this.#console}`],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=shell,path=${socket('shell')},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=shell,name=lab'],
      ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
      ...['-device', 'virtio-rng-pci'],
      '-no-reboot',
      ...['-device', 'qemu-xhci,id=x', '-device', 'usb-hub,bus=x.0,port=1'],
      ...['-qmp', `unix:${socket('qmp')},server=on,wait=off`],
      ...(resuming ? ['-loadvm', resume.snapshot] : []),
    ];
    const qemu = spawn('qemu-system-x86_64', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#qemu = qemu;
    this.#ended = new Promise((resolve) => qemu.once('exit', () => resolve()));
    this.#kernelFailed = this.#watchKernel();
    // For whoever waits for the guest; when nobody does, it is no news.
    this.#kernelFailed.catch(() => undefined);
    qemu.stderr.pipe(createWriteStream(path.join(this.folder, 'qemu.log'), { flags: 'a' }));
    const ready = new Promise<Outcome>((resolve) => this.#waiting.set('ready', resolve));
    await this.#connect(socket('qmp'), socket('shell'));
    // The clock of a kept moment stands where it stood.
    if (resuming) return void (await this.ok(`date --set=@${Math.round(Date.now() / 1000)}`));
    await this.#within(ready, bootWithinMs, 'boot');
    await this.#network();
  }

  async #network(): Promise<void> {
    // A shell answers before udev has loaded the driver.
    await this.until('test -e /sys/class/net/eth0', 120_000);
    await this.ok('ip link set eth0 up; ip address add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2');
  }

  /** Output of a command that has to succeed. */
  async ok(command: string): Promise<string> {
    const { status, output } = await this.run(command);
    if (status !== 0) throw new Error(`in the guest: ${command}\n  ended with ${status}: ${output.slice(-4_000)}`);
    return output;
  }

  /** Runs a shell command as root in the guest. */
  run(command: string): Promise<Outcome> {
    this.#commands += 1;
    const id = String(this.#commands);
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(id, resolve));
    this.#shell?.write(`${id} ${Buffer.from(command).toString('base64')}\n`);
    return this.#within(outcome, commandWithinMs, command);
  }

  /** Waits until a command succeeds, trying it again and again; its output. */
  async until(command: string, withinMs: number): Promise<string> {
    const byMs = performance.now() + withinMs;
    for (;;) {
      const { status, output } = await this.run(command);
      if (status === 0) return output;
      if (performance.now() > byMs)
        throw new Error(`in the guest, not within ${withinMs} ms: ${command}\n${output.slice(-4_000)}`);
      await sleep(250);
    }
  }

  /** Puts a card into a port of the hub: a raw image as a USB disk. */
  plug(port: number, image: string, name = `card${port}`, place = `1.${port}`): Promise<void> {
    return this.#plug(name, place, fileOf(image));
  }

  /** The same with a card that has a sector which cannot be read, however often it is tried. `badAt`: a byte in it. */
  plugWorn(port: number, image: string, badAt: number): Promise<void> {
    const bad = { event: 'none', iotype: 'read', sector: Math.floor(badAt / 512), errno: 5, immediately: true };
    return this.#plug(`card${port}`, `1.${port}`, { driver: 'blkdebug', image: fileOf(image), 'inject-error': [bad] });
  }

  async #plug(name: string, place: string, file: Readonly<Record<string, unknown>>): Promise<void> {
    const drive = `drive-${name}`;
    await this.#control().execute('blockdev-add', { 'node-name': drive, driver: 'raw', file });
    await this.#control().execute('device_add', {
      driver: 'usb-storage',
      id: name,
      bus: 'x.0',
      port: place,
      drive,
      removable: true,
      serial: name,
    });
  }

  /** A hub into a port, named as QEMU does: `3`, `1.2`. */
  async plugHub(place: string): Promise<void> {
    await this.#control().execute('device_add', { driver: 'usb-hub', id: `hub${place}`, bus: 'x.0', port: place });
  }

  /** A card into a port of the computer itself, 1-2 or its fast half, where the lab's dock has no bay. */
  plugElsewhere(image: string): Promise<void> {
    return this.plug(2, image, 'elsewhere', '2');
  }

  /** Pulls it out at once: what is under way fails. */
  async pull(port: number, name = `card${port}`): Promise<void> {
    const gone = this.#control().event('DEVICE_DELETED', name);
    await this.#control().execute('device_del', { id: name });
    await this.#within(gone, 30_000, `pull ${name}`);
    await this.#control().execute('blockdev-del', { 'node-name': `drive-${name}` });
  }

  /** Keeps this moment, memory and disk, in the layer. */
  async save(snapshot: string): Promise<void> {
    await this.ok('sync');
    await this.#control().execute('human-monitor-command', { 'command-line': `savevm ${snapshot}` });
  }

  /**
   * An orderly restart; resolves when a shell answers again. What was plugged in is gone. QEMU ends with the old system and is started anew: after
   * a reset it was seen to stand still before the kernel's first word.
   */
  async reboot(): Promise<void> {
    const ended = this.#ended;
    this.#shell?.write(`off ${Buffer.from('systemctl reboot --no-block').toString('base64')}\n`);
    await this.#within(ended, restartWithinMs, 'restart');
    this.#hangUp();
    await this.boot();
  }

  /** The end of the machine, whatever it is doing. */
  async kill(): Promise<void> {
    const ended = this.#ended;
    this.#qemu?.kill('SIGKILL');
    await ended;
    this.#hangUp();
  }

  #watchKernel(): Promise<never> {
    return new Promise((_, reject) => {
      this.#kernelLook = setInterval(() => {
        if (!existsSync(this.#console)) return;
        const said = kernelFailure(readFileSync(this.#console, 'utf8'));
        if (said !== undefined) reject(new KernelFailed(said));
      }, kernelLookEveryMs);
    });
  }

  #hangUp(): void {
    clearInterval(this.#kernelLook);
    this.#qmp?.close();
    this.#shell?.destroy();
  }

  #control(): Qmp {
    if (this.#qmp === undefined) throw new Error('the machine is off');
    return this.#qmp;
  }

  async #connect(qmp: string, shell: string): Promise<void> {
    const byMs = performance.now() + 20_000;
    while (!existsSync(qmp) || !existsSync(shell)) {
      if (this.#qemu?.exitCode !== null || performance.now() > byMs)
        throw new Error(`QEMU did not start: see ${this.folder}/qemu.log`);
      await sleep(50);
    }
    this.#qmp = await Qmp.open(qmp);
    this.#shell = connect(shell);
    // A machine that is killed resets its sockets, which readline tells too; whoever waits hears of the end by itself.
    this.#shell.on('error', () => undefined);
    const lines = createInterface({ input: this.#shell });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const [id = '', status = '', output = ''] = line.split(' ');
      const answer = this.#waiting.get(id);
      this.#waiting.delete(id);
      answer?.({ status: Number(status), output: Buffer.from(output, 'base64').toString('utf8').trimEnd() });
    });
  }

  async #within<T>(work: Promise<T>, withinMs: number, what: string): Promise<T> {
    const late = new AbortController();
    try {
      return await Promise.race([
        work,
        sleep(withinMs, undefined, { signal: late.signal }).then(() => {
          throw new Error(`not within ${withinMs} ms: ${what}`);
        }),
        this.#kernelFailed,
        this.#ended.then(() => {
          throw new Error(`the machine ended during: ${what}; see ${this.folder}`);
        }),
      ]);
    } finally {
      late.abort();
    }
  }
}

function fileOf(filename: string): Readonly<Record<string, unknown>> {
  return { driver: 'file', filename, locking: 'off' };
}
