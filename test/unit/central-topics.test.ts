import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { dockTopics, topicLevel } from '../../daemon/central/topics.js';

describe('topics of a dock', () => {
  it('are those of the contract (D11)', () => {
    const topics = dockTopics('pudong', 'dock-1');
    expect([topics.events, topics.state, topics.ack, topics.bay('1-3'), topics.camera('G7A0412')]).toEqual([
      'custodock/v1/pudong/dock-1/events',
      'custodock/v1/pudong/dock-1/state',
      'custodock/v1/pudong/dock-1/ack',
      'custodock/v1/pudong/dock-1/bays/1-3',
      'custodock/v1/pudong/dock-1/cameras/G7A0412',
    ]);
  });

  test.prop([fc.string({ unit: 'binary', minLength: 1, maxLength: 64 })])(
    'keep any camera id within its own level, without wildcards or NUL (I11)',
    (id) => {
      expect(topicLevel(id)).toMatch(/^[A-Za-z0-9._~%-]+$/);
    },
  );

  test.prop([
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }),
  ])('keep different ids different', (one, other) => {
    if (one !== other) expect(topicLevel(one)).not.toBe(topicLevel(other));
  });

  it('take the longest id that the register of cameras allows, in any script', () => {
    expect(topicLevel('记'.repeat(64))).toHaveLength(576);
  });

  it.each(['', 'x'.repeat(1_025)])('refuse an id that is none', (id) => {
    expect(() => topicLevel(id)).toThrow(RangeError);
  });

  it('know their own bays and cameras from whatever else a broker may send (I11)', () => {
    const topics = dockTopics('bureau-1', 'dock-1');
    const root = 'custodock/v1/bureau-1/dock-1';
    for (const own of [topics.bay('1-3'), topics.camera('记/1'), topics.camera('+')])
      expect(topics.isState(own)).toBe(true);
    const foreign = [
      'bays/',
      'bays/+',
      'bays/1-3/x',
      'cameras/#',
      'cameras/a b',
      `cameras/${'x'.repeat(1_025)}`,
      'state',
    ];
    for (const level of foreign) expect(topics.isState(`${root}/${level}`), level).toBe(false);
    expect(topics.isState('custodock/v1/bureau-1/dock-2/bays/1-3')).toBe(false);
  });
});
