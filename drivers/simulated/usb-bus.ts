/**
 * A USB in memory: devices at ports, packets on pipes, enumerations that come and go. Gives what the real transport gives, so that a family
 * under test does not know the difference; the simulated devices know nothing of it, so that they can also be put on a real bus.
 */
import type { Clock } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import { type Phrase, phrase, verbatim } from '../contract/phrase.js';
import type { OpenUsb, UsbConnection, UsbDevice, UsbInterface, UsbRequest } from '../contract/usb.js';
import { MemoryPipe } from './usb-pipe.js';

/** What a device makes of its pipes. One bulk endpoint in each direction. */
export interface DevicePipe {
  /** One packet to the host; shorter than the endpoint's packet, it ends a transfer. */
  packet(bytes: Uint8Array): void;
  /** Bytes as one transfer: whole packets and a short one. */
  transfer(bytes: Uint8Array): void;
  /** What the host asks for next on this side is answered with STALL until it clears the halt. */
  stallIn(): void;
  stallOut(): void;
  /** Forgets what was queued for the host. */
  empty(): void;
}

/** A device without its bus. */
export interface SimulatedDevice {
  readonly shows: Omit<UsbDevice, 'portPath' | 'enumeration'>;
  /** A transfer of the host on the OUT endpoint. */
  received(bytes: Uint8Array, pipe: DevicePipe): void;
  /** A class or vendor request; false: it stalls. */
  requested?(request: UsbRequest, pipe: DevicePipe): boolean;
  /** The host cleared a halt: what the device was about to send may follow now. */
  cleared?(endpoint: number, pipe: DevicePipe): void;
  /** Reset by the bus: whatever it was doing is forgotten. */
  reset(): void;
}

interface Plugged {
  readonly device: SimulatedDevice;
  readonly seen: UsbDevice;
  connection: MemoryConnection | undefined;
}

export class SimulatedUsb {
  readonly #clock: Clock;
  readonly #ports = new Map<string, Plugged>();
  readonly #listeners = new Set<(devices: readonly UsbDevice[]) => void>();
  #enumerations = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All that is enumerated now, as a look at sysfs shows it. */
  devices(): readonly UsbDevice[] {
    return [...this.#ports.values()].map(({ seen }) => seen);
  }

  /** Told at once and after each change; returns the way to stop it. */
  watch(listener: (devices: readonly UsbDevice[]) => void): () => void {
    this.#listeners.add(listener);
    listener(this.devices());
    return () => this.#listeners.delete(listener);
  }

  /** A new enumeration of this device, whatever was at the port before. As from a kernel, its interfaces follow it. */
  plug(portPath: string, device: SimulatedDevice): void {
    this.#detach(portPath);
    device.reset();
    this.#enumerations += 1;
    const seen = { ...device.shows, portPath, enumeration: `${this.#enumerations}` };
    this.#ports.set(portPath, { device, seen: { ...seen, interfaces: [] }, connection: undefined });
    this.#told();
    this.#ports.set(portPath, { device, seen, connection: undefined });
    this.#told();
  }

  unplug(portPath: string): void {
    if (this.#detach(portPath)) this.#told();
  }

  /** The interface that the daemon has open at a port. */
  isOpen(portPath: string): boolean {
    return this.#ports.get(portPath)?.connection !== undefined;
  }

  readonly open: OpenUsb = async (device, interfaceNumber, signal) => {
    signal.throwIfAborted();
    const plugged = this.#ports.get(device.portPath);
    if (plugged === undefined || plugged.seen.enumeration !== device.enumeration) throw gone(device.portPath);
    const claimed = plugged.seen.interfaces.find(({ number }) => number === interfaceNumber);
    if (claimed === undefined || plugged.connection !== undefined) throw busy(device.portPath);
    const connection = new MemoryConnection(this.#clock, plugged.device, plugged.seen, claimed, () => {
      if (plugged.connection === connection) plugged.connection = undefined;
    });
    plugged.connection = connection;
    return connection;
  };

  #detach(portPath: string): boolean {
    const plugged = this.#ports.get(portPath);
    this.#ports.delete(portPath);
    plugged?.connection?.lose();
    return plugged !== undefined;
  }

  #told(): void {
    for (const listener of this.#listeners) listener(this.devices());
  }
}

class MemoryConnection implements UsbConnection {
  readonly device: UsbDevice;
  readonly interface: UsbInterface;
  readonly #simulated: SimulatedDevice;
  readonly #pipe: MemoryPipe;
  readonly #released: () => void;

  constructor(
    clock: Clock,
    simulated: SimulatedDevice,
    device: UsbDevice,
    claimed: UsbInterface,
    released: () => void,
  ) {
    this.#simulated = simulated;
    this.device = device;
    this.interface = claimed;
    this.#pipe = new MemoryPipe(clock, claimed, () => gone(device.portPath));
    this.#released = released;
  }

  async controlIn(): Promise<Uint8Array> {
    this.#pipe.assertThere();
    throw stalled(phrase`endpoint ${0}`);
  }

  async controlOut(request: UsbRequest): Promise<void> {
    this.#pipe.assertThere();
    if (this.#simulated.requested?.(request, this.#pipe) !== true) throw stalled(phrase`endpoint ${0}`);
  }

  async transferIn(
    endpoint: number,
    memory: Uint8Array<ArrayBuffer>,
    deadlineMs: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#pipe.take(endpoint, memory.length, deadlineMs);
    memory.set(bytes);
    return memory.subarray(0, bytes.length);
  }

  async transferOut(endpoint: number, bytes: Uint8Array): Promise<void> {
    this.#pipe.assertThere();
    if (this.#pipe.isHalted(endpoint)) throw stalled(phrase`endpoint ${endpoint}`);
    this.#simulated.received(bytes.slice(), this.#pipe);
  }

  async clearHalt(endpoint: number): Promise<void> {
    this.#pipe.assertThere();
    this.#pipe.clear(endpoint);
    this.#simulated.cleared?.(endpoint, this.#pipe);
  }

  async reset(): Promise<void> {
    this.#pipe.assertThere();
    this.#pipe.empty();
    this.#simulated.reset();
  }

  async close(): Promise<void> {
    this.lose();
    this.#released();
  }

  lose(): void {
    this.#pipe.lose();
  }
}

function gone(portPath: string): DockError {
  return new DockError('DOCK_USB_GONE', {
    expected: phrase`the device at ${portPath} to stay`,
    found: phrase`it left the bus`,
    todo: phrase`Put the camera in again`,
    retry: 'after-redocking',
  });
}

function busy(portPath: string): DockError {
  return new DockError('DOCK_USB_BUSY', {
    expected: phrase`a free interface at ${portPath}`,
    found: phrase`none`,
    todo: phrase`End the program that has it`,
    retry: 'now',
  });
}

export function stalled(where: Phrase): DockError {
  return new DockError('DOCK_USB_STALL', {
    expected: phrase`${where} to go on`,
    found: verbatim('STALL'),
    todo: phrase`Put the camera in again`,
    retry: 'now',
  });
}
