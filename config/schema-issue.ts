/** What the schema found wrong, in the words of the person who wrote the file. Pure. */
import type { z } from 'zod';
import { type Phrase, phrase, verbatim } from '../drivers/contract/phrase.js';
import type { Path } from './document.js';
import { type ProblemDetails, shown } from './problem.js';
import { configSchema } from './schema.js';

export interface SchemaProblem {
  readonly path: Path;
  readonly details: ProblemDetails;
  /** The trouble is the option's name, not its value. */
  readonly ofName: boolean;
}

type Issue = z.core.$ZodIssue;

export function issueDetails(issue: Issue, root: unknown, base: Path): SchemaProblem[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownOption([...path, key]));
  if (issue.code === 'invalid_union') {
    // The form that has the fewest faults is the one that was meant.
    const [meant] = [...issue.errors].sort((a, b) => weight(a) - weight(b));
    if (meant !== undefined) return meant.flatMap((inner) => issueDetails(inner as Issue, root, path));
  }
  const value = valueAt(root, path);
  const missing = value === undefined || value === null;
  const expected = expectedOf(issue);
  const description = describe(path);
  const quoted = expected === text && (typeof value === 'number' || typeof value === 'boolean');
  const details: ProblemDetails = {
    code: missing ? 'DOCK_CONFIG_MISSING' : 'DOCK_CONFIG_INVALID',
    expected: description === undefined ? expected : phrase`${expected} (${description})`,
    found: shown(value, path),
    todo: missing ? phrase`Add this option` : quoted ? phrase`Put the value in quotes` : phrase`Correct this value`,
  };
  return [{ path, details, ofName: false }];
}

/** An option that the form does not know tells more against it than a value out of range. */
function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce(
    (sum, { code, path }) => sum + (code === 'unrecognized_keys' ? 10 : path.length === 0 ? 5 : 1),
    0,
  );
}

function unknownOption(path: Path): SchemaProblem {
  const known = optionsAt(path.slice(0, -1));
  const name = String(path.at(-1));
  const near = nearest(name, known);
  const details: ProblemDetails = {
    code: 'DOCK_CONFIG_UNKNOWN',
    expected: known.length === 0 ? phrase`no options here` : phrase`one of ${known.join(', ')}`,
    found: shown(name, []),
    todo: near === undefined ? phrase`Remove this option` : phrase`Write ${near}, or remove this option`,
  };
  return { path, details, ofName: true };
}

function expectedOf(issue: Issue): Phrase {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? verbatim(issue.expected);
    case 'too_small':
      return issue.origin === 'array'
        ? phrase`at least ${issue.minimum} of them`
        : issue.origin === 'string'
          ? phrase`at least ${issue.minimum} characters`
          : phrase`at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array'
        ? phrase`at most ${issue.maximum} of them`
        : issue.origin === 'string'
          ? phrase`at most ${issue.maximum} characters`
          : phrase`at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? verbatim(String(issue.values[0]))
        : phrase`one of ${issue.values.map(String).join(', ')}`;
    default:
      return verbatim(issue.message);
  }
}

const text = phrase`text`;

const typeNames: Readonly<Record<string, Phrase>> = {
  string: text,
  number: phrase`a number`,
  int: phrase`a whole number`,
  boolean: phrase`true or false`,
  array: phrase`a list`,
  object: phrase`a group of options`,
};

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Readonly<Record<string | number, unknown>>)[step];
  }, root);
}

type Schema = z.core.$ZodType;

/** The schemas that may stand at `path`: several below a union. */
function schemasAt(path: Path): Schema[] {
  return path.reduce<Schema[]>(
    (schemas, step) => schemas.flatMap(unwrapped).flatMap((schema) => childOf(schema, step)),
    [configSchema],
  );
}

function childOf(schema: Schema, step: string | number): Schema[] {
  const { def } = schema._zod as unknown as { def: SchemaDefinition };
  if (def.type === 'array' && def.element !== undefined) return [def.element];
  const child = def.type === 'object' && def.shape !== undefined ? def.shape[step] : undefined;
  return child === undefined ? [] : [child];
}

/** Defaults and optionality taken off, unions spread out. */
function unwrapped(schema: Schema): Schema[] {
  const { def } = schema._zod as unknown as { def: SchemaDefinition };
  if (def.type === 'union') return (def.options ?? []).flatMap(unwrapped);
  return def.innerType === undefined ? [schema] : unwrapped(def.innerType);
}

interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly options?: readonly Schema[];
  readonly shape?: Readonly<Record<string, Schema>>;
}

function optionsAt(path: Path): string[] {
  return schemasAt(path)
    .flatMap(unwrapped)
    .flatMap((schema) => Object.keys((schema._zod as unknown as { def: SchemaDefinition }).def.shape ?? {}));
}

function describe(path: Path): Phrase | undefined {
  for (const schema of schemasAt(path)) {
    const { description } = schema as z.ZodType;
    if (description !== undefined) return verbatim(description);
  }
  return undefined;
}

/** The known name that differs least, when it differs by at most a third of its letters. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((other) => ({ other, away: editDistance(name.toLowerCase().slice(0, 64), other.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  return best !== undefined && best.away <= Math.max(1, best.other.length / 3) ? best.other : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swap = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
