import { describe, expect, it } from 'vitest';
import type { Fact } from '../../daemon/custody/entry.js';
import { EndEntries, type FailedRecording, type OffloadTotals } from '../../daemon/offload/end-entries.js';
import type { OffloadRequest } from '../../daemon/offload/offload.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

const none: OffloadTotals = { found: 2, alreadySafe: 1, offloaded: 0, skipped: 0, unread: 0, bytes: 0 };

function failed(name: string, code: `DOCK_${string}`, found = 'something'): FailedRecording {
  const error = new DockError(code, {
    expected: verbatim('a'),
    found: verbatim(found),
    todo: verbatim('c'),
    retry: 'now',
  });
  const path = Buffer.from(name);
  return {
    recording: { path, displayPath: name, sizeBytes: 5, modifiedMs: 7, kind: 'video', important: false },
    error,
  };
}

/** What each of these ends, one after another in one docking, enters. */
async function entered(...ends: readonly (readonly [OffloadTotals, ...FailedRecording[]])[]): Promise<string[][]> {
  const kinds: string[][] = [];
  const append = async (...facts: readonly Fact[]) => {
    kinds.at(-1)?.push(...facts.map(({ kind }) => kind));
    return [];
  };
  const entries = new EndEntries({ append });
  const request = { bay: '1-1', docking: 'd', camera: 'c' } as OffloadRequest;
  for (const [totals, ...failures] of ends) {
    kinds.push([]);
    await entries.enter(request, totals, failures);
  }
  return kinds;
}

describe('the ends of the offloads of one docking', () => {
  it('are entered when they say something else than the last: totals, recordings, reasons', async () => {
    const a = failed('a', 'DOCK_ARCHIVE_FULL');
    expect(
      await entered(
        [none, a],
        [none, failed('a', 'DOCK_ARCHIVE_FULL', 'less room')],
        [none, failed('b', 'DOCK_ARCHIVE_FULL')],
        [none, failed('b', 'DOCK_RECORDING_BUSY')],
        [none, failed('b', 'DOCK_RECORDING_BUSY')],
        [{ ...none, unread: 1 }, failed('b', 'DOCK_RECORDING_BUSY')],
        [none, a],
      ),
    ).toEqual([
      ['camera.offloaded'],
      [],
      ['camera.offloaded'],
      ['recording.failed', 'camera.offloaded'],
      [],
      ['camera.offloaded'],
      ['camera.offloaded'],
    ]);
  });

  it('are entered whenever anything was offloaded', async () => {
    const some = { ...none, offloaded: 1, bytes: 5 };
    expect(await entered([some], [some])).toEqual([['camera.offloaded'], ['camera.offloaded']]);
  });
});
