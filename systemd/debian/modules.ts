/**
 * Which files of node_modules a dock needs: what the product really loads, for this machine's processor, and nothing that only served
 * to build or to describe it. Licences stay, because what is given away has to bring them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Asked for by modules with native code at installation only; nothing of the product loads them. */
const installers = new Set(['node-addon-api', 'node-gyp', 'prebuild-install', 'tar', 'nan']);

/** Folders of a module that hold sources, tests or documentation; below others such a name can be the program's own. */
const needless = new Set([
  'deps',
  'doc',
  'docs',
  'example',
  'examples',
  'benchmark',
  'benchmarks',
  'libusb',
  'libusb_config',
  'node_modules',
  'test',
  'tests',
  '__tests__',
]);

/** Of these modules a folder holds what the program was made from, or was made of it for browsers; elsewhere it may be the program. */
const elsewhere: Readonly<Record<string, string>> = {
  '@serialport/bindings-cpp': 'src',
  mqtt: 'dist',
  sqlite3: 'src',
  'unix-dgram': 'src',
  usb: 'src',
  zod: 'src',
};

const programs = /\.(?:[cm]?js|json|node|wasm)$/;
const descriptions =
  /(?:\.min\.js|(?:^|\/)(?:tsconfig[^/]*|package-lock|\..*)\.json|^(?:test|bench[^/]*|benchmark)\.js)$/;
const licences = /(?:^|\/)(?:licen[cs]e|copying|notice)[^/]*$/i;

/** Folders of all modules that the package at `root` needs at run time, sorted; each once. */
export function productionModules(root: string): string[] {
  const found = new Set<string>();
  const add = (from: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = manifest(from);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (installers.has(name) || name.startsWith('@types/')) continue;
      const module = resolved(name, from, root);
      if (module === undefined) {
        if (name in optionalDependencies) continue;
        throw new Error(`${name}, which ${path.relative(root, from) || 'the package'} needs, is not installed: npm ci`);
      }
      if (found.has(module)) continue;
      found.add(module);
      add(module);
    }
  };
  add(root);
  return [...found].sort();
}

/** Files of one module that a dock needs, relative to the module. `arch`: as in `process.arch`. */
export function neededFiles(module: string, arch: string): string[] {
  const { name = '' } = manifest(module);
  return filesBelow(module)
    .filter((file) => wanted(file, name, arch))
    .sort();
}

function wanted(file: string, module: string, arch: string): boolean {
  if (licences.test(file)) return !file.includes('/');
  const folders = file.split('/').slice(0, -1);
  if (folders[0] !== undefined && folders[0] === elsewhere[module]) return false;
  if (folders[0] === 'prebuilds') return folders[1] === `linux-${arch}` && /(?<!musl)\.node$/.test(file);
  // Where node-gyp compiled: everything but the result is a leftover.
  if (file.startsWith('build/Release/')) return /^build\/Release\/[^/]+\.node$/.test(file);
  return programs.test(file) && !descriptions.test(file);
}

function filesBelow(folder: string, under = ''): string[] {
  return readdirSync(path.join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const file = under === '' ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) return under === '' && isNeedless(entry.name) ? [] : filesBelow(folder, file);
    return entry.isFile() ? [file] : [];
  });
}

function isNeedless(folder: string): boolean {
  return folder.startsWith('.') || needless.has(folder);
}

/** As Node looks for it: beside whoever asks, then further up as far as the package. */
function resolved(name: string, from: string, root: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (folder === root || folder === path.dirname(folder)) return undefined;
  }
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}
