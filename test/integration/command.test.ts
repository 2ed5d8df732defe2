import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { custodock } from '../../daemon/console/command.js';
import type { Surroundings } from '../../daemon/console/context.js';
import { ConsoleSocket } from '../../daemon/console/socket.js';
import type { EntryBody } from '../../daemon/custody/entry.js';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { ExitCode } from '../../daemon/runtime/exit.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { FakeView, sampleCheck } from '../support/fake-view.js';
import { KeptLog } from '../support/kept-log.js';
import { KeptTerminal } from '../support/kept-terminal.js';
import { tamperUnseen } from '../support/ledger-rig.js';
import { sampleBay, sampleStatus } from '../support/sample-status.js';

let directory: string;
let configFile: string;
let stateDir: string;
let runDir: string;
let terminal: KeptTerminal;
let view: FakeView;
let socket: ConsoleSocket | undefined;
let interrupt: AbortController;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'custodock-command-'));
  configFile = join(directory, 'config.yaml');
  stateDir = join(directory, 'state');
  runDir = join(directory, 'run');
  for (const folder of [stateDir, runDir]) await mkdir(folder);
  await writeConfig('en');
  terminal = new KeptTerminal();
  view = new FakeView();
  socket = undefined;
  interrupt = new AbortController();
});

afterEach(async () => {
  await socket?.close();
  await rm(directory, { recursive: true, force: true });
});

async function writeConfig(language: string): Promise<void> {
  const dock = `{ id: dock-1, bureau: east, language: ${language}, stateDir: ${stateDir}, runDir: ${runDir} }`;
  await writeFile(configFile, `version: 1\ndock: ${dock}\n`);
}

async function startDock(): Promise<void> {
  const path = join(runDir, 'console.sock');
  socket = new ConsoleSocket(view, { path, clock: systemClock, log: new KeptLog() });
  await socket.open();
}

function surroundings(changed: Partial<Surroundings> = {}): Surroundings {
  return {
    terminal,
    clock: systemClock,
    environment: {},
    version: '9.8.7',
    interruption: () => interrupt.signal,
    lookAtUsb: async () => null,
    run: async () => 75,
    demo: async () => 0,
    ...changed,
  };
}

/** Runs `custodock …` with the test's configuration. */
function command(text: string, changed: Partial<Surroundings> = {}): Promise<ExitCode> {
  return custodock([...text.split(' '), '--config', configFile], surroundings(changed));
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`it did not happen: ${terminal.text}${terminal.errors}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('custodock status', () => {
  it('shows the running dock, as text in lines of a file and as JSON', async () => {
    await startDock();
    expect(await command('status')).toBe(0);
    expect(terminal.text).toContain('1-1  green steady     ready');
    expect(terminal.text).not.toContain('\u001b');
    terminal.text = '';
    expect(await command('status --json')).toBe(0);
    expect(JSON.parse(terminal.text)).toEqual(sampleStatus);
    expect(terminal.errors).toBe('');
  });

  it('speaks the language of the configuration, unless told otherwise', async () => {
    await writeConfig('zh-CN');
    await startDock();
    await command('status');
    expect(terminal.text).toContain('可领用');
    terminal.text = '';
    await command('status --language en');
    expect(terminal.text).toContain('ready');
  });

  it('says that the dock is not running and what to do, exit 1', async () => {
    expect(await command('status')).toBe(1);
    expect(terminal.text).toBe('');
    expect(terminal.errors).toMatch(/^The dock is not running .*systemctl start custodock.*\[DOCK_NOT_RUNNING\]\n$/);
    await command('status --json');
    expect(JSON.parse(terminal.text)).toMatchObject({ error: { code: 'DOCK_NOT_RUNNING', retry: 'never' } });
  });

  it('says every problem of a wrong configuration, exit 78', async () => {
    await writeFile(configFile, 'version: 1\ndock: { id: "a b", bureau: east }\ncolour: red\n');
    expect(await command('status')).toBe(78);
    expect(terminal.errors.split('\n').filter((line) => line.includes('DOCK_CONFIG_')).length).toBe(2);
    expect(terminal.errors).toContain(`${configFile}:2:`);
  });
});

describe('custodock status --watch', () => {
  it('says in a file what changes, survives a restart of the dock, ends well when interrupted', async () => {
    await startDock();
    const watching = command('status --watch');
    await until(() => terminal.text.includes('1-2  offloading'));
    terminal.text = '';
    view.set({ bays: [sampleBay('1-1', { state: 'faulty', light: 'red-steady' })] });
    await until(() => terminal.text.includes('1-1  faulty'));
    expect(terminal.text.split('\n').filter((line) => line !== '')).toHaveLength(1);
    await socket?.close();
    await until(() => terminal.errors.includes('DOCK_NOT_RUNNING'));
    terminal.text = '';
    await startDock();
    await until(() => terminal.text.includes('1-1  faulty'));
    interrupt.abort();
    expect(await watching).toBe(0);
    expect(terminal.errors.match(/DOCK_NOT_RUNNING/g)).toHaveLength(1);
  });

  it('draws over itself on a terminal and gives the cursor back', async () => {
    terminal = new KeptTerminal(true);
    await startDock();
    const watching = command('status -w');
    await until(() => terminal.text.includes('bays 6'));
    view.set({ bays: [sampleBay('1-1')] });
    await until(() => terminal.text.includes('bays 1'));
    interrupt.abort();
    expect(await watching).toBe(0);
    expect(terminal.text.startsWith('\u001b[?25l')).toBe(true);
    expect(terminal.text.endsWith('\u001b[?25h')).toBe(true);
    expect(terminal.text.split('\u001b[H')).toHaveLength(3);
  });

  it('writes a JSON line for each state', async () => {
    await startDock();
    const watching = command('status --watch --json');
    await until(() => terminal.text.split('\n').length > 1);
    interrupt.abort();
    await watching;
    expect(JSON.parse(terminal.text.split('\n')[0] ?? '')).toEqual(sampleStatus);
  });

  it('does not wait for a dock that never was', async () => {
    expect(await command('status --watch')).toBe(1);
    expect(terminal.errors).toContain('DOCK_NOT_RUNNING');
  });
});

const offloaded: EntryBody<'recording.offloaded'> = {
  bay: '1-2',
  docking: 'd1',
  camera: 'DSJ0001235',
  path: 'video/DSJ_0001235.mp4',
  pathBytes: Buffer.from('video/DSJ_0001235.mp4').toString('base64'),
  sizeBytes: 1_234_567_890,
  modifiedMs: Date.UTC(2026, 2, 1, 9),
  recordingKind: 'video',
  important: true,
  named: { device: '0001235', user: '010023', startedLocal: '2026-03-01T09:15:00', encrypted: false },
  corrected: { startUtc: '2026-03-01T01:16:37.000Z', endUtc: null, errorMs: 1_200 },
  archivePath: '2026/03/01/DSJ0001235/DSJ_0001235.mp4',
  sha256: 'ab'.repeat(32),
  label: 'truncated',
  missing: [],
  sourceRead: 'direct',
  readBack: 'direct',
  resumedBytes: 0,
};

describe('registers', () => {
  it('lists entries of the ledger, the latest by default', async () => {
    await startDock();
    view.ledger.enter(
      { kind: 'recording.offloaded', body: offloaded },
      {
        kind: 'camera.refused',
        body: {
          bay: '1-3',
          docking: 'd2',
          claimed: 'X\u202e1',
          arrivedUtc: '2026-03-02T00:00:00.000Z',
          code: 'DOCK_CAMERA_TWIN',
          found: '1-2',
        },
      },
    );
    expect(await command('ledger list')).toBe(0);
    const [heading, first, second] = terminal.text.split('\n');
    expect(heading).toMatch(/^SEQ +ENTERED +KIND +BAY +CAMERA +DETAIL +LEAF$/);
    expect(first).toMatch(
      /^ +1 +2026-03-02 16:00:01 +recording\.offloaded +1-2 +DSJ0001235 +1\.23 GB truncated · video\/DSJ_0001235\.mp4/,
    );
    expect(second).toContain('X\\u{202e}1');
    terminal.text = '';
    await command('ledger list --from 2 --json');
    expect(JSON.parse(terminal.text)).toMatchObject([
      { seq: 2, leaf: view.ledger.head().leaf, entry: { kind: 'camera.refused' } },
    ]);
    expect(terminal.text).toContain('X\\u202e1');
  });

  it('lists recordings with their corrected times, marks and the way to the next page', async () => {
    await startDock();
    view.ledger.recordings = async (query) => {
      expect(query).toEqual({ limit: 1, camera: 'DSJ0001235', important: true, beforeSeq: 9 });
      return [
        {
          seq: 7,
          leaf: 'ab',
          enteredUtc: '2026-03-02T00:00:00.000Z',
          body: offloaded,
          erasingSeq: 8,
          erasedSeq: 9,
        },
      ];
    };
    expect(await command('recordings --camera DSJ0001235 --important --before 9 --limit 1')).toBe(0);
    expect(terminal.text).toContain(
      '7  2026-03-01 09:16:37  DSJ0001235  1-2  1.23 GB  important, truncated, erased on camera',
    );
    expect(terminal.text).toContain('2026/03/01/DSJ0001235/DSJ_0001235.mp4');
    expect(terminal.text).toContain('--before 7');
  });

  it('shows the usage ledger of M4: who, out since, back, what', async () => {
    await writeConfig('zh-CN');
    await startDock();
    view.ledger.dockings = async () => [
      {
        docking: 'd1',
        bay: '1-2',
        camera: 'DSJ0001235',
        broughtBy: '010023',
        outSinceUtc: '2026-03-01T00:30:00.000Z',
        arrivedUtc: '2026-03-01T10:02:00.000Z',
        leftUtc: null,
        takenBy: null,
        recordings: 12,
        bytes: 21_000_000_000,
        verdict: 'ready',
      },
    ];
    expect(await command('custody')).toBe(0);
    const [heading, row] = terminal.text.split('\n');
    expect(heading?.split(/ +/)).toEqual([
      '设备',
      '使用人员',
      '领用时间',
      '交回时间',
      '充电位',
      '记录数',
      '大小',
      '结论',
      '取出时间',
      '取出人员',
    ]);
    expect(row).toContain('2026-03-01 08:30  2026-03-01 18:02  1-2');
    expect(row).toContain('21.0 GB  可领用');
  });

  it('lets a bay flash', async () => {
    await startDock();
    expect(await command('identify 1-3')).toBe(0);
    expect(view.identified.get('1-3')).toBe(true);
    expect(await command('identify 9-9')).toBe(1);
    expect(terminal.errors).toContain('DOCK_CONSOLE_NO_BAY');
  });
});

describe('custodock ledger check', () => {
  it('asks the dock where it runs, and exits 1 with the evidence when it is broken', async () => {
    await startDock();
    expect(await command('ledger check')).toBe(0);
    expect(terminal.text).toContain('Checked by the running dock.');
    expect(terminal.text).toContain('Clean.');
    terminal.text = '';
    view.verdict = async () => ({
      ...sampleCheck,
      problem: { kind: 'edited', seq: 7, expected: phrase`leaf hash aa`, found: phrase`leaf hash bb` },
    });
    expect(await command('ledger check')).toBe(1);
    expect(terminal.text).toContain('BROKEN: entry 7 was changed after it was made');
    expect(terminal.text).toContain('expected leaf hash aa; found leaf hash bb');
    expect(terminal.text).toContain('→ Keep the disk as it is');
  });

  it('reads the file itself where the dock does not run (I5)', async () => {
    // The check runs on a thread, which needs built code.
    const built = (await import(new URL('../../dist/daemon/console/command.js', import.meta.url).href)) as {
      custodock: typeof custodock;
    };
    const file = join(stateDir, 'ledger.db');
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
    for (let n = 0; n < 20; n++) await ledger.append({ kind: 'dock.stopped', body: { reason: `number ${n}` } });
    const { leaf } = ledger.head();
    await ledger.close();
    const check = (): Promise<ExitCode> => built.custodock(['ledger', 'check', '--config', configFile], surroundings());
    expect(await check()).toBe(0);
    expect(terminal.text).toContain('The dock is not running; the file was checked as it lies.');
    expect(terminal.text).toContain(`Clean. Head 20:${leaf}`);

    await tamperUnseen(
      file,
      `UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'number 7', 'number 8') AS BLOB) WHERE seq = 8;`,
    );
    terminal.text = '';
    expect(await check()).toBe(1);
    expect(terminal.text).toContain('BROKEN: entry 8 was changed after it was made');
  });

  it('says so when there is no ledger', async () => {
    expect(await command('ledger check')).toBe(1);
    expect(terminal.errors).toMatch(/DOCK_LEDGER_/);
  });
});

describe('custodock config', () => {
  it('checks a file, exit 78 with every problem in place', async () => {
    expect(await command('config check')).toBe(0);
    expect(terminal.text).toContain('nothing wrong');
    await writeFile(configFile, 'version: 1\ndock: { id: dock-1, bureau: east }\nmedia: { rescanMs: 5 }\ncradles: 7\n');
    terminal.text = '';
    expect(await command('config check')).toBe(78);
    expect(terminal.text).toContain(`${configFile}:3:`);
    expect(terminal.text).toContain('2 problems');
    terminal.text = '';
    expect(await command('config check --json')).toBe(78);
    const check = JSON.parse(terminal.text) as { problems: { option: string; line: number; code: string }[] };
    expect(check.problems.map(({ option, line }) => [option, line])).toEqual([
      ['media.rescanMs', 3],
      ['cradles', 4],
    ]);
  });

  it('gives an example that it accepts itself, and a schema', async () => {
    expect(await command('config example')).toBe(0);
    expect(parseConfig(terminal.text, 'example').ok).toBe(true);
    terminal.text = '';
    expect(await command('config schema')).toBe(0);
    expect(JSON.parse(terminal.text)).toMatchObject({ title: 'Custodock configuration', type: 'object' });
  });

  it('has nothing to migrate in a current file', async () => {
    const before = await readFile(configFile, 'utf8');
    expect(await command('config migrate')).toBe(0);
    expect(terminal.text).toContain('has the current version');
    expect(await readFile(configFile, 'utf8')).toBe(before);
  });
});

describe('custodock', () => {
  it('hands run and demo to the process, with their exit codes', async () => {
    expect(await command('run', { run: async ({ configFile: file }) => (file === configFile ? 75 : 70) })).toBe(75);
    const demo: Surroundings['demo'] = async ({ once, media }, language) => {
      expect([once, media, language]).toEqual([true, ['/footage'], 'zh-CN']);
      return 1;
    };
    expect(await command('demo --once --media /footage', { demo, environment: { LANG: 'zh_CN.UTF-8' } })).toBe(1);
  });

  it('says what is wrong with the arguments, exit 64', async () => {
    expect(await command('status --frobnicate')).toBe(64);
    expect(terminal.errors).toBe('There is no option --frobnicate.\nSee: custodock help\n');
    terminal.errors = '';
    expect(await command('status --frobnicate', { environment: { LANG: 'zh_CN.UTF-8' } })).toBe(64);
    expect(terminal.errors).toBe('没有 --frobnicate 选项。\n请参阅：custodock help\n');
  });

  it('says its version', async () => {
    expect(await command('version')).toBe(0);
    expect(terminal.text).toBe('custodock 9.8.7\n');
  });

  it('exits 70 with the place where it comes from when nobody expected an error', async () => {
    const run = async (): Promise<ExitCode> => {
      throw new TypeError('undefined is not a camera');
    };
    expect(await command('run', { run })).toBe(70);
    expect(terminal.errors).toMatch(/undefined is not a camera[\s\S]+command\.test\.ts/);
  });
});
