/** What is shipped for people to start from: the example and the schema that editors use. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { liveOptions } from '../../config/difference.js';
import { parseYaml } from '../../config/document.js';
import { configJsonSchema } from '../../config/json-schema.js';
import { parseConfig } from '../../config/load.js';

const file = 'config/custodock.example.yaml';
const text = readFileSync(file, 'utf8');

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly default?: unknown;
}

/** Dotted paths of every option; `[]` stands for the items of a list. */
function options(schema: JsonSchema, path = ''): { path: string; schema: JsonSchema }[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      options(inner, path === '' ? name : `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : options(schema.items, `${path}[]`)),
    ...(schema.anyOf ?? []).flatMap((inner) => options(inner, path)),
  ];
  return schema.properties === undefined && path !== '' ? [{ path, schema }, ...below] : below;
}

const all = options(configJsonSchema() as JsonSchema).filter(({ path }) => !path.endsWith('[]'));

it('ships the JSON Schema that the schema generates (update with: npx vitest -u …)', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../config/custodock.schema.json',
  );
});

it('accepts the example, in the daemon and in an editor', () => {
  expect(parseConfig(text, file)).toMatchObject({ ok: true });
  const validate = new Ajv({ strict: false }).compile(configJsonSchema());
  expect(validate(parseYaml(text).value), JSON.stringify(validate.errors)).toBe(true);
});

it('shows every option in the example, with a comment on its line', () => {
  const missing = all.filter(({ path }) => !isShown(path)).map(({ path }) => path);
  expect(missing).toEqual([]);
  expect(all.length).toBeGreaterThan(40);
});

/** The last name of the path, at the depth that it has in the file, followed by a comment. */
function isShown(path: string): boolean {
  const depth = path.split('.').length - 1 + (path.match(/\[\]/g)?.length ?? 0);
  const name = path.split('.').at(-1)?.replace('[]', '');
  const line = new RegExp(`^ {${depth * 2 - (path.includes('[]') ? 2 : 0)},${depth * 2}}(- )?${name}:`, 'm').exec(text);
  if (line === null) return false;
  const whole = text.slice(line.index).split('\n', 1)[0] ?? '';
  const before = text.slice(0, line.index).trimEnd().split('\n').at(-1) ?? '';
  return whole.includes(' # ') || (whole.endsWith(':') && before.startsWith('#'));
}

it('describes every option with its range or meaning in the schema', () => {
  expect(
    all.filter(({ schema }) => schema.description === undefined && schema.anyOf === undefined).map(({ path }) => path),
  ).toEqual([]);
});

it('shows the default of every option that has one', () => {
  const shown = parseYaml(text).value;
  const wrong = all
    .filter(
      ({ path, schema }) =>
        schema.default !== undefined && !path.includes('[]') && !['cradles', 'cameras'].includes(path),
    )
    .filter(({ path, schema }) => JSON.stringify(valueAt(shown, path)) !== JSON.stringify(schema.default))
    .map(({ path }) => path);
  expect(wrong).toEqual([]);
});

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
}

it('marks as [live] exactly what is applied without a restart', () => {
  expect(marked().toSorted()).toEqual(liveOptions.toSorted());
});

/** Paths that the example marks, on their own line or on the comment above their section. */
function marked(): string[] {
  const path: string[] = [];
  const found: string[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, indent = '', dash = '', name] = /^( *)(- )?([A-Za-z]+):/.exec(line) ?? [];
    if (name === undefined) continue;
    const depth = (indent.length + dash.length) / 2;
    // One list level counts as the same depth as its dash.
    path.length = depth;
    path[depth] = name;
    if (line.includes('[live]')) found.push(path.filter((step) => step !== undefined).join('.'));
    else if (indent === '' && (lines[index - 1] ?? '').startsWith('# [live]')) {
      const below = all.map(({ path: option }) => option).filter((option) => option.startsWith(`${name}.`));
      found.push(...(below.length === 0 ? [name] : below));
    }
  }
  return found.map((option) => option.replace(/^cradles\.bays\./, 'cradles[].bays[].'));
}
