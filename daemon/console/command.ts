/**
 * `custodock …`: from arguments to an exit code. What only reads or asks is done here; `run` and `demo` are handed back
 * to main.ts, which has the signals and the process.
 */
import { loadConfig } from '../../config/load.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { describeError } from '../language/errors.js';
import { type Language, say } from '../language/messages.js';
import { type ExitCode, exitCodes } from '../runtime/exit.js';
import type { Environment } from '../runtime/service-notify.js';
import { type Command, parseCommand } from './arguments.js';
import { ConsoleClient } from './client.js';
import { mapBays } from './commands/bays.js';
import { checkConfiguration, migrateConfiguration, showExample, showSchema } from './commands/config.js';
import { listDockings } from './commands/custody.js';
import { runDoctor } from './commands/doctor.js';
import { identifyBay } from './commands/identify.js';
import { checkLedgerCommand, listEntries } from './commands/ledger.js';
import { listRecordings } from './commands/recordings.js';
import { showStatus } from './commands/status.js';
import type { Context, Surroundings } from './context.js';
import { jsonText } from './json-text.js';
import { painted } from './line.js';
import { fileColumns } from './terminal.js';
import { usage } from './usage.js';
import { consoleSocketPath, plainError } from './wire.js';

/** The configuration cannot be used: each problem is said, exit 78. */
class ConfigUnusable extends Error {
  readonly problems: readonly DockError[];
  constructor(problems: readonly DockError[]) {
    super('the configuration cannot be used');
    this.problems = problems;
  }
}

/** Never throws: whatever goes wrong is said, and is in the exit code. */
export async function custodock(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const command = parseCommand(args);
  const { terminal } = surroundings;
  const spoken = command.language ?? environmentLanguage(surroundings.environment);
  if (command.name === 'usage-error') {
    const text = say(spoken, command.key, command.fields);
    if (command.json) terminal.write(`${jsonText({ error: { code: command.key, found: text } })}\n`);
    else terminal.writeError(`${text}\n${say(spoken, 'usage.error.hint')}\n`);
    return exitCodes.usage;
  }
  // Read at once: the operator's language is in it. A command that does not need it does not mind a wrong one.
  const loaded = needsConfig(command) ? await loadConfig(command.configFile) : undefined;
  const language = command.language ?? (loaded?.ok === true ? loaded.config.dock.language : spoken);
  const context: Context = {
    ...surroundings,
    language,
    json: command.json,
    configFile: command.configFile,
    config() {
      if (loaded?.ok === true) return loaded.config;
      throw new ConfigUnusable(loaded?.problems.map(({ error }) => error) ?? []);
    },
    client() {
      return new ConsoleClient(consoleSocketPath(this.config()), surroundings.clock);
    },
    look() {
      return {
        language,
        columns: terminal.isTTY ? terminal.columns : fileColumns,
        timeZone: loaded?.ok === true ? loaded.config.dock.timeZone : 'UTC',
        symbols: terminal.isTTY,
      };
    },
    print: (lines) => terminal.write(lines.map((shown) => `${painted(shown, terminal.colour)}\n`).join('')),
    printJson: (value) => terminal.write(`${jsonText(value)}\n`),
  };
  try {
    return await execute(command, context);
  } catch (error) {
    return sayError(error, context);
  }
}

function needsConfig({ name }: Command): boolean {
  return !['version', 'help', 'config schema', 'config example', 'run', 'demo'].includes(name);
}

function execute(command: Command, context: Context): Promise<ExitCode> {
  switch (command.name) {
    case 'run':
      return context.run(command);
    case 'demo':
      return context.demo(command, context.language);
    case 'status':
      return showStatus(command, context);
    case 'recordings':
      return listRecordings(command, context);
    case 'ledger list':
      return listEntries(command, context);
    case 'ledger check':
      return checkLedgerCommand(context);
    case 'custody':
      return listDockings(command, context);
    case 'identify':
      return identifyBay(command, context);
    case 'bays map':
      return mapBays(context);
    case 'config check':
      return checkConfiguration(context);
    case 'config schema':
      return showSchema(context);
    case 'config example':
      return showExample(context);
    case 'config migrate':
      return migrateConfiguration(context);
    case 'doctor':
      return runDoctor(context);
    case 'version':
      return showVersion(context);
    case 'help':
      context.print(usage(command.about, context.language, context.look().columns));
      return Promise.resolve(exitCodes.stopped);
  }
}

async function showVersion({ json, printJson, terminal, version }: Context): Promise<ExitCode> {
  if (json) printJson({ version });
  else terminal.write(`custodock ${version}\n`);
  return exitCodes.stopped;
}

function sayError(error: unknown, { json, language, printJson, terminal }: Context): ExitCode {
  const errors = error instanceof ConfigUnusable ? error.problems : [error];
  if (json)
    printJson({ error: plainError(errors[0]), ...(errors.length > 1 ? { errors: errors.map(plainError) } : {}) });
  else for (const one of errors) terminal.writeError(`${describeError(language, one)}\n`);
  if (error instanceof ConfigUnusable) return exitCodes.configuration;
  if (error instanceof DockError) return exitCodes.failed;
  // Nobody expected this one: where it comes from is all that helps.
  if (!json) terminal.writeError(`${error instanceof Error ? error.stack : messageOf(error)}\n`);
  return exitCodes.broken;
}

/** As POSIX has it: LC_ALL before LC_MESSAGES before LANG. */
export function environmentLanguage(environment: Environment): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^zh([_.-]|$)/i.test(locale) ? 'zh-CN' : 'en';
}
