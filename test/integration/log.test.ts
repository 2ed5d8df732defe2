/** The log and the notifications on real sockets, pipes and files, as systemd and a technician get them. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSocket } from 'unix-dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBootId } from '../../daemon/runtime/boot.js';
import { sendDatagram } from '../../daemon/runtime/datagram.js';
import { chooseDestination, type LogDestination, type OpenLog, openLog } from '../../daemon/runtime/pino-log.js';
import { serviceNotify } from '../../daemon/runtime/service-notify.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';

let folder: string;
let sink: string;
let fd: number;
const receivers: { close(): void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-log-'));
  sink = join(folder, 'stderr');
  fd = openSync(sink, 'a');
});

afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.close();
  closeSync(fd);
  await rm(folder, { recursive: true, force: true });
});

/** A datagram socket as systemd and journald have it, with what came in. */
function receiver(name: string): { readonly path: string; received(count: number): Promise<Buffer[]> } {
  const path = join(folder, name);
  const got: Buffer[] = [];
  const socket = createSocket('unix_dgram', (bytes) => got.push(bytes));
  socket.bind(path);
  receivers.push(socket);
  return {
    path,
    received: async (count) => {
      for (let turn = 0; turn < 500 && got.length < count; turn++)
        await new Promise((resolve) => setTimeout(resolve, 2));
      return got;
    },
  };
}

/** Fields of a native journal entry, read as journald does: by lines, or by length after a name without `=`. */
function fieldsOf(entry: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at < entry.length; ) {
    const end = entry.indexOf(0x0a, at);
    if (end < 0) throw new Error(`no end of line in ${entry.subarray(at)}`);
    const line = entry.subarray(at, end).toString();
    const equals = line.indexOf('=');
    if (equals >= 0) {
      fields[line.slice(0, equals)] = line.slice(equals + 1);
      at = end + 1;
    } else {
      const length = Number(entry.readBigUInt64LE(end + 1));
      fields[line] = entry.subarray(end + 9, end + 9 + length).toString();
      expect(entry[end + 9 + length]).toBe(0x0a);
      at = end + 10 + length;
    }
  }
  return fields;
}

const refused = new DockError('DOCK_BOOT_ID', {
  expected: verbatim('a'),
  found: verbatim('b'),
  todo: phrase`Mount /proc and allow the service to read it (ProcSubset=all)`,
  retry: 'now',
});

function open(destination: LogDestination, language: 'en' | 'zh-CN' = 'en'): OpenLog {
  return openLog({ level: 'info', language, destination, clock: { wallMs: () => Date.UTC(2026, 2, 2, 3, 4, 5, 6) } });
}

async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
}

describe('the journal', () => {
  it('gets native fields, the readable message first', async () => {
    const journal = receiver('journal');
    const { log } = open({ kind: 'journal', fd, socket: journal.path }, 'zh-CN');
    log
      .with({ bay: '1-3', camera: 'C0123' })
      .warn('service.stop-failed', { service: 'x', tookMs: 5, gone: null }, refused);
    const [entry] = await journal.received(1);
    expect(fieldsOf(entry ?? Buffer.alloc(0))).toEqual({
      MESSAGE:
        '1-3 C0123 服务 x 未能正常停止：无法读取内核启动标识（应为：a；实为：b）。请挂载 /proc 并允许本服务读取（ProcSubset=all）。[DOCK_BOOT_ID]',
      PRIORITY: '4',
      SYSLOG_IDENTIFIER: 'custodock',
      CODE: 'DOCK_BOOT_ID',
      KEY: 'service.stop-failed',
      BAY: '1-3',
      CAMERA: 'C0123',
      SERVICE: 'x',
      TOOK_MS: '5',
      EXPECTED: 'a',
      FOUND: 'b',
      TODO: 'Mount /proc and allow the service to read it (ProcSubset=all)',
      RETRY: 'now',
    });
    expect(await linesOf(sink)).toEqual([]);
  });

  it('cannot be given a forged field or entry by a device (I11)', async () => {
    const journal = receiver('journal');
    const { log } = open({ kind: 'journal', fd, socket: journal.path });
    log.info('service.moving', {
      service: 'a\nPRIORITY=0\nBAY=9-9',
      'x\nBAY': '7',
      _PID: 1,
      message: 'forged',
      priority: 0,
    });
    const [entry] = await journal.received(1);
    const fields = fieldsOf(entry ?? Buffer.alloc(0));
    expect(fields).toMatchObject({ PRIORITY: '6', SERVICE: 'a\nPRIORITY=0\nBAY=9-9', X_BAY: '7' });
    expect(Object.keys(fields).toSorted()).toEqual([
      'KEY',
      'MESSAGE',
      'PRIORITY',
      'SERVICE',
      'SYSLOG_IDENTIFIER',
      'X_BAY',
    ]);
    expect(fields['MESSAGE']).toBe('Service a\\u{a}PRIORITY=0\\u{a}BAY=9-9 makes progress again');
  });

  it('that is not there loses no line: they go to stderr, with the reason once', async () => {
    const { log } = open({ kind: 'journal', fd, socket: join(folder, 'nobody') });
    log.info('service.moving', { service: 'a' });
    log.info('service.moving', { service: 'b' });
    const lines = (await linesOf(sink)).map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 'error', code: 'DOCK_DATAGRAM', found: 'ENOENT' },
      { level: 'info', service: 'a', msg: 'Service a makes progress again' },
      { level: 'info', service: 'b' },
    ]);
  });

  it('whose queue is full loses no line of a burst', async () => {
    const journal = receiver('journal');
    const { log } = open({ kind: 'journal', fd, socket: journal.path });
    for (let line = 0; line < 400; line++) log.info('service.moving', { service: `s${line}` });
    const onStderr = (await linesOf(sink))
      .map((line) => JSON.parse(line))
      .filter(({ key }) => key === 'service.moving');
    const inJournal = await journal.received(400 - onStderr.length);
    const seen = [...onStderr.map(({ service }) => service), ...inJournal.map((entry) => fieldsOf(entry)['SERVICE'])];
    expect(new Set(seen).size).toBe(400);
    expect(seen.length).toBe(400);
    expect(onStderr.length).toBeGreaterThan(0);
  });

  it('takes a huge value, cut', async () => {
    const journal = receiver('journal');
    const { log } = open({ kind: 'journal', fd, socket: journal.path });
    const huge = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`field${i}`, '记'.repeat(100_000)]));
    log.info('service.moving', { service: 'a', ...huge });
    const [entry] = await journal.received(1);
    expect(entry?.length).toBeLessThan(64 * 1024);
    expect(fieldsOf(entry ?? Buffer.alloc(0))['FIELD0']).toBe('记'.repeat(Math.floor((8 * 1024) / 3)));
    expect(await linesOf(sink)).toEqual([]);
  });
});

describe('a pipe or file', () => {
  it('gets one JSON object a line, at once', async () => {
    const { log, setLevel, setLanguage } = open({ kind: 'json', fd });
    log.debug('service.started', { service: 'a', tookMs: 1 });
    log.info('service.moving', { service: 'a\u001b[2J' });
    setLevel('debug');
    setLanguage('zh-CN');
    log.debug('service.moving', { service: 'b' });
    const lines = (await linesOf(sink)).map((line) => JSON.parse(line));
    expect(lines).toEqual([
      {
        level: 'info',
        time: '2026-03-02T03:04:05.006Z',
        key: 'service.moving',
        service: 'a\u001b[2J',
        msg: 'Service a\\u{1b}[2J makes progress again',
      },
      {
        level: 'debug',
        time: '2026-03-02T03:04:05.006Z',
        key: 'service.moving',
        service: 'b',
        msg: '服务 b 已恢复运行',
      },
    ]);
  });

  it('shows the stack of an error that nobody expected', async () => {
    const { log } = open({ kind: 'json', fd });
    log.error('service.stop-failed', { service: 'a' }, new TypeError('x is not a function'));
    const [line] = (await linesOf(sink)).map((text) => JSON.parse(text));
    expect(line).toMatchObject({ error: 'x is not a function', stack: expect.stringContaining('log.test.ts') });
  });

  it('whose reader went away does not end the program, and is counted', () => {
    // In a process of its own: the broken pipe is that of its stderr.
    const script = `
      const { openLog } = await import('./dist/daemon/runtime/pino-log.js');
      const { log, lostLines } = openLog({ level: 'info', language: 'en', destination: { kind: 'json', fd: 2 }, clock: { wallMs: () => 0 } });
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (let i = 0; i < 3; i++) { log.info('service.moving', { service: 'a' }); await new Promise((resolve) => setTimeout(resolve, 20)); }
      process.stdout.write('lost ' + lostLines());
    `;
    const { stdout } = spawnSync(
      'bash',
      ['-c', '{ "$0" --input-type=module -e "$1" 2>&1 >&3 | true; } 3>&1', process.execPath, script],
      { encoding: 'utf8' },
    );
    expect(stdout).toMatch(/^lost [1-3]$/);
  });
});

describe('a terminal', () => {
  it('gets short readable lines; an unexpected error brings its stack', async () => {
    const { log } = open({ kind: 'pretty', fd });
    log.with({ bay: '1-3' }).info('service.moving', { service: 'a' });
    log.error('service.stop-failed', { service: 'a' }, new Error('x\u001b'));
    const text = (await readFile(sink, 'utf8')).replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: 1-3 Service a makes progress again\n/);
    expect(text).toMatch(/ERROR: Service a did not stop cleanly: x\\u\{1b\}\n {4}at .*log\.test\.ts/);
    expect(text).not.toContain('service.moving');
  });
});

describe('the choice between them', () => {
  it('is the journal only when it is what stderr is connected to', async () => {
    const { dev, ino } = await import('node:fs').then(({ fstatSync }) => fstatSync(fd));
    expect(chooseDestination({ JOURNAL_STREAM: `${dev}:${ino}` }, false, fd)).toMatchObject({ kind: 'journal', fd });
    expect(chooseDestination({ JOURNAL_STREAM: `${dev}:${ino + 1}` }, false, fd)).toEqual({ kind: 'json', fd });
    expect(chooseDestination({}, true, fd)).toEqual({ kind: 'pretty', fd });
  });
});

describe('notification of systemd', () => {
  it('speaks its protocol', async () => {
    const systemd = receiver('notify');
    const notify = serviceNotify(
      { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '20000000', WATCHDOG_PID: String(process.pid) },
      (error) => {
        throw error;
      },
    );
    expect(notify.watchdogMs).toBe(20_000);
    const before = process.hrtime.bigint() / 1_000n;
    notify.ready('8 bays\nREADY=0');
    notify.status('offloading');
    notify.reloading();
    notify.alive();
    notify.alive('1/8 bays');
    notify.stopping();
    const messages = (await systemd.received(6)).map(String);
    expect(messages.toSpliced(2, 1)).toEqual([
      'READY=1\nSTATUS=8 bays READY=0\n',
      'STATUS=offloading\n',
      'WATCHDOG=1\n',
      'WATCHDOG=1\nSTATUS=1/8 bays\n',
      'STOPPING=1\n',
    ]);
    const [, micros] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\n$/.exec(messages[2] ?? '') ?? [];
    expect(BigInt(micros ?? 0) - before).toBeGreaterThanOrEqual(0n);
    expect(BigInt(micros ?? 0) - before).toBeLessThan(10_000_000n);
  });

  it('says nothing without systemd, and heeds no watchdog of another process', () => {
    const notify = serviceNotify({ WATCHDOG_USEC: '20000000', WATCHDOG_PID: '1' }, (error) => {
      throw error;
    });
    expect(notify.watchdogMs).toBeNull();
    notify.ready('x');
    expect(serviceNotify({ WATCHDOG_USEC: 'soon' }, () => undefined).watchdogMs).toBeNull();
  });

  it('that fails is reported once for each time, and stops nothing', () => {
    const troubles: unknown[] = [];
    const notify = serviceNotify({ NOTIFY_SOCKET: join(folder, 'nobody') }, (error) => troubles.push(error));
    notify.ready('x');
    notify.alive();
    expect(troubles).toMatchObject([{ code: 'DOCK_DATAGRAM', found: 'ENOENT' }]);
  });

  it('says that an abstract socket cannot be reached', () => {
    const troubles: unknown[] = [];
    serviceNotify({ NOTIFY_SOCKET: '@systemd' }, (error) => troubles.push(error)).ready('x');
    expect(troubles).toMatchObject([{ code: 'DOCK_NOTIFY_ABSTRACT' }]);
  });
});

describe('datagrams', () => {
  it('never go to a path that was cut', () => {
    const long = `/${'x'.repeat(107)}`;
    expect(() => sendDatagram(long, Buffer.from('x'))).toThrow(/DOCK_DATAGRAM.*107 bytes/);
    expect(() => sendDatagram('relative', Buffer.from('x'))).toThrow(/DOCK_DATAGRAM/);
  });

  it('that are too large are an error, not a cut message', () => {
    const { path } = receiver('small');
    expect(() => sendDatagram(path, Buffer.alloc(4_000_000))).toThrow(/DOCK_DATAGRAM.*EMSGSIZE/);
  });
});

it('reads the boot id of the kernel, and refuses what is none', () => {
  expect(readBootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(() => readBootId(sink)).toThrow(/DOCK_BOOT_ID/);
  expect(() => readBootId(join(folder, 'gone'))).toThrow(/DOCK_BOOT_ID/);
});
