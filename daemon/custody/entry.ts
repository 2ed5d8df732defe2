/**
 * What can be entered in the ledger: the one source of the entry's types, its validation, and the published event contract.
 *
 * An entry is evidence. Kinds and fields are only ever added; their meaning never changes under the same name.
 * Nothing here names a person: officers appear by number only (M14).
 */
import { z } from 'zod';

/** Version of the entry document itself (the envelope), not of the software. */
export const entryVersion = 1;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const utc = z.iso.datetime({ precision: 3 }).describe('RFC 3339, UTC, milliseconds');
const whole = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const bay = z.string().describe('the bay, by physical place: cradle and slot, such as 1-3 (I7)');
const docking = z.string().describe('one stay of one camera in one bay');
const camera = z.string().describe('camera id as in the register of cameras');
const code = z.string().regex(/^DOCK_[A-Z0-9_]+$/);

const offset = z.object({
  offsetMs: z.number().describe('camera minus dock; positive: the camera is fast'),
  uncertaintyMs: z.number().min(0).describe('half width of the interval that contains the true offset'),
});

const byteRange = z.object({ from: whole, to: whole }).describe('bytes from … up to, not including, to');

const recordingRef = z.object({
  path: z.string().describe('path on the camera, made displayable'),
  pathBytes: z.base64().describe('the raw bytes of that path'),
  sizeBytes: whole,
  modifiedMs: z
    .int()
    .describe("modification time on the camera's file system, ms since 1970 as the dock's kernel showed it"),
});

const eraseProof = z
  .object({ sha256: hex64, sequence: whole, leaf: hex64 })
  .describe('of the archived copy, and the entry that says so (I3)');

export const recordingLabels = ['complete', 'zero-length', 'truncated', 'incomplete'] as const;

const bodies = {
  'dock.started': z.object({
    version: z.string(),
    previousStop: z.enum(['first-start', 'clean', 'unclean']),
  }),
  'dock.stopped': z.object({ reason: z.string() }),
  'clock.trust-changed': z.object({ detail: z.string().describe('what the dock saw') }),
  'cradle.found': z.object({
    cradle: z.string(),
    serial: z.string(),
    firmware: z.string(),
    mapVersion: whole,
    bayCount: whole,
  }),
  'cradle.lost': z.object({ cradle: z.string(), code, found: z.string() }),
  'camera.docked': z.object({
    bay,
    docking,
    camera,
    family: z.string(),
    identifiedBy: z.enum(['side-channel', 'protocol', 'file-names', 'volume']),
    arrivedUtc: utc,
    broughtBy: z
      .object({ officer: z.string(), known: z.enum(['assigned', 'camera']) })
      .nullable()
      .describe('who had the camera, and how the dock knows: M4'),
    outSinceUtc: utc.nullable().describe('when it last left a bay of this dock'),
  }),
  'camera.refused': z.object({
    bay,
    docking,
    claimed: z.string().nullable().describe('identity it claimed'),
    arrivedUtc: utc,
    code,
    found: z.string(),
  }),
  'camera.inspected': z.object({
    bay,
    docking,
    camera,
    batteryPercent: z.number().min(0).max(100).nullable(),
    storage: z.object({ capacityBytes: whole, freeBytes: whole }).nullable(),
    faults: z.array(z.string()).nullable().describe('null: this camera cannot tell'),
    clock: offset.nullable().describe('measured before anything was set'),
    volume: z
      .object({
        fileSystem: z.string(),
        uuid: z.string().nullable(),
        readOnly: z.boolean(),
        dirty: z
          .boolean()
          .nullable()
          .optional()
          .describe('it was not put away in order, and was not repaired; null: nobody looked'),
      })
      .nullable(),
  }),
  'camera.clock-set': z.object({
    bay,
    docking,
    camera,
    before: offset,
    after: offset
      .nullable()
      .describe('measured again after setting; null: the camera was taken before that could be done'),
    driftMsPerDay: z.number().nullable().describe('since the last set; null when this is the first'),
  }),
  'camera.clock-set-blindly': z
    .object({
      bay,
      docking,
      camera,
      toUtc: utc.describe('the second that it was told to begin when that began for the dock'),
      resolutionMs: whole,
    })
    .describe(
      'set, and confirmed by the camera, which cannot show its time: nothing was measured, neither before nor after',
    ),
  'camera.disk-mode': z
    .object({
      bay,
      docking,
      camera,
      refusals: whole.describe('how often it refused before, as cameras do that close a clip'),
    })
    .describe('switched from its control interface to disk mode, in which it comes back at the same port as a volume'),
  'camera.clock-left': z.object({
    bay,
    docking,
    camera,
    measured: offset.nullable(),
    reason: z.enum(['within-tolerance', 'dock-clock-not-trusted', 'camera-has-no-clock', 'failed']),
    code: code.nullable(),
  }),
  'recording.offloaded': recordingRef.extend({
    bay,
    docking,
    camera,
    recordingKind: z.enum(['video', 'audio', 'image', 'other']),
    important: z.boolean(),
    named: z
      .object({ device: z.string(), user: z.string(), startedLocal: z.string(), encrypted: z.boolean() })
      .nullable()
      .describe('what the file name says'),
    corrected: z
      .object({ startUtc: utc.nullable(), endUtc: utc.nullable(), errorMs: z.number().min(0) })
      .nullable()
      .describe(
        "recorded interval after correction by the camera clock's measured offset; null when that is not known",
      ),
    archivePath: z.string().describe('relative to the archive'),
    sha256: hex64.describe('of the stored file, read back'),
    label: z.enum(recordingLabels),
    missing: z.array(byteRange).describe('ranges that the camera could not read; zero bytes in the stored file'),
    sourceRead: z
      .enum(['direct', 'cached', 'protocol'])
      .describe('a file past or through the page cache of the dock, or over a protocol of the camera'),
    readBack: z.enum(['direct', 'cached']).describe('from the medium, or only from the page cache (I2)'),
    resumedBytes: whole.describe('bytes taken over from an interrupted copy'),
    madeOf: z
      .enum(['part'])
      .optional()
      .describe(
        'part: of what an interrupted copy had got; the recording was not on the camera any more, or not as it was, when ' +
          'the camera was docked again: bay and docking are those in which that was found. Missing where the camera itself was read to the end',
      ),
  }),
  'recording.failed': recordingRef.extend({ bay, docking, camera, code, found: z.string() }),
  'recording.erasing': recordingRef
    .extend({ bay, docking, camera, proof: eraseProof })
    .describe('entered before the camera is asked to erase, so that no erasure goes without a trace (M18)'),
  'recording.erased': recordingRef.extend({
    bay,
    docking,
    camera,
    proof: eraseProof,
    outcome: z
      .enum(['erased', 'found-gone'])
      .optional()
      .describe(
        'erased: the camera confirmed it, as it did where this is missing; found-gone: what came of erasing is not known ' +
          '(the dock stopped, the camera was taken), and the recording was not on the camera any more when it was docked again',
      ),
  }),
  'camera.offloaded': z.object({
    bay,
    docking,
    camera,
    found: whole.describe('recordings on the camera'),
    alreadySafe: whole,
    offloaded: whole,
    failed: whole,
    skipped: whole.describe('links and special files: no recordings'),
    unread: whole.describe('places that may hold recordings and could not be listed: unreadable, too deep, too many'),
    bytes: whole,
  }),
  'camera.ready': z.object({
    bay,
    docking,
    camera,
    batteryPercent: z.number().nullable(),
    recordingMinutes: z.number().nullable(),
  }),
  'camera.not-ready': z.object({
    bay,
    docking,
    camera,
    reasons: z.array(z.object({ reason: z.string(), found: z.string(), wanted: z.string() })),
  }),
  'camera.undocked': z.object({
    bay,
    docking,
    camera: camera.nullable(),
    during: z.string().describe('state of the bay when the camera was taken'),
    verdict: z.enum(['ready', 'not-ready', 'none']),
    safe: whole.describe('recordings safe in the archive, of …'),
    of: whole.nullable().describe('recordings on the camera; null: it was taken before that was known'),
    takenBy: z.object({ officer: z.string(), known: z.enum(['assigned']) }).nullable(),
  }),
} as const;

export type EntryKind = keyof typeof bodies;
export type EntryBody<K extends EntryKind> = z.infer<(typeof bodies)[K]>;
/** Something to enter: a kind with its body. */
export type Fact = { [K in EntryKind]: { readonly kind: K; readonly body: EntryBody<K> } }[EntryKind];

export const entryBodies: { readonly [K in EntryKind]: (typeof bodies)[K] } = bodies;
export const entryKinds = Object.keys(bodies) as EntryKind[];

/** When something was entered, and how far the dock's clock could be believed then (I6). */
export const entryTime = z.object({
  utc,
  boot: z.string().describe('boot id of the kernel'),
  monotonicMs: whole.describe('since that boot'),
  trusted: z.boolean(),
  source: z.string(),
  errorMs: z.number().min(0).nullable().describe('estimated error of the dock clock; null: unknown'),
});
export type EntryTime = z.infer<typeof entryTime>;

/** The envelope alone, as a check reads it: of kinds and bodies that a newer version entered it knows nothing. */
export const entryEnvelope = z.strictObject({
  v: z.literal(entryVersion),
  dock: z.string(),
  epoch: whole.min(1),
  seq: whole.min(1),
  prev: hex64,
  time: entryTime,
  kind: z.string(),
  body: z.record(z.string(), z.unknown()),
});

/** The document whose canonical bytes (RFC 8785) are hashed and stored. */
export interface Entry<K extends EntryKind = EntryKind> {
  readonly v: typeof entryVersion;
  readonly dock: string;
  /** A ledger begins anew, saying so, when it cannot be continued; epochs count from 1. */
  readonly epoch: number;
  /** From 1, without gaps. */
  readonly seq: number;
  /** Leaf hash of the entry before, hex; that of the empty tree for the first. */
  readonly prev: string;
  readonly time: EntryTime;
  readonly kind: K;
  readonly body: EntryBody<K>;
}

/** An entry as it stands in the ledger. */
export interface StoredEntry {
  readonly seq: number;
  /** The exact bytes. */
  readonly bytes: Uint8Array;
  /** SHA-256(0x00 ‖ bytes), hex (RFC 6962 leaf). */
  readonly leaf: string;
  readonly entry: Entry;
}
