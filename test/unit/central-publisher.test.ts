import { describe, expect, it } from 'vitest';
import { type Centre, type CentreOptions, createCentre } from '../../daemon/central/centre.js';
import { publisherTimings } from '../../daemon/central/publisher.js';
import { linkTimings } from '../../daemon/central/steady-link.js';
import type { Fact } from '../../daemon/custody/entry.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { dockStatus, registerOf } from '../support/centre-rig.js';
import { firstOccurrences } from '../support/centre-side.js';
import { KeptLog } from '../support/kept-log.js';
import { MemoryLedger } from '../support/memory-ledger.js';
import { ModelledBroker } from '../support/modelled-broker.js';
import { VirtualClock } from '../support/virtual-clock.js';

const ACK = 'custodock/v1/bureau-1/dock-1/ack';

function facts(count: number): Fact[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'dock.stopped', body: { reason: `${index}` } }));
}

const upTo = (last: number, from = 1): number[] => Array.from({ length: last - from + 1 }, (_, index) => from + index);

interface Rig {
  readonly clock: VirtualClock;
  readonly broker: ModelledBroker;
  readonly ledger: MemoryLedger;
  readonly log: KeptLog;
  readonly centre: Centre;
  /** Sequences of the events in the order in which the broker took them. */
  sequences(): number[];
  ack(sequence: number, change?: object): void;
  said(key: string): number;
}

function rig(options: Partial<CentreOptions> = {}, ledger = new MemoryLedger()): Rig {
  const clock = new VirtualClock();
  const broker = new ModelledBroker(clock);
  const log = new KeptLog();
  const register = registerOf([1], []);
  const centre = createCentre({
    bureau: 'bureau-1',
    dock: 'dock-1',
    bootId: 'boot-1',
    receipt: 'broker',
    window: 8,
    broker,
    ledger,
    status: () => dockStatus(ledger),
    register: () => register,
    clock,
    log,
    ...options,
  });
  return {
    clock,
    broker,
    ledger,
    log,
    centre,
    sequences: () => broker.on('/events').map((payload) => Number(JSON.parse(payload.toString()).sequence)),
    ack: (sequence, change = {}) => {
      const entry = ledger.entries[sequence - 1];
      broker.say(
        ACK,
        Buffer.from(JSON.stringify({ epoch: 1, sequence, leaf: entry?.leaf ?? '0'.repeat(64), ...change })),
      );
    },
    said: (key) => log.lines.filter((line) => line.key === key).length,
  };
}

describe('the publisher', () => {
  it('tells what is in the ledger from the cursor on, and what comes later as it comes (I4)', async () => {
    const ledger = new MemoryLedger();
    ledger.enter(...facts(200));
    ledger.cursors.set('centre', 50);
    const { clock, broker, centre, sequences } = rig({}, ledger);
    broker.remember('custodock-bureau-1-dock-1');
    await centre.start();
    await clock.advance(2_000);
    ledger.enter(...facts(3));
    await clock.advance(2_000);
    // With the last thousand before the cursor: the process before may have died while it still owed them to a broker that forgot.
    expect(sequences()).toEqual(upTo(203));
    expect(ledger.cursors.get('centre')).toBe(203);
    expect(centre.status()).toEqual({ state: 'connected', waiting: 0, error: null });
  });

  it('keeps the order over every kind of drop, loses nothing, and moves the cursor only over what was acknowledged', async () => {
    const { clock, broker, ledger, centre, sequences } = rig();
    ledger.enter(...facts(2_000));
    await centre.start();
    for (let round = 0; round < 60; round++) {
      await clock.advance(37);
      if (round % 3 === 0) broker.drop();
      if (round % 7 === 0) broker.forgetSessions();
      const kept = ledger.cursors.get('centre') ?? 0;
      expect(firstOccurrences(sequences()).slice(0, kept)).toEqual(upTo(kept));
      await clock.advance(linkTimings.retryLongestMs * 1.3);
    }
    await clock.advance(60_000);
    expect(firstOccurrences(sequences())).toEqual(upTo(2_000));
    expect(ledger.cursors.get('centre')).toBe(2_000);
  });

  it('goes on after a crash from the kept cursor, repeating but never skipping (I4)', async () => {
    const first = rig();
    first.ledger.enter(...facts(500));
    await first.centre.start();
    await first.clock.advance(90);
    const kept = first.ledger.cursors.get('centre') ?? 0;
    const before = first.sequences();
    expect(before.length).toBeGreaterThan(kept);
    const second = rig({}, first.ledger);
    await second.centre.start();
    await second.clock.advance(10_000);
    expect(firstOccurrences([...before, ...second.sequences()])).toEqual(upTo(500));
  });

  it('repeats what a broker may have lost with its session, because a PUBACK was all there was', async () => {
    const { clock, broker, ledger, centre, sequences } = rig();
    ledger.enter(...facts(1_500));
    await centre.start();
    await clock.advance(10_000);
    broker.drop();
    await clock.advance(5_000);
    expect(sequences()).toHaveLength(1_500);
    broker.forgetSessions();
    broker.drop();
    await clock.advance(10_000);
    expect(sequences().slice(1_500)).toEqual(upTo(1_500, 501));
    expect(ledger.cursors.get('centre')).toBe(1_500);
  });

  it('has as much on its way as the window allows and never more, whatever waits', async () => {
    const { clock, broker, ledger, centre, sequences } = rig({ window: 5 });
    ledger.enter(...facts(100));
    await centre.start();
    await clock.advance(5_000);
    expect(sequences()).toHaveLength(100);
    // And the retained state of the dock, which is one message.
    expect(broker.mostOnTheWay).toBeGreaterThanOrEqual(5);
    expect(broker.mostOnTheWay).toBeLessThanOrEqual(6);
  });

  it('never makes the ledger wait for a broker that stalls (I8)', async () => {
    const { clock, broker, ledger, centre } = rig();
    broker.stalled = true;
    await centre.start();
    await clock.advance(1_000);
    for (let count = 0; count < 1_000; count++) await ledger.append(...facts(1));
    expect(ledger.head().seq).toBe(1_000);
    expect(centre.status().waiting).toBe(1_000);
  });

  it('stops at an event that the broker refuses and tries it again, never telling a later one first', async () => {
    const { clock, broker, ledger, centre, sequences, said } = rig({ window: 1 });
    let refused = 4;
    broker.refusePublish = (topic, payload) =>
      topic.endsWith('/events') && payload.includes('"sequence":"0000000000000003"') && refused-- > 0 ? 135 : 0;
    ledger.enter(...facts(10));
    await centre.start();
    await clock.advance(linkTimings.retryRefusedMs * 3 + 5_000);
    expect(sequences()).toEqual([1, 2]);
    expect(centre.status()).toMatchObject({ state: 'refused', waiting: 8, error: { code: 'DOCK_CENTRE_REFUSED' } });
    expect(said('centre.refused')).toBe(1);
    await clock.advance(linkTimings.retryRefusedMs * 3);
    expect(sequences()).toEqual(upTo(10));
  });

  it('says once that nobody is subscribed', async () => {
    const { clock, broker, ledger, centre, said } = rig();
    broker.heard = false;
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    expect(said('centre.nobody-listening')).toBe(1);
    broker.heard = true;
    ledger.enter(...facts(1));
    await clock.advance(1_000);
    broker.heard = false;
    ledger.enter(...facts(1));
    await clock.advance(1_000);
    expect(said('centre.nobody-listening')).toBe(2);
  });

  it('waits and tries again when the ledger cannot be read', async () => {
    const { clock, ledger, centre, sequences, said } = rig();
    ledger.enter(...facts(10));
    const read = ledger.read.bind(ledger);
    ledger.read = async () => {
      throw new DockError('DOCK_LEDGER_FAILED', {
        expected: verbatim('x'),
        found: verbatim('disk I/O error'),
        todo: verbatim('x'),
        retry: 'now',
      });
    };
    await centre.start();
    await clock.advance(publisherTimings.pauseMs * 3);
    expect(centre.status().error).toMatchObject({ code: 'DOCK_CENTRE_UNREADABLE' });
    expect(said('centre.trouble')).toBe(1);
    ledger.read = read;
    await clock.advance(publisherTimings.pauseMs + 1_000);
    expect(sequences()).toEqual(upTo(10));
    expect(centre.status().error).toBeNull();
  });

  it('goes on when the cursor cannot be kept, and says it once', async () => {
    const { clock, ledger, centre, sequences, said } = rig();
    const move = ledger.moveCursor.bind(ledger);
    ledger.moveCursor = async () => {
      throw new Error('database is locked');
    };
    ledger.enter(...facts(100));
    await centre.start();
    await clock.advance(5_000);
    expect(sequences()).toHaveLength(100);
    expect(said('centre.cursor-not-kept')).toBe(1);
    ledger.moveCursor = move;
    await clock.advance(1_000);
    expect(ledger.cursors.get('centre')).toBe(100);
  });

  it('has told what was entered last before it stops, and says itself that the dock goes', async () => {
    const { clock, broker, ledger, centre, sequences } = rig();
    await centre.start();
    await clock.advance(1_000);
    ledger.enter(...facts(30));
    const stopped = centre.stop(clock.monotonicMs() + centre.stopWithinMs);
    await clock.advance(centre.stopWithinMs);
    await stopped;
    expect(sequences()).toEqual(upTo(30));
    expect(ledger.cursors.get('centre')).toBe(30);
    expect(JSON.parse(String(broker.on('/state').at(-1)))).toMatchObject({
      online: false,
      reason: 'stopped',
      boot: 'boot-1',
    });
    expect([broker.connections, clock.waiting()]).toEqual([0, []]);
  });

  it('stops within its deadline on a dead broker, and leaves the will to speak (I8)', async () => {
    const { clock, broker, ledger, centre } = rig();
    await centre.start();
    await clock.advance(2_000);
    broker.stalled = true;
    ledger.enter(...facts(30));
    const beganMs = clock.monotonicMs();
    let tookMs = Number.POSITIVE_INFINITY;
    const stopped = centre.stop(beganMs + centre.stopWithinMs).then(() => {
      tookMs = clock.monotonicMs() - beganMs;
    });
    await clock.advance(centre.stopWithinMs);
    await stopped;
    expect(tookMs).toBeLessThanOrEqual(centre.stopWithinMs);
    expect(JSON.parse(String(broker.on('/state').at(-1)))).toMatchObject({ online: false, reason: 'lost' });
    expect(broker.connections).toBe(0);
    await clock.advance(60_000);
    expect(clock.waiting()).toEqual([]);
  });
});

describe('with receipt by the centre', () => {
  it('moves the cursor on its acknowledgement only', async () => {
    const { clock, ledger, centre, sequences, ack } = rig({ receipt: 'centre' });
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    expect(sequences()).toEqual(upTo(20));
    expect([ledger.cursors.get('centre'), centre.status().waiting]).toEqual([undefined, 20]);
    ack(12);
    await clock.advance(1_000);
    expect([ledger.cursors.get('centre'), centre.status().waiting]).toEqual([12, 8]);
  });

  it('sends again what the centre does not acknowledge, ever more slowly, and says it once', async () => {
    const { clock, ledger, centre, sequences, ack, said } = rig({ receipt: 'centre' });
    ledger.enter(...facts(3));
    await centre.start();
    await clock.advance(1_000);
    ack(1);
    await clock.advance(publisherTimings.receiptMs + 1_000);
    expect(sequences()).toEqual([1, 2, 3, 2, 3]);
    expect(centre.status()).toMatchObject({ state: 'connected', error: { code: 'DOCK_CENTRE_SILENT' } });
    await clock.advance(24 * 3_600_000);
    expect(said('centre.trouble')).toBe(1);
    expect(sequences().length).toBeLessThan((2 * (24 * 3_600_000)) / (publisherTimings.receiptMs * 15));
    ack(3);
    await clock.advance(1_000);
    expect(centre.status()).toEqual({ state: 'connected', waiting: 0, error: null });
  });

  it.each([
    ['beyond the head of the ledger', { sequence: 21 }],
    ['of an epoch that has not begun', { epoch: 2 }],
    ['with another leaf', { leaf: 'f'.repeat(64) }],
  ])('takes an acknowledgement %s for a fork, reports it and moves nothing (I5, I11)', async (_, change) => {
    const { clock, ledger, centre, ack, log } = rig({ receipt: 'centre' });
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    ack(15, change);
    ack(15, change);
    await clock.advance(1_000);
    expect(ledger.cursors.get('centre')).toBeUndefined();
    expect(centre.status().error).toMatchObject({ code: 'DOCK_CENTRE_FORKED' });
    expect(log.lines.filter(({ level }) => level === 'error').map(({ key }) => key)).toEqual(['centre.forked']);
    ack(20);
    await clock.advance(1_000);
    expect(ledger.cursors.get('centre')).toBe(20);
    expect(centre.status().error).toMatchObject({ code: 'DOCK_CENTRE_FORKED' });
  });

  it('ignores an acknowledgement of an epoch that is over', async () => {
    const ledger = new MemoryLedger();
    ledger.epoch = 3;
    const { clock, centre, ack } = rig({ receipt: 'centre' }, ledger);
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    ack(15, { epoch: 2, leaf: 'a'.repeat(64) });
    await clock.advance(1_000);
    expect([ledger.cursors.get('centre'), centre.status().error]).toEqual([undefined, null]);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"epoch":1,"sequence":-1,"leaf":"00"}',
    `{"epoch":1,"sequence":1.5,"leaf":"${'0'.repeat(64)}"}`,
    `{"epoch":1,"sequence":1e300,"leaf":"${'0'.repeat(64)}"}`,
    '\u0000\u001b[2J',
    'x'.repeat(1_000_000),
  ])('survives an acknowledgement that is none: %.40s (I11)', async (payload) => {
    const { clock, broker, ledger, centre, ack, said, log } = rig({ receipt: 'centre' });
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    for (let count = 0; count < 3; count++) broker.say(ACK, Buffer.from(payload));
    await clock.advance(1_000);
    expect(said('centre.trouble')).toBe(1);
    expect(String(log.lines.at(-1)?.error)).not.toMatch(/\p{Cc}/u);
    ack(20);
    await clock.advance(1_000);
    expect([ledger.cursors.get('centre'), centre.status().error]).toEqual([20, null]);
  });

  it('checks only the newest of a flood of acknowledgements', async () => {
    const { clock, ledger, centre, ack } = rig({ receipt: 'centre' });
    ledger.enter(...facts(20));
    await centre.start();
    await clock.advance(1_000);
    let reads = 0;
    const read = ledger.read.bind(ledger);
    ledger.read = (from, limit) => {
      reads += 1;
      return read(from, limit);
    };
    for (let count = 0; count < 10_000; count++) ack(1 + (count % 20));
    await clock.advance(1_000);
    expect(reads).toBeLessThan(5);
    expect(ledger.cursors.get('centre')).toBe(20);
  });

  it('takes no acknowledgement when the receipt is the broker’s', async () => {
    const { clock, broker, ledger, centre, ack } = rig();
    await centre.start();
    await clock.advance(1_000);
    broker.stalled = true;
    ledger.enter(...facts(2));
    ack(2);
    broker.say(ACK, Buffer.from('nonsense'));
    await clock.advance(1_000);
    expect([ledger.cursors.get('centre'), centre.status().error]).toEqual([undefined, null]);
  });
});
