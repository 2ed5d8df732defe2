import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownRecording } from '../../daemon/custody/ledger.js';
import { recordingKey } from '../../daemon/custody/ledger.js';
import { reasonToKeep } from '../../daemon/offload/clear.js';
import { fitIntoRoom, inOrder, planOffload, wantedBytes } from '../../daemon/offload/plan.js';
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { heldBytes } from '../support/held-bytes.js';

function recording(path: string, changes: Partial<CameraRecording> = {}): CameraRecording {
  return {
    path: Buffer.from(path),
    displayPath: path,
    sizeBytes: 1000,
    modifiedMs: Date.UTC(2026, 2, 2, 8),
    kind: 'video',
    important: false,
    ...changes,
  };
}

function known(of: CameraRecording, changes: Partial<KnownRecording['body']> = {}): KnownRecording {
  const body = {
    path: of.displayPath,
    pathBytes: Buffer.from(of.path).toString('base64'),
    sizeBytes: of.sizeBytes,
    modifiedMs: of.modifiedMs,
    bay: '1-1',
    docking: 'd',
    camera: 'c',
    recordingKind: of.kind,
    important: of.important,
    named: null,
    corrected: null,
    archivePath: `2026/03/02/c/${of.displayPath}`,
    sha256: 'a'.repeat(64),
    label: 'complete' as const,
    missing: [],
    sourceRead: 'direct' as const,
    readBack: 'direct' as const,
    resumedBytes: 0,
    ...changes,
  };
  return {
    seq: 1,
    leaf: 'b'.repeat(64),
    enteredUtc: '2026-03-02T09:00:00.000Z',
    body,
    erasingSeq: null,
    erasedSeq: null,
  };
}

describe('plan', () => {
  it('copies important recordings first, then the oldest, by name where the name says when', () => {
    const started = (startedLocal: string) => ({ named: { device: '1', user: '2', startedLocal, encrypted: false } });
    const order = inOrder([
      recording('d'),
      recording('late', started('2026-03-02T10:00:00')),
      recording('imp', { important: true, modifiedMs: Date.UTC(2026, 2, 3) }),
      recording('early', { ...started('2026-03-01T10:00:00'), modifiedMs: Date.UTC(2030, 0, 1) }),
      recording('c'),
    ]);
    expect(order.map(({ displayPath }) => displayPath)).toEqual(['imp', 'early', 'c', 'd', 'late']);
  });

  it('knows a recording by path, size and time together: any difference makes it another', () => {
    const one = recording('one');
    const entered = new Map([[recordingKey(one), known(one)]]);
    const listing = [one, recording('two'), { ...one, sizeBytes: 1001 }, { ...one, modifiedMs: one.modifiedMs + 1 }];
    const plan = planOffload(listing, entered, Date.UTC(2026, 2, 3));
    expect(plan.known.map(({ recording: { displayPath } }) => displayPath)).toEqual(['one']);
    expect(plan.toCopy).toHaveLength(3);
  });

  it('never plans more than the room, and refuses nothing that still fits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e7 })), fc.integer({ min: 0, max: 3e7 }), (sizes, room) => {
        const all = sizes.map((sizeBytes, index) => recording(`${index}`, { sizeBytes }));
        const fit = fitIntoRoom(all, room, () => 0);
        expect(fit.fittingBytes).toBeLessThanOrEqual(room);
        expect([...fit.fitting, ...fit.refused]).toHaveLength(all.length);
        for (const left of fit.refused) expect(fit.fittingBytes + wantedBytes(left, 0)).toBeGreaterThan(room);
      }),
    );
  });

  it('counts what is on the disk from an interrupted copy only once', () => {
    const large = recording('large', { sizeBytes: 1_000_000 });
    expect(fitIntoRoom([large], 200_000, () => 900_000).fitting).toEqual([large]);
    expect(fitIntoRoom([large], 200_000, () => 0).refused).toEqual([large]);
  });
});

describe('a plan for 100,000 recordings', () => {
  it('holds lists of what was listed and nothing else, and ends', () => {
    // They differ in nothing but their paths, last first. A plan that went through all of them for each would take minutes.
    const listing = Array.from({ length: 100_000 }, (_, index) => recording(`video/${999_999 - index}.mp4`));
    const half = listing.filter((_, index) => index % 2 === 0);
    const entered = new Map(half.map((one) => [recordingKey(one), known(one)]));
    const planned = () => {
      const { toCopy, known } = planOffload(listing, entered, Date.UTC(2026, 2, 3));
      const lost = known.map((one) => one.recording);
      return { toCopy, known, fit: fitIntoRoom(inOrder([...toCopy, ...lost]), 1e9, () => 0) };
    };
    // Keys of the map take another form in memory when they are looked up for the first time.
    planned();
    const beforeBytes = heldBytes();
    const { toCopy, known: safe, fit } = planned();
    const planBytes = heldBytes() - beforeBytes;
    expect([toCopy.length, safe.length]).toEqual([50_000, 50_000]);
    expect(toCopy.slice(0, 2).map(({ displayPath }) => displayPath)).toEqual(['video/900000.mp4', 'video/900002.mp4']);
    expect(fit.fitting.length + fit.refused.length).toBe(100_000);
    // Less than 40 for each recording; a copy of each would take twice as much again.
    expect(planBytes).toBeLessThan(5_000_000);
    expect([listing.length, entered.size]).toEqual([100_000, 50_000]);
  });
});

describe('what may be erased (I3)', () => {
  const one = recording('one');
  it('is only what is whole, ordinary, and entered as exactly this', () => {
    expect(reasonToKeep(one, known(one), 'after-verified')).toBeNull();
    expect(reasonToKeep(one, known(one, { label: 'zero-length' }), 'after-verified')).toBeNull();
  });

  it.each([
    ['policy never', one, known(one), 'never'],
    ['no entry', one, undefined, 'after-verified'],
    ['important on the card', { ...one, important: true }, known(one), 'after-verified'],
    ['important in the ledger', one, known(one, { important: true }), 'after-verified'],
    ['incomplete', one, known(one, { label: 'incomplete' }), 'after-verified'],
    ['truncated', one, known(one, { label: 'truncated' }), 'after-verified'],
    ['missing ranges', one, known(one, { missing: [{ from: 0, to: 1 }] }), 'after-verified'],
    ['proved by the page cache only', one, known(one, { readBack: 'cached' }), 'after-verified'],
    ['another size', { ...one, sizeBytes: 1 }, known(one), 'after-verified'],
    ['another time', { ...one, modifiedMs: 1 }, known(one), 'after-verified'],
    ['another path', recording('two'), known(one), 'after-verified'],
  ] as const)('is never anything else: %s', (_, on, entered, policy) => {
    expect(reasonToKeep(on, entered, policy)).not.toBeNull();
  });
});
