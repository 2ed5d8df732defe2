/** Cards that the contract of camera families is held against. */
import { type CardFile, segments, writeCard } from '../../drivers/simulated/card.js';

/** Everyday recordings of one camera, one of them marked important. */
export function writeOrderlyCard(card: string): Promise<readonly CardFile[]> {
  return writeCard(card, {
    seed: 'orderly',
    device: 'A7000123',
    user: '0042',
    recordings: [
      ...segments('2026-03-01T09:00:00', 6, 40_000),
      { kind: 'audio', startedLocal: '2026-03-01T11:00:00', sizeBytes: 8_000 },
      { kind: 'image', startedLocal: '2026-03-01T11:05:00', sizeBytes: 9_000 },
      { kind: 'video', startedLocal: '2026-03-01T12:00:00', sizeBytes: 60_000, important: true },
    ],
  });
}
