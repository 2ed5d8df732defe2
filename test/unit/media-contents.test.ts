/** What the media helper takes for a volume: heads made by the real mkfs programs where they are there, and broken by hand. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentsOf, headBytes } from '../../drivers/media/helper/contents.js';

const sizeBytes = 64 * 1024 * 1024;
const formats = {
  vfat32: ['mkfs.vfat', '-F', '32'],
  vfat16: ['mkfs.vfat', '-F', '16'],
  exfat: ['mkfs.exfat'],
  ext4: ['mkfs.ext4', '-q', '-F'],
  ext4plain: ['mkfs.ext4', '-q', '-F', '-O', '^has_journal,^64bit'],
} as const;
type Format = keyof typeof formats;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'custodock-heads-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Undefined where this machine has not got the program. */
function headOf(format: Format): Buffer | undefined {
  const [program, ...options] = formats[format];
  const image = join(folder, format);
  writeFileSync(image, '');
  truncateSync(image, sizeBytes);
  const { error, status } = spawnSync(program, [...options, image], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  if (error !== undefined && process.env['CI'] === undefined) return undefined;
  expect(status, program).toBe(0);
  const head = Buffer.alloc(headBytes);
  const file = openSync(image, 'r');
  readSync(file, head, 0, headBytes, 0);
  closeSync(file);
  return head;
}

function changed(head: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(head);
  change(copy);
  return copy;
}

describe.each(Object.keys(formats) as Format[])('a volume made as %s', (format) => {
  const fileSystem = format.startsWith('vfat') ? 'vfat' : format.startsWith('ext4') ? 'ext4' : 'exfat';

  it('is taken for what it is, and for clean', ({ skip }) => {
    const head = headOf(format) ?? skip();
    expect(contentsOf(head, sizeBytes)).toEqual({ kind: 'volume', fileSystem, dirty: false });
  });

  it('is refused where it claims more than its device has: reads beyond the end would look like a damaged recording', ({
    skip,
  }) => {
    const head = headOf(format) ?? skip();
    expect(contentsOf(head, sizeBytes / 2)).toMatchObject({ kind: 'refused', reason: 'damaged' });
  });

  it('is seen to be dirty', ({ skip }) => {
    const head = headOf(format) ?? skip();
    const dirty = changed(head, (copy) => {
      if (format === 'vfat32') copy[65] = 1;
      else if (format === 'vfat16') copy[37] = 1;
      else if (format === 'exfat') copy[106] = 2;
      else if (format === 'ext4') copy.writeUInt32LE(copy.readUInt32LE(0x460) | 0x4, 0x460);
      else copy.writeUInt16LE(0, 0x43a);
    });
    expect(contentsOf(dirty, sizeBytes)).toEqual({ kind: 'volume', fileSystem, dirty: true });
  });

  it('never makes the check fail, whatever a bit is turned to (property)', ({ skip }) => {
    const head = headOf(format) ?? skip();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { maxLength: 16 }), (flips) => {
        const contents = contentsOf(
          changed(head, (copy) => {
            for (const [at, value] of flips) copy[at] = value;
          }),
          sizeBytes,
        );
        expect(['volume', 'refused']).toContain(contents.kind);
      }),
    );
  });
});

describe('what is no volume', () => {
  it.each([
    ['nothing but zeros', Buffer.alloc(headBytes), 'zeros'],
    ['NTFS', changed(Buffer.alloc(headBytes), (copy) => copy.write('\xeb\x52\x90NTFS    ', 'latin1')), 'NTFS'],
    ['an encrypted one', changed(Buffer.alloc(headBytes), (copy) => copy.write('LUKS\xba\xbe', 'latin1')), 'LUKS'],
  ])('is refused and named: %s', (_, head, found) => {
    expect(contentsOf(head, sizeBytes)).toMatchObject({ reason: 'unknown', found: expect.stringContaining(found) });
  });

  it('is refused where it is two things at once: which of them the camera writes cannot be known (I11)', ({ skip }) => {
    const fat = headOf('vfat32') ?? skip();
    const ext = headOf('ext4') ?? skip();
    const both = changed(fat, (copy) => ext.copy(copy, 0x400, 0x400, 0x800));
    expect(contentsOf(both, sizeBytes)).toMatchObject({
      reason: 'unknown',
      found: expect.stringContaining('vfat and of ext4'),
    });
    // Two bytes in a table of FAT may look like the mark of ext by chance.
    const chance = changed(headOf('vfat16') ?? skip(), (copy) => copy.writeUInt16LE(0xef53, 0x438));
    expect(contentsOf(chance, sizeBytes)).toMatchObject({ kind: 'volume', fileSystem: 'vfat' });
  });

  it('is refused where a changed exFAT boot region does not match its checksum', ({ skip }) => {
    const head = headOf('exfat') ?? skip();
    expect(
      contentsOf(
        changed(head, (copy) => copy.writeUInt32LE(7, 96)),
        sizeBytes,
      ),
    ).toMatchObject({ reason: 'damaged' });
  });

  it('is refused for any bytes at all, without an exception (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8192 }), fc.nat(), (bytes, size) => {
        expect(['volume', 'refused']).toContain(contentsOf(Buffer.from(bytes), size).kind);
      }),
    );
  });
});
