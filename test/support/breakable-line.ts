/** A TCP line to a port of this machine that a test can cut, or hold so that nothing passes while both ends stay connected. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class BreakableLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<BreakableLine> {
    const server = createServer();
    const line = new BreakableLine(server);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      line.#join(near, far);
      line.#join(far, near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `mqtt://127.0.0.1:${address.port}`;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      if (!this.#held) to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What passes from now on is swallowed, until `release`; a connection that missed something must then be cut. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
