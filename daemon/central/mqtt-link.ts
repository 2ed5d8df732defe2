/**
 * One MQTT connection, MQTT 5 or 3.1.1, plain or TLS: the only importer of `mqtt`.
 *
 * A client object lives for one connection and is thrown away with it, because the package's own reconnection keeps publishes
 * in memory and loses some when the line drops again while it repeats them (its issue 2015). Its offline queue is never
 * reached: nothing is published before CONNACK or after the end. What was on its way fails; the ledger has it.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { type IClientOptions, type IConnackPacket, MqttClient, type Packet } from 'mqtt';
import type { DockError } from '../../drivers/contract/error.js';
import { DockError as DockErrorClass, messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Broker, BrokerConnection, Hello, PublishOptions } from './broker.js';
import { badKey, closed, refusal, socketTrouble, tooLarge } from './broker-trouble.js';

export interface MqttOptions {
  /** `mqtt://host[:port]` or `mqtts://host[:port]`; ports 1883 and 8883 by default. */
  readonly url: string;
  /** 4 is MQTT 3.1.1. */
  readonly protocol: 4 | 5;
  readonly keepAliveS: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts; the authorities of the system are trusted when `ca` is absent. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * How long the broker keeps the session of a dock that is away, seconds: a week. What it keeps is the centre's last
 * acknowledgement, and the memory that lets it say whether it lost something.
 */
const SESSION_EXPIRY_S = 7 * 24 * 3600;

/** The largest message that the dock takes, bytes: an acknowledgement has about 130. */
const LARGEST_INCOMING_BYTES = 16 * 1024;

/** MQTT 5 §3.2.2.3.3: without a Receive Maximum the broker takes this many unacknowledged publishes. */
const DEFAULT_RECEIVE_MAXIMUM = 65_535;

/** How long a goodbye may take before the socket is closed under it, ms. */
const GOODBYE_MS = 1_000;

/** Reason code of MQTT 5 in PUBACK: accepted, and nobody is subscribed. */
const NO_MATCHING_SUBSCRIBERS = 16;

export function mqttBroker(options: MqttOptions): Broker {
  const url = new URL(options.url);
  const secure = url.protocol === 'mqtts:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 8883 : 1883) : Number(url.port);
  const name = `${url.protocol}//${url.hostname}:${port}`;

  const dial = (): Socket => {
    if (!secure) return connectTcp({ host, port, noDelay: true });
    let secureContext: ReturnType<typeof createSecureContext>;
    try {
      secureContext = createSecureContext({ ca: options.ca, cert: options.cert, key: options.key });
    } catch (thrown) {
      throw badKey(thrown);
    }
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host, port, secureContext, rejectUnauthorized: true, ...servername });
    socket.setNoDelay(true);
    return socket;
  };

  return {
    name,
    async connect(hello, receive, signal) {
      signal.throwIfAborted();
      const socket = dial();
      const connection = new MqttConnection(name, socket, options, hello, receive);
      const onAbort = (): void => connection.cut(closed(name, phrase`given up by the dock`));
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await connection.opened;
        await connection.subscribe(hello.subscriptions, 1);
      } catch (thrown) {
        connection.cut(thrown instanceof DockErrorClass ? thrown : closed(name, messageOf(thrown)));
        signal.throwIfAborted();
        throw thrown;
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
      return connection;
    },
  };
}

interface Waiting {
  readonly topic: string;
  readonly payload: Buffer;
  readonly options: PublishOptions;
  readonly settle: (outcome: { heard: boolean } | DockError) => void;
}

class MqttConnection implements BrokerConnection {
  readonly over: Promise<DockError>;
  readonly opened: Promise<void>;
  resumed = false;

  readonly #broker: string;
  readonly #client: MqttClient;
  readonly #socket: Socket;
  readonly #version5: boolean;
  readonly #unacknowledged = new Set<Waiting>();
  /** Beyond the broker's Receive Maximum; bounded by the windows of those who publish. */
  readonly #line: Waiting[] = [];
  /** Packet ids that were acknowledged as heard by nobody: the package does not hand the reason on. */
  readonly #unheard = new Set<number>();
  #receiveMaximum = DEFAULT_RECEIVE_MAXIMUM;
  #largestPacketBytes = Number.POSITIVE_INFINITY;
  #end: DockError | undefined;
  #sayOver: (why: DockError) => void = () => undefined;

  constructor(
    broker: string,
    socket: Socket,
    options: MqttOptions,
    hello: Hello,
    receive: (topic: string, payload: Buffer) => void,
  ) {
    this.#broker = broker;
    this.#socket = socket;
    this.#version5 = options.protocol === 5;
    this.over = new Promise((resolve) => {
      this.#sayOver = resolve;
    });
    socket.on('error', (error) => this.cut(socketTrouble(broker, error)));
    this.#client = new MqttClient(() => socket, clientOptions(options, hello));
    this.#client.on('error', (error) => this.cut(this.#clientTrouble(error)));
    this.#client.on('disconnect', (packet) => {
      this.cut(
        refusal(broker, phrase`the connection to be kept`, packet.reasonCode ?? 0, phrase`disconnected by the broker`),
      );
    });
    this.#client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== NO_MATCHING_SUBSCRIBERS) return;
      if (packet.messageId !== undefined) this.#unheard.add(packet.messageId);
    });
    this.#client.on('close', () => this.cut(closed(broker, phrase`closed by the other side`)));
    this.#client.on('message', (topic, payload) => {
      if (this.#end === undefined) receive(topic, payload);
    });
    this.opened = new Promise((resolve, reject) => {
      this.#client.once('connect', (connack) => {
        this.#welcome(connack);
        resolve();
      });
      void this.over.then(reject);
    });
    // Awaited by whoever connects; a connection that dies at once must not count as an unhandled rejection before that.
    this.opened.catch(() => undefined);
  }

  #welcome(connack: IConnackPacket): void {
    this.resumed = connack.sessionPresent;
    this.#receiveMaximum = connack.properties?.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM;
    this.#largestPacketBytes = connack.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  #clientTrouble(error: Error & { code?: unknown }): DockError {
    if (typeof error.code === 'number') {
      return refusal(this.#broker, phrase`the dock to be let in`, error.code, error.message);
    }
    return typeof error.code === 'string' ? socketTrouble(this.#broker, error) : closed(this.#broker, messageOf(error));
  }

  get open(): boolean {
    return this.#end === undefined;
  }

  async subscribe(filters: readonly string[], qos: 0 | 1 = 0): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    if (filters.length === 0) return;
    const granted = this.#client.subscribeAsync([...filters], { qos });
    const refused = (thrown: Error & { code?: unknown }): never => {
      throw refusal(this.#broker, phrase`the subscription of the dock`, Number(thrown.code ?? 128), thrown.message);
    };
    await Promise.race([granted.catch(refused), this.over.then((why) => Promise.reject(why))]);
  }

  publish(topic: string, payload: Buffer, options: PublishOptions): Promise<{ heard: boolean }> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    // Fixed header, topic, packet id and properties are well below what is added here.
    const packetBytes = payload.length + Buffer.byteLength(topic) + options.contentType.length + 32;
    if (packetBytes > this.#largestPacketBytes) {
      const limit = phrase`${this.#largestPacketBytes} bytes at most, message of ${packetBytes} bytes`;
      return Promise.reject(tooLarge(this.#broker, limit));
    }
    return new Promise((resolve, reject) => {
      const settle = (outcome: { heard: boolean } | DockError): void => {
        if (outcome instanceof DockErrorClass) reject(outcome);
        else resolve(outcome);
      };
      this.#line.push({ topic, payload, options, settle });
      this.#send();
    });
  }

  #send(): void {
    while (this.#end === undefined && this.#unacknowledged.size < this.#receiveMaximum) {
      const next = this.#line.shift();
      if (next === undefined) return;
      this.#unacknowledged.add(next);
      const properties = this.#version5 ? { properties: { contentType: next.options.contentType } } : {};
      this.#client.publish(
        next.topic,
        next.payload,
        { qos: 1, retain: next.options.retain, ...properties },
        (error, packet) => this.#acknowledged(next, error, packet),
      );
    }
  }

  #acknowledged(publish: Waiting, error: Error | undefined, packet: Packet | undefined): void {
    if (!this.#unacknowledged.delete(publish)) return;
    if (error) {
      const reason = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
      publish.settle(
        reason === undefined
          ? closed(this.#broker, messageOf(error))
          : refusal(this.#broker, phrase`a message on ${publish.topic} to be accepted`, reason, error.message),
      );
    } else {
      const unheard = packet?.messageId !== undefined && this.#unheard.delete(packet.messageId);
      publish.settle({ heard: !unheard });
    }
    this.#send();
  }

  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    const gone = closed(this.#broker, phrase`closed by the dock`);
    await new Promise<void>((resolve) => {
      this.#socket.once('close', resolve);
      this.#socket.setTimeout(GOODBYE_MS, () => this.#socket.destroy());
      this.#client.end(false, {}, () => resolve());
    });
    this.cut(gone);
  }

  cut(why: DockError): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    // `end` first: it takes the package's timers with it. Its errors after this are those of a connection that is over.
    this.#client.end(true);
    this.#socket.destroy();
    for (const publish of [...this.#unacknowledged, ...this.#line]) publish.settle(why);
    this.#unacknowledged.clear();
    this.#line.length = 0;
    this.#sayOver(why);
  }
}

function clientOptions(options: MqttOptions, hello: Hello): IClientOptions {
  const version5: IClientOptions = {
    properties: {
      sessionExpiryInterval: SESSION_EXPIRY_S,
      maximumPacketSize: LARGEST_INCOMING_BYTES,
    },
  };
  return {
    protocolId: 'MQTT',
    protocolVersion: options.protocol,
    clientId: hello.clientId,
    clean: false,
    keepalive: options.keepAliveS,
    reschedulePings: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    // The deadline for CONNACK is the steady link's; this one only must not come before it.
    connectTimeout: 2 ** 31 - 1,
    will: { topic: hello.will.topic, payload: hello.will.payload, qos: 1, retain: true },
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.protocol === 5 ? version5 : {}),
  };
}
