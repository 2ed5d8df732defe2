import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { createThreadCopier as Create } from '../../daemon/offload/thread-copier.js';
import { CopyRig, noise, sha256 } from '../support/copy-rig.js';

// Threads are started from the built code: Node 20 cannot start a thread from TypeScript.
const built = new URL('../../dist/daemon/offload/thread-copier.js', import.meta.url).pathname;
const { createThreadCopier }: { createThreadCopier: typeof Create } = await import(built);
const salvage = { readRetries: 0, searchMs: 1_000, ranges: 16 };
const rigs: CopyRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

describe('copying threads', () => {
  it('copy many recordings at once and carry errors over with code and retry', async () => {
    const rig = await CopyRig.make();
    rigs.push(rig);
    const copier = createThreadCopier({ threads: 2, copiesAtOnce: 4, salvage });
    const jobs = [];
    for (let index = 0; index < 12; index += 1)
      jobs.push(await rig.record(`${index}.bin`, noise(300_000 + index, index)));
    const results = await Promise.all(jobs.map((job) => copier.start(job, () => undefined).result));
    expect(results.map(({ sha256 }) => sha256)).toEqual(jobs.map((_, index) => sha256(noise(300_000 + index, index))));
    const [first] = jobs;
    if (first === undefined) throw new Error('twelve jobs were made');
    const failing = copier.start({ ...first, sizeBytes: 1 }, () => undefined).result;
    await expect(failing).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED', retry: 'after-redocking' });
    await copier.stop();
  });

  it('cancel with the reason given, pause, resume, and leave a part that goes on', async () => {
    const rig = await CopyRig.make();
    rigs.push(rig);
    const copier = createThreadCopier({ threads: 1, copiesAtOnce: 2, salvage });
    const bytes = noise(48 << 20);
    const job = await rig.record('a.bin', bytes);
    const reason = new Error('taken out');
    const paused = copier.start(job, () => undefined);
    paused.pause();
    const settled = await Promise.race([
      paused.result.then(() => 'ended'),
      new Promise<string>((resolve) => setTimeout(() => resolve('waiting'), 500)),
    ]);
    expect(settled).toBe('waiting');
    paused.cancel(reason);
    await expect(paused.result).rejects.toBe(reason);
    const again = copier.start(job, () => undefined);
    again.pause();
    again.resume();
    expect((await again.result).sha256).toBe(sha256(bytes));
    expect(await rig.left()).toEqual([]);
    await copier.stop();
  });

  it('a thread that dies takes only its own copies, which may be tried again at once, and is replaced', async () => {
    const rig = await CopyRig.make();
    rigs.push(rig);
    // The first life of this thread ends in the middle of a copy; the next is an ordinary one.
    const once = join(rig.dir, 'once.mjs');
    await writeFile(
      once,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       const mark = ${JSON.stringify(join(rig.dir, 'died'))};
       if (existsSync(mark)) await import(${JSON.stringify(new URL('worker.js', `file://${built}`).href)});
       else parentPort.once('message', () => { writeFileSync(mark, ''); throw new Error('died'); });`,
    );
    const copier = createThreadCopier({ threads: 1, copiesAtOnce: 2, salvage, script: pathToFileURL(once) });
    const job = await rig.record('a.bin', noise(1000));
    const lost = copier.start(job, () => undefined).result;
    await expect(lost).rejects.toMatchObject({ code: 'DOCK_OFFLOAD_THREAD', retry: 'now' });
    expect((await copier.start(job, () => undefined).result).sha256).toBe(sha256(noise(1000)));
    await copier.stop();
  });
});
