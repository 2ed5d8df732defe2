import { describe, expect, it } from 'vitest';
import { lineColumns, painted, plainText } from '../../daemon/console/line.js';
import type { Look } from '../../daemon/console/look.js';
import { Screen } from '../../daemon/console/screen.js';
import { statusChanges } from '../../daemon/console/status-changes.js';
import { statusView } from '../../daemon/console/status-view.js';
import type { Terminal } from '../../daemon/console/terminal.js';
import type { DockStatus } from '../../daemon/status.js';
import { lightPatterns } from '../../drivers/contract/cradle.js';
import { sampleBay, sampleStatus } from '../support/sample-status.js';

const look: Look = { language: 'en', columns: 80, timeZone: 'Asia/Shanghai', symbols: true };
const shown = (status: DockStatus, changed: Partial<Look> = {}): string[] =>
  statusView(status, { ...look, ...changed }).map(plainText);

describe('the state of the dock', () => {
  it('is one look at 80 columns: which bay, which camera, what, why, what to do', () => {
    expect(shown(sampleStatus)).toEqual([
      'dock-1 · east · Custodock 0.1.0 · running since 2026-03-02 08:15',
      'clock    trusted ± 101 ms · timesyncd: synchronised 12 s ago',
      'archive  412 GB free of 1.00 TB · /var/lib/custodock/archive',
      'ledger   entry 1,234, epoch 1 · checked, clean',
      'centre   connected · all told',
      'cradles  1 answering',
      '',
      'BAY  LIGHT    STATE        CAMERA              OFFICER   BATT     FREE     CLOCK',
      '1-1  ● green  ready        DSJ0001234          010022    98 %   9h 40m    +12 ms',
      '1-2  ◐ amber  offloading   DSJ0001235          010023    41 %   1h 35m   −97.2 s',
      '      ███████░░░░░░░░░░░░░  35 %  12/40  1 failed  112 MB/s  2m 10s',
      '1-3  ◉ red    refused      …记录仪\\u{202e}甲   –            –        –         –',
      '      The camera is not in the register: XK-77 [DOCK_CAMERA_NOT_REGISTERED]',
      '      → Take the camera out and put it back',
      '1-4  ● red    not ready    DSJ0001240          –         37 %      12m   +1h 00m',
      '      clock wrong: +3600.0 s (wanted ± 3 s); recording time short: 12 min',
      '      (wanted 480 min)',
      '1-5  ◐ amber  charging     DSJ0001241          010031    62 %   9h 50m     +0 ms',
      '      battery low: 62 % (wanted 90 %)',
      '1-6  ◉ white  empty',
      '',
      'bays 6: 1 ready, 2 in progress, 2 need attention, 1 empty',
    ]);
  });

  it('is aligned in Chinese too, and says what to do in Chinese', () => {
    const todo = sampleStatus.bays.filter(({ bay }) => bay !== '1-3');
    expect(shown({ ...sampleStatus, bays: todo }, { language: 'zh-CN' })).toEqual([
      'dock-1 · east · Custodock 0.1.0 · 2026-03-02 08:15 起运行',
      '时钟      可信 ± 101 ms · timesyncd：12 秒前已同步',
      '档案库    可用 412 GB，共 1.00 TB · /var/lib/custodock/archive',
      '流水      第 1,234 条，第 1 期 · 校验无异常',
      '中心平台  已连接 · 已全部上报',
      '底座      1 正常',
      '',
      '充电位  灯    状态      设备        使用人   电量        可录    时钟偏差',
      '1-1     ● 绿  可领用    DSJ0001234  010022   98 %   9小时40分      +12 ms',
      '1-2     ◐ 黄  采集中    DSJ0001235  010023   41 %   1小时35分     −97.2 s',
      '      ███████░░░░░░░░░░░░░  35 %  12/40  失败 1 个  112 MB/s  2分10秒',
      '1-4     ● 红  不可领用  DSJ0001240  –        37 %        12分  +1小时00分',
      '      时钟不准：+3600.0 s（应为 ± 3 s）；可录时长不足：12 分钟（应为 480 分钟）',
      '1-5     ◐ 黄  充电中    DSJ0001241  010031   62 %   9小时50分       +0 ms',
      '      电量不足：62 %（应为 90 %）',
      '1-6     ◉ 白  空',
      '',
      '充电位 5 个：可领用 1，处理中 2，需处理 1，空 1',
    ]);
    const refused = shown(sampleStatus, { language: 'zh-CN' });
    expect(refused.find((line) => line.includes('→'))).toContain('取出设备重新放入');
    expect(refused.join('\n')).not.toContain('Take the camera');
  });

  it('puts progress and reasons beside the bay where there is room', () => {
    const lines = shown(sampleStatus, { columns: 140 });
    expect(lines.find((line) => line.startsWith('1-2'))).toBe(
      '1-2  ◐ amber  offloading   DSJ0001235            010023    41 %   1h 35m   −97.2 s  ████░░░░░░░░  35 %  12/40  1 failed  112 MB/s  2m 10s',
    );
    expect(lines.find((line) => line.startsWith('1-5'))).toMatch(/\+0 ms {2}battery low: 62 % \(wanted 90 %\)$/);
  });

  it('leaves out first what is well, then empty bays, where the screen is too low', () => {
    const bays = [...sampleStatus.bays, sampleBay('1-7'), sampleBay('1-8')];
    const status = { ...sampleStatus, bays, centre: { state: 'connecting' as const, waiting: 3, error: null } };
    expect(shown(status, { rows: 24 })).toEqual(shown(status));
    const lower = shown(status, { rows: 23 });
    expect(lower.slice(0, 3)).toEqual([
      'dock-1 · east · Custodock 0.1.0 · running since 2026-03-02 08:15',
      'centre   connecting · 3 entries to tell',
      '',
    ]);
    expect(lower).toHaveLength(20);
    const lowest = shown(status, { rows: 19 });
    expect(lowest.slice(-4)).toEqual([
      '1-6  ◉ white  empty',
      'empty: 1-7, 1-8',
      '',
      'bays 8: 1 ready, 2 in progress, 2 need attention, 3 empty',
    ]);
    expect(shown({ ...sampleStatus, bays: [sampleBay('1-1')] }, { rows: 5 })).toEqual([
      'dock-1 · east · Custodock 0.1.0 · running since 2026-03-02 08:15',
      '',
      'empty: 1-1',
      '',
      'bays 1: 0 ready, 0 in progress, 0 need attention, 1 empty',
    ]);
  });

  it('does not move its columns when a bay goes on', () => {
    const heading = (changed: Parameters<typeof sampleBay>[1]): string | undefined =>
      shown({ ...sampleStatus, bays: [sampleBay('1-1', changed)] }).find((line) => line.startsWith('BAY'));
    const camera = { camera: 'A', holder: '1' };
    expect(heading({ ...camera, state: 'offloading', batteryPercent: 5 })).toBe(
      heading({ ...camera, state: 'ready', batteryPercent: 100, recordingMinutes: 1_500, clockOffsetMs: -97_000 }),
    );
  });

  it.each([20, 40, 60, 80, 100, 132, 200])('is never wider than %i columns', (columns) => {
    for (const language of ['en', 'zh-CN'] as const) {
      for (const symbols of [true, false]) {
        for (const line of statusView(sampleStatus, { ...look, columns, language, symbols })) {
          expect(lineColumns(line)).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it('says lights in words where there are no symbols, and no two patterns alike (D5)', () => {
    for (const language of ['en', 'zh-CN'] as const) {
      for (const symbols of [true, false]) {
        const bays = lightPatterns.map((light, index) => sampleBay(`1-${index + 1}`, { light }));
        const rows = statusView({ ...sampleStatus, bays }, { ...look, language, symbols }).filter((line) =>
          plainText(line).startsWith('1-'),
        );
        const lights = rows.map((line) => line[3]?.text);
        expect(new Set(lights).size).toBe(lightPatterns.length);
      }
    }
    expect(shown(sampleStatus, { symbols: false }).find((line) => line.startsWith('1-3'))).toContain('red flashing');
  });

  it('colours only what means something, and only on request', () => {
    const lines = statusView(sampleStatus, look);
    expect(lines.map((line) => painted(line, false)).join('\n')).not.toContain('\u001b');
    const ready = lines.find((line) => plainText(line).startsWith('1-1')) ?? [];
    expect(painted(ready, true)).toContain('\u001b[1;32mready\u001b[0m');
  });

  it('shows nothing of a camera as it is: no escape sequence reaches the terminal (I11)', () => {
    const evil = '\u001b[2J\u009b31m\u0007\u202e\nREADY';
    const bays = [
      sampleBay('1-1', {
        state: 'offloading',
        camera: evil,
        holder: evil,
        progress: {
          recordings: { total: 2, done: 1, failed: 0 },
          bytes: { total: 10, done: 5 },
          bytesPerSecond: 1,
          etaMs: 1,
          current: evil,
        },
        error: { code: evil, expected: evil, found: evil, todo: evil },
      }),
    ];
    const status = { ...sampleStatus, bays, cradles: [{ cradle: '1', state: 'trouble' as const, error: evil }] };
    for (const line of [...shown(status, { columns: 200 }), ...statusChanges(null, status, 'en').map(plainText)]) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('says what is wrong with the dock itself', () => {
    const text = shown({
      ...sampleStatus,
      bays: [],
      clock: { trusted: false, source: 'none', errorMs: null, detail: 'rtc: none' },
      archive: { ...sampleStatus.archive, state: 'gone' },
      ledger: { ...sampleStatus.ledger, check: 'broken' },
      centre: { state: 'refused', waiting: 1_500, error: 'not authorised' },
      cradles: [
        { cradle: '1', state: 'answering', error: null },
        { cradle: '2', state: 'trouble', error: 'no answer within 200 ms' },
      ],
    });
    expect(text.slice(1)).toEqual([
      'clock    NOT TRUSTED, no camera is set by it · rtc: none',
      'archive  GONE · /var/lib/custodock/archive',
      'ledger   entry 1,234, epoch 1 · BROKEN',
      'centre   REFUSED · 1,500 entries to tell · not authorised',
      'cradles  2 TROUBLE no answer within 200 ms · 1 answering',
      '',
      'No bays are configured.',
    ]);
  });
});

describe('what is new', () => {
  const lines = (before: DockStatus | null, after: DockStatus): string[] =>
    statusChanges(before, after, 'en').map(plainText);
  const withBay = (changed: Parameters<typeof sampleBay>[1]): DockStatus => ({
    ...sampleStatus,
    bays: [sampleBay('1-1', changed)],
  });
  const progress = (done: number, bytesPerSecond: number) => ({
    recordings: { total: 10, done: 1, failed: 0 },
    bytes: { total: 1_000, done },
    bytesPerSecond,
    etaMs: 9_000,
    current: 'a',
  });

  it('is everything at first, empty bays left out', () => {
    const first = lines(null, sampleStatus);
    expect(first).toContain('clock: trusted ± 101 ms · timesyncd: synchronised 12 s ago');
    expect(first).toContain('cradle 1: answering');
    expect(first).toContain(
      '1-2  offloading  light amber breathing  DSJ0001235  010023  35 %  12/40  1 failed  112 MB/s  2m 10s',
    );
    expect(first.some((line) => line.startsWith('1-6'))).toBe(false);
  });

  it('is nothing when only figures moved, and a line for each tenth', () => {
    const offloading = (done: number, rate: number): DockStatus =>
      withBay({ state: 'offloading', light: 'amber-breathing', camera: 'A', progress: progress(done, rate) });
    expect(lines(offloading(100, 5), offloading(199, 6))).toEqual([]);
    expect(lines(offloading(199, 5), offloading(200, 6))).toEqual([
      '1-1  offloading  light amber breathing  A  20 %  1/10  6 B/s  9s',
    ]);
    const freer = {
      ...sampleStatus,
      archive: { ...sampleStatus.archive, freeBytes: 1 },
      ledger: { ...sampleStatus.ledger, seq: 9 },
    };
    expect(lines(sampleStatus, freer)).toEqual([]);
  });

  it('is a bay that was emptied, a cradle that is lost, an archive that is full', () => {
    expect(lines(withBay({ state: 'ready', light: 'green-steady' }), withBay({}))).toEqual(['1-1  empty  light off']);
    const worse: DockStatus = {
      ...sampleStatus,
      cradles: [{ cradle: '1', state: 'trouble', error: 'unplugged' }],
      archive: { ...sampleStatus.archive, state: 'full' },
    };
    expect(lines(sampleStatus, worse)).toEqual([
      'archive: FULL · 412 GB free of 1.00 TB · /var/lib/custodock/archive',
      'cradle 1: TROUBLE unplugged',
    ]);
  });
});

describe('a screen', () => {
  const terminal = (rows: number): Terminal & { text: string } => ({
    text: '',
    write(text) {
      this.text += text;
    },
    writeError: () => undefined,
    readLine: async () => null,
    isTTY: true,
    columns: 80,
    rows,
    colour: false,
  });
  const more = (lines: number): string => `${lines} more`;

  it('draws over itself from the top, clears the rest, and gives the cursor back', () => {
    const out = terminal(24);
    const screen = new Screen(out, more);
    screen.draw([[{ text: 'one', tone: 'plain' }], [{ text: 'two', tone: 'plain' }]]);
    expect(out.text).toBe('\u001b[?25l\u001b[2J\u001b[Hone\u001b[K\ntwo\u001b[K\n\u001b[J');
    out.text = '';
    screen.draw([[{ text: 'three', tone: 'plain' }]]);
    expect(out.text).toBe('\u001b[Hthree\u001b[K\n\u001b[J');
    out.text = '';
    screen.draw([[{ text: 'three', tone: 'plain' }]]);
    expect(out.text).toBe('');
    screen.end();
    screen.end();
    expect(out.text).toBe('\u001b[?25h');
  });

  it('never scrolls: what does not fit is counted', () => {
    const out = terminal(4);
    const screen = new Screen(out, more);
    screen.draw(Array.from({ length: 9 }, (_, n) => [{ text: `line ${n}`, tone: 'plain' as const }]));
    expect(out.text.split('\n').length - 1).toBe(3);
    expect(out.text).toContain('line 1\u001b[K\n7 more');
    expect(out.text).not.toContain('line 2');
  });

  it('begins anew after the window was resized', () => {
    const out = { ...terminal(24) };
    const screen = new Screen(out, more);
    screen.draw([[{ text: 'one', tone: 'plain' }]]);
    out.text = '';
    out.columns = 40;
    screen.draw([[{ text: 'one', tone: 'plain' }]]);
    expect(out.text).toContain('\u001b[2J');
  });
});
