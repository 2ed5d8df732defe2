import { describe, expect, it } from 'vitest';
import { type Command, commandNames, commandOptions, parseCommand } from '../../daemon/console/arguments.js';
import { environmentLanguage } from '../../daemon/console/command.js';
import { plainText } from '../../daemon/console/line.js';
import { usage } from '../../daemon/console/usage.js';
import { columnsOf } from '../../daemon/console/width.js';

const common = { configFile: '/etc/custodock/config.yaml', language: null, json: false };
const parse = (text: string): unknown => parseCommand(text.split(' ').filter((word) => word !== ''));

describe('arguments', () => {
  it.each<[string, Command]>([
    ['run', { ...common, name: 'run' }],
    ['--config /a.yaml run', { ...common, configFile: '/a.yaml', name: 'run' }],
    ['run -c /a.yaml', { ...common, configFile: '/a.yaml', name: 'run' }],
    ['status', { ...common, name: 'status', watch: false }],
    ['status --watch --json', { ...common, json: true, name: 'status', watch: true }],
    ['status -w --language=en', { ...common, language: 'en', name: 'status', watch: true }],
    [
      'recordings',
      {
        ...common,
        name: 'recordings',
        camera: undefined,
        bay: undefined,
        important: undefined,
        before: undefined,
        limit: 100,
      },
    ],
    [
      'recordings --camera DSJ1 --bay 1-2 --important --before 1 --limit 1000',
      { ...common, name: 'recordings', camera: 'DSJ1', bay: '1-2', important: true, before: 1, limit: 1_000 },
    ],
    ['ledger list --from 7', { ...common, name: 'ledger list', from: 7, limit: 100 }],
    ['ledger --json check', { ...common, json: true, name: 'ledger check' }],
    ['custody --limit 5', { ...common, name: 'custody', limit: 5 }],
    ['identify 1-3', { ...common, name: 'identify', bay: '1-3', on: true }],
    ['identify 1-3 --off', { ...common, name: 'identify', bay: '1-3', on: false }],
    ['config check', { ...common, name: 'config check' }],
    ['config schema', { ...common, name: 'config schema' }],
    ['config example', { ...common, name: 'config example' }],
    ['config migrate', { ...common, name: 'config migrate' }],
    ['doctor --language zh-CN', { ...common, language: 'zh-CN', name: 'doctor' }],
    ['demo', { ...common, name: 'demo', once: false, media: [], broker: undefined }],
    [
      'demo --once --media /a --media /b --broker mqtt://x',
      { ...common, name: 'demo', once: true, media: ['/a', '/b'], broker: 'mqtt://x' },
    ],
    ['version', { ...common, name: 'version' }],
    ['help', { ...common, name: 'help', about: null }],
    ['--help', { ...common, name: 'help', about: null }],
    ['help ledger check', { ...common, name: 'help', about: 'ledger check' }],
    ['recordings --help', { ...common, name: 'help', about: 'recordings' }],
  ])('%s', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each([
    ['', 'usage.error.no-command', {}],
    ['--json', 'usage.error.no-command', {}],
    ['open-the-bay', 'usage.error.unknown-command', { command: 'open-the-bay' }],
    ['ledger', 'usage.error.incomplete', { command: 'ledger', commands: 'ledger list, ledger check' }],
    ['ledger erase', 'usage.error.incomplete', { command: 'ledger', commands: 'ledger list, ledger check' }],
    ['status --force', 'usage.error.unknown-option', { option: '--force' }],
    ['status --limit 3', 'usage.error.foreign-option', { option: '--limit', command: 'status' }],
    ['run --watch', 'usage.error.foreign-option', { option: '--watch', command: 'run' }],
    ['status --config', 'usage.error.option-value', { option: '-c, --config' }],
    ['status --watch=yes', 'usage.error.option-value', { option: '-w, --watch' }],
    ['custody --limit 0', 'usage.error.value', { option: '--limit', expected: '1–1000', found: '0' }],
    ['custody --limit 1001', 'usage.error.value', { option: '--limit', expected: '1–1000', found: '1001' }],
    ['custody --limit 1e2', 'usage.error.value', { option: '--limit', expected: '1–1000', found: '1e2' }],
    ['ledger list --from -1', 'usage.error.option-value', { option: '--from' }],
    ['status --language fr', 'usage.error.value', { option: '--language', expected: 'zh-CN, en', found: 'fr' }],
    ['status now', 'usage.error.operand', { operand: 'now', command: 'status' }],
    ['identify', 'usage.error.no-operand', { operand: 'BAY', command: 'identify' }],
    ['identify 1-1 1-2', 'usage.error.operand', { operand: '1-2', command: 'identify' }],
    ['help me', 'usage.error.unknown-command', { command: 'me' }],
  ])('“%s” is refused, and it is said why', (text, key, fields) => {
    expect(parse(text)).toMatchObject({ name: 'usage-error', key, fields });
  });

  it('are refused in the language that they ask for', () => {
    expect(parse('--language zh-CN nonsense --json')).toMatchObject({
      name: 'usage-error',
      language: 'zh-CN',
      json: true,
    });
  });

  it.each([
    [{ LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
    [{ LANG: 'en_GB.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'C', LC_MESSAGES: 'zh_CN' }, 'zh-CN'],
    [{ LANG: 'zhx' }, 'en'],
    [{}, 'en'],
  ])('without a language follow %o: %s', (environment, language) => {
    expect(environmentLanguage(environment)).toBe(language);
  });
});

describe('the usage', () => {
  it.each(['en', 'zh-CN'] as const)(
    'names every command and every option in %s, within 80 columns however wide the terminal',
    (language) => {
      const text = usage(null, language, 160).map(plainText);
      for (const name of commandNames) {
        expect(text.some((line) => line.trim().startsWith(name))).toBe(true);
        const own = usage(name, language, 160).map(plainText);
        for (const option of commandOptions[name]) expect(own.some((line) => line.includes(`--${option}`))).toBe(true);
        for (const line of own) expect(columnsOf(line)).toBeLessThanOrEqual(80);
      }
      for (const line of text) {
        expect(columnsOf(line)).toBeLessThanOrEqual(80);
        expect(line).not.toMatch(/\{\w+\}/);
      }
    },
  );
});
