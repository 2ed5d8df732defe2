/** Simulated cameras with a control interface on a real bus, and the disk that they become at the same port. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../daemon/runtime/clock.js';
import { AmbarellaDevice } from '../../../drivers/simulated/ambarella/device.js';
import { JieliDevice } from '../../../drivers/simulated/jieli/device.js';
import { StandardCamera } from '../../../drivers/simulated/standard-camera.js';
import type { DevicePipe } from '../../../drivers/simulated/usb-bus.js';
import type { ControlSpec, DiskSpec, GadgetCamera } from './camera.js';
import { Gadget } from './configfs.js';
import { FunctionFs } from './function-fs.js';

/** How long a camera is off the bus while it changes mode, ms. */
const awayMs = 1_500;
const empty = new Uint8Array(0);

export class ControlGadget implements GadgetCamera {
  readonly #spec: ControlSpec;
  readonly #camera: StandardCamera;
  readonly #device: AmbarellaDevice | JieliDevice;
  readonly #gadget: Gadget;
  readonly #function: FunctionFs;
  #disk: DiskGadget | undefined;
  #switched = 0;
  /** Of the plug: what was begun before it was pulled does not go on after. */
  #plugged = 0;

  constructor(spec: ControlSpec) {
    this.#spec = spec;
    const serial = Buffer.from(spec.serial, 'latin1');
    this.#camera = new StandardCamera(systemClock, { ...spec.options, serial });
    this.#camera.onDiskMode = () => void this.#switch();
    this.#device = spec.kind === 'jieli' ? new JieliDevice(this.#camera) : new AmbarellaDevice(this.#camera);
    const { shows } = this.#device;
    // A program that was killed in disk mode left its disk on the bus.
    Gadget.remove(diskOf(spec.name));
    const [shown] = shows.interfaces;
    const { packetBytes } = shown.endpoints[0];
    this.#gadget = new Gadget({
      name: spec.name,
      controller: `dummy_udc.${spec.bus}`,
      shows,
      maxSpeed: packetBytes === 64 ? 'full-speed' : 'high-speed',
    });
    this.#function = new FunctionFs(this.#gadget.functionFolder, shown, packetBytes);
    const pipe = pipeOf(this.#function, packetBytes, this.#cleared.bind(this));
    this.#function.listen({
      received: (bytes) => this.#device.received(bytes, pipe),
      requested: (request, isIn) => {
        const device = this.#device;
        return !isIn && 'requested' in device && device.requested(request, pipe) ? empty : 'stall';
      },
      lost: () => this.#device.reset(),
    });
    this.#pipe = pipe;
  }

  readonly #pipe: DevicePipe;

  plug(): void {
    this.#plugged += 1;
    this.#device.reset();
    this.#gadget.plug();
  }

  unplug(): void {
    this.#plugged += 1;
    this.#gadget.unplug();
    this.#disk?.unplug();
    this.#disk = undefined;
  }

  state(): Readonly<Record<string, unknown>> {
    const { timesSet, diskModeAsked } = this.#camera;
    return {
      shownMs: this.#camera.shownMs(),
      wallMs: systemClock.wallMs(),
      switched: this.#switched,
      timesSet,
      diskModeAsked,
      heard: this.#device.heard,
      inDiskMode: this.#disk !== undefined,
    };
  }

  misbehave({ name, fault, times }: Readonly<Record<string, unknown>>): void {
    const faults = this.#device.faults as Map<string, { readonly fault: string; times: number }>;
    faults.set(String(name), { fault: String(fault), times: Number(times) });
  }

  /** What is sent now waits in the kernel until the host has cleared the halt. */
  #cleared(): void {
    const device = this.#device;
    const incoming = device.shows.interfaces[0].endpoints.find(({ address }) => address >= 0x80);
    if ('cleared' in device && incoming !== undefined) device.cleared(incoming.address, this.#pipe);
  }

  /** It answers before it leaves. */
  async #switch(): Promise<void> {
    this.#switched += 1;
    const plugged = this.#plugged;
    await sleep(10);
    await this.#function.sent();
    if (plugged !== this.#plugged) return;
    this.#gadget.unplug();
    const { image, name, bus } = this.#spec;
    if (image === undefined) return;
    await sleep(awayMs);
    if (plugged !== this.#plugged) return;
    this.#disk = new DiskGadget({ kind: 'disk', name: diskOf(name), bus, image }, this.#device.shows.vendorId);
    this.#disk.plug();
  }
}

/** A card that the kernel itself puts on the bus. */
export class DiskGadget implements GadgetCamera {
  readonly #gadget: Gadget;

  constructor({ name, bus, image }: DiskSpec, vendorId = 0x1d6b) {
    this.#gadget = new Gadget({
      name,
      controller: `dummy_udc.${bus}`,
      shows: { vendorId, productId: 0x1000, maker: 'Simulated', product: 'Mass Storage', serial: '', interfaces: [] },
      maxSpeed: 'high-speed',
      disk: { image },
    });
  }

  plug(): void {
    this.#gadget.plug();
  }

  unplug(): void {
    this.#gadget.unplug();
  }

  state(): Readonly<Record<string, unknown>> {
    return {};
  }

  misbehave(): void {
    throw new Error('the kernel has no bad manners');
  }
}

function diskOf(name: string): string {
  return `${name}-disk`;
}

function pipeOf(to: FunctionFs, packetBytes: number, cleared: () => void): DevicePipe {
  const isShort = ({ length }: Uint8Array): boolean => length === 0 || length % packetBytes !== 0;
  return {
    packet: (bytes) => void to.send(bytes, isShort(bytes)),
    transfer: (bytes) => {
      if (bytes.length > 0) void to.send(bytes, isShort(bytes));
    },
    stallIn: () => {
      to.stallIn();
      // After the device has said what it will send then.
      queueMicrotask(cleared);
    },
    stallOut: () => to.stallOut(),
    empty: () => to.drop(),
  };
}
