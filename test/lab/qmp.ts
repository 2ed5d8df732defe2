/** QEMU's own control socket: plugging, pulling, and its end. One command at a time. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

type Answer = {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: unknown;
};

export class Qmp {
  readonly #socket: Socket;
  readonly #answers: ((answer: Answer) => void)[] = [];
  readonly #listeners = new Set<(event: string, data: unknown) => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    // readline tells errors of its input once more.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.event !== undefined) for (const listener of this.#listeners) listener(answer.event, answer.data);
      else if (answer.return !== undefined || answer.error !== undefined) this.#answers.shift()?.(answer);
    });
  }

  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    const qmp = new Qmp(socket);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#answers.push(({ return: value, error }) => {
        if (error === undefined) resolve(value);
        else reject(new Error(`${command}: ${error.desc}`));
      });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  /** The next event of this kind about this device. */
  event(name: string, device: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = (event: string, data: unknown): void => {
        if (event !== name || (data as { device?: string }).device !== device) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
