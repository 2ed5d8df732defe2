/** What is installed beside the daemon, checked by the programs that will read it. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { Dock } from '../../daemon/dock.js';
import { machinePorts } from '../../daemon/ports.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { endWithinMs, exitCodes } from '../../daemon/runtime/exit.js';
import { ProgressBoard } from '../../daemon/runtime/progress.js';
import { serviceNotify } from '../../daemon/runtime/service-notify.js';
import { watchdog } from '../../daemon/runtime/watchdog.js';
import { KeptLog } from '../support/kept-log.js';

const installed = spawnSync('systemd-analyze', ['--version']).status === 0;
/** In CI a missing program is a failure, not a reason to look away. */
const there = installed || process.env['CI'] !== undefined;

function run(program: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_COLORS: '0' },
  });
  return { status, output: `${stdout}${stderr}` };
}

const unit = readFileSync('systemd/custodock.service', 'utf8');

function settings(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

describe.runIf(there)('the unit', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'custodock-units-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is understood by systemd without a warning', () => {
    // The program is not installed where tests run; any that exists stands in for it.
    const copy = join(root, 'custodock.service');
    writeFileSync(copy, unit.replace('ExecStart=/usr/bin/custodock', 'ExecStart=/bin/true'));
    expect(run('systemd-analyze', 'verify', '--man=no', copy)).toEqual({ status: 0, output: '' });
    writeFileSync(copy, unit.replace('WatchdogSec=', 'WatchdogSecs='));
    expect(run('systemd-analyze', 'verify', '--man=no', copy).output).toContain('WatchdogSecs');
  });

  it('is exposed by 1.5 at most (D12)', () => {
    const measured = run(
      'systemd-analyze',
      'security',
      '--offline=true',
      '--no-pager',
      '--threshold=15',
      'systemd/custodock.service',
    );
    expect(measured).toMatchObject({
      status: 0,
      output: expect.stringMatching(/exposure level for custodock\.service: (0|1\.[0-5])/),
    });
  });

  it('allows no call that systemd calls privileged', () => {
    expect(settings('SystemCallFilter').join(' ')).toMatch(/^@system-service.* ~@privileged /);
    expect(settings('CapabilityBoundingSet')).toEqual(['']);
  });
});

describe.runIf(there)('the media helper', () => {
  const file = 'systemd/custodock-media.service';
  const helper = readFileSync(file, 'utf8');

  it('is understood by systemd without a warning, with its socket', () => {
    const root = mkdtempSync(join(tmpdir(), 'custodock-units-'));
    try {
      writeFileSync(
        join(root, 'custodock-media.service'),
        helper.replace('ExecStart=/usr/lib/custodock/bin/node', 'ExecStart=/bin/true'),
      );
      copyFileSync('systemd/custodock-media.socket', join(root, 'custodock-media.socket'));
      const units = ['service', 'socket'].map((kind) => join(root, `custodock-media.${kind}`));
      expect(run('systemd-analyze', 'verify', '--man=no', ...units)).toEqual({ status: 0, output: '' });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('is exposed by 1.8 at most (D12)', () => {
    const security = ['security', '--offline=true', '--no-pager', '--threshold=18', file];
    expect(run('systemd-analyze', ...security)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/exposure level for custodock-media\.service: (0|1)\.\d/),
    });
  });

  it('alone may mount, and has no network', () => {
    expect(helper).toMatch(/^CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_CHROOT$/m);
    expect(helper).toMatch(/^PrivateNetwork=yes$/m);
    expect(helper).toMatch(/^RestrictAddressFamilies=AF_UNIX$/m);
    expect(unit).toMatch(/^CapabilityBoundingSet=$/m);
  });

  it('is asked by the user of the dock alone', () => {
    const socket = readFileSync('systemd/custodock-media.socket', 'utf8');
    expect(socket).toMatch(/^SocketUser=custodock$/m);
    expect(socket).toMatch(/^SocketMode=0600$/m);
  });
});

describe('the unit and the daemon', () => {
  it('agree on the exit codes that a restart does not help', () => {
    expect(settings('RestartPreventExitStatus')).toEqual([`${exitCodes.usage} ${exitCodes.configuration}`]);
  });

  it('leave a stop as long as all services together may take (I8)', async () => {
    const parsed = parseConfig(
      'version: 1\ndock: { id: d, bureau: b }\ncentral: { url: "mqtt://127.0.0.1" }\n' +
        'cradles: [{ name: "1", unit: 1, line: { serial: /dev/ttyUSB0 }, bays: [{ slot: 1 }] }]\ncameras: []\n',
      'config.yaml',
    );
    if (!parsed.ok) throw new Error(parsed.problems.map(({ error }) => error.message).join('\n'));
    const log = new KeptLog();
    const board = new ProgressBoard(() => 0);
    const dock = new Dock(parsed.config, '0', await machinePorts(parsed.config, log, board, undefined));
    const guard = watchdog(
      systemClock,
      log,
      board,
      serviceNotify({}, () => undefined),
    );
    const stopWithinMs = dock.stopWithinMs + guard.stopWithinMs + endWithinMs;
    expect(stopWithinMs).toBeGreaterThan(40_000);
    expect(Number(settings('TimeoutStopSec')[0]) * 1_000).toBeGreaterThan(stopWithinMs);
  });

  it('agree on the protocol, the pool and what V8 needs', () => {
    expect(settings('Type')).toEqual(['notify']);
    expect(settings('Environment')).toContain('UV_THREADPOOL_SIZE=64');
    expect(settings('MemoryDenyWriteExecute')).toEqual([]);
    expect(settings('PrivateDevices')).toEqual([]);
    expect(settings('ExecReload')[0]).toContain('-HUP');
  });
});

describe.runIf(there)('users and folders', () => {
  it('are made as the unit needs them', () => {
    const root = mkdtempSync(join(tmpdir(), 'custodock-root-'));
    try {
      mkdirSync(join(root, 'etc/custodock'), { recursive: true });
      writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n');
      writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
      writeFileSync(join(root, 'etc/custodock/config.yaml'), 'version: 1\n', { mode: 0o644 });
      const sysusers = run('systemd-sysusers', `--root=${root}`, resolve('systemd/custodock.sysusers'));
      expect(sysusers.status, sysusers.output).toBe(0);
      expect(readFileSync(join(root, 'etc/group'), 'utf8')).toMatch(/^dialout:x:\d+:custodock$/m);
      expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toMatch(/^custodock:.*:\/usr\/sbin\/nologin$/m);
      if (process.getuid?.() !== 0) return;
      const tmpfiles = run('systemd-tmpfiles', `--root=${root}`, '--create', resolve('systemd/custodock.tmpfiles'));
      expect(tmpfiles.status, tmpfiles.output).toBe(0);
      expect(statSync(join(root, 'etc/custodock')).mode & 0o777).toBe(0o750);
      expect(statSync(join(root, 'etc/custodock/config.yaml')).mode & 0o777).toBe(0o640);
      expect(readdirSync(join(root, 'var/lib/custodock'))).toEqual(['archive']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('the udev rules', () => {
  const lines = readFileSync('systemd/61-custodock.rules', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('are well formed, and jump to a label that is there', () => {
    const token = /^[A-Z]+(\{[\w/.-]+\})?(==|!=|=|\+=|:=)"[^"]*"$/;
    expect(lines.flatMap((line) => line.split(/,\s+/)).filter((text) => !token.test(text))).toEqual([]);
    const labels = lines.flatMap((line) => /LABEL="(\w+)"/.exec(line)?.[1] ?? []);
    expect(lines.flatMap((line) => /GOTO="(\w+)"/.exec(line)?.[1] ?? []).every((label) => labels.includes(label))).toBe(
      true,
    );
  });

  it('are the last word on who owns a device, whatever is installed beside the dock', () => {
    const owning = lines.filter((line) => /(GROUP|MODE)/.test(line));
    expect(owning).toHaveLength(2);
    expect(owning.filter((line) => !/GROUP:="\w+", MODE:="0660"$/.test(line))).toEqual([]);
  });

  it('keep off everything that would touch a docked camera or a cradle', () => {
    for (const mark of ['UDISKS_IGNORE', 'MTP_NO_PROBE', 'ID_MM_DEVICE_IGNORE']) {
      expect(
        lines.some((line) => line.includes(`ENV{${mark}}="1"`)),
        mark,
      ).toBe(true);
    }
  });
});
