/** A dock that was installed and not configured yet. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { ServiceNotify } from '../../daemon/runtime/service-notify.js';
import { untilConfigured } from '../../daemon/unconfigured.js';
import { KeptLog } from '../support/kept-log.js';

let folder: string;
let file: string;
let log: KeptLog;
let said: string[];
let alive: number;
let stop: () => void;
let reload: () => void;

const notify: ServiceNotify = {
  watchdogMs: 200,
  ready: (status) => void said.push(status),
  status: (status) => void said.push(status),
  reloading: () => undefined,
  stopping: () => undefined,
  alive: () => {
    alive += 1;
  },
};

function wait(): Promise<boolean> {
  const stopped = new Promise<string>((resolve) => {
    stop = () => resolve('SIGTERM');
  });
  return untilConfigured({
    file,
    clock: systemClock,
    log,
    notify,
    language: 'en',
    stop: stopped,
    onReload: (listener) => {
      reload = listener;
    },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-unconfigured-'));
  file = join(folder, 'config.yaml');
  await copyFile('config/custodock.example.yaml', file);
  log = new KeptLog();
  said = [];
  alive = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const configured = 'version: 1\ndock: { id: d, bureau: east }\n';

describe('an unconfigured dock', () => {
  it('runs, and says where a technician looks what it waits for', async () => {
    const waiting = wait();
    await vi.waitFor(() => expect(alive).toBeGreaterThan(3));
    expect(said).toEqual([expect.stringMatching(/NOT CONFIGURED: edit .*config\.yaml.*config check.*doctor/)]);
    expect(log.lines).toMatchObject([
      { level: 'warn', key: 'dock.unconfigured', error: { code: 'DOCK_NOT_CONFIGURED' } },
    ]);
    stop();
    expect(await waiting).toBe(false);
  });

  it('goes on by itself once the file is a configuration', async () => {
    const waiting = wait();
    await vi.waitFor(() => expect(said).toHaveLength(1));
    await writeFile(file, configured);
    expect(await waiting).toBe(true);
  });

  it('says that there are mistakes, and waits for them to be mended', async () => {
    const waiting = wait();
    await vi.waitFor(() => expect(said).toHaveLength(1));
    await writeFile(file, `${configured}dok: {}\n`);
    reload();
    await vi.waitFor(() => expect(said.at(-1)).toMatch(/NOT CONFIGURED: 1 mistakes? in .*config\.yaml/));
    expect(log.lines.at(-1)).toMatchObject({ key: 'config.unusable', error: { code: 'DOCK_CONFIG_UNKNOWN' } });
    await writeFile(file, configured);
    reload();
    expect(await waiting).toBe(true);
  });
});
