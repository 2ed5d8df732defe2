/**
 * What every camera family owes the daemon, whatever wire it speaks. A family is tested by handing in a maker of devices: simulated ones
 * that speak the real protocol, or real ones in the lab.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  CameraFamily,
  CameraIdentity,
  CameraRecording,
  CameraSession,
  EraseProof,
  Listed,
  Sighting,
  SkippedPath,
} from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';

export interface TrueFile {
  readonly path: Uint8Array;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Undefined: too large to be read in a test. */
  readonly sha256: string | undefined;
}

export interface DeviceUnderTest {
  readonly family: CameraFamily;
  readonly identity: Pick<CameraIdentity, 'id' | 'source'>;
  readonly files: readonly TrueFile[];
  readonly skipped: readonly { readonly path: Uint8Array; readonly reason: SkippedPath['reason'] }[];
  /** As the daemon sees it now. */
  sighting(): Promise<Sighting>;
  /** Everything that is stored on the device, in one hash: content, names, times. */
  fingerprint(): Promise<string>;
  /** The device itself changes content, but neither size nor time. */
  alter(path: Uint8Array): Promise<void>;
  /** The device itself touches the modification time. */
  touch(path: Uint8Array): Promise<void>;
  /** The device is pulled out. */
  pull(): Promise<void>;
  dispose(): Promise<void>;
}

export interface DeviceMaker {
  /** A device as most are: recordings in folders, one of them marked important. */
  orderly(): Promise<DeviceUnderTest>;
  /** One with everything that a device can hold against us (I11). */
  hostile(): Promise<DeviceUnderTest>;
  /** One whose storage cannot be written to now. */
  readOnly(): Promise<DeviceUnderTest>;
}

const never = new AbortController().signal;
const leaf = 'ab'.repeat(32);

export function describeCameraFamily(name: string, make: DeviceMaker): void {
  describe(`camera family ${name}`, () => {
    let device: DeviceUnderTest;
    let session: CameraSession;

    async function open(made: Promise<DeviceUnderTest>): Promise<void> {
      device = await made;
      session = await device.family.open(await device.sighting(), never);
    }

    afterEach(async () => {
      await session?.close();
      await device?.dispose();
    });

    it('scores nothing for nothing, and says why it fits', async () => {
      await open(make.orderly());
      expect(device.family.probe({}).score).toBe(0);
      const { score, because } = device.family.probe(await device.sighting());
      expect(score).toBeGreaterThan(0);
      expect(because).not.toBe('');
    });

    it('tells the same identity each time', async () => {
      await open(make.orderly());
      expect(session.identity).toMatchObject(device.identity);
      await session.close();
      session = await device.family.open(await device.sighting(), never);
      expect(session.identity).toMatchObject(device.identity);
    });

    for (const temper of ['orderly', 'hostile'] as const) {
      it(`lists everything on ${temper} media exactly once, with its true path, size and time (I11)`, async () => {
        await open(make[temper]());
        const { recordings, skipped } = await everything(session);
        expect(recordings.map(factsOf).sort()).toEqual(device.files.map(factsOf).sort());
        expect(new Set(recordings.map(({ path }) => hex(path))).size).toBe(recordings.length);
        const wanted = device.skipped.map(({ reason }) => reason).sort();
        expect(skipped.map(({ reason }) => reason).sort()).toEqual(wanted);
      });
    }

    it('shows hostile names without anything that could act on a terminal (I11)', async () => {
      await open(make.hostile());
      const { recordings, skipped } = await everything(session);
      for (const { displayPath } of [...recordings, ...skipped]) {
        expect(displayPath).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }
    });

    it('gives the bytes of every recording', async () => {
      await open(make.hostile());
      const truth = new Map(device.files.map((file) => [hex(file.path), file.sha256]));
      for (const recording of (await everything(session)).recordings) {
        const sha256 = truth.get(hex(recording.path));
        if (sha256 !== undefined) expect(await hashOf(session, recording)).toBe(sha256);
      }
    });

    it('does not change the medium by looking, listing, reading and letting go (I1)', async () => {
      await open(make.hostile());
      const before = await device.fingerprint();
      const { recordings } = await everything(session);
      await session.storage?.();
      await session.battery?.();
      await session.faults?.();
      for (const recording of recordings) {
        if (recording.sizeBytes < 1_000_000) await hashOf(session, recording);
      }
      await session.close();
      expect(await device.fingerprint()).toBe(before);
    });

    it('stops listing at once when it is told to, with the reason', async () => {
      await open(make.hostile());
      const abort = new AbortController();
      const reason = new Error('the camera was taken');
      const listing = session.recordings(abort.signal)[Symbol.asyncIterator]();
      await listing.next();
      abort.abort(reason);
      await expect(drain(listing)).rejects.toBe(reason);
      await expect(drain(session.recordings(abort.signal)[Symbol.asyncIterator]())).rejects.toBe(reason);
    });

    it('never takes a device that was pulled out for an empty one', async () => {
      await open(make.orderly());
      await device.pull();
      const error = await drain(session.recordings(never)[Symbol.asyncIterator]()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DockError);
      expect(error).toMatchObject({ retry: 'after-redocking' });
    });

    it('notices that the device is pulled out in the middle of a listing', async () => {
      await open(make.hostile());
      const listing = session.recordings(never)[Symbol.asyncIterator]();
      await listing.next();
      await device.pull();
      await expect(drain(listing)).rejects.toMatchObject({ retry: 'after-redocking' });
    });

    it('leaves no file descriptor open', async () => {
      device = await make.hostile();
      const before = (await readdir('/proc/self/fd')).length;
      session = await device.family.open(await device.sighting(), never);
      await everything(session);
      for await (const _ of session.recordings(never)) break;
      await session.close();
      expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before);
    });

    it('can be closed twice', async () => {
      await open(make.orderly());
      await session.close();
      await session.close();
    });

    describe('erasing (I3)', () => {
      async function plain(): Promise<{ recording: CameraRecording; proof: EraseProof; erase: Erase }> {
        await open(make.orderly());
        const { erase } = session;
        if (erase === undefined) throw new Error('this device is to be one that can erase');
        const { recordings } = await everything(session);
        const recording = recordings.find(({ important }) => !important);
        if (recording === undefined) throw new Error('this device is to have a recording that is not important');
        return { recording, proof: await proofOf(session, recording), erase };
      }

      async function refused(attempt: Promise<void>, code: string): Promise<void> {
        const before = await device.fingerprint();
        await expect(attempt).rejects.toMatchObject({ code });
        expect(await device.fingerprint()).toBe(before);
      }

      it('erases exactly the recording that was proved', async () => {
        const { recording, proof, erase } = await plain();
        await erase(recording, proof);
        const left = (await everything(session)).recordings.map(factsOf).sort();
        const wanted = device.files.filter(({ path }) => hex(path) !== hex(recording.path)).map(factsOf);
        expect(left).toEqual(wanted.sort());
      });

      it('refuses when the hash of the proof is another', async () => {
        const { recording, proof, erase } = await plain();
        await refused(erase(recording, { ...proof, sha256: '0'.repeat(64) }), 'DOCK_ERASE_CHANGED');
      });

      it('refuses a proof that is none', async () => {
        const { recording, proof, erase } = await plain();
        await refused(erase(recording, { ...proof, sha256: proof.sha256.toUpperCase() }), 'DOCK_ERASE_NO_PROOF');
        await refused(erase(recording, { ...proof, leaf: '' }), 'DOCK_ERASE_NO_PROOF');
        await refused(erase(recording, { ...proof, sequence: 0 }), 'DOCK_ERASE_NO_PROOF');
      });

      it('refuses when the content was changed and size and time were kept', async () => {
        const { recording, proof, erase } = await plain();
        await device.alter(recording.path);
        await refused(erase(recording, proof), 'DOCK_ERASE_CHANGED');
      });

      it('refuses when the modification time is another', async () => {
        const { recording, proof, erase } = await plain();
        await device.touch(recording.path);
        await refused(erase(recording, proof), 'DOCK_ERASE_CHANGED');
      });

      it('refuses when size or path are not those that were listed', async () => {
        const { recording, proof, erase } = await plain();
        await refused(erase({ ...recording, sizeBytes: recording.sizeBytes + 1 }, proof), 'DOCK_ERASE_CHANGED');
        const absent = Buffer.concat([recording.path, Buffer.from('x')]);
        await refused(erase({ ...recording, path: absent }, proof), 'DOCK_ERASE_CHANGED');
        // Ways round that lead to the very recording that was proved are no paths that were listed.
        const listed = Buffer.from(recording.path);
        const folder = listed.subarray(0, listed.indexOf('/'));
        for (const way of [`./`, '/', `${folder}/../`, `${folder}/./../`]) {
          const round = Buffer.concat([Buffer.from(way), listed]);
          await refused(erase({ ...recording, path: round }, proof), 'DOCK_ERASE_CHANGED');
        }
        for (const path of ['', '/', '..', '../x', 'a/../b', './a', '/etc/passwd', 'a//b', 'a/']) {
          await refused(erase({ ...recording, path: Buffer.from(path) }, proof), 'DOCK_ERASE_CHANGED');
        }
      });

      it('never erases what is marked important, even when the caller lost the mark', async () => {
        await open(make.orderly());
        const { recordings } = await everything(session);
        const important = recordings.find((recording) => recording.important);
        if (important === undefined || session.erase === undefined) throw new Error('nothing important on this device');
        const proof = await proofOf(session, important);
        await refused(session.erase(important, proof), 'DOCK_ERASE_IMPORTANT');
        await refused(session.erase({ ...important, important: false }, proof), 'DOCK_ERASE_IMPORTANT');
      });

      it('cannot erase on storage that is read-only', async () => {
        await open(make.readOnly());
        expect(session.erase).toBeUndefined();
      });
    });
  });
}

type Erase = NonNullable<CameraSession['erase']>;

export async function everything(
  session: CameraSession,
): Promise<{ recordings: readonly CameraRecording[]; skipped: readonly SkippedPath[] }> {
  const recordings: CameraRecording[] = [];
  const skipped: SkippedPath[] = [];
  for await (const listed of session.recordings(never)) {
    if ('recording' in listed) recordings.push(listed.recording);
    else skipped.push(listed.skipped);
  }
  return { recordings, skipped };
}

async function drain(listing: AsyncIterator<Listed>): Promise<void> {
  for (let next = await listing.next(); next.done !== true; next = await listing.next());
}

async function proofOf(session: CameraSession, recording: CameraRecording): Promise<EraseProof> {
  return { sha256: await hashOf(session, recording), sequence: 7, leaf };
}

async function hashOf(session: CameraSession, recording: CameraRecording): Promise<string> {
  const hash = createHash('sha256');
  const source = session.source(recording);
  if (source.kind === 'file') {
    for await (const chunk of createReadStream(Buffer.from(source.path))) hash.update(chunk);
    return hash.digest('hex');
  }
  for (let at = 0; ; ) {
    const bytes = await source.read(new Uint8Array(1 << 20), at, never);
    if (bytes.length === 0) break;
    hash.update(bytes);
    at += bytes.length;
  }
  return hash.digest('hex');
}

function factsOf({ path, sizeBytes, modifiedMs }: Pick<TrueFile, 'path' | 'sizeBytes' | 'modifiedMs'>): string {
  return `${hex(path)} ${sizeBytes} ${modifiedMs}`;
}

function hex(path: Uint8Array): string {
  return Buffer.from(path).toString('hex');
}
