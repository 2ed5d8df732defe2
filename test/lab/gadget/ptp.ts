/** The simulated PTP camera on a real bus. */
import { systemClock } from '../../../daemon/runtime/clock.js';
import { HostTransfers } from '../../../drivers/simulated/ptp/host-transfers.js';
import { ptpInterface } from '../../../drivers/simulated/ptp/interface.js';
import { PtpResponder, type ResponderPipes } from '../../../drivers/simulated/ptp/responder.js';
import type { GadgetCamera, PtpSpec } from './camera.js';
import { Gadget } from './configfs.js';
import { FunctionFs } from './function-fs.js';

/** Of high speed (USB 2.0, 5.8.3). */
const packetBytes = 512;

export class PtpGadget implements GadgetCamera {
  readonly #gadget: Gadget;
  readonly #function: FunctionFs;
  readonly #responder: PtpResponder;
  readonly #commands = new HostTransfers();

  constructor(spec: PtpSpec) {
    const shows = showsOf(spec);
    this.#gadget = new Gadget({
      name: spec.name,
      controller: `dummy_udc.${spec.bus}`,
      shows,
      maxSpeed: 'high-speed',
    });
    const [shown] = shows.interfaces;
    this.#function = new FunctionFs(this.#gadget.functionFolder, shown, packetBytes);
    const pipes: ResponderPipes = {
      receive: () => this.#commands.next(),
      send: (bytes, ends) => this.#function.send(bytes, ends),
      event: (bytes) => this.#function.tell(bytes),
      stall: () => this.#function.stallIn(),
      vanish: () => this.unplug(),
    };
    const { card, serial, access, clockOffsetMs, batteryPercent } = spec;
    this.#responder = new PtpResponder(
      {
        card,
        serial,
        clock: systemClock,
        ...(access === undefined ? {} : { access }),
        ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
        ...(batteryPercent === undefined ? {} : { batteryPercent }),
      },
      pipes,
    );
    this.#function.listen({
      received: (bytes) => this.#commands.push(bytes),
      requested: ({ type, request }) => {
        if (type !== 'class') return 'stall';
        const answer = this.#responder.control(request);
        // A status changes nothing; after cancel and reset what was on its way is dropped.
        if (answer !== 'stall' && answer.length === 0) this.#function.drop();
        return answer;
      },
      lost: () => {
        this.#commands.drop(new Lost());
        this.#responder.reset();
      },
    });
    void this.#serve();
  }

  plug(): void {
    this.#gadget.plug();
  }

  unplug(): void {
    this.#gadget.unplug();
  }

  state(): Readonly<Record<string, unknown>> {
    const { asked, clockOffsetMs } = this.#responder;
    return { asked, wrongMs: clockOffsetMs, longestPauseMs: this.#function.takeLongestPauseMs() };
  }

  /** `event: 'store-removed'`, or anything of its temper that is data; to sets and maps is added what is in an array. */
  misbehave({ event, ...traits }: Readonly<Record<string, unknown>>): void {
    if (event === 'store-removed') this.#responder.storeRemoved();
    else if (event !== undefined) throw new Error(`it tells of no ${event}`);
    const { temper } = this.#responder;
    for (const [name, value] of Object.entries(traits)) {
      if (!(name in temper)) throw new Error(`its temper has no ${name}`);
      const own = Reflect.get(temper, name);
      if (own instanceof Set) for (const one of value as readonly unknown[]) own.add(one);
      else if (own instanceof Map) for (const [key, one] of value as readonly [unknown, unknown][]) own.set(key, one);
      else Reflect.set(temper, name, value);
    }
  }

  /** The responder ends when the bus is reset, and serves who comes next. */
  async #serve(): Promise<never> {
    for (;;) {
      try {
        await this.#responder.serve();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
      }
    }
  }
}

/** The bus was reset while the host still owed something. */
class Lost extends Error {}

function showsOf({ serial, interface: kind = 'still-image', withoutEvents }: PtpSpec) {
  const { endpoints, ...shown } = ptpInterface(kind, packetBytes);
  return {
    vendorId: 0x1d6b,
    productId: 0x0100,
    maker: 'Simulated',
    product: 'PTP recorder',
    serial,
    interfaces: [
      { ...shown, endpoints: endpoints.filter(({ transfer }) => withoutEvents !== true || transfer === 'bulk') },
    ],
  } as const;
}
