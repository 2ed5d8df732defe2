import { describe, expect, it } from 'vitest';
import type { BrokerConnection } from '../../daemon/central/broker.js';
import { linkTimings, retryDelayMs, SteadyLink } from '../../daemon/central/steady-link.js';
import { ModelledBroker } from '../support/modelled-broker.js';
import { VirtualClock } from '../support/virtual-clock.js';

const will = { topic: 'state', payload: Buffer.from('lost') };
const options = { retain: false, contentType: 'text/plain' };

function rig() {
  const clock = new VirtualClock();
  const broker = new ModelledBroker(clock);
  const troubles: string[] = [];
  const seen = { ups: 0, downs: 0, connection: undefined as BrokerConnection | undefined };
  const link = new SteadyLink(broker, { clientId: 'dock', will, subscriptions: [] }, clock, {
    up(connection) {
      seen.ups += 1;
      seen.connection = connection;
    },
    down() {
      seen.downs += 1;
    },
    trouble(error, known) {
      if (!known) troubles.push(error.code);
    },
    message: () => undefined,
  });
  return { clock, broker, troubles, seen, link };
}

describe('the link to the broker', () => {
  it('tries for ever while the broker is away, reports it once, and connects when it is back', async () => {
    const { clock, broker, troubles, seen, link } = rig();
    broker.away = true;
    link.start();
    await clock.advance(24 * 3_600_000);
    expect(troubles).toEqual(['DOCK_CENTRE_CLOSED']);
    expect(broker.attempts).toBeGreaterThan((24 * 3_600_000) / (linkTimings.retryLongestMs * 1.25));
    expect(broker.attempts).toBeLessThan((24 * 3_600_000) / (linkTimings.retryLongestMs * 0.75) + 10);
    broker.away = false;
    await clock.advance(linkTimings.retryLongestMs * 1.25 + 10);
    expect([seen.ups, seen.downs]).toEqual([1, 0]);
    await link.stop();
  });

  it('gives up an attempt that is not answered within its deadline (I8)', async () => {
    const { clock, broker, troubles, link } = rig();
    broker.mute = true;
    link.start();
    await clock.advance(linkTimings.connectMs - 1);
    expect(troubles).toEqual([]);
    await clock.advance(2);
    expect(troubles).toEqual(['DOCK_CENTRE_STALLED']);
    await link.stop();
    expect(clock.waiting()).toEqual([]);
  });

  it('connects anew when publishes are not acknowledged, but not while acknowledgements keep coming', async () => {
    const { clock, broker, troubles, seen, link } = rig();
    link.start();
    await clock.advance(10);
    broker.latencyMs = linkTimings.acknowledgeMs - 1_000;
    for (let count = 0; count < 3; count++) {
      void seen.connection?.publish('t', Buffer.from('x'), options).catch(() => undefined);
      await clock.advance(linkTimings.acknowledgeMs / 2);
    }
    await clock.advance(linkTimings.acknowledgeMs);
    expect(troubles).toEqual([]);
    broker.stalled = true;
    const failed = seen.connection?.publish('t', Buffer.from('x'), options).catch((error) => error.code);
    await clock.advance(linkTimings.acknowledgeMs + 1);
    expect(await failed).toBe('DOCK_CENTRE_STALLED');
    expect([troubles, seen.downs]).toEqual([['DOCK_CENTRE_STALLED'], 1]);
    await link.stop();
  });

  it('does not grow impatient with a broker that has nothing to acknowledge', async () => {
    const { clock, seen, link } = rig();
    link.start();
    await clock.advance(3_600_000);
    expect([seen.ups, seen.downs]).toEqual([1, 0]);
    await link.stop();
  });

  it('asks slowly after a refusal, and says it once', async () => {
    const { clock, broker, troubles, link } = rig();
    broker.refuse = 134;
    link.start();
    await clock.advance(10 * linkTimings.retryRefusedMs + 1_000);
    expect(troubles).toEqual(['DOCK_CENTRE_REFUSED']);
    expect(broker.attempts).toBe(11);
    await link.stop();
  });

  it('backs off from a broker that lets it in and throws it out again', async () => {
    const { clock, broker, link } = rig();
    link.start();
    for (let second = 0; second < 600; second++) {
      await clock.advance(1_000);
      broker.drop();
    }
    expect(broker.attempts).toBeLessThan(30);
    await link.stop();
  });

  it('leaves the will unsaid when it stops, and has it said when the connection breaks', async () => {
    const { clock, broker, link } = rig();
    link.start();
    await clock.advance(10);
    broker.drop();
    expect(broker.on('state').map(String)).toEqual(['lost']);
    await clock.advance(5_000);
    await link.stop();
    expect(broker.on('state')).toHaveLength(1);
    expect([broker.connections, clock.waiting()]).toEqual([0, []]);
  });

  it.each(['connecting', 'pausing'])('stops while %s, and leaves nothing behind', async (moment) => {
    const { clock, broker, link } = rig();
    if (moment === 'connecting') broker.mute = true;
    else broker.away = true;
    link.start();
    await clock.advance(100);
    await link.stop();
    expect([broker.connections, clock.waiting()]).toEqual([0, []]);
    const { attempts } = broker;
    await clock.advance(600_000);
    expect(broker.attempts).toBe(attempts);
  });

  it('does not bring all docks of a bureau back in the same moment', () => {
    const delays = Array.from({ length: 50 }, (_, dock) => retryDelayMs(linkTimings, `custodock-b-dock-${dock}`, 3));
    expect(new Set(delays).size).toBeGreaterThan(20);
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(6_000);
      expect(delay).toBeLessThan(10_000);
    }
  });
});
