/**
 * I2: an entry is true: the archive has that file, read back as it says, with the camera's bytes. I9: nothing that was
 * published vanishes or changes. I11: whatever cameras say, names stay plain and inside.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import { isOnlyBeginning } from '../../../daemon/offload/plan.js';
import { type Footage, footageKey } from '../footage.js';
import type { World } from '../world.js';
import { type EntryOf, isOf } from './ledger.js';
import { assert } from './violation.js';

export const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Reads of a medium go in blocks of this. */
const blockBytes = 4_096;

export class ArchiveEye {
  readonly #world: World;
  /** Look at every published file, by path in the archive. */
  readonly #published = new Map<string, string>();
  /** Entries by camera and recording. */
  readonly #safe = new Map<string, EntryOf<'recording.offloaded'>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The entry that makes this recording of this camera safe. */
  safe(camera: string, key: string): EntryOf<'recording.offloaded'> | undefined {
    return this.#safe.get(`${camera}|${key}`);
  }

  /** Takes note of entries; each once. */
  note(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) {
      if (!isOf(stored, 'recording.offloaded')) continue;
      const { camera, pathBytes, sizeBytes, modifiedMs } = stored.entry.body;
      const key = `${camera}|${footageKey(Buffer.from(pathBytes, 'base64'), sizeBytes, modifiedMs)}`;
      // Only the beginning of a recording that was gone: not safe, should it come back.
      if (isOnlyBeginning(stored.entry)) continue;
      const before = this.#safe.get(key);
      assert(
        'I8',
        before === undefined,
        () => `entry ${stored.seq} offloads what entry ${before?.seq} has: ${stored.entry.body.path}`,
      );
      this.#safe.set(key, stored);
    }
  }

  /** What each new entry says, held against the archive and the truth. */
  judge(fresh: readonly StoredEntry[]): void {
    for (const stored of fresh) if (isOf(stored, 'recording.offloaded')) this.#judge(stored);
  }

  /** Everything that is in the archive now. */
  look(): void {
    const { archive } = this.#world;
    if (!existsSync(archive)) return;
    const found = new Map<string, string>();
    this.#walk('', found);
    for (const [path, look] of this.#published) {
      assert('I9', found.has(path), () => `${path} has vanished from the archive`);
      assert('I9', found.get(path) === look, () => `${path} was changed after it was published`);
    }
    for (const [path, look] of found) if (!this.#published.has(path)) this.#published.set(path, look);
  }

  /** No content is there twice, and nothing half is left. */
  atEnd(mayBeLeft: (part: string) => boolean): void {
    const { archive } = this.#world;
    const names = new Map<string, string>();
    for (const path of this.#published.keys()) {
      if (path.endsWith('.sha256') && this.#published.has(path.slice(0, -7))) continue;
      const bytes = readFileSync(join(archive, path));
      if (bytes.length < 64) continue;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const other = names.get(sha256);
      assert('I8', other === undefined, () => `${path} and ${other} are the same recording`);
      names.set(sha256, path);
    }
    const unproved = this.#world.log
      .flatMap(({ lines }) => lines)
      .flatMap(({ key, fields }) => (key === 'offload.part-unproved' ? [String(fields['part'])] : []));
    const parts = existsSync(join(archive, '.parts')) ? readdirSync(join(archive, '.parts')) : [];
    for (const name of parts) {
      // Of what is gone from its camera: a name for a file that was never entered, and bytes that nobody can prove.
      const [key = '', kind] = name.split('.');
      const mayStay = kind === 'to' || unproved.includes(key) || !parts.includes(`${key}.notes`);
      assert('I8', mayStay || mayBeLeft(key), () => `${name} was left among the parts`);
    }
  }

  #walk(folder: string, found: Map<string, string>): void {
    for (const name of readdirSync(join(this.#world.archive, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const plain = !unprintable.test(name) && !name.includes('\\') && name !== '..' && !name.includes('\uFFFD');
      assert('I11', plain, () => `the archive has a name that is not plain: ${JSON.stringify(path)}`);
      const look = lstatSync(join(this.#world.archive, path), { bigint: true });
      if (look.isDirectory()) {
        if (path !== '.parts') this.#walk(path, found);
        continue;
      }
      assert('I11', look.isFile(), () => `${path} in the archive is not a file`);
      if (folder === '') continue;
      // Published by a process that died before it could make it read-only and single: not yet what it will be.
      if ((look.mode & 0o777n) === 0o440n && look.nlink === 1n)
        found.set(path, `${look.ino} ${look.size} ${look.mtimeNs}`);
    }
  }

  #judge(stored: EntryOf<'recording.offloaded'>): void {
    const { body } = stored.entry;
    const what = `entry ${stored.seq} of ${body.path}`;
    const key = footageKey(Buffer.from(body.pathBytes, 'base64'), body.sizeBytes, body.modifiedMs);
    const owner = this.#world.cameras.find(({ id, ever }) => id === body.camera && ever.has(key));
    const other = this.#world.cameras.find(({ ever }) => ever.has(key));
    assert(
      'I7',
      owner !== undefined || other === undefined,
      () => `${what} says ${body.camera}, it is of ${other?.id}`,
    );
    const truth = owner?.ever.get(key);
    assert('I2', truth !== undefined, () => `${what}: no camera ever had that recording`);
    const inside = !body.archivePath.split('/').some((part) => part === '..' || part === '' || part === '.');
    assert('I11', inside, () => `${what} has the path ${body.archivePath}`);
    const full = join(this.#world.archive, body.archivePath);
    const there = existsSync(full);
    // Its receipt shows that it was published.
    assert(existsSync(`${full}.sha256`) ? 'I9' : 'I2', there, () => `${what}: there is no ${body.archivePath}`);
    const stat = lstatSync(full);
    assert('I11', stat.isFile(), () => `${what}: ${body.archivePath} is not a file`);
    assert('I9', (stat.mode & 0o777) === 0o440, () => `${what}: ${body.archivePath} can be written`);
    const bytes = readFileSync(full);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert('I2', sha256 === body.sha256, () => `${what}: the archive has other bytes (${sha256})`);
    assert('I2', body.readBack === this.#world.disk.readPath, () => `${what} claims to be read back ${body.readBack}`);
    const bad = owner?.everBad.get(truth.path.toString('latin1')) ?? [];
    assertTrueBytes(what, bytes, truth, body, bad);
    assert('I3', body.important === truth.important, () => `${what} has the important mark wrong`);
    const receipt = readFileSync(`${full}.sha256`, 'utf8');
    assert('I2', receipt.startsWith(sha256) || receipt.startsWith(`\\${sha256}`), () => `${what}: receipt ${receipt}`);
  }
}

function assertTrueBytes(
  what: string,
  bytes: Buffer,
  truth: Footage,
  { missing, label, madeOf }: EntryOf<'recording.offloaded'>['entry']['body'],
  bad: readonly { readonly from: number; readonly to: number }[],
): void {
  assert('I2', bytes.length === truth.bytes.length, () => `${what}: ${bytes.length} of ${truth.bytes.length} bytes`);
  const expected = Buffer.from(truth.bytes);
  for (const { from, to } of missing) {
    expected.fill(0, from, to);
    for (let at = from - (from % blockBytes); at < to; at += blockBytes) {
      const was = bad.some((range) => range.from < at + blockBytes && range.to > at);
      assert(
        'I2',
        was || madeOf === 'part',
        () => `${what}: bytes from ${at} are said to be missing, and could be read`,
      );
    }
  }
  assert('I2', bytes.equals(expected), () => `${what}: the bytes are not the camera's`);
  const wanted =
    bytes.length === 0 ? 'zero-length' : missing.length > 0 ? 'incomplete' : truth.whole ? 'complete' : 'truncated';
  // Below a header's length, and without an extension, a format cannot be judged.
  if (bytes.length >= 32 && /\.mp4$/i.test(truth.path.toString('latin1')))
    assert('I2', label === wanted, () => `${what} is labelled ${label}, it is ${wanted}`);
}
