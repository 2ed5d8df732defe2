/**
 * One example of everything in the contract: a morning at a dock, sealed like the ledger seals it, so that whoever writes a
 * receiver can check a hash by them. The types see to it that no kind is forgotten.
 */

import { verbatim } from '../../../drivers/contract/phrase.js';
import {
  type EntryBody,
  type EntryKind,
  type EntryTime,
  entryKinds,
  type Fact,
  type StoredEntry,
} from '../../custody/entry.js';
import { emptyTreeHash } from '../../custody/leaf.js';
import { checkFact, sealEntry } from '../../custody/stored-entry.js';
import type { DockStatus } from '../../status.js';
import { eventPayload } from '../event.js';
import type { Acknowledgement } from '../receipt.js';
import { bayState, cameraState, offlineState, onlineState } from '../state.js';
import { eventName } from './schemas.js';

const BUREAU = 'pudong-market';
const DOCK = 'dock-1';
const BOOT = '0d9d3f7c-52d5-4f0f-9d1e-3c1f2d6a9b10';
const CAMERA = 'G7A0412';
const place = { bay: '1-3', docking: '1-3/20260302T080412Z' };
const docked = { ...place, camera: CAMERA };
const arrivedUtc = '2026-03-02T08:04:12.318Z';
const PATH = 'DCIM/G7A0412_003217_20260302071530.MP4';
const file = {
  path: PATH,
  pathBytes: Buffer.from(PATH).toString('base64'),
  sizeBytes: 188_743_680,
  modifiedMs: Date.parse('2026-03-02T07:20:41.000Z'),
};
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const proof = { sha256, sequence: 11, leaf: emptyTreeHash };

const bodies: { readonly [K in EntryKind]: EntryBody<K> } = {
  'dock.started': { version: '0.1.0', previousStop: 'clean' },
  'dock.stopped': { reason: 'SIGTERM' },
  'clock.trust-changed': { detail: 'timesyncd: synchronised, estimated error 4 ms' },
  'cradle.found': { cradle: '1', serial: 'CR-2291', firmware: '1.4.0', mapVersion: 1, bayCount: 8 },
  'cradle.lost': { cradle: '1', code: 'DOCK_CRADLE_SILENT', found: 'no answer for 1000 ms' },
  'camera.docked': {
    ...docked,
    family: 'mass-storage',
    identifiedBy: 'side-channel',
    arrivedUtc,
    broughtBy: { officer: '003217', known: 'assigned' },
    outSinceUtc: '2026-03-02T00:31:07.902Z',
  },
  'camera.refused': {
    ...place,
    claimed: 'X9-0001',
    arrivedUtc,
    code: 'DOCK_CAMERA_UNKNOWN',
    found: 'X9-0001 is not in the register of cameras',
  },
  'camera.inspected': {
    ...docked,
    batteryPercent: 37,
    storage: { capacityBytes: 64_000_000_000, freeBytes: 51_200_000_000 },
    faults: [],
    clock: { offsetMs: -97_214, uncertaintyMs: 6 },
    volume: { fileSystem: 'exfat', uuid: '6A1F-03C2', readOnly: true, dirty: false },
  },
  'camera.clock-set': {
    ...docked,
    before: { offsetMs: -97_214, uncertaintyMs: 6 },
    after: { offsetMs: 3, uncertaintyMs: 6 },
    driftMsPerDay: -1_388.8,
  },
  'camera.clock-set-blindly': { ...docked, toUtc: '2026-03-02T08:04:17.000Z', resolutionMs: 1_000 },
  'camera.disk-mode': { ...docked, refusals: 1 },
  'camera.clock-left': {
    ...docked,
    measured: { offsetMs: -97_214, uncertaintyMs: 6 },
    reason: 'dock-clock-not-trusted',
    code: null,
  },
  'recording.offloaded': {
    ...docked,
    ...file,
    recordingKind: 'video',
    important: true,
    named: { device: CAMERA, user: '003217', startedLocal: '2026-03-02T15:15:30', encrypted: false },
    corrected: { startUtc: '2026-03-02T07:17:07.214Z', endUtc: '2026-03-02T07:22:18.214Z', errorMs: 2_000 },
    archivePath: '2026/03/02/G7A0412/G7A0412_003217_20260302071530.MP4',
    sha256,
    label: 'complete',
    missing: [],
    sourceRead: 'direct',
    readBack: 'direct',
    resumedBytes: 0,
  },
  'recording.failed': {
    ...docked,
    ...file,
    code: 'DOCK_RECORDING_UNREADABLE',
    found: 'EIO at byte 1048576',
  },
  'recording.erasing': { ...docked, ...file, proof },
  'recording.erased': { ...docked, ...file, proof, outcome: 'erased' },
  'camera.offloaded': {
    ...docked,
    found: 14,
    alreadySafe: 3,
    offloaded: 10,
    failed: 1,
    skipped: 0,
    unread: 0,
    bytes: 1_887_436_800,
  },
  'camera.ready': { ...docked, batteryPercent: 96, recordingMinutes: 1_180 },
  'camera.not-ready': { ...docked, reasons: [{ reason: 'battery-low', found: '37 %', wanted: '90 %' }] },
  'camera.undocked': {
    ...docked,
    during: 'ready',
    verdict: 'ready',
    safe: 14,
    of: 14,
    takenBy: { officer: '003217', known: 'assigned' },
  },
};

/** Every kind once, as one ledger from sequence 1 on. */
function exampleLedger(): readonly StoredEntry[] {
  const startMs = Date.parse('2026-03-02T08:00:00.000Z');
  const entries: StoredEntry[] = [];
  for (const [index, kind] of entryKinds.entries()) {
    const time: EntryTime = {
      utc: new Date(startMs + index * 21_500).toISOString(),
      boot: BOOT,
      monotonicMs: 3_600_000 + index * 21_500,
      trusted: true,
      source: 'timesyncd',
      errorMs: 4,
    };
    const last = entries.at(-1);
    const head = { epoch: 1, seq: last?.seq ?? 0, leaf: last?.leaf ?? emptyTreeHash };
    entries.push(sealEntry(DOCK, head, checkFact({ kind, body: bodies[kind] } as Fact, time)));
  }
  return entries;
}

const reasons = [{ reason: 'battery-low', found: verbatim('37 %'), wanted: verbatim('90 %') }] as const;

function exampleStatus(entries: readonly StoredEntry[]): DockStatus {
  const last = entries.at(-1);
  return {
    dock: DOCK,
    bureau: BUREAU,
    version: '0.1.0',
    language: 'zh-CN',
    startedUtc: '2026-03-02T08:00:00.000Z',
    clock: { trusted: true, source: 'timesyncd', errorMs: 4, detail: '' },
    ledger: { epoch: 1, seq: last?.seq ?? 0, leaf: last?.leaf ?? emptyTreeHash, check: 'clean' },
    centre: { state: 'connected', waiting: 0, error: null },
    archive: { path: '', state: 'ok', freeBytes: 412_000_000_000, capacityBytes: 2_000_000_000_000 },
    cradles: [{ cradle: '1', state: 'answering', error: null }],
    bays: [
      {
        ...docked,
        state: 'offloading',
        sinceUtc: arrivedUtc,
        light: 'amber-breathing',
        holder: null,
        batteryPercent: 37,
        recordingMinutes: null,
        clockOffsetMs: 3,
        reasons,
        progress: {
          recordings: { total: 11, done: 4, failed: 0 },
          bytes: { total: 2_076_180_480, done: 804_261_888 },
          bytesPerSecond: 31_400_000,
          etaMs: 40_500,
          current: null,
        },
        error: null,
      },
    ],
  };
}

/** Payloads by the name of their message, as `messageSchemas` names them. */
export function messageExamples(): Readonly<Record<string, readonly unknown[]>> {
  const entries = exampleLedger();
  const status = exampleStatus(entries);
  const last = status.ledger;
  const ack: Acknowledgement = { epoch: last.epoch, sequence: last.seq, leaf: last.leaf };
  const camera = cameraState({
    camera: CAMERA,
    lastDockedUtc: arrivedUtc,
    lastUndockedUtc: '2026-03-02T00:31:07.902Z',
    bay: '1-3',
    holder: null,
    lastClockSet: { utc: '2026-03-02T08:04:14.000Z', ...bodies['camera.clock-set'] },
    previousClockSet: null,
  });
  return {
    ...Object.fromEntries(
      entries.map((stored) => [eventName(stored.entry.kind), [JSON.parse(eventPayload(BUREAU, stored).toString())]]),
    ),
    state: [onlineState(status, BOOT), offlineState(BUREAU, DOCK, BOOT, 'lost')],
    bay: status.bays.map(bayState),
    camera: [camera],
    ack: [ack],
  };
}
