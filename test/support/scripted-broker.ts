/** A TCP server that answers an MQTT 5 client with bytes that a test has written down: for brokers that misbehave. */
import { createServer, type Server, type Socket } from 'node:net';

/** MQTT 5 §3.2: no session, reason code, properties. */
export const connack = (reason = 0, ...properties: readonly number[]): Buffer =>
  Buffer.of(0x20, 3 + properties.length, 0, reason, properties.length, ...properties);
/** MQTT 5 §3.2.2.3.3 and §3.2.2.3.6, both below 256. */
export const receiveMaximum = (count: number): number[] => [0x21, 0, count];
export const maximumPacketSize = (bytes: number): number[] => [0x27, 0, 0, 0, bytes];
/** MQTT 5 §3.14. */
export const disconnect = (reason: number): Buffer => Buffer.of(0xe0, 2, reason, 0);

export class ScriptedBroker {
  connections = 0;
  /** What came from the client, over all connections. */
  received = '';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `answer`: what is sent after the first bytes of each connection; `then` after 50 ms more. */
  static async start(answer: Buffer | undefined, then?: Buffer): Promise<ScriptedBroker> {
    const server = createServer();
    const broker = new ScriptedBroker(server);
    server.on('connection', (socket) => {
      broker.connections += 1;
      broker.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => broker.#sockets.delete(socket));
      socket.on('data', (chunk) => {
        broker.received += chunk.toString('latin1');
      });
      socket.once('data', () => {
        if (answer !== undefined) socket.write(answer);
        if (then !== undefined) setTimeout(() => socket.write(then), 50);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
