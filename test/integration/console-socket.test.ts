import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../../daemon/console/client.js';
import { ConsoleSocket } from '../../daemon/console/socket.js';
import { mostReaders } from '../../daemon/console/status-feed.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { FakeView, sampleCheck } from '../support/fake-view.js';
import { KeptLog } from '../support/kept-log.js';
import { sampleBay, sampleStatus } from '../support/sample-status.js';

let directory: string;
let path: string;
let view: FakeView;
let log: KeptLog;
let socket: ConsoleSocket;
let client: ConsoleClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custodock-console-'));
  path = join(directory, 'console.sock');
  view = new FakeView();
  log = new KeptLog();
  socket = new ConsoleSocket(view, { path, clock: systemClock, log });
  client = new ConsoleClient(path, systemClock);
});

afterEach(async () => {
  await socket.close();
  await rm(directory, { recursive: true, force: true });
});

/** What stands on the wire for one request, as raw as it gets. */
function raw(method: string, target: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: target }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Twenty times as fast, so that deadlines pass while one watches. */
const hastyClock: Clock = {
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * 20,
  timer: (name, delayMs, fire) => systemClock.timer(name, delayMs / 20, fire),
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean, withinMs = 3_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error('it did not happen in time');
    await pause(10);
  }
}

const dockStarted = { kind: 'dock.started', body: { version: '1', previousStop: 'clean' } } as const;

describe('the console socket', () => {
  it('answers the state of the dock to whoever may open it', async () => {
    await socket.open();
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    expect(await client.status()).toEqual(sampleStatus);
  });

  it('shows the latest entries, or those from a place on', async () => {
    await socket.open();
    for (let n = 0; n < 250; n++) view.ledger.enter(dockStarted);
    const latest = await client.ledger({ limit: 3 });
    expect(latest.map(({ seq }) => seq)).toEqual([248, 249, 250]);
    expect(latest[2]?.leaf).toBe(view.ledger.head().leaf);
    expect((await client.ledger({ from: 10, limit: 2 })).map(({ seq }) => seq)).toEqual([10, 11]);
    expect(latest[0]?.entry.kind).toBe('dock.started');
  });

  it('hands a check of the ledger through, with what is wrong', async () => {
    await socket.open();
    const problem = {
      kind: 'edited',
      seq: 7,
      expected: verbatim('entry 7 as it was written'),
      found: verbatim('another'),
    } as const;
    view.verdict = () => Promise.resolve({ ...sampleCheck, problem });
    expect(await client.checkLedger()).toMatchObject({ entries: 1_234, problem });
  });

  it('lets a bay flash, and says which bays there are when there is no such bay', async () => {
    await socket.open();
    await client.identify('1-3', true);
    expect(view.identified.get('1-3')).toBe(true);
    await client.identify('1-3', false);
    expect(view.identified.get('1-3')).toBe(false);
    await expect(client.identify('../9', true)).rejects.toMatchObject({
      code: 'DOCK_CONSOLE_NO_BAY',
      expected: expect.stringContaining('1-1'),
    });
  });

  it.each([
    ['GET', '/nowhere', undefined, 400],
    ['DELETE', '/status', undefined, 400],
    ['GET', '/status?colour=red', undefined, 400],
    ['GET', '/ledger?limit=0', undefined, 400],
    ['GET', '/ledger?limit=1001', undefined, 400],
    ['GET', '/ledger?limit=5&limit=6', undefined, 400],
    ['GET', '/ledger?from=-1', undefined, 400],
    ['GET', '/recordings?important=perhaps', undefined, 400],
    ['GET', '/bays/%E0%A4%A/identify', undefined, 400],
    ['POST', '/bays/%E0%A4%A/identify', '{"on":true}', 400],
    ['POST', '/bays/1-1/identify', '{"on":"yes"}', 400],
    ['POST', '/bays/1-1/identify', '{', 400],
    ['POST', '/bays/1-1/identify', undefined, 400],
    ['POST', '/bays/1-1/identify', `{"on":true${' '.repeat(5_000)}}`, 400],
    ['POST', '/bays/1-1/identify', ' '.repeat(3_000_000), 400],
  ])('refuses %s %s %.30s with a code and what was expected', async (method, target, body, status) => {
    await socket.open();
    const answered = await raw(method, target, body);
    expect(answered.status).toBe(status);
    const { error } = JSON.parse(answered.text) as { error: { code: string; expected: string; found: string } };
    expect(error.code).toBe('DOCK_CONSOLE_REQUEST');
    expect(error.expected).not.toBe('');
    expect(view.identified.size).toBe(0);
    expect(await client.status()).toEqual(sampleStatus);
  });

  it('says what the ledger says when it cannot be read', async () => {
    await socket.open();
    view.ledger.read = async () => {
      throw new DockError('DOCK_LEDGER_BROKEN', {
        expected: verbatim('a'),
        found: verbatim('b'),
        todo: verbatim('c'),
        retry: 'never',
      });
    };
    await expect(client.ledger({ limit: 1 })).rejects.toMatchObject({ code: 'DOCK_LEDGER_BROKEN', found: 'b' });
  });

  it('gives up a query that takes too long for the client, not for the dock', async () => {
    socket = new ConsoleSocket(view, { path, clock: hastyClock, log });
    await socket.open();
    view.ledger.dockings = () => new Promise(() => undefined);
    const late = client.custody(5);
    expect(await client.status()).toEqual(sampleStatus);
    await expect(late).rejects.toMatchObject({ code: 'DOCK_CONSOLE_LATE' });
  });
});

describe('the stream of the state', () => {
  it('brings the state at once and after each change, at most five a second', async () => {
    await socket.open();
    const stop = new AbortController();
    const seen: number[] = [];
    const startedMs = Date.now();
    const watching = (async () => {
      for await (const status of client.watch(stop.signal)) seen.push(status.ledger.seq);
    })();
    await until(() => seen.length === 1);
    for (let seq = 1; seq <= 300; seq++) {
      view.set({ ledger: { ...sampleStatus.ledger, seq: seq } });
      await pause(3);
    }
    const tookMs = Date.now() - startedMs;
    await until(() => seen.at(-1) === 300);
    stop.abort();
    await watching;
    expect(seen[0]).toBe(1234);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.length).toBeLessThanOrEqual(tookMs / 200 + 3);
    await until(() => view.listeners === 0);
  });

  it('tells the client when the daemon goes away', async () => {
    await socket.open();
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const status of client.watch(new AbortController().signal)) seen.push(status);
    })();
    watching.catch(() => undefined);
    await until(() => seen.length === 1);
    await socket.close();
    await expect(watching).rejects.toMatchObject({ code: 'DOCK_NOT_RUNNING' });
    expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('drops a reader that reads nothing, keeps nothing for it, and serves the others meanwhile (I8)', async () => {
    socket = new ConsoleSocket(view, { path, clock: hastyClock, log });
    await socket.open();
    // 8 MB would not fit into any socket buffer.
    const big = Array.from({ length: 4_000 }, (_, n) => sampleBay(`1-${n}`, { camera: 'x'.repeat(1_800) }));
    view.set({ bays: big });
    const slow: Socket = connect(path);
    slow.pause();
    slow.write('GET /status/stream HTTP/1.1\r\nHost: dock\r\n\r\n');
    await until(() => view.listeners === 1);
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 40; n++) {
      view.set({ bays: big });
      await pause(25);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    view.set({ bays: sampleStatus.bays });
    expect(await client.status()).toEqual(sampleStatus);
    await until(() => log.lines.some(({ key }) => key === 'console.slow-reader'));
    await until(() => view.listeners === 0);
    slow.destroy();
  });

  it('keeps room for commands when there are too many readers', async () => {
    await socket.open();
    const stop = new AbortController();
    let begun = 0;
    const all = Array.from({ length: mostReaders }, async () => {
      let first = true;
      for await (const _status of client.watch(stop.signal)) {
        if (first) begun += 1;
        first = false;
      }
    });
    await until(() => begun === mostReaders);
    await expect(client.watch(stop.signal).next()).rejects.toMatchObject({ code: 'DOCK_CONSOLE_BUSY' });
    expect(await client.status()).toEqual(sampleStatus);
    stop.abort();
    await Promise.all(all);
  });
});

describe('limits of the console', () => {
  it('closes connections beyond its limit, cuts off requests that never end, and goes on without a word', async () => {
    socket = new ConsoleSocket(view, { path, clock: systemClock, log, requestDeadlineMs: 1_000 });
    await socket.open();
    let open = 40;
    const idle = Array.from({ length: open }, () => connect(path));
    const closed = idle.map((one) => new Promise<void>((resolve) => one.once('close', () => resolve())));
    for (const one of idle) {
      one
        .on('error', () => one.destroy())
        .on('close', () => {
          open -= 1;
        })
        .resume();
    }
    await until(() => open === 16, 800);
    // Some never end their headers, the others never their body.
    for (const [index, one] of idle.entries()) {
      if (one.destroyed) continue;
      one.write(
        index % 2 === 0
          ? 'GET /status HTTP/1.1\r\nHost: d'
          : 'POST /ledger/check HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\n{',
      );
    }
    await Promise.all(closed);
    await pause(50);
    expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
    expect(await client.status()).toEqual(sampleStatus);
  });
});

describe('the socket file', () => {
  it('says that the dock is not running, and what to do, when nobody listens', async () => {
    await expect(client.status()).rejects.toMatchObject({
      code: 'DOCK_NOT_RUNNING',
      todo: expect.stringContaining('systemctl start custodock'),
    });
  });

  it('replaces the socket that a killed daemon left behind', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    const dead = spawn(process.execPath, ['-e', script]);
    await new Promise((resolve) => dead.once('exit', resolve));
    expect((await stat(path)).isSocket()).toBe(true);
    await expect(client.status()).rejects.toMatchObject({ code: 'DOCK_NOT_RUNNING' });
    await socket.open();
    expect(await client.status()).toEqual(sampleStatus);
    expect(log.lines.map(({ key }) => key)).toContain('console.stale-socket');
  });

  it('does not take the place of a daemon that lives', async () => {
    await socket.open();
    const second = new ConsoleSocket(new FakeView(), { path, clock: systemClock, log });
    await expect(second.open()).rejects.toMatchObject({ code: 'DOCK_ALREADY_RUNNING' });
    await second.close();
    expect(await client.status()).toEqual(sampleStatus);
  });

  it('never removes a file that is no socket', async () => {
    await writeFile(path, 'somebody needs this');
    await expect(socket.open()).rejects.toMatchObject({ code: 'DOCK_CONSOLE_SOCKET' });
    expect((await stat(path)).size).toBe(19);
  });

  it('refuses a path that the kernel would cut', async () => {
    const long = new ConsoleSocket(view, { path: join(directory, 'x'.repeat(120)), clock: systemClock, log });
    await expect(long.open()).rejects.toMatchObject({ code: 'DOCK_CONSOLE_SOCKET' });
  });

  it('is gone after a stop', async () => {
    await socket.open();
    await socket.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(process.getuid?.() === 0)('says so when the user may not open it', async () => {
    await socket.open();
    await chmod(path, 0);
    await expect(client.status()).rejects.toMatchObject({ code: 'DOCK_CONSOLE_FORBIDDEN' });
  });
});
