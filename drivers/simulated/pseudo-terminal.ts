/**
 * A real tty path without hardware, root or native code: `script` (bsdutils, essential on Debian) opens a pseudo-terminal
 * and carries its master side over pipes; the slave is a path that serialport opens like any port.
 *
 * Decision 0011 says why. Carries all 256 byte values in both directions; a round trip takes about 0.1 ms.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { ByteLine, ByteReceiver } from '../contract/byte-line.js';
import { DockError, messageOf } from '../contract/error.js';
import { phrase, verbatim } from '../contract/phrase.js';

export interface PseudoTerminal {
  /** `/dev/pts/N`: what the gateway opens. */
  readonly path: string;
  /** The other end, for a simulated cradle. */
  readonly line: ByteLine;
  /** Takes the terminal away, as pulling the plug of an adapter does. Idempotent. */
  close(): Promise<void>;
}

type Script = ChildProcessByStdio<Writable, Readable, null>;

/** Fails with DOCK_PTY_FAILED where `script` is missing or does not start. */
export async function openPseudoTerminal(): Promise<PseudoTerminal> {
  // The shell inside ends with its parent, so that nothing is left behind when that is killed.
  const inside = `stty raw -echo && tty && while kill -0 ${process.pid} 2>/dev/null; do sleep 2; done`;
  const script = spawn('script', ['-q', '-e', '-f', '-c', inside, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
  });
  const exited = new Promise<void>((resolve) => script.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    // Not SIGTERM: on that, script waits two seconds for what runs inside.
    script.kill('SIGKILL');
    await exited;
  };
  try {
    const path = await firstLine(script);
    return { path, line: new ScriptLine(script, close), close };
  } catch (error) {
    script.kill('SIGKILL');
    throw error;
  }
}

/** The name of the slave, which `tty` prints before anything else can come. */
function firstLine(script: Script): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (): void => {
      script.stdout.removeListener('data', take);
      script.removeListener('error', failed);
      script.removeListener('close', failed);
    };
    const failed = (error?: unknown): void => {
      settle();
      reject(
        new DockError('DOCK_PTY_FAILED', {
          expected: phrase`a pseudo-terminal from script(1)`,
          found:
            error instanceof Error
              ? messageOf(error)
              : text.trim() === ''
                ? phrase`it ended at once`
                : verbatim(text.trim()),
          todo: phrase`Install bsdutils, and check that /dev/ptmx can be opened`,
          retry: 'never',
          cause: error,
        }),
      );
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\n');
      if (end === -1) return;
      const path = text.slice(0, end);
      if (!path.startsWith('/dev/')) {
        failed();
        return;
      }
      settle();
      resolve(path);
    };
    script.stdout.on('data', take);
    script.once('error', failed);
    script.once('close', failed);
  });
}

class ScriptLine implements ByteLine {
  readonly characterMs = 0;
  readonly #script: Script;
  readonly #end: () => Promise<void>;
  #receiver: ByteReceiver | undefined;

  constructor(script: Script, end: () => Promise<void>) {
    this.#script = script;
    this.#end = end;
    script.stdout.on('data', (chunk: Buffer) => this.#receiver?.bytes(chunk));
    script.stdin.on('error', () => {
      // A pipe whose reader is gone: `closed` below tells.
    });
    script.once('close', () => {
      const receiver = this.#receiver;
      this.#receiver = undefined;
      receiver?.closed(ended());
    });
  }

  listen(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#script.stdin.writable) reject(ended());
      else this.#script.stdin.write(bytes, (error) => (error ? reject(ended()) : resolve()));
    });
  }

  close(): Promise<void> {
    this.#receiver = undefined;
    return this.#end();
  }
}

function ended(): DockError {
  return new DockError('DOCK_LINE_CLOSED', {
    expected: phrase`the pseudo-terminal open`,
    found: phrase`closed`,
    todo: phrase`Open a new one`,
    retry: 'now',
  });
}
