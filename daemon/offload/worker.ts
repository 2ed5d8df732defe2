/** A copying thread: a thin shell that hands messages to the copier of its thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { durableFiles } from '../archive/durable-files.js';
import { systemClock } from '../runtime/clock.js';
import { BlockPool } from './blocks.js';
import type { CopyJob, CopyProgress, CopyResult, PartResult, RunningCopy } from './copier.js';
import { createLocalCopier } from './local-copier.js';
import { sourceFiles } from './source-files.js';
import { portSource } from './source-port.js';
import { type FromThread, packError, type ThreadJob, type ThreadOptions, type ToThread } from './thread-messages.js';

const port = parentPort;
if (port === null) throw new Error('worker.ts is started as a thread only');
const { blocks, salvage }: ThreadOptions = workerData;
const copier = createLocalCopier({
  files: durableFiles,
  sources: sourceFiles,
  blocks: new BlockPool(blocks),
  clock: systemClock,
  salvage,
});
const copies = new Map<number, RunningCopy<CopyResult | PartResult>>();
const send = (message: FromThread): void => port.postMessage(message);

port.on('message', (message: ToThread) => {
  const { id } = message;
  if (message.kind !== 'start' && message.kind !== 'take-in') {
    const copy = copies.get(id);
    if (message.kind === 'pause') copy?.pause();
    else if (message.kind === 'resume') copy?.resume();
    else copy?.cancel(new Error('cancelled'));
    return;
  }
  const tell = (now: CopyProgress): void => send({ kind: 'progress', id, now });
  const copy: RunningCopy<CopyResult | PartResult> =
    message.kind === 'start' ? copier.start(copyJob(message.job), tell) : copier.takeIn(message.job, tell);
  copies.set(id, copy);
  // First: where nothing hangs it is told before the end of the copy.
  void copy.released.then(() => send({ kind: 'released', id }));
  copy.result
    .then(
      (result) => send({ kind: 'done', id, result }),
      (error: unknown) => send({ kind: 'failed', id, error: packError(error) }),
    )
    .finally(() => {
      copies.delete(id);
      // Reads that nobody waits for any more end with it, here and there.
      if (message.kind === 'start' && message.job.source.kind === 'port') message.job.source.port.close();
    });
});

function copyJob({ source, ...job }: ThreadJob): CopyJob {
  return { ...job, source: source.kind === 'port' ? portSource(source.port, source.inOrder) : source };
}
