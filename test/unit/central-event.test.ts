import { describe, expect, it } from 'vitest';
import { eventPayload, eventSequence } from '../../daemon/central/event.js';
import { canonicalBytes } from '../../daemon/custody/canonical.js';
import { leafHash } from '../../daemon/custody/leaf.js';
import { MemoryLedger } from '../support/memory-ledger.js';

describe('an event', () => {
  const ledger = new MemoryLedger('dock-1');
  const [first, second] = ledger.enter(
    { kind: 'dock.stopped', body: { reason: 'named "取证" \\ \u2028 𝒳' } },
    { kind: 'clock.trust-changed', body: { detail: 'chrony' } },
  );
  if (first === undefined || second === undefined) throw new Error('the ledger entered nothing');

  it('carries the entry byte for byte, so that its leaf can be recomputed from the wire', () => {
    const payload = eventPayload('bureau-1', first);
    const event = JSON.parse(payload.toString());
    expect(leafHash(canonicalBytes(event.data))).toBe(first.leaf);
    expect(payload.subarray(payload.length - first.bytes.length - 1, -1).equals(first.bytes)).toBe(true);
    expect(event.leaf).toBe(first.leaf);
  });

  it('says who, what, when and in what order, as CloudEvents 1.0', () => {
    const { data, ...envelope } = JSON.parse(eventPayload('bureau-1', second).toString());
    expect(envelope).toEqual({
      specversion: '1.0',
      id: 'dock-1/1/2',
      source: 'custodock/bureau-1/dock-1',
      type: 'cn.custodock.clock.trust-changed.v1',
      time: second.entry.time.utc,
      sequence: '0000000000000002',
      epoch: 1,
      leaf: second.leaf,
      datacontenttype: 'application/json',
      dataschema: 'urn:custodock:entry:clock.trust-changed:v1',
    });
    expect(data.prev).toBe(first.leaf);
  });

  it('has a sequence that sorts as text, up to the largest', () => {
    const sequences = [1, 9, 10, 99, 1_000_000, Number.MAX_SAFE_INTEGER].map(eventSequence);
    expect([...sequences].sort()).toEqual(sequences);
  });
});
