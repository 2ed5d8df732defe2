import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Delivery, UNCONFIRMED_LIMIT } from '../../daemon/central/delivery.js';

type Step =
  | { readonly step: 'append' | 'send' | 'crash' }
  | { readonly step: 'restart'; readonly rewind: number }
  | { readonly step: 'puback' | 'receipt'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ step: 'append' as const }) },
  { weight: 8, arbitrary: fc.constant({ step: 'send' as const }) },
  { weight: 6, arbitrary: fc.record({ step: fc.constant('puback' as const), pick: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('receipt' as const), pick: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('restart' as const), rewind: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ step: 'crash' as const }) },
);

describe('delivery', () => {
  test.prop([
    fc.constantFrom('broker' as const, 'centre' as const),
    fc.integer({ min: 1, max: 7 }),
    fc.array(step, { maxLength: 200 }),
  ])(
    'sends every entry in order, skips none, and calls nothing told that was not acknowledged (I4)',
    (receipt, window, steps) => {
      let delivery = new Delivery(receipt, window, 0);
      let head = 0;
      let lastSent = 0;
      let told = 0;
      let everSent = 0;
      const outstanding = new Set<number>();
      const acknowledged = new Set<number>();
      for (const now of steps) {
        if (now.step === 'append') head += 1;
        if (now.step === 'send' && delivery.maySend(head)) {
          const { next } = delivery;
          expect(next).toBeLessThanOrEqual(head);
          expect(next).toBeLessThanOrEqual(everSent + 1);
          expect(next === lastSent + 1 || next <= told + 1).toBe(true);
          lastSent = next;
          everSent = Math.max(everSent, next);
          outstanding.add(next);
          expect(outstanding.size).toBeLessThanOrEqual(window);
          delivery.sent();
        }
        if (now.step === 'puback' && outstanding.size > 0) {
          const seq = [...outstanding][now.pick % outstanding.size] ?? 0;
          outstanding.delete(seq);
          if (receipt === 'broker') acknowledged.add(seq);
          delivery.brokerAcknowledged(seq);
        }
        if (now.step === 'receipt' && receipt === 'centre' && everSent > 0) {
          const seq = 1 + (now.pick % everSent);
          for (let each = 1; each <= seq; each++) {
            acknowledged.add(each);
            outstanding.delete(each);
          }
          delivery.centreAcknowledged(seq);
          lastSent = Math.max(lastSent, seq);
        }
        if (now.step === 'restart' || now.step === 'crash') {
          outstanding.clear();
          if (now.step === 'restart') delivery.restart(now.rewind);
          else delivery = new Delivery(receipt, window, delivery.told);
          lastSent = delivery.next - 1;
          expect(lastSent).toBeLessThanOrEqual(delivery.told);
        }
        expect(delivery.told).toBeGreaterThanOrEqual(told);
        told = delivery.told;
        for (let seq = 1; seq <= told; seq++) expect(acknowledged.has(seq)).toBe(true);
      }
    },
  );

  it('holds what the broker acknowledged out of order until the gap is closed', () => {
    const delivery = new Delivery('broker', 4, 10);
    for (let count = 0; count < 3; count++) delivery.sent();
    delivery.brokerAcknowledged(13);
    delivery.brokerAcknowledged(12);
    expect(delivery.told).toBe(10);
    delivery.brokerAcknowledged(11);
    expect(delivery.told).toBe(13);
  });

  it('does not take the PUBACK of the broker for the receipt of the centre', () => {
    const delivery = new Delivery('centre', 4, 0);
    delivery.sent();
    delivery.brokerAcknowledged(1);
    expect(delivery.told).toBe(0);
    delivery.centreAcknowledged(1);
    expect(delivery.told).toBe(1);
  });

  it('stops at the limit when the centre acknowledges nothing', () => {
    const delivery = new Delivery('centre', 64, 0);
    let sent = 0;
    while (delivery.maySend(10_000)) {
      delivery.sent();
      delivery.brokerAcknowledged(delivery.next - 1);
      sent += 1;
    }
    expect(sent).toBe(UNCONFIRMED_LIMIT);
  });

  it('goes back when the broker has lost its session, without unsaying what was told', () => {
    const delivery = new Delivery('broker', 4, 2_500);
    delivery.restart(1_000);
    expect([delivery.next, delivery.told]).toEqual([1_501, 2_500]);
    new Delivery('broker', 4, 3).restart(1_000);
  });
});
