/** A real mosquitto on a free port of the loopback address, that a test can stop, kill and start again on the same port. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MosquittoOptions {
  /** Keeps sessions and queued messages over a restart; written when it is told to stop, not when it is killed. */
  readonly persistence?: boolean;
  /** Lines for the configuration file, after the listener's. */
  readonly extra?: readonly string[];
  /** Passwords by user name; anonymous access is refused then. */
  readonly users?: Readonly<Record<string, string>>;
  /** TLS, with client certificates asked for. */
  readonly certificates?: Certificates;
}

export class Mosquitto {
  readonly port: number;
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();

  private constructor(port: number, directory: string) {
    this.port = port;
    this.#directory = directory;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const directory = await mkdtemp(join(tmpdir(), 'custodock-mosquitto-'));
    const broker = new Mosquitto(await freePort(), directory);
    const lines = [`listener ${broker.port} 127.0.0.1`, 'max_queued_messages 0', 'log_type error'];
    // Started by root it would become another user and could not write where the test may.
    if (process.getuid?.() === 0) lines.unshift('user root');
    if (options.users === undefined) lines.push('allow_anonymous true');
    else {
      const passwords = join(directory, 'passwords');
      await writeFile(passwords, '', { mode: 0o600 });
      for (const [user, password] of Object.entries(options.users)) {
        await run('mosquitto_passwd', ['-b', passwords, user, password]);
      }
      lines.push('allow_anonymous false', `password_file ${passwords}`);
    }
    if (options.persistence) lines.push('persistence true', `persistence_location ${directory}/`);
    if (options.certificates !== undefined) {
      const { caFile, serverCertFile, serverKeyFile } = options.certificates;
      lines.push(
        `cafile ${caFile}`,
        `certfile ${serverCertFile}`,
        `keyfile ${serverKeyFile}`,
        'require_certificate true',
      );
    }
    await writeFile(join(directory, 'mosquitto.conf'), `${[...lines, ...(options.extra ?? [])].join('\n')}\n`);
    await broker.restart();
    return broker;
  }

  /** Starts it where it was, with what it kept. */
  async restart(): Promise<void> {
    const child = spawn('mosquitto', ['-c', join(this.#directory, 'mosquitto.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    this.#child = child;
    this.#gone = new Promise((resolve) => child.once('exit', () => resolve()));
    const deadlineMs = Date.now() + 5_000;
    while (!(await listens(this.port))) {
      if (child.exitCode !== null || Date.now() > deadlineMs) throw new Error(`mosquitto did not start: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    await this.#gone;
  }

  /** Stopped processes keep their sockets open: the broker that stalls. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    await this.kill('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export interface Certificates {
  readonly directory: string;
  readonly caFile: string;
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
}

export interface CertificateOptions {
  /** What the broker's certificate is for, as openssl writes it; default the loopback address. */
  readonly serverName?: string;
  /** Days from now until the broker's certificate ends; negative: it has ended. */
  readonly serverDays?: number;
}

/** An authority of its own, a certificate for the broker and one for the dock, made by openssl. */
export async function makeCertificates(options: CertificateOptions = {}): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'custodock-tls-'));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: directory });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=Test authority',
    '-days',
    '2',
  );
  const issue = async (name: string, subject: string, extension: string, days: number): Promise<void> => {
    await writeFile(at(`${name}.ext`), extension);
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...ca,
      '-days',
      `${days}`,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  };
  const serverName = options.serverName ?? 'IP:127.0.0.1';
  await issue('server', '/CN=broker', `subjectAltName=${serverName}`, options.serverDays ?? 2);
  await issue('client', '/CN=dock-1', 'extendedKeyUsage=clientAuth', 2);
  return {
    directory,
    caFile: at('ca.crt'),
    serverCertFile: at('server.crt'),
    serverKeyFile: at('server.key'),
    clientCertFile: at('client.crt'),
    clientKeyFile: at('client.key'),
  };
}
