import { describe, expect, it } from 'vitest';
import type { BayStatus } from '../../daemon/bay/status.js';
import { createCentre } from '../../daemon/central/centre.js';
import type { CameraCustody } from '../../daemon/custody/ledger.js';
import type { DockStatus } from '../../daemon/status.js';
import { dockStatus, registerOf } from '../support/centre-rig.js';
import { KeptLog } from '../support/kept-log.js';
import { MemoryLedger } from '../support/memory-ledger.js';
import { ModelledBroker } from '../support/modelled-broker.js';
import { VirtualClock } from '../support/virtual-clock.js';

const ROOT = 'custodock/v1/bureau-1/dock-1';

const bay: BayStatus = {
  bay: '1-3',
  state: 'offloading',
  sinceUtc: '2026-03-02T08:04:12.318Z',
  light: 'amber-breathing',
  docking: 'docking-1',
  camera: 'cam/1',
  holder: 'OFFICER-003217',
  batteryPercent: 37,
  recordingMinutes: null,
  clockOffsetMs: 3,
  reasons: [],
  progress: {
    recordings: { total: 11, done: 4, failed: 0 },
    bytes: { total: 2_000, done: 800 },
    bytesPerSecond: 31,
    etaMs: 40_500,
    current: 'DCIM/cam_OFFICER-003217_20260302.MP4',
  },
  error: null,
};

const custody: CameraCustody = {
  camera: 'cam/1',
  bay: '1-3',
  lastDockedUtc: '2026-03-02T08:04:12.318Z',
  lastUndockedUtc: null,
  holder: 'OFFICER-003217',
  lastClockSet: null,
  previousClockSet: null,
};

async function rig(
  prepare: (ledger: MemoryLedger) => void = () => undefined,
  { left = {}, refuseSubscription = 0 }: { left?: Readonly<Record<string, string>>; refuseSubscription?: number } = {},
) {
  const clock = new VirtualClock();
  const broker = new ModelledBroker(clock);
  for (const [topic, payload] of Object.entries(left)) broker.retained.set(`${ROOT}/${topic}`, Buffer.from(payload));
  broker.refuseSubscription = refuseSubscription;
  const ledger = new MemoryLedger();
  const log = new KeptLog();
  prepare(ledger);
  let bays: readonly BayStatus[] = [bay];
  let register = registerOf([1, 2, 3], ['cam/1', 'cam-2']);
  const status = (): DockStatus => ({ ...dockStatus(ledger), bays });
  const centre = createCentre({
    bureau: 'bureau-1',
    dock: 'dock-1',
    bootId: 'boot-1',
    receipt: 'broker',
    window: 8,
    broker,
    ledger,
    status,
    register: () => register,
    clock,
    log,
  });
  await centre.start();
  await clock.advance(500);
  const setBay = (change: Partial<BayStatus>): void => {
    bays = [{ ...bay, ...change }];
    centre.statusChanged();
  };
  const setRegister = (slots: readonly number[], cameras: readonly string[]): void => {
    register = registerOf(slots, cameras);
    bays = bays.filter(({ bay }) => slots.some((slot) => bay === `1-${slot}`));
    centre.statusChanged();
  };
  const retained = (topic: string) => JSON.parse(String(broker.retained.get(`${ROOT}/${topic}`) ?? 'null'));
  return { clock, broker, ledger, log, centre, setBay, setRegister, retained };
}

describe('the retained state', () => {
  it('shows dock, bays and cameras as they are, and again on every new connection', async () => {
    const { clock, broker, retained } = await rig((ledger) => ledger.custody.set('cam/1', custody));
    const look = () => [retained('state'), retained('bays/1-3'), retained('cameras/cam%2F1')];
    expect(look()).toMatchObject([
      { online: true, boot: 'boot-1', version: '0.1.0', clock: { trusted: true }, archive: { state: 'ok' } },
      { bay: '1-3', state: 'offloading', camera: 'cam/1', batteryPercent: 37 },
      { camera: 'cam/1', bay: '1-3' },
    ]);
    const before = look();
    broker.retained.clear();
    broker.drop();
    expect(retained('state')).toMatchObject({ online: false, reason: 'lost', boot: 'boot-1' });
    await clock.advance(5_000);
    expect(look()).toEqual(before);
  });

  it('names no person, not by number and not by a file name (M14)', async () => {
    const { broker } = await rig((ledger) => ledger.custody.set('cam/1', custody));
    expect(broker.delivered.length).toBeGreaterThanOrEqual(3);
    for (const { payload } of broker.delivered) expect(payload.toString()).not.toContain('OFFICER');
  });

  it('tells a change soon, and a storm of them once a second with the last word right', async () => {
    const { clock, broker, setBay, retained } = await rig();
    await clock.advance(2_000);
    setBay({ state: 'clearing' });
    await clock.advance(100);
    expect(retained('bays/1-3').state).toBe('clearing');
    const before = broker.on('/bays/1-3').length;
    for (let step = 0; step <= 1_000; step++) {
      setBay({ batteryPercent: step % 100 });
      await clock.advance(10);
    }
    expect(broker.on('/bays/1-3').length - before).toBeLessThanOrEqual(11);
    setBay({ state: 'ready', light: 'green-steady', batteryPercent: 99 });
    await clock.advance(1_100);
    expect(retained('bays/1-3')).toMatchObject({ state: 'ready', light: 'green-steady', batteryPercent: 99 });
  });

  it('tells nothing when nothing has changed', async () => {
    const { clock, broker, centre } = await rig();
    await clock.advance(5_000);
    const before = broker.delivered.length;
    for (let count = 0; count < 100; count++) {
      centre.statusChanged();
      await clock.advance(100);
    }
    expect(broker.delivered.length).toBe(before);
  });

  it('tells of a camera once more after it has left, also when it left unheard', async () => {
    const { clock, broker, ledger, setBay, retained } = await rig((ledger) => ledger.custody.set('cam/1', custody));
    broker.away = true;
    broker.drop();
    ledger.custody.set('cam/1', { ...custody, bay: null, lastUndockedUtc: '2026-03-02T09:00:00.000Z' });
    setBay({ state: 'empty', camera: null });
    await clock.advance(10_000);
    broker.away = false;
    await clock.advance(120_000);
    expect(retained('cameras/cam%2F1')).toMatchObject({ bay: null, lastUndockedUtc: '2026-03-02T09:00:00.000Z' });
  });

  it('tells where the cameras of earlier runs are', async () => {
    const gone = { ...custody, camera: 'cam-2', bay: null, lastUndockedUtc: '2026-03-01T09:00:00.000Z' };
    const { retained } = await rig((ledger) => ledger.custody.set('cam-2', gone));
    expect(retained('cameras/cam-2')).toMatchObject({ bay: null, lastUndockedUtc: '2026-03-01T09:00:00.000Z' });
  });

  it('tries again when custody cannot be read, says it once, and holds up no event (I8)', async () => {
    const { clock, broker, ledger, log, retained, centre } = await rig();
    ledger.custody.set('cam/1', custody);
    const look = ledger.camera.bind(ledger);
    ledger.camera = async () => {
      throw new Error('database is locked');
    };
    ledger.enter({ kind: 'dock.stopped', body: { reason: 'x' } });
    await clock.advance(5_000);
    expect(log.lines.filter(({ key }) => key === 'centre.state-not-told')).toHaveLength(1);
    expect(broker.on('/events')).toHaveLength(1);
    ledger.camera = look;
    await clock.advance(2_000);
    expect(retained('cameras/cam%2F1')).toMatchObject({ camera: 'cam/1' });
    expect(centre.status().waiting).toBe(0);
  });

  it('clears what an earlier run told of bays and cameras that are gone, and nothing else', async () => {
    const left = {
      'bays/1-3': '{}',
      'bays/1-9': '{}',
      'cameras/cam-2': '{"of":"yesterday"}',
      'cameras/gone%2F1': '{}',
      'bays/1-9/deeper': '{}',
      state: '{}',
    };
    const { broker, log } = await rig(undefined, { left });
    const kept = [...broker.retained.keys()].map((topic) => topic.slice(ROOT.length + 1)).sort();
    expect(kept).toEqual(['bays/1-3', 'bays/1-9/deeper', 'cameras/cam-2', 'state']);
    expect(log.lines.filter(({ key }) => key === 'centre.state-cleared')).toMatchObject([{ fields: { topics: 2 } }]);
  });

  it('clears a camera that leaves the register while the dock runs, and tells it again when it comes back', async () => {
    const { clock, broker, setBay, setRegister, retained } = await rig((ledger) =>
      ledger.custody.set('cam/1', custody),
    );
    setBay({ state: 'empty', camera: null });
    await clock.advance(2_000);
    expect(retained('cameras/cam%2F1')).not.toBeNull();
    setRegister([1, 2, 3], ['cam-2']);
    await clock.advance(2_000);
    expect(retained('cameras/cam%2F1')).toBeNull();
    expect(broker.on('/cameras/cam%2F1').at(-1)).toHaveLength(0);
    const before = broker.on('/cameras/cam%2F1').length;
    for (let percent = 0; percent < 5; percent += 1) {
      setBay({ state: 'empty', camera: null, batteryPercent: percent });
      await clock.advance(2_000);
    }
    expect(broker.on('/cameras/cam%2F1').length).toBe(before);
    setRegister([1, 2, 3], ['cam-2', 'cam/1']);
    await clock.advance(2_000);
    expect(retained('cameras/cam%2F1')).toMatchObject({ camera: 'cam/1' });
  });

  it('goes on where the broker does not let it read its own topics, says so once, and clears what it told itself', async () => {
    const { clock, broker, log, setBay, setRegister, retained } = await rig(
      (ledger) => ledger.custody.set('cam/1', custody),
      { left: { 'bays/1-9': '{}' }, refuseSubscription: 135 },
    );
    expect(retained('bays/1-3')).toMatchObject({ state: 'offloading' });
    setBay({ state: 'empty', camera: null });
    setRegister([1, 2, 3], []);
    await clock.advance(2_000);
    expect(retained('cameras/cam%2F1')).toBeNull();
    expect(retained('bays/1-9')).toEqual({});
    broker.drop();
    await clock.advance(10_000);
    expect(retained('bays/1-3')).toMatchObject({ state: 'empty' });
    expect(log.lines.filter(({ key }) => key === 'centre.state-not-read')).toHaveLength(1);
  });
});
