/**
 * Side-channel requests that wait for their turn on the line: bay after bay in turn, so that one bay's questions never
 * keep another's waiting. Each has a limit, a deadline, and ends with the connection that it was asked over.
 */
import type { Clock, Timer } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import type { Request } from './pdu.js';
import { exceptionCodes, type Registers } from './registers.js';
import { crowded, refused, sideLate } from './trouble.js';
import type { UnitConnection } from './unit.js';
import type { Answer, Wire } from './wire.js';

const mostPerBay = 8;
const longestWaitMs = 5_000;

export interface SideRequest {
  readonly unit: number;
  readonly connection: UnitConnection;
  /** Made when its turn has come, so that a moment in it is exact; may throw a DockError to send nothing. */
  readonly make: (nowMs: number, wire: Wire) => Request;
  readonly belongs: (registers: Registers) => boolean;
  /** What to fail with when connection or camera has gone. */
  readonly stale: () => DockError;
}

export type SideAnswer = Answer & { readonly kind: 'registers' };

interface Waiting {
  readonly request: SideRequest;
  readonly resolve: (answer: SideAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: Timer;
}

/** How a turn ended that the line must know of. */
export interface SideOutcome {
  readonly unit: number;
  readonly exception: number | undefined;
}

export class SideQueue {
  readonly #clock: Clock;
  readonly #added: () => void;
  /** By bay, in the order of turns: a bay that had its turn goes to the end. */
  readonly #bays = new Map<string, Waiting[]>();

  constructor(clock: Clock, added: () => void) {
    this.#clock = clock;
    this.#added = added;
  }

  /** The answer's registers; fails with a DockError. The request may have been carried out all the same. */
  ask(bay: string, request: SideRequest): Promise<SideAnswer> {
    return new Promise((resolve, reject) => {
      const queue = this.#bays.get(bay) ?? [];
      if (queue.length >= mostPerBay) {
        reject(crowded(mostPerBay));
        return;
      }
      const deadline = this.#clock.timer('cradle side channel', longestWaitMs, () => {
        const at = queue.indexOf(waiting);
        if (at !== -1) queue.splice(at, 1);
        reject(sideLate(longestWaitMs));
      });
      const waiting: Waiting = { request, resolve, reject, deadline };
      queue.push(waiting);
      this.#bays.set(bay, queue);
      this.#added();
    });
  }

  /** The next request whose unit is not skipped, taken out of the queue; undefined: none. */
  next(skip: (unit: number) => boolean): ((wire: Wire) => Promise<SideOutcome>) | undefined {
    for (const [bay, queue] of this.#bays) {
      this.#dropDead(queue);
      const first = queue[0];
      if (first === undefined) {
        this.#bays.delete(bay);
        continue;
      }
      if (skip(first.request.unit)) continue;
      queue.shift();
      first.deadline.cancel();
      this.#bays.delete(bay);
      if (queue.length > 0) this.#bays.set(bay, queue);
      return (wire) => this.#turn(wire, first);
    }
    return undefined;
  }

  /** Fails everything whose connection has gone. */
  drop(): void {
    for (const queue of this.#bays.values()) this.#dropDead(queue);
  }

  #dropDead(queue: Waiting[]): void {
    for (let at = queue.length - 1; at >= 0; at -= 1) {
      const waiting = queue[at];
      if (waiting === undefined || waiting.request.connection.live) continue;
      queue.splice(at, 1);
      waiting.deadline.cancel();
      waiting.reject(waiting.request.stale());
    }
  }

  async #turn(wire: Wire, { request, resolve, reject }: Waiting): Promise<SideOutcome> {
    const { unit } = request;
    try {
      const answer = await wire.ask(unit, (nowMs) => request.make(nowMs, wire), request.belongs);
      if (answer.kind === 'registers') {
        if (request.connection.live) resolve(answer);
        else reject(request.stale());
        return { unit, exception: undefined };
      }
      const stale = [exceptionCodes.staleBoot, exceptionCodes.staleConnection, exceptionCodes.staleArrival];
      reject(stale.some((code) => code === answer.code) ? request.stale() : refused(answer.code, unit));
      return { unit, exception: answer.code };
    } catch (error) {
      reject(request.connection.live && !wire.closed ? error : request.stale());
      if (!(error instanceof DockError)) throw error;
      return { unit, exception: undefined };
    }
  }
}
