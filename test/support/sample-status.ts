/** A dock with a bay in each interesting state, for tests of what is shown. */
import type { BayStatus } from '../../daemon/bay/status.js';
import type { DockStatus } from '../../daemon/status.js';
import { verbatim } from '../../drivers/contract/phrase.js';

export function sampleBay(bay: string, changed: Partial<BayStatus> = {}): BayStatus {
  return {
    bay,
    state: 'empty',
    sinceUtc: '2026-03-02T00:00:00.000Z',
    light: 'off',
    docking: null,
    camera: null,
    holder: null,
    batteryPercent: null,
    recordingMinutes: null,
    clockOffsetMs: null,
    reasons: [],
    progress: null,
    error: null,
    ...changed,
  };
}

export const sampleStatus: DockStatus = {
  dock: 'dock-1',
  bureau: 'east',
  version: '0.1.0',
  language: 'zh-CN',
  startedUtc: '2026-03-02T00:15:00.000Z',
  clock: { trusted: true, source: 'timesyncd', errorMs: 101, detail: 'timesyncd: synchronised 12 s ago' },
  ledger: { epoch: 1, seq: 1234, leaf: 'ab'.repeat(32), check: 'clean' },
  centre: { state: 'connected', waiting: 0, error: null },
  archive: {
    path: '/var/lib/custodock/archive',
    state: 'ok',
    freeBytes: 412_300_000_000,
    capacityBytes: 1_000_204_886_016,
  },
  cradles: [{ cradle: '1', state: 'answering', error: null }],
  bays: [
    sampleBay('1-1', {
      state: 'ready',
      light: 'green-steady',
      docking: 'd1',
      camera: 'DSJ0001234',
      holder: '010022',
      batteryPercent: 98,
      recordingMinutes: 580,
      clockOffsetMs: 12,
    }),
    sampleBay('1-2', {
      state: 'offloading',
      light: 'amber-breathing',
      docking: 'd2',
      camera: 'DSJ0001235',
      holder: '010023',
      batteryPercent: 41,
      recordingMinutes: 95,
      clockOffsetMs: -97_200,
      progress: {
        recordings: { total: 40, done: 12, failed: 1 },
        bytes: { total: 21_000_000_000, done: 7_350_000_000 },
        bytesPerSecond: 112_000_000,
        etaMs: 121_875,
        current: 'video/2026-03-01/DSJ_0001235_010023_20260301_091500.mp4',
      },
    }),
    sampleBay('1-3', {
      state: 'refused',
      light: 'red-flashing',
      docking: 'd3',
      camera: '执法记录仪\u202e甲',
      error: {
        code: 'DOCK_CAMERA_NOT_REGISTERED',
        expected: 'a registered camera',
        found: 'XK-77',
        todo: 'Take the camera out and put it back',
      },
    }),
    sampleBay('1-4', {
      state: 'not-ready',
      light: 'red-steady',
      docking: 'd4',
      camera: 'DSJ0001240',
      batteryPercent: 37,
      recordingMinutes: 12,
      clockOffsetMs: 3_600_000,
      reasons: [
        { reason: 'clock-wrong', found: verbatim('+3600.0 s'), wanted: verbatim('± 3 s') },
        { reason: 'storage-low', found: verbatim('12 min'), wanted: verbatim('480 min') },
      ],
    }),
    sampleBay('1-5', {
      state: 'charging',
      light: 'amber-breathing',
      docking: 'd5',
      camera: 'DSJ0001241',
      holder: '010031',
      batteryPercent: 62,
      recordingMinutes: 590,
      clockOffsetMs: 0,
      reasons: [{ reason: 'battery-low', found: verbatim('62 %'), wanted: verbatim('90 %') }],
    }),
    sampleBay('1-6', { light: 'white-flashing' }),
  ],
};
