/**
 * Slow and hanging cards for the built daemon: `strace` holds up each read of some files in the kernel, as a worn card or a bad contact does.
 * Everything else runs at its own speed, and from the moment on which the test chooses these too.
 */
import { readFile } from 'node:fs/promises';
import { eventually } from './daemon-rig.js';

/** A command for `through` of a daemon rig: each read of these files takes so much longer. */
export function slowReads(files: readonly string[], delayMs: number): readonly string[] {
  return [
    // The daemon is the direct child, so that signals arrive; the tracer stands beside it.
    ...['strace', '-D', '-f', '-qq', '-o', '/dev/null'],
    ...files.flatMap((file) => ['-P', file]),
    ...['-e', 'trace=pread64', '-e', `inject=pread64:delay_enter=${delayMs}ms`],
  ];
}

/** From now on reads take what they take; one that is held up goes on. The kernel lets go of what a dead tracer held. */
export async function readsAreFast(pid: number): Promise<void> {
  const tracer = async (): Promise<number> =>
    Number(/^TracerPid:\t(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const tracing = await tracer();
  if (tracing === 0) return;
  process.kill(tracing, 'SIGKILL');
  await eventually(
    async () => (await tracer()) === 0,
    10_000,
    () => `process ${pid} is still traced`,
  );
}
