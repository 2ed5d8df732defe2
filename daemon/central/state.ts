/**
 * The retained documents that show the dock as it is now: their published schema and how they are made from status and
 * custody. Pure.
 *
 * Retained messages are kept and shown by whoever runs the broker: nothing here names a person, not even by number, and no
 * file name, which may hold one (M14). What happened is told by the events; these only spare a map or a wall display the replay.
 */
import { z } from 'zod';
import { lightPatterns } from '../../drivers/contract/cradle.js';
import { bayStateNames } from '../bay/lifecycle.js';
import { reasonNames } from '../bay/readiness.js';
import type { BayStatus } from '../bay/status.js';
import type { CameraCustody } from '../custody/ledger.js';
import type { DockStatus } from '../status.js';

export const stateContentType = 'application/json; charset=utf-8';

const utc = z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds');
const whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const boot = z.string().describe('tells one run of the dock from another; a state of an older run can come late');

export const dockOnline = z.object({
  dock: z.string(),
  bureau: z.string(),
  online: z.literal(true),
  boot,
  version: z.string(),
  startedUtc: utc,
  clock: z.object({ trusted: z.boolean(), source: z.string(), errorMs: z.number().nullable() }),
  ledger: z.object({
    epoch: whole,
    seq: whole,
    leaf: z.string(),
    check: z.enum(['running', 'clean', 'broken']),
  }),
  archive: z.object({
    state: z.enum(['ok', 'full', 'read-only', 'gone']),
    freeBytes: whole,
    capacityBytes: whole,
  }),
  cradles: z.array(z.object({ cradle: z.string(), state: z.enum(['unknown', 'answering', 'trouble']) })),
});

export const dockOffline = z.object({
  dock: z.string(),
  bureau: z.string(),
  online: z.literal(false),
  boot,
  reason: z
    .enum(['stopped', 'lost'])
    .describe('stopped: said by the dock itself; lost: its last will, published by the broker'),
});

export const dockState = z.discriminatedUnion('online', [dockOnline, dockOffline]);

export const bayDocument = z.object({
  bay: z.string().describe('by physical place: cradle and slot, such as 1-3'),
  state: z.enum(bayStateNames),
  sinceUtc: utc,
  light: z.enum(lightPatterns),
  docking: z.string().nullable(),
  camera: z.string().nullable(),
  batteryPercent: z.number().min(0).max(100).nullable(),
  recordingMinutes: z.number().nullable(),
  clockOffsetMs: z.number().nullable().describe('camera minus dock'),
  reasons: z.array(z.object({ reason: z.enum(reasonNames), found: z.string(), wanted: z.string() })),
  progress: z
    .object({
      recordings: z.object({ total: whole, done: whole, failed: whole }),
      bytes: z.object({ total: whole, done: whole }),
      bytesPerSecond: z.number().min(0),
      etaMs: z.number().min(0).nullable(),
    })
    .nullable(),
  error: z.object({ code: z.string(), expected: z.string(), found: z.string(), todo: z.string() }).nullable(),
});

export const cameraDocument = z.object({
  camera: z.string(),
  bay: z.string().nullable().describe('null: in no bay of this dock'),
  lastDockedUtc: utc.nullable(),
  lastUndockedUtc: utc.nullable(),
  clock: z
    .object({ setUtc: utc, offsetMs: z.number().nullable(), uncertaintyMs: z.number().min(0).nullable() })
    .nullable()
    .describe(
      'what was left of the error after the last set by this dock; nulls: it was taken before that could be measured',
    ),
});

type DockOnline = z.infer<typeof dockOnline>;
type DockOffline = z.infer<typeof dockOffline>;
type BayDocument = z.infer<typeof bayDocument>;
type CameraDocument = z.infer<typeof cameraDocument>;

export function onlineState(status: DockStatus, bootId: string): DockOnline {
  const { clock, ledger, archive } = status;
  return {
    dock: status.dock,
    bureau: status.bureau,
    online: true,
    boot: bootId,
    version: status.version,
    startedUtc: status.startedUtc,
    clock: { trusted: clock.trusted, source: clock.source, errorMs: clock.errorMs },
    ledger: { epoch: ledger.epoch, seq: ledger.seq, leaf: ledger.leaf, check: ledger.check },
    archive: { state: archive.state, freeBytes: archive.freeBytes, capacityBytes: archive.capacityBytes },
    cradles: status.cradles.map(({ cradle, state }) => ({ cradle, state })),
  };
}

export function offlineState(bureau: string, dock: string, bootId: string, reason: DockOffline['reason']): DockOffline {
  return { dock, bureau, online: false, boot: bootId, reason };
}

export function bayState(bay: BayStatus): BayDocument {
  const { progress, error } = bay;
  return {
    bay: bay.bay,
    state: bay.state,
    sinceUtc: bay.sinceUtc,
    light: bay.light,
    docking: bay.docking,
    camera: bay.camera,
    batteryPercent: bay.batteryPercent,
    recordingMinutes: bay.recordingMinutes,
    clockOffsetMs: bay.clockOffsetMs,
    reasons: bay.reasons.map(({ reason, found, wanted }) => ({ reason, found, wanted })),
    progress: progress && {
      recordings: { ...progress.recordings },
      bytes: { ...progress.bytes },
      bytesPerSecond: progress.bytesPerSecond,
      etaMs: progress.etaMs,
    },
    error: error && { code: error.code, expected: error.expected, found: error.found, todo: error.todo },
  };
}

export function cameraState(custody: CameraCustody): CameraDocument {
  const set = custody.lastClockSet;
  return {
    camera: custody.camera,
    bay: custody.bay,
    lastDockedUtc: custody.lastDockedUtc,
    lastUndockedUtc: custody.lastUndockedUtc,
    clock: set && {
      setUtc: set.utc,
      offsetMs: set.after?.offsetMs ?? null,
      uncertaintyMs: set.after?.uncertaintyMs ?? null,
    },
  };
}
