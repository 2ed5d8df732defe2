import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryTime, Fact } from '../../daemon/custody/entry.js';
import { emptyTreeHash, leafHash, prefixedLeafHash } from '../../daemon/custody/leaf.js';
import { checkFact, longestBodyBytes, openEntry, sealEntry } from '../../daemon/custody/stored-entry.js';
import { docked, offloaded, stopped } from '../support/ledger-rig.js';

const time: EntryTime = {
  utc: '2026-01-02T03:04:05.678Z',
  boot: '6a3f0b52',
  monotonicMs: 12,
  trusted: false,
  source: 'none',
  errorMs: null,
};
const start = { epoch: 1, seq: 0, leaf: emptyTreeHash };

describe('leaf hashes (RFC 6962)', () => {
  it('are the known constants for nothing', () => {
    expect(leafHash(new Uint8Array())).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(emptyTreeHash).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('are the same in one call over bytes that carry the prefix', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        (bytes) => prefixedLeafHash(Buffer.concat([Uint8Array.of(0), bytes])) === leafHash(bytes),
      ),
    );
  });
});

describe('an entry', () => {
  it('is the canonical document, and its leaf is the hash of exactly those bytes', () => {
    const stored = sealEntry('dock-1', start, checkFact(stopped('maintenance'), time));
    expect(Buffer.from(stored.bytes).toString('utf8')).toBe(
      '{"body":{"reason":"maintenance"},"dock":"dock-1","epoch":1,"kind":"dock.stopped",' +
        `"prev":"${emptyTreeHash}","seq":1,` +
        '"time":{"boot":"6a3f0b52","errorMs":null,"monotonicMs":12,"source":"none","trusted":false,' +
        '"utc":"2026-01-02T03:04:05.678Z"},"v":1}',
    );
    expect(stored.leaf).toBe(createHash('sha256').update('\0').update(stored.bytes).digest('hex'));
  });

  it('follows the one before it by sequence and hash', () => {
    const first = sealEntry('dock-1', start, checkFact(docked('d1'), time));
    const second = sealEntry(
      'dock-1',
      { epoch: 1, seq: 1, leaf: first.leaf },
      checkFact(offloaded('d1', 'a.mp4'), time),
    );
    expect(second.entry).toMatchObject({ seq: 2, prev: first.leaf, kind: 'recording.offloaded' });
  });

  it('is refused on the way out when its bytes are not those of its hash (I5)', () => {
    const { bytes, leaf } = sealEntry('dock-1', start, checkFact(stopped('x'), time));
    expect(openEntry(1, bytes, leaf).entry.body).toEqual({ reason: 'x' });
    const changed = Buffer.from(bytes);
    changed[10] = (changed[10] ?? 0) ^ 1;
    expect(() => openEntry(1, changed, leaf)).toThrow(/DOCK_LEDGER_BROKEN/);
  });

  it.each<[string, unknown]>([
    ['an unknown kind', { kind: 'camera.sold', body: {} }],
    ['an inherited name as kind', { kind: 'toString', body: {} }],
    ['a missing field', { kind: 'dock.stopped', body: {} }],
    ['a field of another type', { kind: 'dock.stopped', body: { reason: 1 } }],
    ['a field too many', { kind: 'dock.stopped', body: { reason: 'x', officerName: 'Li' } }],
    [
      'a field too many further in',
      JSON.parse(JSON.stringify(offloaded('d', 'a')).replace('"errorMs"', '"x":1,"errorMs"')),
    ],
    ['a lone surrogate from a file name (I11)', { kind: 'dock.stopped', body: { reason: 'a\ud800' } }],
    ['an endless body', { kind: 'dock.stopped', body: { reason: 'x'.repeat(longestBodyBytes) } }],
  ])('is not made of %s', (_what, fact) => {
    expect(() => checkFact(fact as Fact, time)).toThrow(/DOCK_LEDGER_ENTRY_INVALID/);
  });

  it('is not made without a proper time (I6)', () => {
    expect(() => checkFact(stopped('x'), { ...time, utc: '2026-01-02 03:04' })).toThrow(/DOCK_LEDGER_ENTRY_INVALID/);
    expect(() => checkFact(stopped('x'), { ...time, monotonicMs: 1.5 })).toThrow(/DOCK_LEDGER_ENTRY_INVALID/);
  });
});
