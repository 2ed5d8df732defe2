/** How the built daemon ends when it cannot go on, or cannot end: what systemd sees, and what the log says last. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { DaemonRig } from '../support/daemon-rig.js';
import { tamper } from '../support/ledger-rig.js';

const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });

let rig: DaemonRig;
beforeEach(async () => {
  rig = await DaemonRig.make({ bays: 2, cameras: ['C0001', 'C0002'] });
});
afterEach(() => rig.close());

async function putIn(slot: number, id: string): Promise<void> {
  const folder = join(rig.cards, id);
  await writeCard(folder, {
    seed: id,
    device: id,
    user: '0042',
    recordings: segments('2026-11-20T09:00:00', 1, 50_000),
  });
  await rig.putIn(slot, folder, pins(id));
}

/** Code that the daemon runs before its own. */
async function preloaded(code: string): Promise<Readonly<Record<string, string>>> {
  const script = join(rig.folder, 'preload.cjs');
  await writeFile(script, `if (require('node:worker_threads').isMainThread) { ${code} }`);
  return { NODE_OPTIONS: `--require=${script}`, UV_THREADPOOL_SIZE: '64' };
}

describe('the daemon ends', () => {
  it('when its ledger has failed: a green that nobody means any more goes out with it (I4, I12)', async () => {
    await rig.start();
    await putIn(1, 'C0001');
    await rig.light(1, 'green-steady');
    await tamper(rig.ledgerFile, 'DROP TABLE head');
    await putIn(2, 'C0002');
    expect(await rig.ended()).toBe(75);
    expect(await rig.logged('dock.failed')).toMatchObject({ level: 'error', code: 'DOCK_LEDGER_CORRUPT' });
  });

  it('although a read hangs that no thread lets go of, and says so last (I8)', async () => {
    const pipe = join(rig.folder, 'hangs');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    await rig.start(await preloaded(`require('node:fs').readFile(${JSON.stringify(pipe)}, () => undefined);`));
    expect(await rig.end('SIGTERM')).toBe('SIGKILL');
    expect(rig.log.slice(-2)).toMatchObject([{ key: 'dock.stopped' }, { level: 'error', key: 'process.killed' }]);
    expect((await rig.entered('dock.stopped')).length).toBe(1);
  });

  it('at once when it is asked to, and nothing hangs', async () => {
    await rig.start();
    expect(await rig.end('SIGTERM')).toBe(0);
    expect(rig.log.at(-1)).toMatchObject({ key: 'dock.stopped' });
  });

  it.each([
    ['is thrown', 'process.once("SIGUSR2", () => { throw new TypeError("nobody foresaw this"); });'],
    ['rejects', 'process.once("SIGUSR2", () => { void Promise.reject(new TypeError("nobody foresaw this")); });'],
  ])('when an error %s that nobody foresaw, and says where it comes from', async (_what, code) => {
    await rig.start(await preloaded(code));
    expect(await rig.end('SIGUSR2')).toBe(70);
    expect(rig.log.at(-1)).toMatchObject({
      level: 'error',
      key: 'dock.broken',
      code: 'DOCK_BROKEN',
      found: 'nobody foresaw this',
      stack: expect.stringContaining('preload.cjs'),
    });
    // The next start has to look for what was left in the middle.
    expect(await rig.entered('dock.stopped')).toEqual([]);
  });
});
