/**
 * Keeps the retained topics of the dock, its bays and its cameras equal to what is: a level, not a history.
 *
 * A bay that is not configured any more, or a camera that left the register, has no topic: what the broker still keeps of it
 * is cleared. What there is to clear the broker tells itself, so that neither a restart nor a restored ledger can forget it.
 *
 * Publishes only what differs from what the broker acknowledged on this connection, at most once a second, one round at a
 * time; a round that fails is made again after the next connection. Never keeps anything waiting for the broker.
 */
import { bayName, type Config } from '../../config/schema.js';
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import type { Ledger } from '../custody/ledger.js';
import type { Log } from '../runtime/log.js';
import type { DockStatus } from '../status.js';
import type { BrokerConnection } from './broker.js';
import { bayState, cameraState, onlineState, stateContentType } from './state.js';
import type { DockTopics } from './topics.js';

/** From a change to its publication when nothing was published lately, ms: several changes of one moment become one. */
const GATHER_MS = 50;
/** Least distance between two rounds, ms. */
const ROUND_MS = 1_000;
/** Cameras that were in the bays lately and whose topic is kept current. */
const LATEST_CAMERAS = 1_000;
/** Topics that are remembered as kept by the broker: twice what a register and the bays of a dock can have. */
const MOST_TOPICS = 22_000;

/** What has a topic: the bays and cameras of the configuration in force. */
export type Register = Pick<Config, 'cradles' | 'cameras'>;

export interface StateTopicsOptions {
  readonly topics: DockTopics;
  readonly bootId: string;
  readonly ledger: Ledger;
  readonly status: () => DockStatus;
  /** The same object as long as nothing has changed. */
  readonly register: () => Register;
  readonly clock: Clock;
  readonly log: Log;
}

export class StateTopics {
  readonly #options: StateTopicsOptions;
  #connection: BrokerConnection | undefined;
  /** What the broker has acknowledged on this connection, by topic. */
  readonly #told = new Map<string, string>();
  /** Topics of bays and cameras of which the broker keeps something, as it says, or we told it on this connection. */
  readonly #kept = new Set<string>();
  #expected: { readonly register: Register; readonly topics: ReadonlySet<string> } | undefined;
  /** Oldest first. */
  readonly #cameras = new Set<string>();
  /** Those of them whose topic may be out of date. */
  #due = new Set<string>();
  #timer: Timer | undefined;
  #lastRoundMs = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | undefined;
  #again = false;
  #failed = false;
  #unreadable = false;
  #stopped = false;

  constructor(options: StateTopicsOptions) {
    this.#options = options;
  }

  /** Cameras that left while nobody was connected, or before the dock was started, are told too. */
  async start(): Promise<void> {
    const rows = await this.#options.ledger.dockings(LATEST_CAMERAS);
    for (const { camera } of [...rows].sort((a, b) => a.arrivedUtc.localeCompare(b.arrivedUtc))) {
      if (camera !== null) this.#remember(camera);
    }
  }

  up(connection: BrokerConnection): void {
    this.#connection = connection;
    this.#told.clear();
    this.#kept.clear();
    this.#due = new Set(this.#cameras);
    this.#lastRoundMs = Number.NEGATIVE_INFINITY;
    this.changed();
    void this.#askWhatIsKept(connection);
  }

  /** A message on one of the topics that were subscribed to: by the broker's word, whatever is there. */
  heard(topic: string, payload: Buffer): void {
    if (!this.#options.topics.isState(topic)) return;
    if (payload.length === 0) this.#kept.delete(topic);
    else if (this.#kept.size < MOST_TOPICS) this.#kept.add(topic);
    if (this.#kept.has(topic) && !this.#expectedTopics().has(topic)) this.changed();
  }

  down(): void {
    this.#connection = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Something in the status or in the ledger may be different now. Cheap; may be called at any rate. */
  changed(): void {
    if (this.#connection === undefined || this.#stopped || this.#timer !== undefined) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    const { clock } = this.#options;
    const delayMs = Math.max(GATHER_MS, this.#lastRoundMs + ROUND_MS - clock.monotonicMs());
    this.#timer = clock.timer('centre.state', delayMs, () => {
      this.#timer = undefined;
      this.#lastRoundMs = clock.monotonicMs();
      this.#again = false;
      this.#round = this.#publishRound().finally(() => {
        this.#round = undefined;
        if (this.#again) this.changed();
      });
    });
  }

  /** Begins no more rounds, and lets the one in progress end: after it, nothing comes over the dock's last state. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.down();
    await this.#round;
  }

  /** A broker that does not let the dock read its own topics keeps what an earlier run left; it is said, and nothing waits for it. */
  async #askWhatIsKept(connection: BrokerConnection): Promise<void> {
    try {
      await connection.subscribe(this.#options.topics.stateFilters);
      this.#unreadable = false;
    } catch (thrown) {
      if (!connection.open || this.#stopped) return;
      if (!this.#unreadable) this.#options.log.warn('centre.state-not-read', {}, thrown);
      this.#unreadable = true;
    }
  }

  #expectedTopics(): ReadonlySet<string> {
    const { topics } = this.#options;
    const register = this.#options.register();
    if (this.#expected?.register !== register) {
      const bays = register.cradles.flatMap(({ name, bays }) =>
        bays.map(({ slot }) => topics.bay(bayName(name, slot))),
      );
      const cameras = register.cameras.map(({ id }) => topics.camera(id));
      this.#expected = { register, topics: new Set([...bays, ...cameras]) };
    }
    return this.#expected.topics;
  }

  #remember(camera: string): void {
    this.#due.add(camera);
    this.#cameras.delete(camera);
    this.#cameras.add(camera);
    const [oldest] = this.#cameras;
    if (this.#cameras.size <= LATEST_CAMERAS || oldest === undefined) return;
    this.#cameras.delete(oldest);
    this.#due.delete(oldest);
  }

  async #publishRound(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      const status = this.#options.status();
      await this.#tellDock(connection, status);
      await this.#tellCameras(connection, status);
      await this.#clearTheRest(connection);
      this.#failed = false;
    } catch (thrown) {
      // The end of the connection is the link's to report, and the next one begins anew.
      if (!connection.open || this.#stopped) return;
      if (!this.#failed) this.#options.log.warn('centre.state-not-told', {}, thrown);
      this.#failed = true;
      this.#again = true;
    }
  }

  async #tellDock(connection: BrokerConnection, status: DockStatus): Promise<void> {
    const { topics, bootId } = this.#options;
    await Promise.all([
      this.#tell(connection, topics.state, onlineState(status, bootId)),
      ...status.bays.map((bay) => this.#tell(connection, topics.bay(bay.bay), bayState(bay))),
    ]);
  }

  async #tellCameras(connection: BrokerConnection, status: DockStatus): Promise<void> {
    const { topics, ledger } = this.#options;
    for (const { camera } of status.bays) if (camera !== null) this.#remember(camera);
    const present = new Set(status.bays.map(({ camera }) => camera));
    await Promise.all(
      [...this.#due].map(async (camera) => {
        // Still due: it may come back into the register.
        if (!this.#expectedTopics().has(topics.camera(camera))) return;
        const custody = await ledger.camera(camera);
        if (custody !== undefined) await this.#tell(connection, topics.camera(camera), cameraState(custody));
        // Looked at once more after it has left a bay; what is in a bay is looked at in every round.
        if (!present.has(camera)) this.#due.delete(camera);
      }),
    );
  }

  async #tell(connection: BrokerConnection, topic: string, document: object): Promise<void> {
    const text = JSON.stringify(document);
    if (this.#told.get(topic) === text) return;
    await connection.publish(topic, Buffer.from(text), { retain: true, contentType: stateContentType });
    if (connection !== this.#connection) return;
    this.#told.set(topic, text);
    this.#kept.add(topic);
  }

  /** An empty retained message is how a broker is told to keep nothing (MQTT 5 §3.3.1.3). */
  async #clearTheRest(connection: BrokerConnection): Promise<void> {
    const expected = this.#expectedTopics();
    const { topics } = this.#options;
    for (const camera of this.#cameras) if (!expected.has(topics.camera(camera))) this.#due.add(camera);
    const rest = [...this.#kept].filter((topic) => topics.isState(topic) && !expected.has(topic));
    await Promise.all(
      rest.map(async (topic) => {
        await connection.publish(topic, Buffer.alloc(0), { retain: true, contentType: stateContentType });
        if (connection !== this.#connection) return;
        this.#kept.delete(topic);
        this.#told.delete(topic);
      }),
    );
    if (rest.length > 0) this.#options.log.info('centre.state-cleared', { topics: rest.length });
  }
}
