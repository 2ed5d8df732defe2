import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { markerName } from '../../daemon/archive/archive.js';
import { reportUnentered } from '../../daemon/archive/sweep.js';
import { noise, sha256 } from '../support/copy-rig.js';
import { OffloadRig } from '../support/offload-rig.js';

const mib = 1 << 20;
const child = new URL('../../dist/test/support/offload-child.js', import.meta.url).pathname;
const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** Runs the built offload; kills it so many ms after it is ready. Resolves to whether it had ended by itself. */
async function runAndKill(dir: string, afterMs: number): Promise<boolean> {
  const started = spawn(process.execPath, [child, dir, 'cam-a'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(started, 'exit');
  await Promise.race([once(started.stdout, 'data'), exited]);
  const timer = setTimeout(() => started.kill('SIGKILL'), afterMs);
  const [code] = await exited;
  clearTimeout(timer);
  return code === 0;
}

describe('killed with SIGKILL at any moment of an offload', () => {
  it('ends with every recording verified, none twice, no parts, and the ledger in agreement (I2, I4)', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodock-killed-'));
    dirs.push(dir);
    const before = await OffloadRig.make({ dir });
    const recordings = new Map<string, Buffer>();
    for (let index = 0; index < 10; index += 1) {
      const bytes = noise(index * 2 * mib + 17 * index, index);
      recordings.set(`r${index}.bin`, bytes);
      await before.put('cam-a', `r${index}.bin`, bytes);
    }
    await before.stop();
    let killed = 0;
    // Later and later, so that the moments fall on reading, proving, publishing and entering.
    for (let moment = 0; moment < 8; moment += 1) {
      if (await runAndKill(dir, moment * 35 + Math.random() * 35)) break;
      killed += 1;
    }
    expect(killed).toBeGreaterThan(1);
    expect(await runAndKill(dir, 15_000)).toBe(true);

    const rig = await OffloadRig.make({ dir });
    const entered = await rig.ledger.recordings({ limit: 1000 });
    expect(entered.map(({ body }) => body.path).sort()).toEqual([...recordings.keys()].sort());
    for (const { body } of entered) {
      expect(body.sha256).toBe(sha256(recordings.get(body.path) ?? Buffer.alloc(1)));
      expect(sha256(await readFile(rig.archived(body.archivePath)))).toBe(body.sha256);
    }
    const names = (await readdir(rig.archived('2026/03/02/cam-a'))).filter((name) => !name.endsWith('.sha256'));
    expect(names.sort()).toEqual([...recordings.keys()].sort());
    expect(await readdir(rig.archived('.parts'))).toEqual([]);
    await rig.stop();
  });
});

describe('killed between publishing and entering', () => {
  const day = 86_400_000;
  /** Names in the archive without receipts, by path. */
  async function stored(rig: OffloadRig): Promise<readonly string[]> {
    const names = await readdir(rig.archived(''), { recursive: true, withFileTypes: true });
    return names
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.sha256') && entry.name !== markerName)
      .map(({ parentPath, name }) => relative(rig.archived(''), join(parentPath, name)));
  }

  it.each([0, -40 * day, 3 * day])(
    'finds its first copy again under a dock clock that is %i ms off (I2, I8)',
    async (wallErrorMs) => {
      const dir = await mkdtemp(join(tmpdir(), 'custodock-killed-'));
      dirs.push(dir);
      const before = await OffloadRig.make({ dir });
      const bytes = noise(300_000, 4);
      // A dead clock battery: the day in the archive is that of the arrival.
      await before.put('cam-a', 'clip.mp4', bytes, '1980-01-01T00:00:00Z');
      await before.stop();
      const killed = spawn(process.execPath, [child, dir, 'cam-a', 'before-entry'], { stdio: 'ignore' });
      const [, signal] = await once(killed, 'exit');
      expect(signal).toBe('SIGKILL');

      const rig = await OffloadRig.make({ dir, wallErrorMs });
      const [first, ...more] = await stored(rig);
      expect(more).toEqual([]);
      expect(await rig.ledger.recordings({ limit: 10 })).toEqual([]);
      expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1, failed: [] });
      expect(await stored(rig)).toEqual([first]);
      const [entered] = await rig.ledger.recordings({ limit: 10 });
      expect(entered?.body).toMatchObject({ archivePath: first, sha256: sha256(bytes) });
      expect(await readdir(rig.archived('.parts'))).toEqual([]);
      const sweep = { archive: rig.archive, ledger: rig.ledger, log: rig.log, changedSinceMs: 0 };
      expect(await reportUnentered(sweep, new AbortController().signal)).toBe(0);
      await rig.stop();
    },
  );

  it('does not take over a file that somebody changed meanwhile, nor one of another recording', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'custodock-killed-'));
    dirs.push(dir);
    const before = await OffloadRig.make({ dir });
    const bytes = noise(300_000, 4);
    await before.put('cam-a', 'clip.mp4', bytes, '1980-01-01T00:00:00Z');
    await before.stop();
    const killed = spawn(process.execPath, [child, dir, 'cam-a', 'before-entry'], { stdio: 'ignore' });
    await once(killed, 'exit');
    const rig = await OffloadRig.make({ dir, wallErrorMs: 3 * day });
    const [first = ''] = await stored(rig);
    await chmod(rig.archived(first), 0o600);
    await writeFile(rig.archived(first), noise(300_000, 5));
    expect(await rig.run('cam-a')).toMatchObject({ offloaded: 1, failed: [] });
    const [entered] = await rig.ledger.recordings({ limit: 10 });
    expect(entered?.body.archivePath).not.toBe(first);
    expect(sha256(await readFile(rig.archived(entered?.body.archivePath ?? '')))).toBe(sha256(bytes));
    expect(sha256(await readFile(rig.archived(first)))).toBe(sha256(noise(300_000, 5)));
    await rig.stop();
  });
});
