/** The configuration: what is wrong is named with its place, all at once, and never applied. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configDifference } from '../../config/difference.js';
import { parseYaml } from '../../config/document.js';
import { LiveConfig } from '../../config/live.js';
import { type LoadedConfig, parseConfig } from '../../config/load.js';
import type { MigrationStep } from '../../config/migrate.js';
import type { Config } from '../../config/schema.js';

const file = '/etc/custodock/config.yaml';
const good = `version: 1
dock:
  id: dock-01
  bureau: b
cradles:
  - name: "1"
    unit: 1
    line: { serial: /dev/serial/by-path/a }
    bays:
      - slot: 1
      - slot: 2
cameras:
  - id: C1
  - id: C2
`;

function hub(bays: string): string {
  return `version: 1\ndock: { id: d, bureau: b }\ncradles: [{ name: h, line: { usb: true }, bays: [${bays}] }]\n`;
}

function problems(text: string): string[] {
  const loaded = parseConfig(text, file);
  return loaded.ok
    ? []
    : loaded.problems.map(({ place, option, error }) => `${place.line}:${place.column} ${option} ${error.code}`);
}

function messages(text: string): string {
  const loaded = parseConfig(text, file);
  return loaded.ok ? '' : loaded.problems.map(({ error }) => error.message).join('\n');
}

function config(text: string): Config {
  const loaded = parseConfig(text, file);
  if (!loaded.ok) throw new Error(messages(text));
  return loaded.config;
}

describe('a good file', () => {
  it('is loaded with every default', () => {
    const loaded = config(good);
    expect(loaded.readiness).toMatchObject({ batteryPercent: 90, recordingMinutes: 480 });
    expect(loaded.cradles[0]?.bays[1]).toEqual({ slot: 2, priority: false });
    expect(loaded.central).toBeUndefined();
  });

  it('may leave the options of a section commented out', () => {
    expect(config(`${good}media:\n  # root: /mnt\nlog:\n`).media.root).toBe('/run/custodock/media');
  });

  it('may begin with a byte order mark and use Windows line ends', () => {
    expect(problems(`\uFEFF${good.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });
});

describe('a file that is wrong in every field', () => {
  const wrong = `version: 1
dock:
  id: "bad name"
  langage: en
  language: fr
  timeZone: Mars/Olympus
  stateDir: relative
media: 7
cradles:
  - name: "1"
    unit: 300
    line: { serial: ttyUSB0, baud: 1200 }
    bays: []
  - name: "2"
    unit: one
    line: { udp: a }
    bays:
      - slot: 99
        port: "../x"
cameras:
  - id: 7001234
    category: drone
readiness:
  batteryPercent: 101
clock:
  trust: []
archive:
  reserveBytes: -1
offload:
  threads: 1.5
  erase: always
central:
  url: http://x
log:
  level: loud
extra: 1
`;

  it('names each fault with its line and column, in the order of the file', () => {
    expect(problems(wrong)).toEqual([
      '3:3 dock.bureau DOCK_CONFIG_MISSING',
      '3:7 dock.id DOCK_CONFIG_INVALID',
      '4:3 dock.langage DOCK_CONFIG_UNKNOWN',
      '5:13 dock.language DOCK_CONFIG_INVALID',
      '6:13 dock.timeZone DOCK_CONFIG_INVALID',
      '7:13 dock.stateDir DOCK_CONFIG_INVALID',
      '8:8 media DOCK_CONFIG_INVALID',
      '11:11 cradles[0].unit DOCK_CONFIG_INVALID',
      '12:21 cradles[0].line.serial DOCK_CONFIG_INVALID',
      '12:36 cradles[0].line.baud DOCK_CONFIG_INVALID',
      '13:11 cradles[0].bays DOCK_CONFIG_INVALID',
      '15:11 cradles[1].unit DOCK_CONFIG_INVALID',
      '16:11 cradles[1].line.serial DOCK_CONFIG_MISSING',
      '16:13 cradles[1].line.udp DOCK_CONFIG_UNKNOWN',
      '18:15 cradles[1].bays[0].slot DOCK_CONFIG_INVALID',
      '19:15 cradles[1].bays[0].port DOCK_CONFIG_INVALID',
      '21:9 cameras[0].id DOCK_CONFIG_INVALID',
      '22:15 cameras[0].category DOCK_CONFIG_INVALID',
      '24:19 readiness.batteryPercent DOCK_CONFIG_INVALID',
      '26:10 clock.trust DOCK_CONFIG_INVALID',
      '28:17 archive.reserveBytes DOCK_CONFIG_INVALID',
      '30:12 offload.threads DOCK_CONFIG_INVALID',
      '31:10 offload.erase DOCK_CONFIG_INVALID',
      '33:8 central.url DOCK_CONFIG_INVALID',
      '35:10 log.level DOCK_CONFIG_INVALID',
      '36:1 extra DOCK_CONFIG_UNKNOWN',
    ]);
  });

  it('says what was expected, what was found and what to do', () => {
    const text = messages(wrong);
    expect(text).toContain(
      `DOCK_CONFIG_INVALID: expected at most 100 (least charge, percent, 0–100), found 101 at ${file}:24:19 (readiness.batteryPercent)`,
    );
    expect(text).toContain('Write language, or remove this option');
    expect(text).toMatch(/expected text .* found 7001234 .* Put the value in quotes/);
    expect(text).toContain('expected one of zh-CN, en');
    expect(text).toContain('expected an IANA time zone such as Asia/Shanghai');
  });
});

describe('YAML that is no good', () => {
  it.each([
    ['a tab', 'version: 1\ndock:\n\tid: a\n', '3:1', 'a tab'],
    ['an option twice', 'version: 1\ndock: { id: a, bureau: b }\nversion: 1\n', '3:1', 'a second time'],
    ['two documents', `${good}---\nversion: 1\n`, '15:', 'a second one'],
    ['an unfinished quote', 'version: 1\ndock: "x\n', '3:1', 'YAML'],
    ['a tag', 'version: 1\ndock: !!js/function "x"\n', '2:7', 'plain values'],
    ['nesting that would exhaust the stack', `a: ${'['.repeat(50_000)}`, '1:', '32 levels'],
    [
      'nested maps that end the process in the YAML package',
      `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`,
      '1:',
      '32 levels',
    ],
  ])('refuses %s with its place', (_, text, place, expected) => {
    const loaded = parseConfig(text, file);
    expect(loaded.ok).toBe(false);
    if (loaded.ok) return;
    const { error } = loaded.problems[0] ?? {};
    expect(error).toMatchObject({ code: 'DOCK_CONFIG_SYNTAX' });
    expect(error?.message).toContain(`${file}:${place}`);
    expect(error?.message).toContain(expected);
  });

  it('refuses aliases that unfold into gigabytes', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh']) {
      levels.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(',')}]`);
    }
    expect(problems(`version: 1\n${levels.join('\n')}\n`)).toEqual(['1:1  DOCK_CONFIG_SYNTAX']);
  });

  it('takes no name from the file for a property of its own (I11)', () => {
    expect(problems(`${good}__proto__: { log: 1 }\nconstructor: 1\n`)).toEqual([
      '15:1 __proto__ DOCK_CONFIG_UNKNOWN',
      '16:1 constructor DOCK_CONFIG_UNKNOWN',
    ]);
    expect(Object.hasOwn(Object.prototype, 'log')).toBe(false);
  });

  it('survives any text, and shows none of its control characters', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), mangled()), (text) => {
        const loaded = parseConfig(text, file);
        if (loaded.ok) return;
        expect(loaded.problems.length).toBeGreaterThan(0);
        for (const { error, place } of loaded.problems) {
          expect(place.line).toBeGreaterThan(0);
          expect(place.column).toBeGreaterThan(0);
          expect(error.message).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The good file with one piece replaced by something else. */
function mangled(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.nat(good.length),
      fc.nat(20),
      fc.oneof(fc.string(), fc.constantFrom('[', '{', '&a', '*a', '\n  - ', ': ', '"', '\t')),
    )
    .map(([at, length, piece]) => good.slice(0, at) + piece + good.slice(at + length));
}

describe('options that contradict each other', () => {
  const central = (options: string): string => `${good}central: { ${options} }\n`;

  it.each([
    [
      'two cradles of one name',
      good.replace('cameras:', '  - { name: "1", unit: 2, line: { tcp: "h:502" }, bays: [{ slot: 1 }] }\ncameras:'),
      'cradles[1].name',
    ],
    [
      'one unit address twice on a line',
      good.replace(
        'cameras:',
        '  - { name: "2", unit: 1, line: { serial: /dev/serial//by-path/a }, bays: [{ slot: 1 }] }\ncameras:',
      ),
      'cradles[1].unit',
    ],
    [
      'two speeds on one line',
      good.replace(
        'cameras:',
        '  - { name: "2", unit: 2, line: { serial: /dev/serial/by-path/a, baud: 9600 }, bays: [{ slot: 1 }] }\ncameras:',
      ),
      'cradles[1].line.baud',
    ],
    ['one slot twice', good.replace('slot: 2', 'slot: 1\n        port: x'), 'cradles[0].bays[1].slot'],
    [
      'one USB port behind two bays (I7)',
      good.replace('slot: 1', 'slot: 1\n        port: "1-2"'),
      'cradles[0].bays[1].slot',
    ],
    [
      'one USB port behind two bays, by its lasting place (I7)',
      hub('{ slot: 1, port: 1.2@pci0 }, { slot: 2, port: 1.2@pci0 }'),
      'cradles[0].bays[1].port',
    ],
    [
      'a bay behind the hub of another (I7)',
      hub('{ slot: 1, port: 1.2@pci0 }, { slot: 2, port: 1.2.1@pci0 }'),
      'cradles[0].bays[1].port',
    ],
    ['a bay of a hub without a port', hub('{ slot: 1 }'), 'cradles[0].bays[0].slot'],
    ['a bay of a hub with a name for a port', hub('{ slot: 1, port: left }'), 'cradles[0].bays[0].port'],
    [
      'LEDs beside the lights of a board',
      good.replace('slot: 2', 'slot: 2\n        leds: [x]'),
      'cradles[0].bays[1].leds[0]',
    ],
    [
      'one LED for two bays',
      hub('{ slot: 1, port: 1-1, leds: [a, b] }, { slot: 2, port: 1-2, leds: [b] }'),
      'cradles[0].bays[1].leds[0]',
    ],
    ['one camera twice', good.replace('C2', 'C1'), 'cameras[1].id'],
    [
      'a TCP port out of range',
      good.replace('{ serial: /dev/serial/by-path/a }', '{ tcp: "h:70000" }'),
      'cradles[0].line.tcp',
    ],
    ['an archive among the volumes of cameras', `${good}archive: { path: /run/custodock/media/x }\n`, 'archive.path'],
    ['an archive that a restart empties', `${good}archive: { path: /run/custodock/dock/../dock/a }\n`, 'archive.path'],
    ['volumes inside the archive', `${good}media: { root: /var/lib/custodock/archive/m }\n`, 'media.root'],
    ['a clock error that is neither set nor ready', `${good}clock: { setWhenOverMs: 5000 }\n`, 'clock.setWhenOverMs'],
    ['a certificate without its key', central('url: "mqtts://h", certFile: /c'), 'central.certFile'],
    ['a key without its certificate', central('url: "mqtts://h", keyFile: /k'), 'central.keyFile'],
    ['a password without a user', central('url: "mqtts://h", passwordFile: /p'), 'central.passwordFile'],
    [
      'a password that would go in clear',
      central('url: "mqtt://h", username: u, passwordFile: /p'),
      'central.passwordFile',
    ],
    ['an authority that has no effect', central('url: "mqtt://h", caFile: /c'), 'central.caFile'],
    ['a topic in the address', central('url: "mqtts://h/topic"'), 'central.url'],
    ['an address that is none', central('url: "mqtts://[::1"'), 'central.url'],
  ])('refuses %s', (_, text, option) => {
    expect(problems(text).map((line) => line.split(' ').slice(1).join(' '))).toContain(
      `${option} DOCK_CONFIG_CONFLICT`,
    );
  });

  it('takes a hub with ports of every form, and ports that only begin alike', () => {
    const place = 'platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0';
    const bays = `{ slot: 1, port: "1.3@${place}" }, { slot: 2, port: "1.30@${place}" }, { slot: 3, port: ss-1@x }, { slot: 4, port: 1-1.3 }`;
    expect(problems(hub(bays))).toEqual([]);
  });

  it('finds contradictions in sound sections beside a section that is wrong', () => {
    expect(problems(good.replace('C2', 'C1').replace('dock-01', '"?"'))).toEqual([
      '3:7 dock.id DOCK_CONFIG_INVALID',
      '14:9 cameras[1].id DOCK_CONFIG_CONFLICT',
    ]);
  });

  it('lets a password go to a broker on this machine', () => {
    expect(problems(central('url: "mqtt://127.0.0.1:1883", username: u, passwordFile: /p'))).toEqual([]);
  });

  it('tells a folder from one that only begins with the same letters', () => {
    expect(problems(`${good}archive: { path: /run/custodock/dock-archive }\n`)).toEqual([]);
  });
});

describe('secrets', () => {
  it.each([
    ['a password', 'central: { url: "mqtts://h", username: u, password: hunter2 }', 'central.password'],
    [
      'a password where its file belongs',
      'central: { url: "mqtts://h", username: u, passwordFile: hunter2 }',
      'central.passwordFile',
    ],
    [
      'a private key',
      'central:\n  url: mqtts://h\n  x: |\n    -----BEGIN EC PRIVATE KEY-----\n    hunter2\n',
      'central.x',
    ],
    ['a token in a place of its own', 'token: hunter2', 'token'],
    ['credentials in the address', 'central: { url: "mqtts://u:hunter2@h" }', 'central.url'],
  ])('refuses %s in the YAML and never shows it', (_, line, option) => {
    const text = messages(`${good}${line}\n`);
    expect(text).toContain(`(${option})`);
    expect(text).toContain('not shown');
    expect(text).not.toContain('hunter2');
    if (option !== 'central.url') expect(problems(`${good}${line}\n`)).toHaveLength(1);
  });
});

it('shows no secret that was written as a number', () => {
  const text = messages(`${good}central: { url: "mqtts://h", username: u, passwordFile: 73519 }\n`);
  expect(text).toContain('something else (not shown)');
  expect(text).not.toContain('73519');
});

describe('versions', () => {
  const steps: readonly MigrationStep[] = [
    {
      from: 3,
      apply: (edit) => {
        edit.move(['port'], ['line', 'serial']);
        return ['port is now line.serial'];
      },
    },
    {
      from: 4,
      apply: (edit) => {
        edit.delete(['speed']);
        edit.set(['dock', 'bureau'], 'b');
        return ['speed is gone'];
      },
    },
  ];
  const old =
    '# head\nversion: 3 # v\nport: /dev/x # why this port\nspeed: 9 # gone\n# about the dock\ndock:\n  id: a # mine\n';

  it('asks for one, and refuses one that is newer', () => {
    expect(problems(good.replace('version: 1\n', ''))).toEqual(['1:1 version DOCK_CONFIG_VERSION']);
    expect(problems(good.replace('version: 1', 'version: 2'))).toEqual(['1:10 version DOCK_CONFIG_VERSION']);
    expect(problems(good.replace('version: 1', 'version: "1"'))).toEqual(['1:10 version DOCK_CONFIG_VERSION']);
    expect(problems(good.replace('version: 1', 'version: -1'))).toEqual(['1:10 version DOCK_CONFIG_VERSION']);
    expect(problems(good.replace('version: 1', 'version: 0.5'))).toEqual(['1:10 version DOCK_CONFIG_VERSION']);
    expect(problems('')).toEqual(['1:1 version DOCK_CONFIG_VERSION']);
  });

  it('migrates step by step and keeps comments and order', async () => {
    const { migrate } = await import('../../config/migrate.js');
    const migrated = migrate(parseYaml(old).edit, 3, 5, steps);
    expect(migrated).toMatchObject({ from: 3, to: 5, notes: ['port is now line.serial', 'speed is gone'] });
    expect('text' in migrated && migrated.text).toBe(
      '# head\nversion: 5 # v\n# about the dock\ndock:\n  id: a # mine\n  bureau: b\nline:\n  serial: /dev/x # why this port\n',
    );
  });

  it('refuses a version that no step starts from', () => {
    expect(parseConfig(old.replace('3', '2'), file, steps, 5)).toMatchObject({ ok: false });
  });

  it('checks what came out of the migration', () => {
    const loaded = parseConfig(old, file, steps, 5);
    expect(loaded.ok).toBe(false);
    if (!loaded.ok) expect(loaded.problems.map(({ option }) => option)).toContain('line');
  });
});

describe('a new configuration while the dock runs', () => {
  const running = config(good);

  it('separates what can be applied from what needs a restart', () => {
    const next = config(
      `${good.replace('C2', 'C3').replace('slot: 2', 'slot: 2\n        priority: true').replace('unit: 1', 'unit: 7')}readiness: { batteryPercent: 50 }\noffload: { threads: 4, erase: after-verified }\n`,
    );
    const difference = configDifference(running, next);
    expect(difference.live.toSorted()).toEqual([
      'cameras',
      'cradles[0].bays[1].priority',
      'offload.erase',
      'readiness.batteryPercent',
    ]);
    expect(difference.restart).toEqual(['cradles[0].unit', 'offload.threads']);
    expect(difference.applied).toEqual({
      ...running,
      cameras: next.cameras,
      cradles: [{ ...running.cradles[0], bays: next.cradles[0]?.bays }],
      readiness: next.readiness,
      offload: { ...running.offload, erase: 'after-verified' },
    });
  });

  it('keeps bays, lines, folders and broker until a restart', () => {
    const next = config(
      good
        .replace('      - slot: 2\n', '')
        .replace('by-path/a', 'by-path/b')
        .concat('archive: { path: /a }\ncentral: { url: "mqtts://h" }\nmedia: { root: /m }\n'),
    );
    const { live, restart, applied } = configDifference(running, next);
    expect(live).toEqual([]);
    expect(restart.toSorted()).toEqual([
      'archive.path',
      'central',
      'cradles[0].bays',
      'cradles[0].line.serial',
      'media.root',
    ]);
    expect(applied).toEqual(running);
  });

  it('leaves the old one in force when the new one is wrong, and says so once', async () => {
    const wrong = parseConfig(good.replace('unit: 1', 'unit: 0'), file);
    const other = parseConfig(good.replace('unit: 1', 'unit: 999'), file);
    const changed = parseConfig(`${good}log: { level: debug }\n`, file);
    const sequence: LoadedConfig[] = [wrong, wrong, other, changed, changed, other];
    const live = new LiveConfig(file, running, async () => sequence.shift() ?? wrong);
    expect(await live.reload()).toMatchObject({ kind: 'refused', again: false });
    expect(await live.reload()).toMatchObject({ kind: 'refused', again: true });
    expect(await live.reload()).toMatchObject({ kind: 'refused', again: false });
    expect(live.current).toBe(running);
    expect(await live.reload()).toMatchObject({ kind: 'applied', live: ['log.level'] });
    expect(live.current.log.level).toBe('debug');
    expect(await live.reload()).toEqual({ kind: 'unchanged' });
    expect(await live.reload()).toMatchObject({ kind: 'refused', again: false });
    expect(live.current.log.level).toBe('debug');
  });

  it('reports what needs a restart once, not at every reload', async () => {
    const next = parseConfig(good.replace('unit: 1', 'unit: 2'), file);
    const live = new LiveConfig(file, running, async () => next);
    expect(await live.reload()).toMatchObject({ kind: 'applied', live: [], restart: ['cradles[0].unit'] });
    expect(await live.reload()).toEqual({ kind: 'unchanged' });
    expect(live.current.cradles[0]?.unit).toBe(1);
  });
});
