/**
 * The walk from bay to bay: a camera is put into each, and what came onto the USB says which port is behind it.
 *
 * The difference of two looks is the truth. Whatever is not clear is said and asked again; nothing is guessed.
 */
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { printable } from '../../drivers/contract/text.js';
import type { UsbLook } from '../../drivers/contract/usb.js';
import { type Arrival, arrivalBetween } from '../../drivers/usb/arrival.js';
import { isBehind } from '../../drivers/usb/at-port.js';
import { type Language, say } from '../language/messages.js';

export interface WalkBay {
  readonly bay: string;
  /** As configured; null: none. */
  readonly port: string | null;
}

export interface WalkPorts {
  readonly clock: Clock;
  readonly language: Language;
  look(): Promise<UsbLook>;
  tell(text: string): void;
  /** The next line that was typed; null: there is none any more. */
  ask(text: string): Promise<string | null>;
}

/** Cameras take a moment to show themselves, ms. */
const arrivalWithinMs = 10_000;
const lookEveryMs = 250;
/** Until it is sure that nothing else belongs to what came, ms. */
const calmForMs = 1_000;

/** The ports that were found, by the names of their bays; null: it was ended before its end. */
export async function walkBays(
  bays: readonly WalkBay[],
  ports: WalkPorts,
): Promise<ReadonlyMap<string, string> | null> {
  const { language, tell } = ports;
  const found = new Map<string, string>();
  tell(say(language, 'bays.begin', { bays: bays.length }));
  for (const { bay, port } of bays) {
    while (true) {
      const before = await ports.look();
      const typed = await ports.ask(say(language, 'bays.ask', { bay, port: port ?? '–' }));
      const answer = typed?.trim().toLowerCase();
      if (answer === undefined || answer === 'q') return null;
      if (answer === 's') break;
      const { arrival, look } = await awaitArrival(before, ports);
      if (arrival.kind === 'one') {
        const taken = [...found].find(
          ([, other]) => isBehind(arrival.port, other, look) || isBehind(other, arrival.port, look),
        );
        if (taken === undefined) {
          const { maker, product, vendorId, productId } = arrival.device;
          const hex = (id: number): string => id.toString(16).padStart(4, '0');
          const device = printable(`${maker} ${product}`.trim(), 60) || `${hex(vendorId)}:${hex(productId)}`;
          tell(say(language, 'bays.found', { bay, port: arrival.port, device }));
          found.set(bay, arrival.port);
          break;
        }
        tell(say(language, 'bays.taken', { port: arrival.port, other: taken[0] }));
      } else if (arrival.kind === 'several') {
        tell(say(language, 'bays.several', { ports: arrival.ports.join(', ') }));
      } else {
        tell(say(language, 'bays.none'));
      }
    }
  }
  return found;
}

async function awaitArrival(
  before: UsbLook,
  { clock, look }: WalkPorts,
): Promise<{ readonly arrival: Arrival; readonly look: UsbLook }> {
  const untilMs = clock.monotonicMs() + arrivalWithinMs;
  let now = await look();
  let changedMs = clock.monotonicMs();
  let seen = textOf(now);
  while (true) {
    const arrival = arrivalBetween(before, now);
    const nowMs = clock.monotonicMs();
    if (arrival.kind !== 'none' && nowMs - changedMs >= calmForMs) return { arrival, look: now };
    if (nowMs >= untilMs) return { arrival, look: now };
    await sleep(clock, 'bays.look', lookEveryMs);
    now = await look();
    if (textOf(now) === seen) continue;
    seen = textOf(now);
    changedMs = clock.monotonicMs();
  }
}

function textOf({ devices }: UsbLook): string {
  return devices.map(({ portPath, enumeration }) => `${portPath} ${enumeration}`).join();
}
