/** The disks of the machine, as `df` sees them, within a deadline. For people to look at; decisions use `statfs`. */
import { fork } from 'node:child_process';
import { z } from 'zod';
import type { Clock } from '../../drivers/contract/clock.js';
import { messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';

/** A sound `df` takes milliseconds. */
export const disksDeadlineMs = 5_000;

const diskList = z.array(z.object({ device: z.string(), mounted: z.string(), usedPercent: z.number() })).max(10_000);
export type Disk = z.infer<typeof diskList>[number];

export type ListedDisks =
  | { readonly kind: 'disks'; readonly disks: readonly Disk[] }
  /** Some mount does not answer. */
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly found: Phrase };

/** Never throws, never waits longer than `deadlineMs`. `worker`: the built script. */
export function listDisks(
  clock: Clock,
  deadlineMs = disksDeadlineMs,
  worker: URL = new URL('./disks-worker.js', import.meta.url),
): Promise<ListedDisks> {
  return new Promise((resolve) => {
    const child = fork(worker, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
    const settle = (listed: ListedDisks): void => {
      timer.cancel();
      child.kill('SIGKILL');
      // A `df` that hangs in the kernel outlives its parent; nobody here waits for it.
      child.unref();
      resolve(listed);
    };
    const timer = clock.timer('doctor.disks', deadlineMs, () => settle({ kind: 'late' }));
    child.once('message', (message) => {
      const parsed = diskList.safeParse(message);
      if (!parsed.success) return settle({ kind: 'failed', found: phrase`an unreadable list` });
      settle({ kind: 'disks', disks: parsed.data.map((disk) => ({ ...disk, mounted: printable(disk.mounted) })) });
    });
    child.once('error', (error) => settle({ kind: 'failed', found: messageOf(error) }));
    child.once('exit', (code, signal) => settle({ kind: 'failed', found: verbatim(`df: ${signal ?? code}`) }));
  });
}
