/** `custodock bays map`: the technician's walk, with what he types and plugs in scripted, on a tree that looks like /sys. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { custodock } from '../../daemon/console/command.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { ExitCode } from '../../daemon/runtime/exit.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { lookAtUsb } from '../../drivers/usb/devices.js';
import { FakeUsb, ptpInterface } from '../support/fake-usb.js';
import { KeptTerminal } from '../support/kept-terminal.js';

const xhci = 'pci0000:00/0000:00:14.0';
/** Twenty times as fast as the machine's. */
const hastyClock: Clock = {
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * 20,
  timer: (name, delayMs, fire) => systemClock.timer(name, delayMs / 20, fire),
};

let folder: string;
let file: string;
let usb: FakeUsb;
let terminal: KeptTerminal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodock-map-'));
  file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `# of the dock in the hall
version: 1
dock: { id: d, bureau: b, language: en }
cradles:
  - name: "1"
    line: { serial: /dev/serial/by-path/x } # the grey cable
    bays:
      - slot: 1 # by the door
        port: 1-9 # a guess
      - { slot: 2 }
  - name: "3"
    line: { usb: true }
    bays:
      - slot: 1
        port: 1-8
`,
    { mode: 0o640 },
  );
  usb = new FakeUsb();
  usb.controller(xhci, { usb2: 1, usb3: 2 }, 4);
  usb.plug('1-1', { ports: 4 });
  usb.plug('2-1', { ports: 4 }, '5000');
  usb.peer('1-1', '2-1', 4);
  // Sits on the desk, and is no camera.
  usb.plug('1-4', { interfaces: [{ classCode: 3 }] });
  terminal = new KeptTerminal();
});
afterEach(async () => {
  usb.remove();
  await rm(folder, { recursive: true });
});

function map(...args: readonly string[]): Promise<ExitCode> {
  return custodock(['bays', 'map', '--config', file, ...args], {
    terminal,
    clock: hastyClock,
    environment: {},
    version: '0',
    interruption: () => new AbortController().signal,
    lookAtUsb: () => lookAtUsb(systemClock, usb.sysfs),
    run: async () => 70,
    demo: async () => 70,
  });
}

const camera = { maker: 'Ex\u001bample', product: 'DSJ', interfaces: [ptpInterface] };
/** The camera goes from where it was to this port, and Enter is pressed. */
const put = (portPath: string, from?: string) => (): string => {
  if (from !== undefined) usb.unplug(from);
  usb.plug(portPath, camera, portPath.startsWith('2') ? '5000' : '480');
  return '';
};
async function ports(): Promise<(string | undefined)[]> {
  const loaded = parseConfig(await readFile(file, 'utf8'), file);
  if (!loaded.ok) throw new Error('the file is broken');
  return loaded.config.cradles.flatMap(({ bays }) => bays.map(({ port }) => port));
}

describe('custodock bays map', () => {
  it('finds the port of each bay by what came, and writes nothing else (I7)', async () => {
    terminal.typed = [put('1-1.2'), put('2-1.3', '1-1.2'), put('1-2', '2-1.3')];
    expect(await map()).toBe(0);
    expect(await ports()).toEqual([`1.2@${xhci}`, `1.3@${xhci}`, `2@${xhci}`]);
    const text = await readFile(file, 'utf8');
    for (const kept of ['# of the dock in the hall', '# the grey cable', '# by the door', '# a guess']) {
      expect(text).toContain(kept);
    }
    expect(await readFile(`${file}.before-bays-map`, 'utf8')).toContain('port: 1-9 # a guess');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toHaveLength(2);
    expect(terminal.text).toContain('Bay 1-1 (now 1-9): put a camera in and press Enter');
    expect(terminal.text).toContain(`Bay 1-1 is at 1.2@${xhci} (Ex\\u{1b}ample DSJ).`);
    expect(terminal.text).toContain('3 bays written');
    expect(terminal.text).not.toContain('\u001b');
  });

  it('asks again where nothing came, where several came, and at a port that is another bay already', async () => {
    const two = (): string => {
      usb.plug('1-1.1', camera);
      usb.plug('1-1.4', camera);
      return '';
    };
    const again = (portPath: string) => (): string => {
      usb.reenumerate(portPath, camera);
      return '';
    };
    terminal.typed = ['', two, again('1-1.1'), again('1-1.1'), again('1-1.4'), 's'];
    expect(await map()).toBe(0);
    expect(terminal.text).toContain('Nothing new was seen');
    expect(terminal.text).toContain(`Several came at once: 1.1@${xhci}, 1.4@${xhci}`);
    expect(terminal.text).toContain('That was the port of bay 1-1');
    expect(await ports()).toEqual([`1.1@${xhci}`, `1.4@${xhci}`, '1-8']);
  });

  it('takes a camera with a hub inside for one, at the port of its hub', async () => {
    terminal.typed = [
      () => {
        usb.plug('1-1.3', { ports: 2 });
        usb.plug('1-1.3.1', camera);
        usb.plug('1-1.3.2', { interfaces: [{ classCode: 8 }] });
        return '';
      },
      's',
      's',
    ];
    expect(await map()).toBe(0);
    expect((await ports())[0]).toBe(`1.3@${xhci}`);
  });

  it('writes nothing when it is ended before its end', async () => {
    const before = await readFile(file, 'utf8');
    terminal.typed = [put('1-1.2'), 'q'];
    expect(await map()).toBe(1);
    terminal.typed = [put('1-1.3')];
    expect(await map()).toBe(1);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(folder)).toHaveLength(1);
    expect(terminal.text).toContain('nothing was written');
  });

  it('writes nothing that could not be loaded, and not over a file that was changed meanwhile', async () => {
    const conflicting = (await readFile(file, 'utf8')).replace('port: 1-8', `port: 1.2@${xhci}`);
    await writeFile(file, conflicting);
    terminal.typed = [put('1-1.2'), 's', 's'];
    expect(await map()).toBe(1);
    expect(terminal.errors).toContain('DOCK_BAYS_CONFLICT');
    expect(await readFile(file, 'utf8')).toBe(conflicting);
    usb.unplug('1-1.2');
    terminal.typed = [
      put('1-1.2'),
      's',
      async () => {
        await writeFile(file, `${conflicting}# edited\n`);
        return put('1-1.3', '1-1.2')();
      },
    ];
    expect(await map()).toBe(1);
    expect(terminal.errors).toContain('DOCK_BAYS_NOT_WRITTEN');
    expect(await readFile(file, 'utf8')).toBe(`${conflicting}# edited\n`);
  });

  it('answers in JSON, and asks beside it', async () => {
    terminal.typed = [put('1-1.2'), 's', 's'];
    expect(await map('--json')).toBe(0);
    expect(JSON.parse(terminal.text)).toEqual({
      file,
      finished: true,
      backup: `${file}.before-bays-map`,
      bays: [
        { bay: '1-1', before: '1-9', port: `1.2@${xhci}` },
        { bay: '1-2', before: null, port: null },
        { bay: '3-1', before: '1-8', port: '1-8' },
      ],
    });
    expect(terminal.errors).toContain('Bay 1-1');
  });

  it('speaks Chinese, and says what is missing', async () => {
    terminal.typed = ['q'];
    expect(await map('--language', 'zh-CN')).toBe(1);
    expect(terminal.text).toContain('充电位 1-1（当前 1-9）');
    await rm(usb.sysfs, { recursive: true });
    expect(await map('--language', 'zh-CN')).toBe(1);
    expect(terminal.errors).toContain('DOCK_USB_ABSENT');
    await writeFile(file, 'version: 1\ndock: { id: d, bureau: b }\n');
    expect(await map('--language', 'en')).toBe(1);
    expect(terminal.errors).toContain('DOCK_BAYS_NONE');
  });
});
