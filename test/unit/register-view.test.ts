/** The registers as tables: on the smallest terminal too, in both languages, and saying what they leave out. */
import { describe, expect, it } from 'vitest';
import { plainText } from '../../daemon/console/line.js';
import type { Look } from '../../daemon/console/look.js';
import { dockingsView, entriesView, recordingsView } from '../../daemon/console/register-view.js';
import { columnsOf } from '../../daemon/console/width.js';
import type { Fact } from '../../daemon/custody/entry.js';
import type { DockingRow, KnownRecording } from '../../daemon/custody/ledger.js';
import { clockSet, docked, offloaded, refused, undocked } from '../support/ledger-rig.js';
import { MemoryLedger } from '../support/memory-ledger.js';

const camera = 'DSJ-0001234567890';
const marked = { camera, important: true, label: 'truncated', readBack: 'cached' } as const;
const archivePath = `2026/03/01/${camera}/DSJ_0001235_00000020260301091637_0001_IMP.mp4`;

function entered(...facts: readonly Fact[]) {
  const ledger = new MemoryLedger();
  return ledger.enter(...facts).map(({ seq, leaf, entry }) => ({ seq: seq + 1_234_000, leaf, entry }));
}

const recordings: readonly KnownRecording[] = entered(offloaded('d1', 'a.mp4', { ...marked, archivePath })).map(
  (stored) => ({
    ...stored,
    enteredUtc: stored.entry.time.utc,
    body: { ...stored.entry.body } as KnownRecording['body'],
    erasingSeq: 8,
    erasedSeq: 9,
  }),
);
const docking: DockingRow = {
  docking: 'd1',
  bay: '12-16',
  camera,
  broughtBy: '0100234567',
  outSinceUtc: '2026-03-01T00:30:00.000Z',
  arrivedUtc: '2026-03-01T10:02:00.000Z',
  leftUtc: '2026-03-02T00:31:00.000Z',
  takenBy: '0100234568',
  recordings: 12_345,
  bytes: 210_000_000_000,
  verdict: 'not-ready',
};
const facts = [
  docked('d1', camera, '12-16'),
  offloaded('d1', archivePath, marked),
  clockSet('d1', 7),
  refused('d2'),
  undocked('d1'),
];

const views: Readonly<Record<string, (look: Look) => readonly string[]>> = {
  recordings: (look) => recordingsView(recordings, look, 1).map(plainText),
  'ledger list': (look) => entriesView(entered(...facts), look).map(plainText),
  custody: (look) => dockingsView([docking, { ...docking, outSinceUtc: null, leftUtc: null }], look).map(plainText),
};
const look = (columns: number, language: Look['language']): Look => ({
  language,
  columns,
  timeZone: 'Asia/Shanghai',
  symbols: true,
});

describe('a register on a terminal', () => {
  it.each(
    Object.keys(views).flatMap((name) => (['en', 'zh-CN'] as const).map((language) => [name, language] as const)),
  )('of 80 columns: %s in %s fits, and says what has no room', (name, language) => {
    const lines = views[name]?.(look(80, language)) ?? [];
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => columnsOf(line) > 80)).toEqual([]);
    expect(lines.join('\n')).toContain(language === 'en' ? 'No room here for: ' : '因宽度不足未显示：');
  });

  it.each(Object.keys(views))('of 200 columns: %s leaves nothing out', (name) => {
    expect(views[name]?.(look(200, 'en')).join('\n')).not.toContain('No room');
  });

  it('keeps of the usage ledger what M4 asks for: who, handed over when, what', () => {
    const [heading, row] = views['custody']?.(look(80, 'zh-CN')) ?? [];
    expect(heading?.trim().split(/ +/)).toEqual(
      expect.arrayContaining(['设备', '使用人员', '领用时间', '交回时间', '记录数', '取出时间', '取出人员']),
    );
    expect(row).toContain('03-01 08:30');
    expect(views['custody']?.(look(200, 'zh-CN'))[1]).toContain('2026-03-01 08:30');
  });
});
