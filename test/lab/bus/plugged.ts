/** A simulated camera in a process of its own at the port of the last dummy_hcd bus, for tests that run in the guest. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../daemon/runtime/clock.js';
import type { OpenUsb, UsbDevice } from '../../../drivers/contract/usb.js';
import { usbOpener } from '../../../drivers/usb/connection.js';
import { UsbSysfs } from '../../../drivers/usb/sysfs.js';
import type { CameraSpec } from '../gadget/camera.js';

/** The dock of the lab is stopped meanwhile, but its bays are at the buses before. */
const bus = 3;
const place = `1@platform/dummy_hcd.${bus}`;
const port = 4_200;
/** A guest is slow. */
const withinMs = 60_000;

export type Camera = CameraSpec extends infer Spec
  ? Spec extends CameraSpec
    ? Omit<Spec, 'name' | 'bus'>
    : never
  : never;

type Answer = Readonly<Record<string, unknown>>;
/** What is ordered of a camera that misbehaves, as its gadget understands it. */
export type Manners = Readonly<Record<string, unknown>>;

const sysfs = new UsbSysfs(systemClock);

export const openUsb: OpenUsb = usbOpener({ clock: systemClock, sysfs });

export class PluggedCamera {
  readonly #program: ChildProcess;
  readonly #socket: Socket;
  readonly #answers: ((answer: Answer) => void)[] = [];
  #disposed = false;

  private constructor(program: ChildProcess, socket: Socket) {
    this.#program = program;
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#answers.shift()?.(JSON.parse(line) as Answer));
  }

  /** On the bus, and seen there. `manners`: from before anybody speaks to it. */
  static async plug(camera: Camera, ...manners: readonly Manners[]): Promise<PluggedCamera> {
    const file = path.join(import.meta.dirname, '../gadget/program.js');
    const spec: CameraSpec = { ...camera, name: 'contract', bus };
    const program = spawn(process.execPath, [file, JSON.stringify(spec), String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    });
    await Promise.race([
      once(program.stdout, 'data'),
      once(program, 'exit').then(() => Promise.reject(new Error(`the camera did not start: ${JSON.stringify(spec)}`))),
    ]);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const plugged = new PluggedCamera(program, socket);
    for (const how of manners) await plugged.misbehave(how);
    await plugged.putIn();
    return plugged;
  }

  /** Once more, after it was pulled. */
  async putIn(): Promise<void> {
    await this.order('plug');
    await this.device();
  }

  misbehave(how: Manners): Promise<Answer> {
    return this.order('misbehave', how);
  }

  /** As it is seen now; waits until it is there. */
  async device(): Promise<UsbDevice> {
    return eventually('a device on the bus', async () => {
      const { devices, places } = await sysfs.look();
      return devices.find(({ portPath, interfaces }) => places.get(portPath) === place && interfaces.length > 0);
    });
  }

  /** Some program has its interface. */
  async isOpen(): Promise<boolean> {
    const { places } = await sysfs.look();
    const portPath = [...places].find(([, at]) => at === place)?.[0] ?? '';
    const devices = '/sys/bus/usb/devices';
    return readdirSync(devices)
      .filter((name) => name.startsWith(`${portPath}:`))
      .some((name) => driverOf(path.join(devices, name)) === 'usbfs');
  }

  async pull(): Promise<void> {
    await this.order('unplug');
    await this.left();
  }

  /** Waits until the kernel has noticed that it is not there any more; until then what is asked of it may fail in any way. */
  async left(): Promise<void> {
    await eventually('an empty port', async () => {
      const { devices, places } = await sysfs.look();
      return devices.every(({ portPath }) => places.get(portPath) !== place) || undefined;
    });
  }

  async order(order: string, how: Answer = {}): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#answers.push(resolve);
      this.#socket.write(`${JSON.stringify({ ...how, order })}\n`);
    });
    if (answer['error'] !== undefined) throw new Error(`${order}: ${answer['error']}`);
    return answer;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#socket.destroy();
    const ended = once(this.#program, 'exit');
    this.#program.kill('SIGKILL');
    await ended;
  }
}

function driverOf(folder: string): string | undefined {
  try {
    return path.basename(readlinkSync(path.join(folder, 'driver')));
  } catch (error) {
    // No driver has it, or it went away.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const byMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > byMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}
