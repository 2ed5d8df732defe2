/** The text of `custodock help`, built from the tables that the parser uses, so that they cannot differ. Pure. */
import { defaultConfigFile } from '../../config/load.js';
import { type Language, say } from '../language/messages.js';
import {
  type CommandName,
  commandNames,
  commandOperand,
  commandOptions,
  commonOptions,
  type OptionName,
  optionValues,
} from './arguments.js';
import { type Line, line, span } from './line.js';
import { columnsOf, wrapped } from './width.js';

/** Beyond this, lines of prose are hard to read; and a pipe ends in a terminal of which nothing is known. */
const mostColumns = 80;

export function usage(about: CommandName | null, language: Language, columns: number): Line[] {
  const room = Math.min(columns, mostColumns);
  return about === null ? allCommands(language, room) : oneCommand(about, language, room);
}

function allCommands(language: Language, columns: number): Line[] {
  return [
    line(span(say(language, 'usage.title'), 'strong')),
    line(),
    line(say(language, 'usage.usage', { command: say(language, 'usage.command') })),
    line(),
    ...section(
      say(language, 'usage.commands'),
      commandNames.map((name) => [invocation(name), say(language, `usage.command.${name}`)]),
      columns,
    ),
    line(),
    ...optionSection(say(language, 'usage.common-options'), commonOptions, language, columns),
    line(),
    ...wrapped(say(language, 'usage.exit-codes'), columns).map((text) => line(text)),
    line(say(language, 'usage.more')),
  ];
}

function oneCommand(name: CommandName, language: Language, columns: number): Line[] {
  const own = commandOptions[name];
  return [
    line(span(`custodock ${name}`, 'strong')),
    ...wrapped(say(language, `usage.command.${name}`), columns).map((text) => line(text)),
    line(),
    line(say(language, 'usage.usage', { command: `${invocation(name)} ${say(language, 'usage.options')}` })),
    line(),
    ...(own.length === 0 ? [] : [...optionSection(say(language, 'usage.own-options'), own, language, columns), line()]),
    ...optionSection(say(language, 'usage.common-options'), commonOptions, language, columns),
  ];
}

function invocation(name: CommandName): string {
  const operand = commandOperand[name];
  return operand === undefined ? name : `${name} ${operand}`;
}

function optionSection(title: string, names: readonly OptionName[], language: Language, columns: number): Line[] {
  const rows = names.map((name): [string, string] => {
    const value = optionValues[name];
    const text = say(language, `usage.option.${name}`, { default: defaultConfigFile });
    return [value === null ? `--${name}` : `--${name} ${value}`, text];
  });
  return section(title, rows, columns);
}

function section(title: string, rows: readonly (readonly [string, string])[], columns: number): Line[] {
  const labelColumns = Math.max(...rows.map(([label]) => columnsOf(label))) + 4;
  const lines = rows.flatMap(([label, text]) =>
    wrapped(text, columns - labelColumns).map((part, index) => {
      const shown = index === 0 ? `  ${label}` : '';
      return line(span(shown, 'strong'), ' '.repeat(labelColumns - columnsOf(shown)), part);
    }),
  );
  return [line(span(title, 'dim')), ...lines];
}
