import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasImportantMark, parseDsjName } from '../../drivers/camera/dsj.js';
import { recordingAt, recordingKind, wholeMs } from '../../drivers/camera/recording.js';

describe('DSJ names', () => {
  it('reads device, user, local start and marks', () => {
    expect(parseDsjName('DSJ_A7000123_0042_20260301_093005.mp4')).toEqual({
      device: 'A7000123',
      user: '0042',
      startedLocal: '2026-03-01T09:30:05',
      important: false,
      encrypted: false,
    });
    expect(parseDsjName('DSJ_A7_1_20260301_093005_IMP.mp4')).toMatchObject({ important: true, encrypted: false });
    expect(parseDsjName('DSJ_A7_1_20260301_093005_enc.mp4')).toMatchObject({ important: false, encrypted: true });
    expect(parseDsjName('dsj_A7_1_20260301_093005_imp_ENC.MP4')).toMatchObject({ important: true, encrypted: true });
  });

  it('reads absurd dates that exist: a clock without power says 1980', () => {
    expect(parseDsjName('DSJ_A7_1_19800101_000000.mp4')?.startedLocal).toBe('1980-01-01T00:00:00');
    expect(parseDsjName('DSJ_A7_1_20240229_235959.mp4')?.startedLocal).toBe('2024-02-29T23:59:59');
  });

  it.each([
    ['a date that does not exist', 'DSJ_A7_1_20260229_000000.mp4'],
    ['month 13', 'DSJ_A7_1_20261301_000000.mp4'],
    ['month 0', 'DSJ_A7_1_20260001_000000.mp4'],
    ['hour 24', 'DSJ_A7_1_20260301_240000.mp4'],
    ['minute 60', 'DSJ_A7_1_20260301_006000.mp4'],
    ['second 60', 'DSJ_A7_1_20260301_000060.mp4'],
    ['no device', 'DSJ__1_20260301_000000.mp4'],
    ['a device with a folder in it', 'DSJ_../x_1_20260301_000000.mp4'],
    ['a device with a dot', 'DSJ_.._1_20260301_000000.mp4'],
    ['marks in the wrong order', 'DSJ_A7_1_20260301_000000_enc_IMP.mp4'],
    ['something before', 'xDSJ_A7_1_20260301_000000.mp4'],
    ['something behind', 'DSJ_A7_1_20260301_000000.mp4.tmp'],
    ['a newline behind', 'DSJ_A7_1_20260301_000000.mp4\n'],
    ['no extension', 'DSJ_A7_1_20260301_000000'],
    ['a device that is too long', `DSJ_${'7'.repeat(33)}_1_20260301_000000.mp4`],
  ])('takes no name with %s', (_, name) => {
    expect(parseDsjName(name)).toBeUndefined();
  });

  const field = fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/);
  const moment = fc.date({ min: new Date('1970-01-01'), max: new Date('2107-12-31'), noInvalidDate: true });

  it('reads back every name that a camera can write (property)', () => {
    fc.assert(
      fc.property(field, field, moment, fc.boolean(), fc.boolean(), (device, user, date, important, encrypted) => {
        const startedLocal = date.toISOString().slice(0, 19);
        const stamp = startedLocal.replaceAll(/[-:]/g, '').replace('T', '_');
        const name = `DSJ_${device}_${user}_${stamp}${important ? '_IMP' : ''}${encrypted ? '_enc' : ''}.mp4`;
        expect(parseDsjName(name)).toEqual({ device, user, startedLocal, important, encrypted });
      }),
    );
  });

  it('gives only fields that are safe to show and to use, whatever the name (property, I11)', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.tuple(fc.string(), fc.string()).map(([device, user]) => `DSJ_${device}_${user}_20260301_000000.mp4`),
    );
    fc.assert(
      fc.property(anything, (name) => {
        const parsed = parseDsjName(name);
        if (parsed === undefined) return;
        expect(parsed.device).toMatch(/^[A-Za-z0-9-]{1,32}$/);
        expect(parsed.user).toMatch(/^[A-Za-z0-9-]{1,32}$/);
        expect(Number.isNaN(Date.parse(`${parsed.startedLocal}Z`))).toBe(false);
      }),
    );
  });
});

describe('important mark', () => {
  it.each([
    ['IMP/20260301/a.mp4', true],
    ['video/imp/a.mp4', true],
    ['video/DSJ_A7_1_20260301_093005_IMP.mp4', true],
    ['video/DSJ_A7_1_20260301_093005_imp_enc.mp4', true],
    ['video/other_IMP.mp4', true],
    ['video/other_IMP', true],
    ['video/IMP', false],
    ['IMPORT/a.mp4', false],
    ['video/IMPORTANT.mp4', false],
    ['video/a_IMPACT.mp4', false],
    ['video/SHRIMP.mp4', false],
  ])('%s: %s', (path, important) => {
    expect(hasImportantMark(path)).toBe(important);
  });
});

describe('what a file is taken for', () => {
  it.each([
    ['a.mp4', 'video'],
    ['a.MOV', 'video'],
    ['a.wav', 'audio'],
    ['a.AAC', 'audio'],
    ['a.jpg', 'image'],
    ['a.txt', 'other'],
    ['mp4', 'other'],
    ['.mp4', 'video'],
    ['a.mp4.', 'other'],
    ['._a.mp4', 'other'],
    ['Thumbs.db', 'other'],
  ] as const)('%s is %s', (name, kind) => {
    expect(recordingKind(name)).toBe(kind);
  });

  it('keeps the raw bytes of a path and reads the convention through bytes that are no UTF-8', () => {
    const path = Buffer.concat([Buffer.from([0xd6, 0xb4, 0x2f]), Buffer.from('DSJ_A7_1_20260301_093005_IMP.mp4')]);
    const recording = recordingAt(path, 5, 6);
    expect(recording).toMatchObject({ path, sizeBytes: 5, modifiedMs: 6, kind: 'video', important: true });
    expect(recording.named).toEqual({
      device: 'A7',
      user: '1',
      startedLocal: '2026-03-01T09:30:05',
      encrypted: false,
    });
  });

  it('rounds times towards the past on both sides of 1970', () => {
    expect([1_999_999n, 0n, -1n, -1_000_000n, -1_000_001n].map(wholeMs)).toEqual([1, 0, -1, -1, -2]);
  });
});
