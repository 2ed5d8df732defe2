/** What each request to the console is answered with. Knows nothing of sockets. */
import { z } from 'zod';
import { DockError } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import type { DockView } from './view.js';
import type { ShownEntry } from './wire.js';

export interface ConsoleRequest {
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly target: string;
  /** Undefined: no body. */
  readonly body: string | undefined;
}

export type Answer =
  | { readonly kind: 'json'; readonly value: unknown }
  /** The state now and after each change, for as long as the client stays. */
  | { readonly kind: 'stream' };

const limit = z.coerce.number().int().min(1).max(1_000);
const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const word = z.string().min(1).max(200);
const yesOrNo = z.enum(['true', 'false']).transform((value) => value === 'true');

const recordingsQuery = z.strictObject({
  camera: word.optional(),
  bay: word.optional(),
  important: yesOrNo.optional(),
  /** Without it: the latest. */
  before: seq.default(Number.MAX_SAFE_INTEGER),
  limit: limit.default(100),
});
const ledgerQuery = z.strictObject({ from: seq.optional(), limit: limit.default(100) });
const custodyQuery = z.strictObject({ limit: limit.default(100) });
const nothing = z.strictObject({});
const identifyBody = z.strictObject({ on: z.boolean() });

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  answer(view: DockView, request: { query: unknown; body: string | undefined; bay: string }): Promise<Answer>;
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/status$/,
    answer: async (view, { query }) => {
      parsed(nothing, query);
      return json(view.status());
    },
  },
  {
    method: 'GET',
    path: /^\/status\/stream$/,
    answer: async (_view, { query }) => {
      parsed(nothing, query);
      return { kind: 'stream' };
    },
  },
  {
    method: 'GET',
    path: /^\/recordings$/,
    answer: async (view, { query }) => {
      const { before, ...filter } = parsed(recordingsQuery, query);
      const wanted = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
      return json(
        await view.ledger.recordings({
          ...wanted,
          limit: filter.limit,
          beforeSeq: before,
        }),
      );
    },
  },
  {
    method: 'GET',
    path: /^\/ledger$/,
    answer: async (view, { query }) => {
      const wanted = parsed(ledgerQuery, query);
      // Without a place to begin: the latest.
      const from = wanted.from ?? view.ledger.head().seq - wanted.limit + 1;
      const entries = await view.ledger.read(Math.max(1, from), wanted.limit);
      return json(entries.map(({ seq, leaf, entry }): ShownEntry => ({ seq, leaf, entry })));
    },
  },
  {
    method: 'POST',
    path: /^\/ledger\/check$/,
    answer: async (view, { query }) => {
      parsed(nothing, query);
      return json(await view.checkLedger());
    },
  },
  {
    method: 'GET',
    path: /^\/custody$/,
    answer: async (view, { query }) => json(await view.ledger.dockings(parsed(custodyQuery, query).limit)),
  },
  {
    method: 'POST',
    path: /^\/bays\/([^/]{1,200})\/identify$/,
    answer: async (view, { query, body, bay }) => {
      parsed(nothing, query);
      const { on } = parsed(identifyBody, jsonOf(body));
      if (!view.identify(bay, on)) {
        throw new DockError('DOCK_CONSOLE_NO_BAY', {
          expected: phrase`a bay of this dock: ${view
            .status()
            .bays.map((known) => known.bay)
            .join(', ')}`,
          found: verbatim(JSON.stringify(bay)),
          todo: phrase`Look up the names of the bays with custodock status`,
          retry: 'never',
        });
      }
      return json({ bay, on });
    },
  },
];

/** Throws DOCK_CONSOLE_REQUEST, DOCK_CONSOLE_NO_BAY, or what the ledger throws. */
export async function answer(view: DockView, { method, target, body }: ConsoleRequest): Promise<Answer> {
  const { path, query } = splitTarget(target);
  const matching = routes.filter((route) => route.path.test(path));
  const route = matching.find((candidate) => candidate.method === method);
  if (route === undefined) {
    const known = matching.map((candidate) => candidate.method).join(', ');
    throw badRequest(
      known === '' ? phrase`a path that the console has` : phrase`${known} for this path`,
      verbatim(`${method} ${path}`),
    );
  }
  return route.answer(view, { query, body, bay: decoded(route.path.exec(path)?.[1] ?? '') });
}

function json(value: unknown): Answer {
  return { kind: 'json', value };
}

function splitTarget(target: string): { readonly path: string; readonly query: unknown } {
  const [path = '', search = ''] = target.split('?', 2);
  const query = new URLSearchParams(search);
  const keys = [...query.keys()];
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    throw badRequest(phrase`each parameter once`, phrase`${JSON.stringify(twice)} a second time`);
  return { path, query: Object.fromEntries(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(phrase`a path in percent-encoded UTF-8`, verbatim(JSON.stringify(part)));
  }
}

function jsonOf(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    throw badRequest(
      phrase`a JSON body`,
      body === undefined ? phrase`none` : verbatim(JSON.stringify(body.slice(0, 100))),
    );
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw badRequest(
    verbatim(z.prettifyError(result.error).replaceAll(/\s+/g, ' ')),
    verbatim(JSON.stringify(value).slice(0, 200)),
  );
}

export function badRequest(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_CONSOLE_REQUEST', {
    expected,
    found,
    todo: phrase`Check the arguments; use the same version of command and daemon`,
    retry: 'never',
  });
}
