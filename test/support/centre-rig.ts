/** A dock's centre side put together for tests: real MQTT, a ledger without a medium, waits short enough to be waited for. */
import { configSchema } from '../../config/schema.js';
import { type Centre, type CentreOptions, createCentre } from '../../daemon/central/centre.js';
import { type MqttOptions, mqttBroker } from '../../daemon/central/mqtt-link.js';
import { publisherTimings } from '../../daemon/central/publisher.js';
import type { Register } from '../../daemon/central/state-topics.js';
import { linkTimings } from '../../daemon/central/steady-link.js';
import type { Ledger } from '../../daemon/custody/ledger.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import type { DockStatus } from '../../daemon/status.js';
import { KeptLog } from './kept-log.js';
import { MemoryLedger } from './memory-ledger.js';

export interface CentreRig<L extends Ledger = MemoryLedger> {
  readonly centre: Centre;
  readonly ledger: L;
  readonly log: KeptLog;
  status: DockStatus;
  register: Register;
  stop(): Promise<void>;
}

export interface CentreRigOptions<L extends Ledger = MemoryLedger> {
  readonly url: string;
  readonly mqtt?: Partial<MqttOptions>;
  readonly ledger: L;
  readonly centre?: Partial<CentreOptions>;
}

export function dockStatus(ledger: Ledger): DockStatus {
  return {
    dock: 'dock-1',
    bureau: 'bureau-1',
    version: '0.1.0',
    language: 'zh-CN',
    startedUtc: '2026-03-02T08:00:00.000Z',
    clock: { trusted: true, source: 'timesyncd', errorMs: 4, detail: 'synchronised' },
    ledger: { ...ledger.head(), check: 'clean' },
    centre: { state: 'connecting', waiting: 0, error: null },
    archive: { path: '/archive', state: 'ok', freeBytes: 5_000_000_000, capacityBytes: 10_000_000_000 },
    cradles: [{ cradle: '1', state: 'answering', error: null }],
    bays: [],
  };
}

/** Bays of the cradle `1` and cameras, as the configuration has them. */
export function registerOf(slots: readonly number[], cameras: readonly string[]): Register {
  const { cradles, cameras: registered } = configSchema.parse({
    version: 1,
    dock: { id: 'dock-1', bureau: 'bureau-1' },
    cradles: slots.length === 0 ? [] : [cradleOf(slots)],
    cameras: cameras.map((id) => ({ id })),
  });
  return { cradles, cameras: registered };
}

function cradleOf(slots: readonly number[]) {
  return { name: '1', unit: 1, line: { serial: '/dev/none' }, bays: slots.map((slot) => ({ slot })) };
}

/** Everything that a person would wait minutes for, in fractions of a second. */
export const shortTimings = {
  link: {
    ...linkTimings,
    connectMs: 1_000,
    acknowledgeMs: 500,
    retryFirstMs: 30,
    retryLongestMs: 100,
    retryRefusedMs: 60,
  },
  publisher: { ...publisherTimings, keepCursorMs: 20, receiptMs: 300, pauseMs: 50 },
};

/** Not started yet; with a ledger without a medium unless one is given. */
export function centreRig(options: Omit<CentreRigOptions, 'ledger'> & { readonly ledger?: MemoryLedger }): CentreRig {
  return centreRigOver({ ...options, ledger: options.ledger ?? new MemoryLedger() });
}

export function centreRigOver<L extends Ledger>(options: CentreRigOptions<L>): CentreRig<L> {
  const { ledger } = options;
  const log = new KeptLog();
  const rig = {
    ledger,
    log,
    status: dockStatus(ledger),
    register: registerOf([1, 2, 3], ['G7A0412']),
    stop: () => centre.stop(systemClock.monotonicMs() + 2_000),
  };
  const centre = createCentre({
    bureau: 'bureau-1',
    dock: 'dock-1',
    bootId: 'boot-1',
    receipt: 'broker',
    window: 64,
    broker: mqttBroker({ url: options.url, protocol: 5, keepAliveS: 30, ...options.mqtt }),
    ledger,
    status: () => ({ ...rig.status, ledger: { ...ledger.head(), check: 'clean' } }),
    register: () => rig.register,
    clock: systemClock,
    log,
    linkTimings: shortTimings.link,
    publisherTimings: shortTimings.publisher,
    ...options.centre,
  });
  return Object.assign(rig, { centre });
}
