/**
 * The dock's side of the centre: one link to the broker, the ordered events, the retained state.
 *
 * Answerable for the centre hearing everything that is in the ledger, in time and in order. Must never hold the dock up:
 * whatever the broker does, nothing here is waited for by anything else (I8).
 */
import { type Clock, within } from '../../drivers/contract/clock.js';
import type { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { Service } from '../runtime/service.js';
import type { DockStatus } from '../status.js';
import type { Broker, BrokerConnection } from './broker.js';
import { closed, isSlow, stalled } from './broker-trouble.js';
import type { Receipt } from './delivery.js';
import { Publisher, type PublisherTimings } from './publisher.js';
import { offlineState, stateContentType } from './state.js';
import { type Register, StateTopics } from './state-topics.js';
import { type LinkTimings, SteadyLink } from './steady-link.js';
import { dockTopics, topicLevel } from './topics.js';

/** Half of it for entries that still wait; the ledger has whatever is not told by then. */
export const centreStopWithinMs = 4_000;

export interface CentreOptions {
  readonly bureau: string;
  readonly dock: string;
  /** Tells this run of the dock from others: in the state and in the last will. */
  readonly bootId: string;
  readonly receipt: Receipt;
  /** Events on their way at once, 1–1000. */
  readonly window: number;
  readonly broker: Broker;
  readonly ledger: Ledger;
  readonly status: () => DockStatus;
  /** Bays and cameras of the configuration in force; the same object as long as nothing has changed. */
  readonly register: () => Register;
  readonly clock: Clock;
  readonly log: Log;
  readonly linkTimings?: LinkTimings;
  readonly publisherTimings?: PublisherTimings;
}

export interface CentreStatus {
  readonly state: 'connecting' | 'connected' | 'refused';
  /** Entries that the centre has not been told yet. */
  readonly waiting: number;
  readonly error: DockError | null;
}

export interface Centre extends Service {
  /** Connects, and keeps at it. Resolves without waiting for a broker; throws what the ledger throws when it cannot be read. */
  start(): Promise<void>;
  /** The status of the dock may have changed: to be called at any rate, never waits. */
  statusChanged(): void;
  status(): CentreStatus;
  /** Tells what still waits, then that the dock goes offline, then says goodbye, each within its share of the time. */
  stop(byMs: number): Promise<void>;
}

export function createCentre(options: CentreOptions): Centre {
  const { bureau, dock, bootId, broker, ledger, clock, log } = options;
  const topics = dockTopics(bureau, dock);
  const offline = (reason: 'stopped' | 'lost'): Buffer =>
    Buffer.from(JSON.stringify(offlineState(bureau, dock, bootId, reason)));

  let connection: BrokerConnection | undefined;
  let trouble: DockError | undefined;
  let unsubscribe: () => void = () => undefined;

  const publisher = new Publisher({
    bureau,
    topic: topics.events,
    window: options.window,
    receipt: options.receipt,
    ledger,
    clock,
    log,
    ...(options.publisherTimings === undefined ? {} : { timings: options.publisherTimings }),
  });
  const { status, register } = options;
  const state = new StateTopics({ topics, bootId, ledger, status, register, clock, log });

  const link = new SteadyLink(
    broker,
    {
      clientId: `custodock-${topicLevel(bureau)}-${topicLevel(dock)}`,
      will: { topic: topics.state, payload: offline('lost') },
      subscriptions: options.receipt === 'centre' ? [topics.ack] : [],
    },
    clock,
    {
      up(opened) {
        connection = opened;
        trouble = undefined;
        log.info('centre.connected', { broker: broker.name, waiting: publisher.waiting });
        state.up(opened);
        publisher.up(opened);
      },
      down() {
        connection = undefined;
        publisher.down();
        state.down();
      },
      trouble(error, known) {
        trouble = error;
        if (known) return;
        log.warn(isSlow(error) ? 'centre.refused' : 'centre.unreachable', { broker: broker.name }, error);
      },
      message(topic, payload) {
        if (topic === topics.ack) publisher.acknowledge(payload);
        else state.heard(topic, payload);
      },
    },
    options.linkTimings,
  );

  const sayOffline = async (): Promise<void> => {
    await connection?.publish(topics.state, offline('stopped'), { retain: true, contentType: stateContentType });
  };

  return {
    name: 'centre',
    stopWithinMs: centreStopWithinMs,
    async start() {
      await publisher.start();
      await state.start();
      unsubscribe = ledger.onAppended(() => state.changed());
      link.start();
    },
    statusChanged: () => state.changed(),
    status() {
      const error = connection === undefined ? trouble : publisher.trouble;
      return {
        state:
          connection !== undefined ? 'connected' : trouble !== undefined && isSlow(trouble) ? 'refused' : 'connecting',
        waiting: publisher.waiting,
        error: error ?? publisher.trouble ?? null,
      };
    },
    async stop(byMs) {
      unsubscribe();
      const deadlineMs = Math.max(0, byMs - clock.monotonicMs()) * 0.9;
      // Most of the time for the events: they are why the dock is there. A dead broker costs the deadline and no more.
      await publisher.drained(deadlineMs / 2);
      const late = (): DockError => stalled(broker.name, phrase`the goodbye`, phrase`not done within ${deadlineMs} ms`);
      try {
        const goodbye = state.stop().then(sayOffline);
        await within(clock, 'centre.goodbye', deadlineMs / 4, goodbye, late);
      } catch (thrown) {
        log.debug('centre.state-not-told', { why: String(thrown) });
        // Without it the will must speak, so the connection is not closed but cut.
        connection?.cut(closed(broker.name, phrase`the dock is stopping`));
      }
      await within(clock, 'centre.stop', deadlineMs / 4, link.stop(), late).catch((error: DockError) => {
        connection?.cut(error);
      });
      await publisher.stop();
    },
  };
}
