/**
 * `npm run package`: the Debian package of this machine's architecture, from what `npm run build` left in dist/ and what `npm ci` put
 * into node_modules/. What is in it is listed here and in `modules.ts`, and nowhere else.
 *
 * The same sources give the same bytes: times come from SOURCE_DATE_EPOCH (default: the last commit), order and owners are fixed.
 * Needs dpkg-deb, ldd and strip; writes below dist/ alone.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { neededFiles, productionModules } from './modules.js';

/** Where a shared library comes from; what is not named here must not be needed. */
const libraryPackages: Readonly<Record<string, string>> = {
  'libc.so.6': 'libc6 (>= 2.36)',
  'libdl.so.2': 'libc6 (>= 2.36)',
  'libm.so.6': 'libc6 (>= 2.36)',
  'libpthread.so.0': 'libc6 (>= 2.36)',
  'librt.so.1': 'libc6 (>= 2.36)',
  'libgcc_s.so.1': 'libgcc-s1',
  'libstdc++.so.6': 'libstdc++6 (>= 12)',
  'libudev.so.1': 'libudev1',
};

/** Programs that are called, or that call us: mount and blockdev; udev; deb-systemd-helper; modprobe for file systems. */
const programPackages = ['init-system-helpers', 'kmod', 'mount', 'systemd', 'udev', 'util-linux'];

const debianArchitectures: Readonly<Record<string, string>> = { arm64: 'arm64', x64: 'amd64' };

const home = '/usr/lib/custodock';

export interface PackageOptions {
  /** The checkout, with dist/ and node_modules/. */
  readonly root: string;
  /** Folder for the package and its staging tree. */
  readonly into: string;
  /** Seconds since 1970 that every file in the package bears. */
  readonly epochS: number;
  /** `zstd` is for trying something out: ten times as fast, a quarter larger. */
  readonly compression: 'xz' | 'zstd';
}

/** Returns the path of the package. */
export function buildPackage({ root, into, epochS, compression }: PackageOptions): string {
  const architecture = debianArchitectures[process.arch];
  if (architecture === undefined) throw new Error(`no Debian package for ${process.arch}: build on amd64 or arm64`);
  const { version, description } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly description: string;
  };
  const staging = path.join(into, 'staging');
  rmSync(staging, { recursive: true, force: true });
  const stage = new Staging(root, staging);
  program(stage);
  modules(stage, root);
  system(stage);
  const controls = {
    Package: 'custodock',
    Version: version,
    Architecture: architecture,
    Maintainer: 'Custodock <custodock@localhost>',
    Section: 'admin',
    Priority: 'optional',
    'Installed-Size': String(Math.ceil(stage.sizeBytes / 1024)),
    Depends: dependencies(stage.natives).join(', '),
    Recommends: 'systemd-timesyncd | time-daemon',
    Description: `${description.split(':')[0]}\n The Node.js runtime is inside. Recordings and ledger are kept when the package is removed or purged.`,
  };
  stage.text(
    '/DEBIAN/control',
    `${Object.entries(controls)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n')}\n`,
  );
  stage.text('/DEBIAN/conffiles', '/etc/custodock/config.yaml\n');
  for (const script of ['postinst', 'prerm', 'postrm'])
    stage.file(`systemd/debian/${script}`, `/DEBIAN/${script}`, 0o755);
  fixTimes(staging, epochS);
  const file = path.join(into, `custodock_${version}_${architecture}.deb`);
  // One thread: the number of threads changes the bytes.
  run('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--threads-max=1', '--build', staging, file], {
    SOURCE_DATE_EPOCH: String(epochS),
  });
  rmSync(staging, { recursive: true });
  return file;
}

/** Runtime, compiled code and the files that the code reads beside itself. */
function program(stage: Staging): void {
  stage.copy(process.execPath, `${home}/bin/node`, 0o755);
  // A quarter of the runtime is symbols for debuggers; those that native modules need stay.
  run('strip', [stage.place(`${home}/bin/node`)]);
  stage.native(`${home}/bin/node`);
  const code = ['daemon', 'drivers', 'config'].flatMap((folder) => stage.filesOf(`dist/${folder}`));
  for (const file of code) if (file.endsWith('js')) stage.file(file, `${home}/${file}`);
  const entry = stage.read('dist/daemon/custodock.cjs').replace(/^#!.*/, `#!${home}/bin/node`);
  stage.text(`${home}/dist/daemon/custodock.cjs`, entry, 0o755);
  stage.link('/usr/bin/custodock', '../lib/custodock/dist/daemon/custodock.cjs');
  const beside = ['package.json', 'config/custodock.example.yaml', 'config/custodock.schema.json'];
  for (const file of [...beside, ...stage.filesOf('daemon/central/contract')]) {
    if (/\.(?:json|yaml)$/.test(file)) stage.file(file, `${home}/${file}`);
  }
}

function modules(stage: Staging, root: string): void {
  for (const module of productionModules(root)) {
    for (const file of neededFiles(module, process.arch)) {
      const to = `${home}/${path.relative(root, module)}/${file}`;
      stage.copy(path.join(module, file), to);
      if (!file.endsWith('.node')) continue;
      run('strip', ['--strip-unneeded', stage.place(to)]);
      stage.native(to);
    }
  }
}

/** What the rest of the system reads. */
function system(stage: Staging): void {
  for (const unit of stage.filesOf('systemd').filter((file) => /^systemd\/[^/]+\.(?:service|socket)$/.test(file))) {
    stage.file(unit, `/usr/lib/systemd/system/${path.basename(unit)}`);
  }
  stage.file('systemd/61-custodock.rules', '/usr/lib/udev/rules.d/61-custodock.rules');
  stage.file('systemd/custodock.sysusers', '/usr/lib/sysusers.d/custodock.conf');
  stage.file('systemd/custodock.tmpfiles', '/usr/lib/tmpfiles.d/custodock.conf');
  stage.file('config/custodock.example.yaml', '/etc/custodock/config.yaml', 0o640);
  stage.file('README.md', '/usr/share/doc/custodock/README.md');
  stage.file('drivers/cradle/modbus/REGISTERS.md', '/usr/share/doc/custodock/REGISTERS.md');
  stage.text('/usr/share/doc/custodock/copyright', copyright());
}

function copyright(): string {
  const runtime = ['/usr/share/doc/nodejs/LICENSE', path.join(path.dirname(process.execPath), '../LICENSE')];
  const licence = runtime.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (licence === undefined) throw new Error(`the licence of Node.js is at none of ${runtime.join(', ')}`);
  return (
    'Custodock is unlicensed software of its owner. The licences of the modules that it brings stand beside them in\n' +
    `${home}/node_modules/*/. The runtime ${home}/bin/node is Node.js ${process.version}:\n\n${readFileSync(licence, 'utf8')}`
  );
}

/** A tree that becomes the package. */
class Staging {
  readonly #root: string;
  readonly #staging: string;
  /** Files with machine code. */
  readonly natives: string[] = [];

  constructor(root: string, staging: string) {
    this.#root = root;
    this.#staging = staging;
  }

  place(to: string): string {
    const place = path.join(this.#staging, to);
    mkdirSync(path.dirname(place), { recursive: true, mode: 0o755 });
    return place;
  }

  copy(from: string, to: string, mode = 0o644): void {
    const place = this.place(to);
    copyFileSync(from, place);
    chmodSync(place, mode);
  }

  file(from: string, to: string, mode = 0o644): void {
    this.copy(path.join(this.#root, from), to, mode);
  }

  text(to: string, text: string, mode = 0o644): void {
    const place = this.place(to);
    writeFileSync(place, text);
    chmodSync(place, mode);
  }

  link(to: string, target: string): void {
    symlinkSync(target, this.place(to));
  }

  native(to: string): void {
    this.natives.push(this.place(to));
  }

  read(from: string): string {
    return readFileSync(path.join(this.#root, from), 'utf8');
  }

  /** Files below a folder of the checkout, as paths from the checkout. */
  filesOf(folder: string): string[] {
    return readdirSync(path.join(this.#root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.#root, path.join(entry.parentPath, entry.name)))
      .sort();
  }

  get sizeBytes(): number {
    return everything(this.#staging).reduce((sum, file) => sum + statSync(file).size, 0);
  }
}

/** Debian packages for all shared libraries, and the programs; fails where a library would be missing on a bare machine. */
function dependencies(natives: readonly string[]): string[] {
  const found = new Set<string>(programPackages);
  for (const file of natives) {
    for (const line of run('ldd', [file]).split('\n')) {
      const library = /^\s*(\S+)\s+=>/.exec(line)?.[1];
      if (library === undefined) continue;
      const brings = libraryPackages[library];
      if (brings === undefined) throw new Error(`${file} needs ${library}, which no dependency of the package brings`);
      found.add(brings);
    }
  }
  return [...found].sort();
}

function fixTimes(staging: string, epochS: number): void {
  for (const file of everything(staging)) lutimesSync(file, epochS, epochS);
  lutimesSync(staging, epochS, epochS);
}

function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    path.join(entry.parentPath, entry.name),
  );
}

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...environment },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** When this was last changed: SOURCE_DATE_EPOCH, else the last commit. */
export function sourceEpochS(root: string): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined) return Number(given);
  return Number(run('git', ['-C', root, 'log', '-1', '--format=%ct']));
}
