/** The configuration on a real file system: reading, secrets, migration, noticing changes. */
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkConfig } from '../../config/check.js';
import { loadConfig } from '../../config/load.js';
import { writeMigrated } from '../../config/migrate.js';
import { readPassword, readSecret } from '../../config/secrets.js';
import { watchConfig } from '../../config/watch.js';
import { VirtualClock } from '../support/virtual-clock.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-config-'));
  file = join(folder, 'config.yaml');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const good = 'version: 1\ndock: { id: a, bureau: b }\n';

describe('reading the file', () => {
  async function code(): Promise<string | undefined> {
    const loaded = await loadConfig(file);
    return loaded.ok ? undefined : loaded.problems[0]?.error.message;
  }

  it('loads it', async () => {
    await writeFile(file, good);
    expect(await loadConfig(file)).toMatchObject({ ok: true, config: { dock: { id: 'a' } }, migrated: undefined });
  });

  it('says that it is not there', async () => {
    expect(await code()).toMatch(/^DOCK_CONFIG_UNREADABLE: .*found ENOENT at .*config\.yaml:1:1/);
  });

  it('refuses a folder, a pipe and a device without hanging', async () => {
    await mkdir(file);
    expect(await code()).toMatch(/^DOCK_CONFIG_UNREADABLE/);
    await rm(file, { recursive: true });
    await symlink('/dev/zero', file);
    expect(await code()).toMatch(/^DOCK_CONFIG_UNREADABLE: .*no regular file/);
  });

  it('refuses a file that is too large before reading it', async () => {
    await writeFile(file, `${good}#${'x'.repeat(2 * 1024 * 1024)}`);
    expect(await code()).toMatch(/^DOCK_CONFIG_UNREADABLE: .*found 2097\d+ bytes/);
  });

  it('refuses bytes that are no UTF-8', async () => {
    await writeFile(file, Buffer.concat([Buffer.from(`${good}# `), Buffer.from([0xb2, 0xe2, 0x0a])]));
    expect(await code()).toMatch(/^DOCK_CONFIG_UNREADABLE/);
  });

  it('is summed up by the check', async () => {
    await writeFile(file, `${good}cameras: [{ id: x }]\n`);
    expect(await checkConfig(file)).toEqual({
      file,
      problems: [],
      summary: { dock: 'a', bureau: 'b', cradles: 0, lines: 0, bays: 0, cameras: 1, centre: null, erase: 'never' },
      migration: null,
    });
    await writeFile(file, 'version: 1\n');
    expect(await checkConfig(file)).toMatchObject({ summary: null, problems: [{ option: 'dock' }] });
  });
});

describe('secrets', () => {
  it('come from a file that others cannot read', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'hunter2\r\nnext line\n', { mode: 0o640 });
    expect((await readSecret(secret, undefined)).toString()).toBe('hunter2\r\nnext line\n');
    expect(await readPassword(secret, undefined)).toBe('hunter2');
  });

  it.each([0o644, 0o604, 0o660, 0o642])('are refused with mode %o', async (mode) => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'hunter2');
    await chmod(secret, mode);
    await expect(readSecret(secret, undefined)).rejects.toMatchObject({ code: 'DOCK_SECRET_EXPOSED' });
  });

  it('come from a systemd credential', async () => {
    await writeFile(join(folder, 'dock-key'), 'pem', { mode: 0o444 });
    expect((await readSecret('credential:dock-key', folder)).toString()).toBe('pem');
    await expect(readSecret('credential:dock-key', undefined)).rejects.toMatchObject({
      code: 'DOCK_SECRET_UNREADABLE',
      found: 'no credentials: the unit has no LoadCredential=',
    });
  });

  it('are refused when missing, empty, huge or no file', async () => {
    const secret = join(folder, 'secret');
    const refused = { code: 'DOCK_SECRET_UNREADABLE' };
    await expect(readSecret(secret, undefined)).rejects.toMatchObject(refused);
    await writeFile(secret, '', { mode: 0o600 });
    await expect(readSecret(secret, undefined)).rejects.toMatchObject(refused);
    await writeFile(secret, Buffer.alloc(70_000));
    await expect(readSecret(secret, undefined)).rejects.toMatchObject(refused);
    await expect(readSecret('/dev/zero', undefined)).rejects.toMatchObject(refused);
  });
});

describe('writing a migrated file', () => {
  it('keeps the old one, its mode, and leaves nothing else behind', async () => {
    await writeFile(file, 'old');
    await chmod(file, 0o664);
    await writeFile(`${file}.next`, 'left by a power cut');
    const migrated = { from: 3, to: 4, text: 'new', notes: [] };
    expect(await writeMigrated(file, migrated)).toBe(`${file}.version-3`);
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readFile(`${file}.version-3`, 'utf8')).toBe('old');
    expect((await stat(file)).mode & 0o777).toBe(0o664);
    expect((await stat(`${file}.version-3`)).mode & 0o777).toBe(0o664);
    expect((await readdir(folder)).toSorted()).toEqual(['config.yaml', 'config.yaml.version-3']);
  });

  it('never overwrites an earlier backup', async () => {
    await writeFile(file, 'second');
    await writeFile(`${file}.version-3`, 'first');
    expect(await writeMigrated(file, { from: 3, to: 4, text: 'new', notes: [] })).toBe(`${file}.version-3.1`);
    expect(await readFile(`${file}.version-3`, 'utf8')).toBe('first');
  });

  it('leaves the file alone when the backup cannot be made', async () => {
    await writeFile(file, 'old');
    await expect(
      writeMigrated(join(folder, 'gone.yaml'), { from: 3, to: 4, text: 'new', notes: [] }),
    ).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await readdir(folder)).toEqual(['config.yaml']);
  });
});

describe('noticing a change', () => {
  /** Real stat, virtual time: a look has ended when the real file system has answered. */
  async function looks(clock: VirtualClock, count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      await clock.advance(1_000);
      for (let turn = 0; turn < 200 && clock.waiting().length === 0; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  }

  it('sees a file that was written in place, replaced, removed and put back, once each', async () => {
    await writeFile(file, good);
    const clock = new VirtualClock();
    let changes = 0;
    const watch = await watchConfig(file, clock, () => changes++);
    await looks(clock, 3);
    expect(changes).toBe(0);

    await writeFile(file, `${good}# longer\n`);
    await looks(clock, 4);
    expect(changes).toBe(1);

    // As long as before and with its time kept, as cp -p and some editors do: only the inode tells.
    await writeFile(`${file}~`, `${good}# othery\n`);
    const { atime, mtime } = await stat(file);
    await utimes(file, atime, mtime);
    await utimes(`${file}~`, atime, mtime);
    await looks(clock, 2);
    const before = changes;
    await rename(`${file}~`, file);
    await looks(clock, 4);
    expect(changes).toBe(before + 1);
    changes = 2;

    await rm(file);
    await looks(clock, 4);
    expect(changes).toBe(3);

    await writeFile(file, good);
    await looks(clock, 4);
    expect(changes).toBe(4);

    watch.stop();
    await writeFile(file, 'x');
    await looks(clock, 3);
    expect(changes).toBe(4);
    expect(clock.waiting()).toEqual([]);
  });

  it('waits while an editor is still writing', async () => {
    await writeFile(file, good);
    const clock = new VirtualClock();
    let changes = 0;
    const watch = await watchConfig(file, clock, () => changes++);
    for (let part = 0; part < 5; part++) {
      await writeFile(file, 'x'.repeat(part + 1));
      await looks(clock, 1);
    }
    expect(changes).toBe(0);
    await looks(clock, 1);
    expect(changes).toBe(1);
    watch.stop();
  });
});
