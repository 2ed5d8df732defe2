/**
 * The layers of the design are held by the linter; here each rule is shown to bite, on violations planted in a copy, and
 * to let pass what it must.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Where it is planted, what, and a piece of what the linter says; undefined: nothing. */
type Planted = readonly [file: string, code: string, says: string | undefined];

const use = (source: string): string => `import { x } from '${source}';\n\nexport const y = x;\n`;

const layers: readonly Planted[] = [
  ['drivers/camera/a.ts', use('../../daemon/dock.js'), 'drivers/ imports neither'],
  ['drivers/b.ts', use('../config/schema.js'), 'drivers/ imports neither'],
  ['drivers/c.ts', "import type { X } from '../config/schema.js';\n\nexport type Y = X;\n", 'drivers/ imports neither'],
  ['drivers/d.ts', "export const load = () => import('../daemon/dock.js');\n", 'drivers/ imports neither'],
  ['drivers/e.ts', "export { x } from '../daemon/dock.js';\n", 'drivers/ imports neither'],
  ['drivers/f.ts', use('./contract/error.js'), undefined],
  ['drivers/contract/a.ts', use('../serial/port.js'), 'imports nothing but itself'],
  ['drivers/contract/b.ts', use('node:fs'), 'imports nothing but itself'],
  ['drivers/contract/c.ts', use('./error.js'), undefined],
  [
    'daemon/bay/x1.ts',
    "import type { x } from '../console/view.js';\n\nexport type Y = typeof x;\n",
    'looks at the console',
  ],
  ['daemon/central/contract/x2.ts', use('../../console/view.js'), 'looks at the console'],
  ['daemon/console/x3.ts', use('../bay/status.js'), undefined],
  ['daemon/x4.ts', use('./console/view.js'), undefined],
  ['daemon/test-a.ts', use('../test/support/virtual-clock.js'), 'Nothing imports test/'],
  ['config/test-b.ts', use('../test/x.js'), 'Nothing imports test/'],
  ['daemon/test-c.ts', use('./latest/x.js'), undefined],
  ['test/unit/d.test.ts', use('../support/virtual-clock.js'), undefined],
];

/** Where each package may be imported. */
const importers: Readonly<Record<string, string>> = {
  serialport: 'drivers/serial/x.ts',
  usb: 'drivers/usb/x.ts',
  chokidar: 'drivers/media/x.ts',
  'node-disk-info': 'daemon/console/x.ts',
  sqlite3: 'daemon/custody/x.ts',
  mqtt: 'daemon/central/x.ts',
  aedes: 'daemon/demo/x.ts',
  pino: 'daemon/runtime/pino-log.ts',
  'pino-pretty': 'daemon/runtime/pino-log.ts',
  yaml: 'config/document.ts',
  'unix-dgram': 'daemon/runtime/datagram.ts',
};

const packages: readonly Planted[] = Object.entries(importers).flatMap(([name, file], index): Planted[] => [
  [`daemon/offload/p${index}.ts`, use(name), 'alone'],
  [`daemon/offload/deep${index}.ts`, use(`${name}/deep`), 'alone'],
  [`config/required${index}.ts`, `export const x = require('${name}');\n`, 'alone'],
  [file, use(name), undefined],
  [`test/unit/p${index}.test.ts`, use(name), undefined],
]);

const stolen: readonly Planted[] = [
  ['daemon/bay/t1.ts', 'export const x = Date.now();\n', 'noJsRestrictedProperties'],
  ['daemon/bay/t2.ts', 'export const { now } = Date;\n', 'noJsRestrictedProperties'],
  ['daemon/bay/t3.ts', 'export const x = new Date();\n', 'injected Clock'],
  ['daemon/bay/t4.ts', 'export const x = new Date(5).toISOString();\n', undefined],
  ['config/t5.ts', 'setTimeout(() => undefined, 5);\n', 'noRestrictedGlobals'],
  ['drivers/t6.ts', 'export const later = setInterval;\n', 'noRestrictedGlobals'],
  ['drivers/t7.ts', 'globalThis.setTimeout(() => undefined, 5);\n', 'noJsRestrictedProperties'],
  ['drivers/t8.ts', use('node:timers/promises'), 'injected Clock'],
  ['drivers/t9.ts', 'export const x = performance.now();\n', 'noRestrictedGlobals'],
  ['daemon/bay/t10.ts', 'export const x = Math.random();\n', 'noJsRestrictedProperties'],
  ['daemon/bay/t11.ts', "export const x = process.env['HOME'];\n", 'noProcessEnv'],
  ['daemon/bay/t12.ts', 'process.exit(1);\n', 'noJsRestrictedProperties'],
  ['daemon/bay/t13.ts', 'export const { exit } = process;\n', 'noJsRestrictedProperties'],
  ['daemon/runtime/t14.ts', 'export const x = Date.now() + performance.now();\n', undefined],
  ['daemon/main.ts', "process.exit(Number(process.env['X']));\n", undefined],
  ['daemon/custodock.cts', "process.env['X'] ??= '1';\n", undefined],
  ['test/unit/t15.test.ts', 'setTimeout(() => undefined, Date.now());\n', undefined],
];

const pure: readonly Planted[] = [
  ['daemon/bay/lifecycle.ts', use('node:fs'), 'This file is pure'],
  ['daemon/offload/plan.ts', use('node:fs/promises'), 'This file is pure'],
  ['daemon/bay/readiness.ts', use('fs'), 'This file is pure'],
  ['config/rules.ts', use('node:child_process'), 'This file is pure'],
  ['daemon/custody/canonical.ts', use('sqlite3'), 'This file is pure'],
  ['daemon/custody/entry.ts', use('node:crypto'), undefined],
  ['daemon/bay/lights.ts', use('./lifecycle.js'), undefined],
];

const habits: readonly Planted[] = [
  ['daemon/bay/h1.ts', 'export const x = (y: string | undefined) => y!.length;\n', 'noNonNullAssertion'],
  ['daemon/bay/h2.ts', 'try {\n  JSON.parse("");\n} catch {}\n', 'noEmptyBlockStatements'],
  ['daemon/bay/h3.ts', 'export const x = (y: any) => y;\n', 'noExplicitAny'],
  ['daemon/bay/h4.ts', 'console.info(1);\n', 'noConsole'],
  ['daemon/bay/h5.ts', "export function x() {\n  throw 'text';\n}\n", 'useThrowOnlyError'],
  ['test/unit/h7.test.ts', 'it.only("x", () => undefined);\n', 'noFocusedTests'],
];

const everything = [...layers, ...packages, ...stolen, ...pure, ...habits];
/** One file can be planted with one thing only; those that stand for the same file go into copies of their own. */
const rounds: Map<string, Planted>[] = [];
for (const planted of everything) {
  const round = rounds.find((files) => !files.has(planted[0]));
  if (round !== undefined) round.set(planted[0], planted);
  else rounds.push(new Map([[planted[0], planted]]));
}

const said = new Map<Planted, string>();
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'custodock-lint-'));
  for (const [index, files] of rounds.entries()) {
    const copy = join(root, String(index));
    mkdirSync(copy);
    for (const name of ['.biome.json', '.biome', '.gitignore']) cpSync(name, join(copy, name), { recursive: true });
    for (const [file, [, code]] of files) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), code);
    }
    const { stdout, stderr } = spawnSync(
      resolve('node_modules/.bin/biome'),
      ['lint', '--max-diagnostics=none', '--diagnostic-level=warn', '--reporter=json', '.'],
      { cwd: copy, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
    );
    if (!stdout.startsWith('{')) throw new Error(`biome did not run: ${stderr}`);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { category: string; message: string; location: { path: string }; advices: unknown }[];
    };
    for (const [file, planted] of files) {
      const about = diagnostics.filter(({ location }) => location.path === file || location.path.endsWith(`/${file}`));
      said.set(
        planted,
        about.map(({ category, message, advices }) => `${category}: ${message} ${JSON.stringify(advices)}`).join('\n'),
      );
    }
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each([
  ['layers', layers],
  ['one importer for each package', packages],
  ['time, randomness, environment and exit', stolen],
  ['pure files', pure],
  ['habits', habits],
] as const)('%s', (_, group) => {
  it.each(
    group.map(
      (planted) =>
        [planted[2] === undefined ? 'passes' : 'refuses', planted[0], planted[1].split('\n', 1)[0], planted] as const,
    ),
  )('%s in %s: %s', (_verdict, _file, _code, planted) => {
    const text = said.get(planted);
    if (planted[2] !== undefined) expect(text).toContain(planted[2]);
    else
      expect(text).not.toMatch(
        /^(plugin|lint\/nursery\/noJsRestrictedProperties|lint\/style\/(noRestrictedGlobals|noProcessEnv))/m,
      );
  });
});

describe('the project itself', () => {
  const sources = ['daemon', 'drivers', 'config'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.c?ts$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => ({ file: `${folder}/${name}`, text: readFileSync(join(folder, name), 'utf8') })),
  );

  it.each(Object.keys(importers))('imports %s in one file at most', (name) => {
    const importing = sources.filter(({ text }) =>
      new RegExp(`(from|import\\(|require\\()\\s*'${name}(/[^']*)?'`).test(text),
    );
    expect(importing.map(({ file }) => file).length, importing.map(({ file }) => file).join()).toBeLessThanOrEqual(1);
  });

  it('lists as pure only files that are there', () => {
    const { plugins } = JSON.parse(readFileSync('.biome.json', 'utf8')) as {
      plugins: { path: string; includes: string[] }[];
    };
    const listed = plugins.find(({ path }) => path.endsWith('pure.grit'))?.includes ?? [];
    const files = new Set(sources.map(({ file }) => file));
    expect(listed.filter((file) => !file.includes('*') && !files.has(file.replace(/^!/, '')))).toEqual([]);
  });
});
