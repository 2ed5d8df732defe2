/** The Debian package, as dpkg-deb reads it. What installing it does is for the lab. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPackage } from '../../systemd/debian/package.js';

const there = ['dpkg-deb', 'strip', 'ldd'].every((program) => spawnSync(program, ['--version']).error === undefined);

function ask(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  expect(status, `${program} ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

describe.runIf(there || process.env['CI'] !== undefined)('the package', () => {
  let folder: string;
  let deb: string;
  let listing: string[];
  const build = (name: string): string =>
    buildPackage({ root: resolve('.'), into: join(folder, name), epochS: 1_700_000_000, compression: 'zstd' });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'custodock-package-'));
    deb = build('one');
    listing = ask('dpkg-deb', '--contents', deb).trim().split('\n');
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the same to the byte when it is built again elsewhere', { timeout: 120_000 }, () => {
    const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(hash(build('two'))).toBe(hash(deb));
  });

  it('brings what the system reads, and the configuration as a conffile that an upgrade does not overwrite', () => {
    const text = listing.join('\n');
    for (const file of [
      './usr/lib/systemd/system/custodock.service',
      './usr/lib/systemd/system/custodock-media.service',
      './usr/lib/systemd/system/custodock-media.socket',
      './usr/lib/udev/rules.d/61-custodock.rules',
      './usr/lib/sysusers.d/custodock.conf',
      './usr/lib/tmpfiles.d/custodock.conf',
      './usr/bin/custodock -> ../lib/custodock/dist/daemon/custodock.cjs',
    ]) {
      expect(text).toContain(` ${file}`);
    }
    expect(ask('dpkg-deb', '--info', deb, 'conffiles')).toBe('/etc/custodock/config.yaml\n');
    expect(text).toMatch(/^-rw-r----- root\/root .* \.\/etc\/custodock\/config\.yaml$/m);
  });

  it('belongs to root, and nobody else may write', () => {
    expect(listing.filter((line) => !/^(?:[-d].{7}[^w].|l\S+) +root\/root /.test(line))).toEqual([]);
  });

  it('holds no sources, maps, tests or other processors’ code', () => {
    const files = listing.map((line) => line.replace(/^.*? (?=\.\/)/, ''));
    expect(
      files.filter(
        (file) => /\.(?:ts|map|cc?|h|gyp|o|a)$|(?<!licen[cs]e)\.md$/i.test(file) && !file.includes('/share/doc/'),
      ),
    ).toEqual([]);
    expect(files.filter((file) => /\/dist\/(?:test|systemd)\//.test(file))).toEqual([]);
    expect(files.filter((file) => /prebuilds\/(?!linux-|$)|musl/.test(file))).toEqual([]);
    expect(files.filter((file) => /node_modules\/(?:vitest|typescript|@types|node-gyp|tar)\//.test(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.node')).length).toBe(4);
  });

  it('runs by itself: every module that the program loads is in it', () => {
    const tree = join(folder, 'tree');
    ask('dpkg-deb', '--extract', deb, tree);
    const home = join(tree, 'usr/lib/custodock');
    const script = join(home, 'dist/daemon/custodock.cjs');
    expect(readFileSync(script, 'utf8').split('\n')[0]).toBe('#!/usr/lib/custodock/bin/node');
    expect(ask(join(home, 'bin/node'), script, 'version')).toMatch(/^custodock \d/);
    const loads = ['run.js', 'demo/demo.js', 'media/media-service.js'].map(
      (file) => `import('${home}/dist/daemon/${file}')`,
    );
    expect(ask(join(home, 'bin/node'), '-e', `Promise.all([${loads.join(', ')}]).then(() => process.exit(0))`)).toBe(
      '',
    );
  });
});
