import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraFolder, candidateNames, dayFolders, hasAbsurdTimes } from '../../daemon/archive/names.js';
import { receiptLine } from '../../daemon/archive/receipt.js';

const nowMs = Date.parse('2026-03-02T18:00:00Z');
const context = { fileTimes: 'utc', timeZone: 'Asia/Shanghai', nowMs } as const;
const named = (startedLocal: string) => ({ device: '1', user: '2', startedLocal, encrypted: false });

describe('names in the archive (I11)', () => {
  it('are one plain component with room for the receipt, whatever bytes the camera gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.string(), (bytes, identity) => {
        const names = candidateNames(bytes, identity);
        for (const name of names) {
          expect(Buffer.byteLength(`${name}.sha256`)).toBeLessThanOrEqual(255);
          expect(name).not.toMatch(/[\p{Cc}\p{Cf}/\\:*?"<>|]/u);
          expect(name).not.toMatch(/^[.\- ]|[. ]$|^$/);
        }
        expect(new Set(names).size).toBe(3);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['video/DSJ_1_2_20260302_093000.mp4', 'DSJ_1_2_20260302_093000.mp4'],
    ['视频/现场检查.mp4', '现场检查.mp4'],
    ['..', '_'],
    ['a/../..', '_'],
    ['.hidden', '_hidden'],
    ['-rf', '_rf'],
    ['a\nb\u202egpj.exe', 'a_b_gpj.exe'],
    ['CON.mp4', '_CON.mp4'],
    ['trailing. . ', 'trailing_'],
    ['c:\\evil', 'c__evil'],
  ])('%j becomes %j', (path, name) => {
    expect(candidateNames(Buffer.from(path), 'id')[0]).toBe(name);
  });

  it('keeps names that are not UTF-8 apart', () => {
    const [one] = candidateNames(Buffer.from([0x61, 0xff]), 'id');
    const [other] = candidateNames(Buffer.from([0x61, 0xfe]), 'id');
    expect([one, other]).toEqual(['a%FF', 'a%FE']);
  });

  it('cuts at whole characters and keeps the extension', () => {
    const [name] = candidateNames(Buffer.from(`${'長'.repeat(100)}.mp4`), 'id');
    expect(name).toBe(`${'長'.repeat(75)}.mp4`);
  });

  it('gives cameras whose ids look alike different folders', () => {
    expect(cameraFolder('DSJ-0001')).toBe('DSJ-0001');
    const folders = ['a/b', 'a:b', '..', '.', ' x'].map(cameraFolder);
    expect(new Set(folders).size).toBe(folders.length);
    for (const folder of folders) expect(folder).toMatch(/^[^/:]+~[0-9a-f]{8}$/);
  });
});

describe('the day of a recording', () => {
  it('is that of its name, else of its last writing in the zone, else of its arrival', () => {
    const modifiedMs = Date.parse('2026-02-28T20:00:00Z');
    expect(dayFolders({ modifiedMs, named: named('2026-02-27T23:59:59') }, context)).toEqual(['2026', '02', '27']);
    expect(dayFolders({ modifiedMs, named: named('2106-01-01T00:00:00') }, context)).toEqual(['2026', '03', '01']);
    expect(dayFolders({ modifiedMs }, { ...context, fileTimes: 'local' })).toEqual(['2026', '02', '28']);
    expect(dayFolders({ modifiedMs: 0 }, context)).toEqual(['2026', '03', '03']);
    expect(dayFolders({ modifiedMs: Number.MAX_SAFE_INTEGER }, context)).toEqual(['2026', '03', '03']);
  });

  it('takes 1980, 2106 and the future for absurd, and tomorrow for a time zone', () => {
    const at = (text: string) => hasAbsurdTimes({ modifiedMs: Date.parse(text) }, nowMs);
    expect(at('1980-01-01T00:00:00Z')).toBe(true);
    expect(at('2106-02-07T06:28:15Z')).toBe(true);
    expect(at('2026-03-04T00:00:00Z')).toBe(true);
    expect(at('2026-03-03T12:00:00Z')).toBe(false);
    expect(hasAbsurdTimes({ modifiedMs: nowMs, named: named('1999-12-31T23:59:59') }, nowMs)).toBe(true);
  });
});

describe('receiptLine', () => {
  it('escapes as coreutils does', () => {
    expect(receiptLine('ab', 'x.mp4')).toBe('ab  x.mp4\n');
    expect(receiptLine('ab', 'x\ny\\z\r')).toBe('\\ab  x\\ny\\\\z\\r\n');
  });
});
