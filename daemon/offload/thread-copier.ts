/**
 * Copies in worker threads, so that hashing neither holds up the event loop nor stops at one core.
 *
 * Answerable for: a thread that dies takes only its own copies with it, which fail so that they are tried again at once,
 * and is replaced.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';
import { blocksPerCopy } from './blocks.js';
import type { Copier, CopyJob, CopyProgress, CopyResult, PartResult, RunningCopy } from './copier.js';
import type { SalvageLimits } from './salvage.js';
import { serveSource } from './source-port.js';
import { type FromThread, type ThreadJob, type ThreadOptions, type ToThread, unpackError } from './thread-messages.js';

export interface ThreadCopierOptions {
  /** `offload.threads`, 1–16. */
  readonly threads: number;
  /** `offload.copiesAtOnce`, 1–64: sets the memory of the threads. */
  readonly copiesAtOnce: number;
  readonly salvage: SalvageLimits;
  /** The script of a thread: `worker.js` beside this file. Another one shows what happens when a thread dies. */
  readonly script?: URL;
}

/**
 * Space for young objects, MB: a copy makes few, and the default would hold 48 MB a thread for nothing. The old space has no
 * limit of its own: a thread that runs into one can take the whole process with it.
 */
const youngSpaceMb = 8;

interface Waiting {
  readonly progress: (now: CopyProgress) => void;
  /** As the job that was sent asks for. */
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
  cancelled: { readonly reason: unknown } | undefined;
}

export function createThreadCopier(options: ThreadCopierOptions): Copier {
  // Paused copies keep their blocks while others run in their stead, so do those that stand still, and one thread may get all
  // of the three. Made when needed.
  const threadOptions: ThreadOptions = { blocks: 3 * options.copiesAtOnce * blocksPerCopy, salvage: options.salvage };
  const script = options.script ?? new URL('./worker.js', import.meta.url);
  const threads = Array.from({ length: options.threads }, () => new CopyThread(threadOptions, script));
  const idlest = (): CopyThread => threads.reduce((best, thread) => (thread.load < best.load ? thread : best));
  return {
    start: (job, progress) =>
      idlest().start<CopyResult>((id) => ({ kind: 'start', id, job: threadJob(job) }), progress),
    takeIn: (job, progress) => idlest().start<PartResult>((id) => ({ kind: 'take-in', id, job }), progress),
    stop: async () => {
      await Promise.all(threads.map((thread) => thread.stop()));
    },
  };
}

class CopyThread {
  readonly #options: ThreadOptions;
  readonly #script: URL;
  readonly #copies = new Map<number, Waiting>();
  /** Copies that may still touch their part, also when nobody waits for them any more. */
  readonly #unreleased = new Map<number, () => void>();
  #worker: Worker | undefined;
  #lastId = 0;
  #stopped = false;

  constructor(options: ThreadOptions, script: URL) {
    this.#options = options;
    this.#script = script;
  }

  get load(): number {
    return this.#copies.size;
  }

  /** `R`: what a thread answers to the message that `ask` makes. */
  start<R>(ask: (id: number) => ToThread, progress: (now: CopyProgress) => void): RunningCopy<R> {
    this.#lastId += 1;
    const id = this.#lastId;
    const result = new Promise<R>((done, failed) => {
      this.#copies.set(id, { progress, done: (answer) => done(answer as R), failed, cancelled: undefined });
    });
    const released = new Promise<void>((resolve) => this.#unreleased.set(id, resolve));
    this.#send(ask(id));
    return {
      result,
      released,
      cancel: (reason) => {
        const waiting = this.#copies.get(id);
        if (waiting === undefined || waiting.cancelled !== undefined) return;
        waiting.cancelled = { reason };
        this.#send({ kind: 'cancel', id });
      },
      pause: () => this.#send({ kind: 'pause', id }),
      resume: () => this.#send({ kind: 'resume', id }),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const reason = new Error('the copying threads were stopped');
    const ends = [...this.#copies].map(([id, waiting]) => {
      waiting.cancelled ??= { reason };
      this.#send({ kind: 'cancel', id });
      return new Promise<void>((resolve) => {
        const { done, failed } = waiting;
        this.#copies.set(id, {
          ...waiting,
          done: (result) => {
            done(result);
            resolve();
          },
          failed: (error) => {
            failed(error);
            resolve();
          },
        });
      });
    });
    await Promise.all(ends);
    await this.#worker?.terminate();
  }

  #send(message: ToThread): void {
    this.#worker ??= this.#startWorker();
    const ports = message.kind === 'start' && message.job.source.kind === 'port' ? [message.job.source.port] : [];
    this.#worker.postMessage(message, ports);
  }

  #startWorker(): Worker {
    const worker = new Worker(this.#script, {
      workerData: this.#options,
      resourceLimits: { maxYoungGenerationSizeMb: youngSpaceMb },
    });
    worker.on('message', (message: FromThread) => this.#hear(message));
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#died(
        cause === undefined
          ? phrase`it ended with code ${code}`
          : phrase`it ended with code ${code}: ${messageOf(cause)}`,
      );
    });
    return worker;
  }

  #hear(message: FromThread): void {
    if (message.kind === 'released') {
      this.#unreleased.get(message.id)?.();
      this.#unreleased.delete(message.id);
      return;
    }
    const waiting = this.#copies.get(message.id);
    if (waiting === undefined) return;
    if (message.kind === 'progress') {
      waiting.progress(message.now);
      return;
    }
    this.#copies.delete(message.id);
    if (message.kind === 'done') waiting.done(message.result);
    else waiting.failed(waiting.cancelled === undefined ? unpackError(message.error) : waiting.cancelled.reason);
  }

  #died(found: Phrase): void {
    // A thread ends only when the kernel has let go of all that it asked for.
    for (const release of this.#unreleased.values()) release();
    this.#unreleased.clear();
    const lost = [...this.#copies.values()];
    this.#copies.clear();
    for (const waiting of lost) {
      const error = new DockError('DOCK_OFFLOAD_THREAD', {
        expected: phrase`a copying thread that stays`,
        found,
        todo: phrase`Report this with the log; the copy is tried again`,
        retry: 'now',
      });
      waiting.failed(this.#stopped && waiting.cancelled !== undefined ? waiting.cancelled.reason : error);
    }
  }
}

function threadJob({ source, ...job }: CopyJob): ThreadJob {
  if (source.kind === 'file') return { ...job, source };
  const { port1, port2 } = new MessageChannel();
  // Closes with the thread's side: when the copy has ended, or the thread has died.
  serveSource(source, port1);
  return { ...job, source: { kind: 'port', port: port2, inOrder: source.inOrder } };
}
