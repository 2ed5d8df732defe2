import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load.js';
import { listDisks } from '../../daemon/console/disks.js';
import {
  type Check,
  doctorExitCode,
  type Finding,
  type Patient,
  runChecks,
} from '../../daemon/console/doctor/check.js';
import type { examine as Examine } from '../../daemon/console/doctor/doctor.js';
import { doctorView } from '../../daemon/console/doctor/doctor-view.js';
import { plainText } from '../../daemon/console/line.js';
import { ConsoleSocket } from '../../daemon/console/socket.js';
import { openLedger } from '../../daemon/custody/open.js';
import { headLine, ownerLine, partKey } from '../../daemon/offload/checkpoints.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { lookAtUsb } from '../../drivers/usb/devices.js';
import { FakeUsb, storageInterface } from '../support/fake-usb.js';
import { FakeView } from '../support/fake-view.js';
import { KeptLog } from '../support/kept-log.js';
import { tamperUnseen } from '../support/ledger-rig.js';
import { type Certificates, freePort, Mosquitto, makeCertificates } from '../support/mosquitto.js';

// The list of disks comes from a process of its own, which needs built code.
const built = (file: string): URL => new URL(`../../dist/${file}`, import.meta.url);
const { examine } = (await import(built('daemon/console/doctor/doctor.js').href)) as { examine: typeof Examine };

function hastyClock(times: number): Clock {
  return {
    wallMs: () => systemClock.wallMs(),
    monotonicMs: () => systemClock.monotonicMs() * times,
    timer: (name, delayMs, fire) => systemClock.timer(name, delayMs / times, fire),
  };
}

let directory: string;
let root: string;
let cradle: Server;
let cradlePort: number;
let configFile: string;
const at = (name: string): string => join(directory, name);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custodock-doctor-'));
  root = at('machine');
  configFile = at('config.yaml');
  for (const folder of ['state', 'run', 'media', 'archive']) await mkdir(at(folder), { mode: 0o750 });
  cradle = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => cradle.listen(0, '127.0.0.1', resolve));
  const address = cradle.address();
  cradlePort = address !== null && typeof address === 'object' ? address.port : 0;
  await makeMachine();
  await writeConfig();
});

afterEach(async () => {
  await new Promise((resolve) => cradle.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

/** The places of a machine on which Custodock is installed. */
async function makeMachine(): Promise<void> {
  for (const folder of [
    'etc/systemd/system/multi-user.target.wants',
    'etc/udev/rules.d',
    'run/systemd/system',
    'run/systemd/journal',
    'run/udev',
    'proc/self',
  ]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'etc/systemd/system/custodock.service'), '[Unit]\n');
  await symlink('../custodock.service', join(root, 'etc/systemd/system/multi-user.target.wants/custodock.service'));
  await writeFile(join(root, 'etc/udev/rules.d/61-custodock.rules'), '');
  await writeFile(
    join(root, 'proc/self/mountinfo'),
    `36 35 8:17 / ${at('media')}/1-1.3 ro,noexec,nosuid,nodev - vfat /dev/sdb1 ro\n`,
  );
}

async function writeConfig(
  extra = '',
  changed: { dock?: string; archive?: string; media?: string } = {},
): Promise<void> {
  await writeFile(
    configFile,
    `version: 1
dock: { id: ${changed.dock ?? 'dock-1'}, bureau: east, language: en, stateDir: ${at('state')}, runDir: ${at('run')} }
media: { root: ${changed.media ?? at('media')} }
clock: { trust: [operator] }
archive: { path: ${changed.archive ?? at('archive')}, reserveBytes: 0 }
cradles:
  - { name: '1', unit: 1, line: { tcp: '127.0.0.1:${cradlePort}' }, bays: [{ slot: 1 }] }
${extra}`,
  );
}

async function patient(changed: Partial<Patient> = {}): Promise<Patient> {
  const loaded = await loadConfig(configFile);
  return {
    clock: systemClock,
    environment: { UV_THREADPOOL_SIZE: '64' },
    language: 'en',
    configFile,
    config: loaded.ok ? loaded.config : null,
    root,
    ...changed,
  };
}

async function findings(changed: Partial<Patient> = {}): Promise<Map<string, Finding>> {
  const results = await examine(await patient(changed));
  return new Map(results.map((result) => [result.name, result]));
}

async function withDock<T>(work: () => Promise<T>): Promise<T> {
  const socket = new ConsoleSocket(new FakeView(), {
    path: at('run/console.sock'),
    clock: systemClock,
    log: new KeptLog(),
  });
  await socket.open();
  try {
    return await work();
  } finally {
    await socket.close();
  }
}

describe('the doctor', () => {
  it('finds nothing wrong with a sound set-up, exit 0', async () => {
    const journal = createServer();
    const notify = createServer();
    await new Promise<void>((resolve) => journal.listen(join(root, 'run/systemd/journal/socket'), resolve));
    await new Promise<void>((resolve) => notify.listen(join(root, 'run/systemd/notify'), resolve));
    const results = await withDock(async () => examine(await patient()));
    await Promise.all([journal, notify].map((server) => new Promise((resolve) => server.close(resolve))));
    const bad = results.filter(
      ({ verdict, what }) => verdict !== 'ok' && verdict !== 'skipped' && what !== 'disks' && what !== 'archive',
    );
    expect(bad).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'skipped').map(({ name }) => name)).toEqual([
      'ledger',
      'broker',
      'certificates',
      'usb',
    ]);
    expect(doctorExitCode(results)).toBe(0);
    expect(results.find(({ what }) => what === 'media')?.found).toContain('1-1.3 vfat ro,noexec,nosuid,nodev');
    expect(results.find(({ what }) => what === 'disks')?.found).toMatch(/\d+ %/);
  });

  it('names parts that nobody has gone on with for a week, with camera and recording (decision 0048)', async () => {
    const parts = join(at('archive'), '.parts');
    await mkdir(parts, { recursive: true });
    const recording = {
      path: Buffer.from('video/long.mp4'),
      displayPath: 'video/long.mp4',
      sizeBytes: 9_000_000,
      modifiedMs: 1_790_000_000_000,
      kind: 'video',
      important: true,
    } as const;
    const key = partKey({ camera: 'C0007', ...recording });
    const put = async (name: string, days: number, text = 'x'): Promise<void> => {
      await writeFile(join(parts, name), text);
      const then = new Date(systemClock.wallMs() - days * 86_400_000);
      await utimes(join(parts, name), then, then);
    };
    try {
      await put('0123.part', 2);
      expect((await findings()).get('parts')).toMatchObject({ verdict: 'ok', todo: null });
      await put(`${key}.part`, 9);
      await put(`${key}.notes`, 9, `${headLine(key, 1n)}\n${ownerLine('C0007', recording)}\n`);
      await put('4567.part', 30);
      const found = (await findings()).get('parts');
      expect(found).toMatchObject({ verdict: 'warn' });
      expect(found?.found).toContain('3 parts');
      expect(found?.found).toContain('4567 of camera ?, for 30 days; video/long.mp4 of camera C0007, for 9 days');
      expect(found?.todo).toContain('2 copies');
    } finally {
      await rm(parts, { recursive: true });
    }
  });

  it('does not count parts where there is no archive', async () => {
    await rename(at('archive'), at('elsewhere'));
    expect((await findings()).get('parts')).toMatchObject({ verdict: 'skipped' });
  });

  it('finds everything that is wrong with a broken one, and says what to do about each, exit 75', async () => {
    const closed = await freePort();
    await writeConfig(
      `  - { name: '2', unit: 1, line: { tcp: '127.0.0.1:${closed}' }, bays: [{ slot: 1 }] }
  - { name: '3', unit: 1, line: { serial: ${at('nothing')} }, bays: [{ slot: 1 }] }
  - { name: '4', unit: 1, line: { serial: ${configFile} }, bays: [{ slot: 1 }] }
central: { url: 'mqtts://127.0.0.1:${closed}', caFile: ${at('no-ca.pem')} }
`,
      { archive: at('no-archive'), media: at('no-media') },
    );
    await chmod(at('state'), 0o755);
    await rm(at('run'), { recursive: true });
    await rm(root, { recursive: true });
    await mkdir(join(root, 'run/systemd/system'), { recursive: true });
    await mkdir(join(root, 'run/udev'));
    const results = await examine(await patient({ environment: {}, clock: systemClock }));
    const verdicts = Object.fromEntries(results.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts).toMatchObject({
      configuration: 'ok',
      [`cradle 127.0.0.1:${cradlePort}`]: 'ok',
      [`cradle 127.0.0.1:${closed}`]: 'fail',
      [`serial ${at('nothing')}`]: 'fail',
      [`serial ${configFile}`]: 'fail',
      archive: 'fail',
      state: 'warn',
      'run-dir': 'fail',
      media: 'fail',
      broker: 'fail',
      certificates: 'fail',
      threads: 'warn',
      unit: 'warn',
      udev: 'warn',
      journal: 'warn',
      dock: 'warn',
    });
    for (const { verdict, todo, found } of results) {
      expect(found).not.toBe('');
      if (verdict === 'fail' || verdict === 'warn') expect(todo).toBeTruthy();
    }
    expect(doctorExitCode(results)).toBe(75);
    for (const language of ['en', 'zh-CN'] as const) {
      const lines = doctorView(results, { language, columns: 80, timeZone: 'UTC', symbols: false }).map(plainText);
      expect(lines.join('\n')).not.toMatch(/\{\w+\}|undefined/);
    }
  });

  it('says of a dock that does not answer why, and what helps against it, in the words of the operator', async () => {
    await writeConfig();
    const dock = async (): Promise<unknown> =>
      (await examine(await patient({ language: 'zh-CN' }))).find(({ what }) => what === 'dock');
    const socket = at('run/console.sock');
    expect(await dock()).toMatchObject({
      verdict: 'warn',
      found: `采集站未运行：${socket}`,
      todo: expect.stringContaining('systemctl start custodock'),
    });
    // Somebody else's, who hangs up at once: starting the dock is no help.
    const rude = createServer((connection) => connection.destroy());
    await new Promise<void>((resolve) => rude.listen(socket, resolve));
    const found = await dock();
    await new Promise((resolve) => rude.close(resolve));
    expect(found).toMatchObject({ found: expect.stringMatching(/^\p{Script=Han}.*：\//u) });
    expect(found).toMatchObject({ todo: expect.not.stringContaining('systemctl start') });
  });

  it('says first that the configuration is wrong, checks what can be checked without it, exit 78', async () => {
    await writeFile(configFile, 'version: 1\ndock: { id: dock-1 }\ncradles: 5\n');
    const results = await examine(await patient());
    expect(results[0]).toMatchObject({ name: 'configuration', verdict: 'fail' });
    expect(results[0]?.found).toContain(`${configFile}:`);
    expect(results[0]?.found).toContain('and 1 more');
    expect(results.map(({ name }) => name)).toContain('disks');
    expect(results.map(({ name }) => name)).not.toContain('archive');
    expect(doctorExitCode(results)).toBe(78);
  });

  it('warns of cards that are mounted writable (I1)', async () => {
    const row = `37 35 8:18 / ${at('media')}/1-1.4 rw,nosuid - exfat /dev/sdc1 rw\n38 35 8:19 / /elsewhere rw - ext4 /dev/sdd rw\n`;
    await appendFile(join(root, 'proc/self/mountinfo'), row);
    const media = (await findings()).get('media');
    expect(media).toMatchObject({ verdict: 'warn', todo: expect.stringContaining(`${at('media')}/1-1.4`) });
    expect(media?.todo).not.toContain('/elsewhere');
  });

  it('a card that the media helper will not mount, and why', async () => {
    const refused = [{ port: '1-1.2', state: 'refused', reason: 'damaged', found: 'FAT of 9 bytes' }];
    await writeFile(at('media/.ports.json'), JSON.stringify(refused));
    expect((await findings()).get('media')).toMatchObject({
      verdict: 'warn',
      todo: expect.stringContaining('1-1.2 (damaged: FAT of 9 bytes)'),
    });
  });

  it('knows a sound ledger from a cut one and from that of another dock (I5)', async () => {
    const file = at('state/ledger.db');
    const { ledger } = await openLedger({
      file,
      dock: 'dock-1',
      clock: systemClock,
      entryClock: () => ({
        utc: '2026-03-02T00:00:00.000Z',
        boot: 'b',
        monotonicMs: 1,
        trusted: true,
        source: 'operator',
        errorMs: null,
      }),
    });
    await ledger.append(
      { kind: 'dock.stopped', body: { reason: 'one' } },
      { kind: 'dock.stopped', body: { reason: 'two' } },
    );
    await ledger.close();
    expect((await findings()).get('ledger')).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining('entry 2'),
    });
    await writeConfig('', { dock: 'dock-2' });
    expect((await findings()).get('ledger')).toMatchObject({
      verdict: 'fail',
      found: 'it belongs to dock-1, not dock-2',
    });
    await writeConfig();
    await tamperUnseen(file, 'DELETE FROM entries WHERE seq = 2');
    expect((await findings()).get('ledger')).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('the end of the ledger is missing'),
    });
    await writeFile(file, 'no database at all, but long enough to be looked at as one');
    expect((await findings()).get('ledger')).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('the file itself is damaged'),
    });
  });

  it('knows a serial port that is there', async () => {
    // The multiplexer of pseudo-terminals is a port of the tty subsystem on every Linux.
    const terminal = '/dev/ptmx';
    await writeConfig(`  - { name: '2', unit: 1, line: { serial: ${terminal} }, bays: [{ slot: 1 }] }\n`);
    expect((await findings()).get(`serial ${terminal}`)).toMatchObject({ verdict: 'ok' });
  });

  it('says who holds a serial port', async () => {
    // proc(5) as the kernel shows it, with a rival that has the port open.
    await mkdir(join(root, 'proc/812/fd'), { recursive: true });
    await writeFile(join(root, 'proc/812/comm'), 'ModemManager\n');
    await symlink('/dev/ptmx', join(root, 'proc/812/fd/7'));
    await writeConfig(`  - { name: '2', unit: 1, line: { serial: /dev/ptmx }, bays: [{ slot: 1 }] }\n`);
    expect((await findings()).get('serial /dev/ptmx')).toMatchObject({
      verdict: 'warn',
      found: '/dev/ptmx, open in ModemManager (812)',
    });
  });
});

describe('checks', () => {
  const check = (name: Check['what'], run: Check['run'], area: Check['area'] = 'software'): Check => ({
    what: name,
    area,
    deadlineMs: 1_000,
    run,
  });

  it('do not stop each other, whether they hang or break', async () => {
    const results = await runChecks(
      [
        check('disks', () => new Promise(() => undefined)),
        check('node', async () => {
          throw new Error('broken');
        }),
        check('usb', async () => ({ verdict: 'ok', found: 'fine', todo: null })),
      ],
      await patient({ clock: hastyClock(20) }),
    );
    expect(results.map(({ verdict, found }) => [verdict, found])).toEqual([
      ['fail', 'no answer within 1 s'],
      ['fail', 'broken'],
      ['ok', 'fine'],
    ]);
  });

  it('exit by what explains most', () => {
    const result = (area: Check['area'], verdict: Finding['verdict']) =>
      ({ name: 'x', what: 'node', area, verdict, found: 'x', todo: null, tookMs: 0 }) as const;
    const software = result('software', 'fail');
    const hardware = result('hardware', 'fail');
    expect(doctorExitCode([result('hardware', 'warn'), result('configuration', 'skipped')])).toBe(0);
    expect(doctorExitCode([software])).toBe(1);
    expect(doctorExitCode([software, hardware])).toBe(75);
    expect(doctorExitCode([software, hardware, result('configuration', 'fail')])).toBe(78);
  });
});

describe('the way to the centre', () => {
  let good: Certificates;
  let other: Certificates;

  beforeAll(async () => {
    [good, other] = await Promise.all([makeCertificates(), makeCertificates({ serverDays: -1 })]);
  });
  afterAll(async () => {
    for (const { directory: folder } of [good, other]) await rm(folder, { recursive: true, force: true });
  });

  const central = (port: number, certificates: Certificates, key = certificates.clientKeyFile): string =>
    `central:
  url: mqtts://127.0.0.1:${port}
  caFile: ${certificates.caFile}
  certFile: ${certificates.clientCertFile}
  keyFile: ${key}
`;

  it('is tried up to the TLS handshake with the certificates of the dock', async () => {
    for (const { clientKeyFile } of [good, other]) await chmod(clientKeyFile, 0o600);
    const broker = await Mosquitto.start({ certificates: good });
    try {
      await writeConfig(central(broker.port, good));
      const found = await findings();
      // The test's certificates are good for two days: that is soon.
      expect(found.get('broker')).toMatchObject({ verdict: 'warn', found: expect.stringMatching(/good for \d days/) });
      expect(found.get('certificates')).toMatchObject({
        verdict: 'warn',
        found: expect.stringMatching(/good for \d days/),
      });
      await writeConfig(central(broker.port, other));
      expect((await findings()).get('broker')).toMatchObject({ verdict: 'fail' });
      await writeConfig(central(broker.port, good, other.clientKeyFile));
      expect((await findings()).get('certificates')).toMatchObject({
        verdict: 'fail',
        found: expect.stringContaining('is not the key of the certificate'),
      });
    } finally {
      await broker.stop();
    }
  });

  it('tells certificates that ended, and those that only a wrong clock makes look early', async () => {
    await writeConfig(central(1, good));
    const later: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + 5 * 86_400_000 };
    const earlier: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() - 5 * 86_400_000 };
    expect((await findings({ clock: later })).get('certificates')).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('ended'),
    });
    expect((await findings({ clock: earlier })).get('certificates')).toMatchObject({
      verdict: 'fail',
      todo: expect.stringContaining("Check the dock's clock first"),
    });
  });

  it('gives up on a broker that takes the connection and says nothing', async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await writeConfig(central(port, good));
    // Not faster: two deadlines a second apart have to end in their order on a busy machine too.
    expect((await findings({ clock: hastyClock(4) })).get('broker')).toMatchObject({
      verdict: 'fail',
      found: `127.0.0.1:${port}: no answer within 4 s`,
    });
    mute.close();
  });
});

describe('the list of disks', () => {
  const worker = built('daemon/console/disks-worker.js');
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });

  async function withDf(script: string): Promise<void> {
    await mkdir(at('bin'));
    await writeFile(at('bin/df'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env['PATH'] = `${at('bin')}:${path}`;
  }

  it('does not wait for a df that hangs on a mount', async () => {
    await withDf(`echo $$ > ${at('pid')}; exec sleep 30`);
    expect(await listDisks(systemClock, 1_000, worker)).toEqual({ kind: 'late' });
    // It still hangs: there is somebody to end.
    process.kill(Number(execFileSync('cat', [at('pid')]).toString()), 'SIGKILL');
  });

  it('shows nothing of a mount as it is (I11)', async () => {
    await withDf(`printf 'Filesystem x\\n/dev/sdb1 10 5 5 50%% /media/\\033[2J\\n/dev/sdc1 10 10 0 100%% /full\\n'`);
    expect(await listDisks(systemClock, 5_000, worker)).toEqual({
      kind: 'disks',
      disks: [
        { device: '/dev/sdb1', mounted: '/media/\\u{1b}[2J', usedPercent: 50 },
        { device: '/dev/sdc1', mounted: '/full', usedPercent: 100 },
      ],
    });
  });

  it('says that df failed', async () => {
    await withDf('exit 3');
    const listed = await listDisks(systemClock, 5_000, worker);
    expect(listed.kind).not.toBe('late');
  });
});

describe('USB devices', () => {
  it('are none on a machine without USB, without a word on its console', async () => {
    expect(await lookAtUsb(systemClock, join(root, 'sys'))).toBeNull();
  });

  it('are listed by their place, from what the kernel shows', async () => {
    const usb = new FakeUsb();
    usb.controller('platform/dummy_hcd.0', { usb2: 3 }, 1);
    usb.plug('3-1', { vendorId: 0x4255, productId: 1, interfaces: [storageInterface] });
    expect((await lookAtUsb(systemClock, usb.sysfs))?.devices).toMatchObject([
      { portPath: '3-1', vendorId: 0x4255, productId: 1 },
    ]);
    usb.remove();
  });
});
