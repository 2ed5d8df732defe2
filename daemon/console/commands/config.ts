/** `custodock config check|schema|example|migrate`. */
import { type ConfigCheck, checkConfig } from '../../../config/check.js';
import { isExample } from '../../../config/example.js';
import { configJsonSchema } from '../../../config/json-schema.js';
import { loadConfig } from '../../../config/load.js';
import { writeMigrated } from '../../../config/migrate.js';
import { describeError } from '../../language/errors.js';
import { type Language, say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import { packageFile } from '../../runtime/package-file.js';
import type { Context } from '../context.js';
import { type Line, line, span } from '../line.js';
import { plainError } from '../wire.js';

export async function checkConfiguration(context: Context): Promise<ExitCode> {
  const check = await checkConfig(context.configFile);
  if (context.json) {
    const problems = check.problems.map(({ file, place, option, error }) => ({
      file,
      ...place,
      option,
      ...plainError(error),
    }));
    context.printJson({ ...check, problems });
  } else context.print(configCheckView(check, context.language));
  return check.problems.length === 0 ? exitCodes.stopped : exitCodes.configuration;
}

export function configCheckView(check: ConfigCheck, language: Language): Line[] {
  const { file, summary, migration, problems } = check;
  if (problems.length > 0) {
    return [
      ...problems.map(({ error }) => line(describeError(language, error))),
      line(),
      line(span(say(language, 'console.config.wrong', { file, problems: problems.length }), 'red')),
    ];
  }
  const lines: Line[] = [line(span(say(language, 'console.config.fine', { file }), 'green'))];
  if (summary !== null) {
    lines.push(line(say(language, 'console.config.summary', { ...summary, centre: summary.centre ?? '–' })));
  }
  if (summary !== null && isExample(summary)) {
    lines.push(line(span(say(language, 'doctor.config.example.todo', { file }), 'amber')));
  }
  if (migration !== null) {
    lines.push(line(span(say(language, 'console.config.old', { from: migration.from, to: migration.to }), 'amber')));
    lines.push(...migration.notes.map((note) => line(`  ${note}`)));
  }
  return lines;
}

export async function showSchema({ printJson }: Context): Promise<ExitCode> {
  printJson(configJsonSchema());
  return exitCodes.stopped;
}

export async function showExample({ json, printJson, terminal }: Context): Promise<ExitCode> {
  const text = await packageFile('config/custodock.example.yaml');
  if (json) printJson({ text });
  else terminal.write(text);
  return exitCodes.stopped;
}

export async function migrateConfiguration(context: Context): Promise<ExitCode> {
  const { configFile, json, language } = context;
  // Fails like every command when the file cannot be used.
  context.config();
  const loaded = await loadConfig(configFile);
  const migrated = loaded.ok ? loaded.migrated : undefined;
  const backup = migrated === undefined ? null : await writeMigrated(configFile, migrated);
  if (json) context.printJson({ file: configFile, from: migrated?.from ?? null, to: migrated?.to ?? null, backup });
  else if (migrated === undefined) context.print([line(say(language, 'console.config.current', { file: configFile }))]);
  else {
    const { from, to } = migrated;
    context.print([line(say(language, 'config.migrated', { from, to, backup }))]);
  }
  return exitCodes.stopped;
}
