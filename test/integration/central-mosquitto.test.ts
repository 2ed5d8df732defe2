/** The centre's side of the dock against a real mosquitto: order, loss of the broker, crash of the dock, last will, rate. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BayStatus } from '../../daemon/bay/status.js';
import { acknowledgement } from '../../daemon/central/receipt.js';
import { canonicalBytes } from '../../daemon/custody/canonical.js';
import type { Fact } from '../../daemon/custody/entry.js';
import { leafHash } from '../../daemon/custody/leaf.js';
import type { CameraCustody } from '../../daemon/custody/ledger.js';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { BreakableLine } from '../support/breakable-line.js';
import { type CentreRig, type CentreRigOptions, centreRig, centreRigOver, registerOf } from '../support/centre-rig.js';
import { type CentreSide, centreSide, firstOccurrences, until } from '../support/centre-side.js';
import { MemoryLedger } from '../support/memory-ledger.js';
import { Mosquitto, type MosquittoOptions } from '../support/mosquitto.js';

const ROOT = 'custodock/v1/bureau-1/dock-1';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function mosquitto(options?: MosquittoOptions): Promise<Mosquitto> {
  const broker = await Mosquitto.start(options);
  cleanups.push(() => broker.stop());
  return broker;
}

async function side(broker: Mosquitto): Promise<CentreSide> {
  const subscriber = await centreSide(broker.url);
  cleanups.push(() => subscriber.stop());
  return subscriber;
}

function dock(broker: Mosquitto, options: Partial<CentreRigOptions> = {}): CentreRig {
  const rig = centreRig({ url: broker.url, ...options });
  cleanups.push(() => rig.stop());
  return rig;
}

function facts(count: number): Fact[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'dock.stopped', body: { reason: `${index}` } }));
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

/** The centre acknowledges what it has without a gap, as the contract asks it to. */
function acknowledging(subscriber: CentreSide, ledger: MemoryLedger): void {
  let told = 0;
  subscriber.client.on('message', (topic) => {
    if (!topic.endsWith('/events')) return;
    const latest = subscriber.sequences.at(-1) ?? 0;
    if (latest !== told + 1) return;
    told = latest;
    const ack = acknowledgement.parse({ epoch: 1, sequence: told, leaf: ledger.entries[told - 1]?.leaf });
    if (told % 50 === 0 || told === ledger.head().seq) {
      subscriber.client.publish(`${ROOT}/ack`, JSON.stringify(ack), { qos: 1 });
    }
  });
}

describe('the centre over a real broker', () => {
  it.each([5, 4] as const)('hears every entry once and in order, protocol level %i', async (protocol) => {
    const broker = await mosquitto();
    const centre = await side(broker);
    const { ledger, ...rig } = dock(broker, { mqtt: { protocol } });
    ledger.enter(...facts(300));
    await rig.centre.start();
    await until(() => rig.centre.status().waiting === 0, 'the backlog is told');
    for (let count = 0; count < 20; count++) await ledger.append(...facts(1));
    await until(() => centre.sequences.length >= 320, 'what was entered later arrives');
    expect(centre.sequences).toEqual(upTo(320));
    for (const { topic, payload, retain } of centre.messages.filter(({ topic }) => topic.endsWith('/events'))) {
      const event = JSON.parse(payload.toString());
      expect([topic, retain, leafHash(canonicalBytes(event.data))]).toEqual([`${ROOT}/events`, false, event.leaf]);
    }
  });

  // The rate has its budget in the bench: here other tests have the processor too.
  it('drains an outage in order, from a ledger on disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'custodock-centre-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const { ledger } = await openLedger({
      file: join(folder, 'ledger.sqlite'),
      dock: 'dock-1',
      entryClock: () => ({
        utc: '2026-03-02T08:00:00.000Z',
        boot: 'boot-1',
        monotonicMs: 1,
        trusted: true,
        source: 'timesyncd',
        errorMs: 4,
      }),
      clock: systemClock,
    });
    cleanups.push(() => ledger.close());
    const broker = await mosquitto();
    const centre = await side(broker);
    await Promise.all(Array.from({ length: 20 }, () => ledger.append(...facts(250))));
    const rig = centreRigOver({ url: broker.url, ledger });
    cleanups.push(() => rig.stop());
    await rig.centre.start();
    await until(() => rig.centre.status().waiting === 0, 'the outage is told', 15_000);
    await until(() => centre.sequences.length >= 5_000, 'all of it arrives');
    expect(centre.sequences).toEqual(upTo(5_000));
  });

  it('keeps within what the broker takes at once', async () => {
    // mosquitto says this number in its CONNACK and throws out whoever goes beyond it.
    const broker = await mosquitto({ extra: ['max_inflight_messages 3'] });
    const centre = await side(broker);
    const { ledger, ...rig } = dock(broker, { centre: { window: 500 } });
    ledger.enter(...facts(1_000));
    await rig.centre.start();
    await until(() => centre.sequences.length >= 1_000, 'all entries arrive');
    expect(centre.sequences).toEqual(upTo(1_000));
    expect(rig.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('loses nothing when the broker is killed in the midst, three times, with receipt by the centre (I4)', async () => {
    const broker = await mosquitto();
    const centre = await side(broker);
    const { ledger, ...rig } = dock(broker, { centre: { receipt: 'centre' } });
    acknowledging(centre, ledger);
    ledger.enter(...facts(3_000));
    await rig.centre.start();
    for (const at of [200, 900, 1_700]) {
      await until(() => new Set(centre.sequences).size > at, `${at} entries have arrived`);
      await broker.kill('SIGKILL');
      await broker.restart();
      await until(() => centre.client.connected, 'the centre is back');
      await centre.client.subscribeAsync('custodock/v1/#', { qos: 1, rap: true });
    }
    await until(() => rig.centre.status().waiting === 0, 'the centre has acknowledged everything');
    expect(centre.sequences.length).toBeGreaterThan(3_000);
    const inOrder: number[] = [];
    for (const sequence of centre.sequences) if (sequence === (inOrder.at(-1) ?? 0) + 1) inOrder.push(sequence);
    expect(inOrder).toEqual(upTo(3_000));
    await until(() => ledger.cursors.get('centre') === 3_000, 'the cursor is kept');
  });

  it('loses nothing when the broker is stopped and started again and again, with the PUBACK for a receipt', async () => {
    const broker = await mosquitto({ persistence: true });
    const centre = await side(broker);
    const { ledger, ...rig } = dock(broker);
    ledger.enter(...facts(2_000));
    await rig.centre.start();
    for (const at of [100, 700, 1_300]) {
      await until(() => centre.sequences.length > at, `${at} entries have arrived`);
      await broker.kill('SIGTERM');
      await broker.restart();
    }
    await until(() => new Set(centre.sequences).size >= 2_000, 'all entries have arrived');
    expect(firstOccurrences(centre.sequences)).toEqual(upTo(2_000));
  });

  it('goes on from the kept cursor after the dock has crashed, without a gap (I4)', async () => {
    const broker = await mosquitto();
    const centre = await side(broker);
    const ledger = new MemoryLedger();
    ledger.enter(...facts(4_000));
    // A dock that crashes says no farewell: the broker still has its connection when the next one takes that over.
    const line = await BreakableLine.to(broker.port);
    cleanups.push(() => line.stop());
    const crashing = centreRig({ url: line.url, ledger });
    cleanups.push(() => crashing.stop());
    const kept = new Map<string, number>();
    ledger.moveCursor = async (name, seq) => void kept.set(name, seq);
    await crashing.centre.start();
    await until(() => centre.sequences.length > 1_500, 'half of it is told');
    line.hold();
    ledger.moveCursor = async () => undefined;
    const restarted = new MemoryLedger();
    restarted.enter(...facts(4_000));
    restarted.cursors.set('centre', kept.get('centre') ?? 0);
    const next = dock(broker, { ledger: restarted });
    await next.centre.start();
    await until(() => restarted.cursors.get('centre') === 4_000, 'the rest is told');
    await until(() => new Set(centre.sequences).size >= 4_000, 'all entries have arrived');
    expect(firstOccurrences(centre.sequences).sort((a, b) => a - b)).toEqual(upTo(4_000));
  });

  it('has the broker say that a dock is lost, with its boot id, when its connection is cut', async () => {
    const broker = await mosquitto();
    const centre = await side(broker);
    const line = await BreakableLine.to(broker.port);
    const rig = centreRig({ url: line.url });
    cleanups.push(() => rig.stop());
    await rig.centre.start();
    const states = () =>
      centre.messages
        .filter(({ topic }) => topic === `${ROOT}/state`)
        .map(({ payload }) => JSON.parse(String(payload)));
    await until(() => states().length > 0, 'the dock is online');
    expect(states()[0]).toMatchObject({ online: true, boot: 'boot-1' });
    await line.stop();
    await until(() => states().some(({ reason }) => reason === 'lost'), 'the will is spoken');
    const late = await centreSide(broker.url, `${ROOT}/state`, 'late');
    cleanups.push(() => late.stop());
    await until(() => late.messages.length > 0, 'it is there for whoever comes later');
    const lost = { dock: 'dock-1', bureau: 'bureau-1', online: false, boot: 'boot-1', reason: 'lost' };
    expect(late.messages.map(({ payload }) => JSON.parse(String(payload)))).toEqual([lost]);
  });

  it('says itself that it goes, and no will is spoken after that', async () => {
    const broker = await mosquitto();
    const centre = await side(broker);
    const rig = dock(broker);
    await rig.centre.start();
    await until(() => rig.centre.status().state === 'connected', 'connected');
    await rig.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const last = centre.messages.filter(({ topic }) => topic === `${ROOT}/state`).at(-1);
    expect(JSON.parse(String(last?.payload))).toEqual({
      dock: 'dock-1',
      bureau: 'bureau-1',
      online: false,
      boot: 'boot-1',
      reason: 'stopped',
    });
    const late = await centreSide(broker.url, `${ROOT}/state`, 'late');
    cleanups.push(() => late.stop());
    await until(() => late.messages.length > 0, 'the retained state arrives');
    expect(late.messages.map(({ payload, retain }) => [JSON.parse(String(payload)).reason, retain])).toEqual([
      ['stopped', true],
    ]);
  });

  it('notices that nobody is subscribed', async () => {
    const broker = await mosquitto();
    const { ledger, ...rig } = dock(broker);
    ledger.enter(...facts(1));
    await rig.centre.start();
    await until(() => rig.log.lines.some(({ key }) => key === 'centre.nobody-listening'), 'it is said');
  });

  it.each([5, 4] as const)(
    'keeps nothing of bays and cameras that are gone, also when they went while the dock was not running, protocol level %i',
    async (protocol) => {
      const broker = await mosquitto();
      const bay = (name: string): BayStatus => ({ ...emptyBay, bay: name });
      const custody = (camera: string): CameraCustody => ({ ...awayCamera, camera });
      const start = async (slots: readonly number[], cameras: readonly string[]): Promise<CentreRig> => {
        const rig = dock(broker, { mqtt: { protocol } });
        rig.register = registerOf(slots, cameras);
        rig.status = { ...rig.status, bays: slots.map((slot) => bay(`1-${slot}`)) };
        // The ledger knows all that ever were here.
        for (const camera of ['记录/1', 'C2', 'C3']) rig.ledger.custody.set(camera, custody(camera));
        await rig.centre.start();
        return rig;
      };
      /** As somebody sees it who comes now. */
      const kept = async (): Promise<readonly string[]> => {
        const late = await centreSide(broker.url, `${ROOT}/#`, `late-${protocol}`);
        // The state of the dock itself is always there, so that an empty list would mean that nothing has come yet.
        await until(() => late.messages.some(({ topic }) => topic === `${ROOT}/state`), 'what is retained arrives');
        await new Promise((resolve) => setTimeout(resolve, 100));
        await late.stop();
        return late.messages.map(({ topic }) => topic.slice(ROOT.length + 1)).sort();
      };
      const keeps = async (topics: readonly string[]): Promise<void> => {
        let now: readonly string[] = [];
        for (let look = 0; look < 40 && now.join() !== topics.join(); look += 1) now = await kept();
        expect(now).toEqual(topics);
      };
      const first = await start([1, 2, 3], ['记录/1', 'C2', 'C3']);
      const encoded = 'cameras/%E8%AE%B0%E5%BD%95%2F1';
      await keeps(['bays/1-1', 'bays/1-2', 'bays/1-3', encoded, 'cameras/C2', 'cameras/C3', 'state'].sort());
      await first.stop();
      const second = await start([1, 2], ['C2', 'C3']);
      await keeps(['bays/1-1', 'bays/1-2', 'cameras/C2', 'cameras/C3', 'state']);
      // While it runs, as a reload of the configuration does it.
      second.register = registerOf([1, 2], ['C3']);
      second.centre.statusChanged();
      await keeps(['bays/1-1', 'bays/1-2', 'cameras/C3', 'state']);
      expect(second.log.lines.filter(({ level }) => level !== 'info' && level !== 'debug')).toEqual([]);
    },
  );
});

const emptyBay: BayStatus = {
  bay: '1-1',
  state: 'empty',
  sinceUtc: '2026-03-02T08:04:12.318Z',
  light: 'off',
  docking: null,
  camera: null,
  holder: null,
  batteryPercent: null,
  recordingMinutes: null,
  clockOffsetMs: null,
  reasons: [],
  progress: null,
  error: null,
};

const awayCamera: CameraCustody = {
  camera: '',
  bay: null,
  lastDockedUtc: '2026-03-02T08:04:12.318Z',
  lastUndockedUtc: '2026-03-02T09:00:00.000Z',
  holder: null,
  lastClockSet: null,
  previousClockSet: null,
};
