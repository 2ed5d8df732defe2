/** The address of a broker, behind which a test puts another broker, or one that takes the connection and says nothing. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class BrokerDoor {
  readonly url: string;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Port on the loopback address; undefined: connections are taken, and that is all. */
  #leadsTo: number | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `mqtt://127.0.0.1:${port}`;
    server.on('connection', (socket) => this.#enter(socket));
  }

  static async open(): Promise<BrokerDoor> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return new BrokerDoor(server, address.port);
  }

  /** From now on; connections that are there are cut. */
  leadTo(port: number | undefined): void {
    this.#leadsTo = port;
    this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #enter(socket: Socket): void {
    this.connections += 1;
    this.#keep(socket);
    if (this.#leadsTo === undefined) {
      socket.resume();
      return;
    }
    const broker = connect(this.#leadsTo, '127.0.0.1');
    this.#keep(broker);
    socket.pipe(broker).pipe(socket);
    socket.on('close', () => broker.destroy());
    broker.on('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
