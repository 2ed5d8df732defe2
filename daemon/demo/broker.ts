/** The demo's broker: aedes on a loopback port, so that nothing has to be installed. MQTT 3.1.1. */
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';

export interface DemoBroker {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on loopback only, on the first free of a few well-known ports, so that a subscriber can be started before. */
export async function startDemoBroker(ports: readonly number[]): Promise<DemoBroker> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  const port = await listenOnFirstFree(server, ports);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async close() {
      await new Promise<void>((resolve) => {
        aedes.close(() => server.close(() => resolve()));
      });
    },
  };
}

async function listenOnFirstFree(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of [...ports, 0]) {
    const listening = await new Promise<boolean>((resolve) => {
      const refused = (): void => resolve(false);
      server.once('error', refused);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', refused);
        resolve(true);
      });
    });
    const address = server.address();
    if (listening && address !== null && typeof address === 'object') return address.port;
  }
  throw new Error('no free port on loopback');
}
