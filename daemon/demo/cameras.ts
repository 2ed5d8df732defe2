/** The cameras of the demo: each of another temper, so that one run shows what a dock has to bear. */
import path from 'node:path';
import { SimulatedCamera } from '../../drivers/simulated/camera.js';
import { type CardRecording, segments, writeCard } from '../../drivers/simulated/card.js';

/** What becomes of a camera in the end, when all goes well. */
export type Outcome = 'ready' | 'refused';

export interface DemoCamera {
  readonly id: string;
  /** Number of the officer it is assigned to; undefined: not in the register. */
  readonly officer: string | undefined;
  /** Bay where it is put in. */
  readonly slot: number;
  /** It is pulled out in the middle and put back here. */
  readonly backInSlot: number | undefined;
  readonly outcome: Outcome;
  readonly camera: SimulatedCamera;
}

const maker = 'Custodock';
const model = 'simulated recorder';
const capacityBytes = 64e9;
const megabyte = 1_000_000;

interface Temper {
  readonly id: string;
  readonly officer: string | undefined;
  readonly slot: number;
  readonly backInSlot?: number;
  readonly outcome: Outcome;
  readonly recordings: (day: string) => readonly CardRecording[];
  readonly batteryPercent: number;
  readonly clockOffsetMs: number;
}

const tempers: readonly Temper[] = [
  {
    // Clean: videos, a photograph, one recording that the officer marked as important.
    id: 'C0101',
    officer: '410401',
    slot: 1,
    outcome: 'ready',
    batteryPercent: 97,
    clockOffsetMs: 140,
    recordings: (day) => [
      ...segments(`${day}T09:12:00`, 3, 24 * megabyte),
      { kind: 'video', startedLocal: `${day}T10:05:31`, sizeBytes: 12 * megabyte, important: true },
      { kind: 'image', startedLocal: `${day}T10:07:02`, sizeBytes: 2 * megabyte },
    ],
  },
  {
    // Pulled out in the middle of a long recording and put back into another bay.
    id: 'C0102',
    officer: '410402',
    slot: 2,
    backInSlot: 6,
    outcome: 'ready',
    batteryPercent: 93,
    clockOffsetMs: -620,
    recordings: (day) => [
      { kind: 'video', startedLocal: `${day}T08:30:00`, sizeBytes: 480 * megabyte },
      { kind: 'video', startedLocal: `${day}T14:20:10`, sizeBytes: 30 * megabyte },
    ],
  },
  {
    // Its clock was lost once and it was switched off the hard way: 97 s slow, one file without an end, one of nothing.
    id: 'C0103',
    officer: '410403',
    slot: 3,
    outcome: 'ready',
    batteryPercent: 95,
    clockOffsetMs: -97_000,
    recordings: (day) => [
      { kind: 'video', startedLocal: `${day}T11:00:00`, sizeBytes: 18 * megabyte },
      { kind: 'video', startedLocal: `${day}T11:40:00`, sizeBytes: 9 * megabyte, finished: false },
      { kind: 'audio', startedLocal: `${day}T12:00:00`, sizeBytes: 0 },
    ],
  },
  {
    // Nobody has entered it in the register.
    id: 'X9001',
    officer: undefined,
    slot: 4,
    outcome: 'refused',
    batteryPercent: 60,
    clockOffsetMs: 0,
    recordings: (day) => segments(`${day}T16:00:00`, 1, 5 * megabyte),
  },
  {
    // Empty battery: everything is safe soon, but it is ready only when it is charged.
    id: 'C0105',
    officer: '410405',
    slot: 5,
    outcome: 'ready',
    batteryPercent: 84,
    clockOffsetMs: 1_900,
    recordings: (day) => segments(`${day}T13:00:00`, 2, 15 * megabyte),
  },
];

/** The battery of the demo fills in seconds instead of hours. */
const chargePercentPerMinute = 40;

/** Writes the cards below `folder`, which must be on the file system of the media root. `day`: `YYYY-MM-DD`. */
export async function makeCameras(folder: string, day: string): Promise<readonly DemoCamera[]> {
  const cameras: DemoCamera[] = [];
  for (const temper of tempers) {
    const { id, officer, slot, backInSlot, outcome, batteryPercent, clockOffsetMs } = temper;
    const card = path.join(folder, id);
    const files = await writeCard(card, {
      seed: id,
      device: id,
      user: officer ?? '000000',
      recordings: temper.recordings(day),
    });
    const usedBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const camera = new SimulatedCamera({
      card,
      by: 'move',
      pins: {
        serial: id,
        maker,
        model,
        userNumber: officer ?? '',
        batteryPercent,
        chargePercentPerMinute,
        capacityBytes,
        freeBytes: capacityBytes - usedBytes,
        clockOffsetMs,
      },
    });
    cameras.push({ id, officer, slot, backInSlot, outcome, camera });
  }
  return cameras;
}

/** Somebody's own folder or mounted card as a camera; it stays where it is and as it is. */
export function mediaCamera(folder: string, slot: number): DemoCamera {
  const id = `MEDIA-${slot}`;
  return {
    id,
    officer: '410409',
    slot,
    backInSlot: undefined,
    outcome: 'ready',
    camera: new SimulatedCamera({
      card: path.resolve(folder),
      by: 'link',
      pins: { serial: id, maker, model, userNumber: '410409', batteryPercent: 96, capacityBytes, freeBytes: 58e9 },
    }),
  };
}
