/**
 * From a file to a configuration that can be relied on, or to everything that is wrong with it at once.
 *
 * Answerable for: an error names file, line, column, option, what was expected and what was found. Must never show a
 * secret, apply half a configuration, or write to the file.
 */
import { open } from 'node:fs/promises';
import type { z } from 'zod';
import { errnoOf, messageOf } from '../drivers/contract/error.js';
import { type Phrase, phrase } from '../drivers/contract/phrase.js';
import { type ParsedDocument, type Path, parseYaml } from './document.js';
import { type Migrated, type MigrationStep, migrate, migrationSteps } from './migrate.js';
import { type ConfigProblem, configProblem, type ProblemDetails } from './problem.js';
import { conflicts } from './rules.js';
import { type Config, configSchema, configVersion } from './schema.js';
import { issueDetails } from './schema-issue.js';
import { inlineSecrets } from './secrets.js';

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Set when the file has an older version: what it would be now, and what was changed. */
      readonly migrated: Migrated | undefined;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Where the configuration is looked for by default. */
export const defaultConfigFile = '/etc/custodock/config.yaml';

/** 10,000 cameras need 0.7 MB. */
const LARGEST_BYTES = 2 * 1024 * 1024;

/** More problems than anybody reads; the first ones explain the rest. */
const MOST_PROBLEMS = 200;

export async function loadConfig(file: string): Promise<LoadedConfig> {
  const read = await readText(file);
  return typeof read === 'string' ? parseConfig(read, file) : { ok: false, problems: [read] };
}

/** Pure. `steps` is for tests of migration itself. */
export function parseConfig(
  text: string,
  file: string,
  steps: readonly MigrationStep[] = migrationSteps,
  version: number = configVersion,
): LoadedConfig {
  const original = parseYaml(text);
  if (original.problems.length > 0) {
    const todo = phrase`Correct the YAML at this place`;
    return failed(
      original.problems.map(({ place, expected, found }) =>
        configProblem(file, place, [], { code: 'DOCK_CONFIG_SYNTAX', expected, found, todo }),
      ),
    );
  }
  const written = versionOf(original.value);
  if (typeof written !== 'number' || written > version) {
    return failed([configProblem(file, original.place(['version']), ['version'], versionDetails(original, version))]);
  }
  let migrated: Migrated | undefined;
  let current = original;
  if (written < version) {
    const outcome = migrate(original.edit, written, version, steps);
    if ('missing' in outcome) {
      return failed([configProblem(file, original.place(['version']), ['version'], versionDetails(original, version))]);
    }
    migrated = outcome;
    current = parseYaml(outcome.text);
  }
  const value = withoutEmptySections(current.value);
  const problems = problemsOf(current, value, migrated === undefined ? file : `${file} (as version ${version})`);
  if (problems.length > 0) return failed(problems);
  return { ok: true, config: configSchema.parse(value), migrated };
}

function failed(problems: readonly ConfigProblem[]): LoadedConfig {
  const sorted = [...problems].sort(
    (a, b) => a.place.line - b.place.line || a.place.column - b.place.column || a.option.localeCompare(b.option),
  );
  return { ok: false, problems: sorted.slice(0, MOST_PROBLEMS) };
}

function problemsOf(document: ParsedDocument, value: unknown, file: string): ConfigProblem[] {
  const secrets = inlineSecrets(value);
  const isSecret = (path: Path): boolean => secrets.some((secret) => path.join('\0') === secret.path.join('\0'));
  const problems = secrets.map(({ path, details }) => configProblem(file, document.placeOfName(path), path, details));
  const add = (path: Path, details: ProblemDetails, ofName: boolean): void => {
    if (isSecret(path)) return;
    const place = ofName ? document.placeOfName(path) : document.place(path);
    problems.push(configProblem(file, place, path, details));
  };
  for (const { path, details, ofName } of schemaProblems(value)) add(path, details, ofName);
  for (const { path, expected, found, todo } of conflicts(soundSections(value))) {
    add(path, { code: 'DOCK_CONFIG_CONFLICT', expected, found, todo }, false);
  }
  return problems;
}

function schemaProblems(value: unknown): ReturnType<typeof issueDetails> {
  const parsed = configSchema.safeParse(value ?? {});
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => issueDetails(issue, value, []));
}

/** `media:` with all of its options commented out is a section left to its defaults. */
function withoutEmptySections(value: unknown): unknown {
  if (!isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
}

/** Each section by itself, where it is well formed, with its defaults. */
function soundSections(value: unknown): Partial<Config> {
  const written: Readonly<Record<string, unknown>> = isGroup(value) ? value : {};
  const sections: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries<z.ZodType>(configSchema.shape)) {
    const parsed = schema.safeParse(written[name]);
    if (parsed.success) sections[name] = parsed.data;
  }
  return sections;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function versionOf(value: unknown): unknown {
  return isGroup(value) ? value['version'] : undefined;
}

function versionDetails(document: ParsedDocument, version: number): ProblemDetails {
  const written = versionOf(document.value);
  const newer = typeof written === 'number' && written > version;
  return {
    code: 'DOCK_CONFIG_VERSION',
    expected: phrase`version: ${version}`,
    found: written === undefined ? phrase`no version` : phrase`version ${String(written).slice(0, 20)}`,
    todo: newer
      ? phrase`Install the version of Custodock that this file was written for, or restore the backup beside it`
      : phrase`Write version: ${version} and follow config/custodock.example.yaml`,
  };
}

async function readText(file: string): Promise<string | ConfigProblem> {
  const unreadable = (found: Phrase, cause?: unknown): ConfigProblem =>
    configProblem(file, { line: 1, column: 1 }, [], {
      code: 'DOCK_CONFIG_UNREADABLE',
      expected: phrase`a readable UTF-8 file of at most ${LARGEST_BYTES} bytes`,
      found,
      todo: phrase`Check the path and that the service may read it (group custodock, mode 0640)`,
      cause,
    });
  try {
    const handle = await open(file, 'r');
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return unreadable(phrase`no regular file`);
      if (stat.size > LARGEST_BYTES) return unreadable(phrase`${stat.size} bytes`);
      const bytes = Buffer.alloc(LARGEST_BYTES + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return unreadable(errnoOf(error) ?? messageOf(error), error);
  }
}
