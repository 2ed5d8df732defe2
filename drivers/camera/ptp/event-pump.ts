/**
 * Listens to what a device tells unasked. Events are hints (they come late, doubled or never): they make somebody look again, and
 * nothing is concluded from them alone.
 */
import { type Clock, sleep } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { decodeHeader, headerBytes } from './container.js';
import type { PtpLink } from './link.js';

/** How long one wait for an event lasts, ms. */
const listenMs = 2_000;
/** A device that never stops telling is heard this often, ms. */
const betweenMs = 20;
/** Faults after which nobody listens any more. */
const mostFaults = 16;

export class EventPump {
  readonly #ended: Promise<void>;
  #stopped = false;

  constructor(link: PtpLink, clock: Clock, onEvent: (code: number) => void) {
    const { interruptIn } = link.pipes;
    this.#ended = interruptIn === undefined ? Promise.resolve() : this.#listen(link, interruptIn, clock, onEvent);
  }

  /** Resolves when the last wait has ended: at once after the connection was closed. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.#ended;
  }

  async #listen(link: PtpLink, endpoint: number, clock: Clock, onEvent: (code: number) => void): Promise<void> {
    const { connection, pipes } = link;
    const memory = new Uint8Array(Math.ceil(64 / pipes.interruptBytes) * pipes.interruptBytes);
    for (let faults = 0; !this.#stopped && faults < mostFaults; ) {
      try {
        const bytes = await connection.transferIn(endpoint, memory, listenMs);
        if (this.#stopped) return;
        if (bytes.length >= headerBytes) {
          const { type, code } = decodeHeader(bytes);
          if (type === 'event') onEvent(code);
        }
        await sleep(clock, 'ptp.events', betweenMs);
      } catch (error) {
        if (!(error instanceof DockError) || error.code === 'DOCK_USB_GONE') return;
        if (error.code === 'DOCK_USB_TIMEOUT') continue;
        faults += 1;
        if (error.code === 'DOCK_USB_STALL') await connection.clearHalt(endpoint).catch(() => undefined);
      }
    }
  }
}
