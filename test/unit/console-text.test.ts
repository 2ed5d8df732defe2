import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../daemon/console/json-text.js';
import { fitted, line, lineColumns, painted, plainText, span } from '../../daemon/console/line.js';
import { table } from '../../daemon/console/table.js';
import { columnsOf, truncated, truncatedStart, wrapped } from '../../daemon/console/width.js';
import {
  bar,
  count,
  duration,
  localTime,
  offset,
  percentDone,
  recordingTime,
  shortDuration,
  size,
  steadyEtaMs,
} from '../../daemon/language/figures.js';

/** Everything that devices say, made harmless as `span` does. */
const shown = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom('执法记录仪', 'ＡＢ', 'é', 'e\u0301', '가', '\u{1f4f7}', '—', '…', ' ', '(', '，'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => span(parts.join('')).text);
const columns = fc.integer({ min: 0, max: 40 });

describe('columns of a text', () => {
  it.each([
    ['', 0],
    ['DSJ_0001', 8],
    ['执法记录仪', 10],
    ['执法 A', 6],
    ['，。“”', 6],
    ['e\u0301', 1],
    ['한글', 4],
    ['\u1112\u1161\u11ab', 2],
    ['ｱ', 1],
    ['Ａ', 2],
    ['\u{1f4f7}', 2],
    ['\u{20000}', 2],
    ['●◐█░…—·±', 8],
    ['\u{4dc0}', 1],
  ])('%s takes %i', (text, expected) => {
    expect(columnsOf(text)).toBe(expected);
  });

  test.prop([shown, shown])('of two texts are those of both together', (a, b) => {
    expect(columnsOf(a + b)).toBe(columnsOf(a) + columnsOf(b));
  });

  test.prop([shown, columns])('are never exceeded by what is cut, at either end', (text, room) => {
    for (const cut of [truncated(text, room), truncatedStart(text, room)]) {
      expect(columnsOf(cut)).toBeLessThanOrEqual(room);
      if (columnsOf(text) <= room) expect(cut).toBe(text);
      else if (room > 0) expect(cut).toContain('…');
    }
  });

  test.prop([shown, fc.integer({ min: 2, max: 40 })])(
    'are kept by wrapping, which loses nothing but spaces',
    (text, room) => {
      const lines = wrapped(text, room);
      for (const one of lines) expect(columnsOf(one)).toBeLessThanOrEqual(room);
      expect(lines.join('').replaceAll(/\s/gu, '')).toBe(text.replaceAll(/\s/gu, ''));
    },
  );

  it('wraps at words in English and between characters in Chinese, keeping punctuation with what it follows', () => {
    expect(wrapped('clock wrong: +3600.0 s (wanted 3 s)', 14)).toEqual(['clock wrong:', '+3600.0 s', '(wanted 3 s)']);
    expect(wrapped('请接好底座，再查找其链接', 10)).toEqual(['请接好底', '座，再查找', '其链接']);
  });
});

describe('a table', () => {
  test.prop([
    fc.array(fc.tuple(shown, shown, shown), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 30, max: 100 }),
  ])('keeps its columns aligned and its width, whatever devices say (I11)', (rows, width) => {
    const lines = table(
      [
        { heading: '设备', shrinkTo: 4 },
        { heading: 'B', align: 'right', shrinkTo: 1 },
        { heading: 'C', shrinkTo: 1, cut: 'start' },
      ],
      rows,
      width,
    );
    expect(new Set(lines.map(lineColumns)).size).toBe(1);
    expect(lineColumns(lines[0] ?? [])).toBeLessThanOrEqual(width);
    for (const one of lines) expect(plainText(one)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('cuts the widest column first, and none below its heading', () => {
    const lines = table(
      [
        { heading: 'CAMERA', shrinkTo: 2 },
        { heading: 'P', shrinkTo: 3, cut: 'start' },
        { heading: 'N', align: 'right' },
      ],
      [['DSJ0001', '2026/03/02/DSJ0001/a.mp4', '7']],
      20,
    );
    expect(lines.map(plainText)).toEqual(['CAMERA   P         N', 'DSJ0001  …1/a.mp4  7']);
  });
});

describe('a line', () => {
  test.prop([fc.array(shown, { maxLength: 5 }), columns])('fits where it is made to fit', (parts, room) => {
    expect(lineColumns(fitted(line(...parts), room))).toBeLessThanOrEqual(room);
  });

  it('is bytes without escape sequences when there is no colour', () => {
    const text = line(span('ready', 'green'), ' ', span('\u001b[31mred\u009b', 'red'));
    expect(painted(text, false)).toBe('ready \\u{1b}[31mred\\u{9b}');
    expect(painted(text, true)).toBe('\u001b[1;32mready\u001b[0m \u001b[1;31m\\u{1b}[31mred\\u{9b}\u001b[0m');
  });
});

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [9_994_000, '9.99 MB'],
    [9_995_000, '10.0 MB'],
    [64_000_000_000, '64.0 GB'],
    [412_300_000_000, '412 GB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s', '0 秒'],
    [59_499, '59 s', '59 秒'],
    [59_500, '1 min 00 s', '1 分 00 秒'],
    [3_599_600, '1 h 00 min', '1 小时 00 分'],
    [5_400_000, '1 h 30 min', '1 小时 30 分'],
    [86_399_000, '1 d 00 h', '1 天 00 小时'],
    [273_600_000, '3 d 04 h', '3 天 04 小时'],
  ])('%i ms last %s', (ms, en, zh) => {
    expect(duration(ms, 'en')).toBe(en);
    expect(duration(ms, 'zh-CN')).toBe(zh);
  });

  it('say time to go without flicker, and never that nothing is left while something is', () => {
    expect([0, 1, 9_100, 10_001, 119_000, 121_875, 601_000].map(steadyEtaMs)).toEqual([
      1_000, 1_000, 10_000, 15_000, 120_000, 130_000, 660_000,
    ]);
    expect(shortDuration(130_000, 'zh-CN')).toBe('2分10秒');
  });

  it('say recording time and clock errors', () => {
    expect(recordingTime(45, 'en')).toBe('45m');
    expect(recordingTime(580, 'en')).toBe('9h 40m');
    expect(recordingTime(580, 'zh-CN')).toBe('9小时40分');
    expect(recordingTime(1_507, 'en')).toBe('25h 07m');
    expect(offset(-97_200, 'en')).toBe('−97.2 s');
    expect(offset(12.4, 'zh-CN')).toBe('+12 ms');
    expect(offset(999.6, 'en')).toBe('+1.0 s');
    expect(offset(7_380_000, 'en')).toBe('+2h 03m');
    expect(count(1_234_567)).toBe('1,234,567');
    expect(count(999)).toBe('999');
  });

  test.prop([fc.nat(), fc.nat(), fc.integer({ min: 1, max: 40 })])(
    'a bar is as long as it should be, full only at the end, and 100 % likewise',
    (a, b, length) => {
      const [done, total] = [Math.min(a, b), Math.max(a, b)];
      const { filled, rest } = bar(done, total, length);
      expect(columnsOf(filled + rest)).toBe(length);
      expect(rest === '').toBe(done === total);
      expect(percentDone(done, total) === 100).toBe(done === total);
    },
  );

  it('show times in the zone of the dock, and leave alone what is none', () => {
    expect(localTime('2026-03-02T00:15:09.123Z', 'Asia/Shanghai')).toBe('2026-03-02 08:15');
    expect(localTime('2026-03-02T00:15:09.123Z', 'Asia/Shanghai', true)).toBe('2026-03-02 08:15:09');
    expect(localTime('never', 'Asia/Shanghai')).toBe('never');
  });
});

describe('JSON for a terminal', () => {
  test.prop([fc.jsonValue()])('is the same document, without anything that a terminal would obey (I11)', (value) => {
    const text = jsonText({ value, hostile: '\u009b31m\u202e\u2028\u{e0001}\u001b' });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(text)).toEqual(
      JSON.parse(JSON.stringify({ value, hostile: '\u009b31m\u202e\u2028\u{e0001}\u001b' })),
    );
  });
});
