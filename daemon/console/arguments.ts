/** From what was typed to what is wanted, or to what is wrong with it. Pure: knows no file, no terminal, no daemon. */
import { parseArgs } from 'node:util';
import { defaultConfigFile } from '../../config/load.js';
import { errnoOf, messageOf } from '../../drivers/contract/error.js';
import type { Language, MessageKey } from '../language/messages.js';

/** Longest answer of the ledger to one question. */
const mostRows = 1_000;
const usualRows = 100;

/** Every option there is, as node:util wants them. What each means is said in `daemon/language/usage.ts`. */
const options = {
  config: { type: 'string', short: 'c' },
  language: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  watch: { type: 'boolean', short: 'w' },
  camera: { type: 'string' },
  bay: { type: 'string' },
  important: { type: 'boolean' },
  before: { type: 'string' },
  from: { type: 'string' },
  limit: { type: 'string' },
  off: { type: 'boolean' },
  once: { type: 'boolean' },
  media: { type: 'string', multiple: true },
  broker: { type: 'string' },
} as const;
export type OptionName = keyof typeof options;

/** What an option's value is called in the usage; null: it has none. */
export const optionValues: Readonly<Record<OptionName, string | null>> = {
  config: 'FILE',
  language: 'zh-CN|en',
  json: null,
  help: null,
  watch: null,
  camera: 'ID',
  bay: 'BAY',
  important: null,
  before: 'SEQ',
  from: 'SEQ',
  limit: 'N',
  off: null,
  once: null,
  media: 'DIR',
  broker: 'URL',
};

/** Options that every command has. */
export const commonOptions = ['config', 'language', 'json', 'help'] as const satisfies readonly OptionName[];

export const commandNames = [
  'run',
  'status',
  'recordings',
  'ledger list',
  'ledger check',
  'custody',
  'identify',
  'bays map',
  'config check',
  'config schema',
  'config example',
  'config migrate',
  'doctor',
  'demo',
  'version',
  'help',
] as const;
export type CommandName = (typeof commandNames)[number];

/** The options of each command beyond the common ones. */
export const commandOptions: Readonly<Record<CommandName, readonly OptionName[]>> = {
  run: [],
  status: ['watch'],
  recordings: ['camera', 'bay', 'important', 'before', 'limit'],
  'ledger list': ['from', 'limit'],
  'ledger check': [],
  custody: ['limit'],
  identify: ['off'],
  'bays map': [],
  'config check': [],
  'config schema': [],
  'config example': [],
  'config migrate': [],
  doctor: [],
  demo: ['once', 'media', 'broker'],
  version: [],
  help: [],
};

/** Words after a command's name that are not options; only these commands take any. */
export const commandOperand: Readonly<Partial<Record<CommandName, string>>> = { identify: 'BAY' };

export interface Common {
  readonly configFile: string;
  /** Null: as the configuration or the environment says. */
  readonly language: Language | null;
  readonly json: boolean;
}

export type Command = Common &
  (
    | { readonly name: 'run' }
    | { readonly name: 'status'; readonly watch: boolean }
    | {
        readonly name: 'recordings';
        readonly camera: string | undefined;
        readonly bay: string | undefined;
        readonly important: boolean | undefined;
        readonly before: number | undefined;
        readonly limit: number;
      }
    | { readonly name: 'ledger list'; readonly from: number | undefined; readonly limit: number }
    | { readonly name: 'ledger check' }
    | { readonly name: 'custody'; readonly limit: number }
    | { readonly name: 'identify'; readonly bay: string; readonly on: boolean }
    | { readonly name: 'bays map' }
    | { readonly name: 'config check' }
    | { readonly name: 'config schema' }
    | { readonly name: 'config example' }
    | { readonly name: 'config migrate' }
    | { readonly name: 'doctor' }
    /** `media`: folders or mounted cards that become cameras. `broker`: undefined for an embedded one. */
    | {
        readonly name: 'demo';
        readonly once: boolean;
        readonly media: readonly string[];
        readonly broker: string | undefined;
      }
    | { readonly name: 'version' }
    /** `about`: the command that is explained; null: all of them. */
    | { readonly name: 'help'; readonly about: CommandName | null }
  );

/** Arguments that make no command: exit 64. The text is said in the user's language. */
export interface UsageError {
  readonly name: 'usage-error';
  readonly language: Language | null;
  readonly json: boolean;
  readonly key: Extract<MessageKey, `usage.error.${string}`>;
  readonly fields: Readonly<Record<string, string | number>>;
}

type Values = ReturnType<typeof typedValues>;

function typedValues(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}

/** Thrown and caught in this file alone. */
class Wrong extends Error {
  readonly key: UsageError['key'];
  readonly fields: UsageError['fields'];
  constructor(key: UsageError['key'], fields: UsageError['fields'] = {}) {
    super(key);
    this.key = key;
    this.fields = fields;
  }
}

/** `args`: without the program's own name. */
export function parseCommand(args: readonly string[]): Command | UsageError {
  // Known before anything can go wrong, so that what goes wrong is said in it.
  const language = languageIn(args);
  const json = args.includes('--json');
  try {
    return commandOf(typed(args), language);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { name: 'usage-error', language, json, key: error.key, fields: error.fields };
  }
}

function typed(args: readonly string[]): Values {
  try {
    return typedValues(args);
  } catch (error) {
    const option = /'(-[^']*?)(?: <value>)?'/.exec(messageOf(error))?.[1] ?? '';
    switch (errnoOf(error)) {
      case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
        throw new Wrong('usage.error.unknown-option', { option });
      case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
        throw new Wrong('usage.error.option-value', { option });
      default:
        throw error;
    }
  }
}

function languageIn(args: readonly string[]): Language | null {
  const index = args.findIndex((arg) => arg === '--language' || arg.startsWith('--language='));
  if (index < 0) return null;
  const value = args[index]?.includes('=') ? args[index].split('=')[1] : args[index + 1];
  return value === 'zh-CN' || value === 'en' ? value : null;
}

function commandOf({ values, positionals }: Values, language: Language | null): Command {
  if (values.language !== undefined && language === null) {
    throw new Wrong('usage.error.value', { option: '--language', expected: 'zh-CN, en', found: values.language });
  }
  const common: Common = { configFile: values.config ?? defaultConfigFile, language, json: values.json === true };
  if (positionals.length === 0) {
    if (values.help === true) return { ...common, name: 'help', about: null };
    throw new Wrong('usage.error.no-command');
  }
  const { name, rest } = named(positionals);
  if (values.help === true) return { ...common, name: 'help', about: name };
  if (name === 'help') return { ...common, name, about: rest.length === 0 ? null : namedWhole(rest) };
  const allowed: readonly string[] = [...commonOptions, ...commandOptions[name]];
  const foreign = Object.keys(values).find((option) => !allowed.includes(option));
  if (foreign !== undefined) throw new Wrong('usage.error.foreign-option', { option: `--${foreign}`, command: name });
  const operand = commandOperand[name];
  if (rest.length > (operand === undefined ? 0 : 1)) {
    throw new Wrong('usage.error.operand', { operand: rest.at(-1) ?? '', command: name });
  }
  if (operand !== undefined && rest.length === 0) throw new Wrong('usage.error.no-operand', { operand, command: name });
  switch (name) {
    case 'status':
      return { ...common, name, watch: values.watch === true };
    case 'recordings':
      return {
        ...common,
        name,
        camera: values.camera,
        bay: values.bay,
        important: values.important,
        before: whole('before', values.before, 1, Number.MAX_SAFE_INTEGER),
        limit: whole('limit', values.limit, 1, mostRows) ?? usualRows,
      };
    case 'ledger list':
      return {
        ...common,
        name,
        from: whole('from', values.from, 1, Number.MAX_SAFE_INTEGER),
        limit: whole('limit', values.limit, 1, mostRows) ?? usualRows,
      };
    case 'custody':
      return { ...common, name, limit: whole('limit', values.limit, 1, mostRows) ?? usualRows };
    case 'identify':
      return { ...common, name, bay: rest[0] ?? '', on: values.off !== true };
    case 'demo':
      return { ...common, name, once: values.once === true, media: values.media ?? [], broker: values.broker };
    default:
      return { ...common, name };
  }
}

/** The command that the first words name; the words that are left. */
function named(positionals: readonly string[]): { readonly name: CommandName; readonly rest: readonly string[] } {
  for (const words of [2, 1]) {
    const text = positionals.slice(0, words).join(' ');
    const name = commandNames.find((candidate) => candidate === text);
    if (name !== undefined) return { name, rest: positionals.slice(words) };
  }
  const first = positionals[0] ?? '';
  const group = commandNames.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) throw new Wrong('usage.error.incomplete', { command: first, commands: group.join(', ') });
  throw new Wrong('usage.error.unknown-command', { command: first });
}

function namedWhole(words: readonly string[]): CommandName {
  const { name, rest } = named(words);
  if (rest.length > 0) throw new Wrong('usage.error.unknown-command', { command: words.join(' ') });
  return name;
}

function whole(option: OptionName, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Wrong('usage.error.value', { option: `--${option}`, expected: `${least}–${most}`, found: text });
}
