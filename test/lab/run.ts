/**
 * `npm run lab [-- 03 05 …] [--keep] [--pulls=200] [--seed=…]`: builds the package, installs it on a bare Debian in a guest, runs the scenarios against what is
 * installed, and shows a table. Fails when one fails. Logs, console and journal of each are in the folder that is named at the end.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildPackage, sourceEpochS } from '../../systemd/debian/package.js';
import { type Base, cache, prepareBase } from './base.js';
import { sha256 } from './cards.js';
import { KernelFailed } from './kernel.js';
import { hardware, kernelCommandLine, Machine } from './machine.js';
import { run } from './program.js';
import { debInGuest, Lab, type LabOptions, type Scenario } from './scenario.js';

interface Result {
  readonly name: string;
  readonly title: string;
  readonly tookS: number;
  readonly error: Error | undefined;
  /** Why it was run once more. */
  readonly again?: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const root = path.resolve(import.meta.dirname, '../../..');
const scenariosFolder = path.join(import.meta.dirname, 'scenarios');
const snapshot = 'installed';

/** The package, built anew. */
function packaged(): string {
  const into = path.join(root, 'dist/package');
  mkdirSync(into, { recursive: true });
  return buildPackage({ root, into, epochS: sourceEpochS(root), compression: 'zstd' });
}

/** A machine on which exactly this package was installed, as it ran a moment later. Kept until the package, the machine or its kernel's options change. */
async function installed(base: Base, deb: string): Promise<string> {
  const how = createHash('sha256')
    .update([await sha256(deb), ...hardware, kernelCommandLine].join(' '))
    .digest('hex');
  const disk = path.join(cache, `installed-${how.slice(0, 16)}.qcow2`);
  if (existsSync(disk)) return disk;
  for (const old of readdirSync(cache))
    if (old.startsWith('installed-')) rmSync(path.join(cache, old), { recursive: true });
  say('installing the package on a bare Debian, once for each package');
  const folder = mkdtempSync(path.join(cache, 'installing-'));
  const machine = new Machine({ base, folder, files: { deb } });
  try {
    await machine.boot();
    await machine.ok(copyPackage(deb));
    const output = await machine.ok(`dpkg --install ${debInGuest} 2>&1`);
    writeFileSync(path.join(folder, 'dpkg.log'), output);
    await machine.until('systemctl is-active custodock custodock-media', 120_000);
    await machine.save(snapshot);
    await machine.kill();
    copyFileSync(machine.disk, disk);
    return disk;
  } finally {
    await machine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyPackage(deb: string): string {
  const bytes = run('stat', ['-c', '%s', deb]).trim();
  return `head -c ${bytes} /dev/disk/by-id/virtio-deb >${debInGuest}`;
}

/** Once more, and said so, when what failed was the guest itself: with two such failures nobody knows any more what fails. */
async function runScenario(name: string, base: Base, deb: string, folder: string): Promise<Result> {
  const first = await tryScenario(name, base, deb, folder);
  if (!(first.error instanceof KernelFailed)) return first;
  return { ...(await tryScenario(name, base, deb, `${folder}-again`)), again: first.error.message };
}

async function tryScenario(name: string, base: Base, deb: string, folder: string): Promise<Result> {
  const { scenario } = (await import(path.join(scenariosFolder, `${name}.js`))) as { readonly scenario: Scenario };
  const { title } = scenario;
  say(`\n== ${name}: ${title}`);
  const began = performance.now();
  mkdirSync(folder, { recursive: true });
  const bare = scenario.machine === 'bare';
  const disk = bare ? undefined : await installed(base, deb);
  const machine = new Machine({
    base,
    folder,
    files: { deb },
    ...(disk === undefined ? {} : { resume: { disk, snapshot } }),
    ...(scenario.acpiTables === undefined ? {} : { acpiTables: scenario.acpiTables(folder) }),
  });
  const lab = new Lab(machine, path.join(folder, 'cards'), options);
  let error: Error | undefined;
  try {
    await machine.boot();
    if (bare) await machine.ok(copyPackage(deb));
    await scenario.run(lab);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
    say(`   ${error.stack}`);
  }
  await collect(machine, folder);
  await machine.kill();
  await lab.close();
  return { name, title, tookS: (performance.now() - began) / 1000, error };
}

/** What a failure is understood from. */
async function collect(machine: Machine, folder: string): Promise<void> {
  const wanted = {
    'journal.log': 'journalctl --no-pager -o short-precise --boot=all',
    'status.log':
      'systemctl --no-pager status custodock custodock-media; custodock status; findmnt; lsblk -b; dmesg | tail -100',
    // Where in the kernel each thread of the dock waits.
    'threads.log':
      'for t in /proc/$(systemctl show -P MainPID custodock)/task/*; do echo "== $(cat $t/comm) $(cat $t/syscall)"; cat $t/stack; done',
  };
  for (const [file, command] of Object.entries(wanted)) {
    const output = await machine.run(command).then(
      (outcome) => outcome.output,
      (error: unknown) => String(error),
    );
    writeFileSync(path.join(folder, file), output);
  }
}

function table(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ title }) => title.length));
  return results
    .map(
      ({ name, title, tookS, error, again }) =>
        `${name.slice(0, 2)}  ${title.padEnd(width)}  ${error === undefined ? 'ok  ' : 'FAIL'}  ${tookS.toFixed(0).padStart(4)} s${again === undefined ? '' : `  second run; in the first ${again}`}`,
    )
    .join('\n');
}

const optionOf = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const options: LabOptions = {
  pulls: Number(optionOf('pulls') ?? 12),
  seed: optionOf('seed') ?? new Date().toISOString(),
};
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const names = readdirSync(scenariosFolder)
  .filter((file) => /^\d\d-.*\.js$/.test(file))
  .map((file) => file.slice(0, -3))
  .filter((name) => wanted.length === 0 || wanted.some((number) => name.startsWith(number)))
  .sort();
if (names.length === 0) throw new Error(`no scenario ${wanted.join(', ')}`);
const base = prepareBase(say);
const deb = packaged();
const folder = mkdtempSync(path.join(tmpdir(), 'custodock-lab-'));
const results: Result[] = [];
for (const name of names) results.push(await runScenario(name, base, deb, path.join(folder, name)));
say(`\n${table(results)}\n`);
const failed = results.filter(({ error }) => error !== undefined);
if (failed.length > 0 || results.some(({ again }) => again !== undefined) || process.argv.includes('--keep')) {
  for (const tried of readdirSync(folder)) {
    for (const left of ['disk.qcow2', 'cards'])
      rmSync(path.join(folder, tried, left), { recursive: true, force: true });
  }
  say(`logs: ${folder}`);
} else rmSync(folder, { recursive: true });
process.exitCode = failed.length > 0 ? 1 : 0;
