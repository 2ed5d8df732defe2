import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createThreadCopier } from '../../daemon/offload/thread-copier.js';
import { Random } from '../simulation/random.js';
import { fingerprintOf } from '../support/card-tree.js';
import { noise, sha256 } from '../support/copy-rig.js';
import { OffloadRig, type OffloadRigOptions } from '../support/offload-rig.js';
import { PtpRig, recordingsOf } from '../support/ptp-rig.js';

// Threads are started from the built code: Node 20 cannot start a thread from TypeScript.
const script = new URL('../../dist/daemon/offload/worker.js', import.meta.url);
const salvage = { readRetries: 0, searchMs: 1_000, ranges: 16 };
const mib = 1 << 20;
const never = new AbortController().signal;

const rigs: { remove(): Promise<void> }[] = [];
async function dock(options: OffloadRigOptions = {}): Promise<OffloadRig> {
  const copier = createThreadCopier({ threads: 2, copiesAtOnce: 8, salvage, script });
  const rig = await OffloadRig.make({ copier, ...options });
  rigs.push(rig);
  return rig;
}
async function camera(serial: string): Promise<PtpRig> {
  const rig = await PtpRig.make({ serial });
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

/** Everything that the ledger has of a camera, by path, and that the archive holds the very bytes. */
async function archivedOf(rig: OffloadRig, serial: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { body } of (await rig.ledger.knownRecordings(serial)).values()) {
    expect(sha256(await readFile(rig.archived(body.archivePath)))).toBe(body.sha256);
    expect(body.sourceRead).toBe('protocol');
    hashes.set(body.path, body.sha256);
  }
  return hashes;
}

describe('a camera on PTP, from its session to the archive', () => {
  it('is offloaded whole, without a change to its card (I1, I2)', async () => {
    const rig = await dock();
    const ptp = await camera('PTP-1');
    const files = new Map<string, Buffer>();
    for (let index = 0; index < 20; index += 1)
      files.set(`video/${index}.bin`, noise(1000 + index * 70_001, index + 1));
    files.set('video/large.bin', noise(24 * mib + 500, 99));
    for (const [path, bytes] of files) await ptp.put(path, bytes);
    const before = await fingerprintOf(ptp.card);
    const session = await ptp.session();
    const summary = await rig.run('PTP-1', { session });
    expect(summary).toMatchObject({ found: 21, offloaded: 21, failed: [] });
    const wanted = new Map([...files].map(([path, bytes]) => [path, sha256(bytes)]));
    expect(await archivedOf(rig, 'PTP-1')).toEqual(wanted);
    await session.close();
    expect(await fingerprintOf(ptp.card)).toBe(before);
    // Another docking copies nothing again.
    const again = await ptp.session();
    expect(await rig.run('PTP-1', { session: again })).toMatchObject({ offloaded: 0, alreadySafe: 21 });
    await again.close();
  });

  it('pulled at random points and put back: every recording once and whole, the other bay undisturbed', async () => {
    const random = new Random('pulled');
    const rig = await dock();
    const [ptp, other] = [await camera('PTP-1'), await camera('PTP-2')];
    const files = new Map<string, Buffer>();
    for (let index = 0; index < 4; index += 1)
      files.set(`video/${index}.bin`, noise(5 * mib + index * 70_001, index + 1));
    for (const [path, bytes] of files) await ptp.put(path, bytes);
    for (let index = 0; index < 6; index += 1) await other.put(`audio/${index}.bin`, noise(7 * mib, 50 + index));
    const otherSession = await other.session();
    const undisturbed = rig.run('PTP-2', { session: otherSession, bay: '1-2' });
    const totalBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
    let pulls = 0;
    for (let docking = 1; ; docking += 1) {
      expect(docking).toBeLessThan(20);
      const session = await ptp.session();
      ptp.camera.pullAfterBytes = random.int(100_000, docking > 6 ? totalBytes * 2 : 6 * mib);
      const run = await rig.run('PTP-1', { session }).catch((error: unknown) => error);
      await session.close();
      // No half file is visible, whenever it was pulled.
      for (const hash of (await archivedOf(rig, 'PTP-1')).values()) {
        expect([...files.values()].map(sha256)).toContain(hash);
      }
      if (!(run instanceof Error)) break;
      expect(run).toMatchObject({ code: 'DOCK_CAMERA_GONE', retry: 'after-redocking' });
      pulls += 1;
      ptp.camera.plug();
    }
    expect(pulls).toBeGreaterThan(3);
    const wanted = new Map([...files].map(([path, bytes]) => [path, sha256(bytes)]));
    expect(await archivedOf(rig, 'PTP-1')).toEqual(wanted);
    expect(await undisturbed).toMatchObject({ found: 6, offloaded: 6, failed: [] });
    await otherSession.close();
    // Resumed, not begun again: each pull costs at most what was under way.
    expect(ptp.camera.bulkInBytes).toBeLessThan(totalBytes + pulls * 8 * mib);
  }, 60_000);

  it('misbehaves in the middle of a copy: recovered within the copy, and nothing is lost', async () => {
    const rig = await dock();
    const ptp = await camera('PTP-1');
    const bytes = noise(12 * mib + 3);
    await ptp.put('a.bin', bytes);
    const session = await ptp.session();
    ptp.temper.deafTo.add('cancel');
    // Listed before, with all that is asked of it then.
    await recordingsOf(session);
    ptp.temper.mishaps.set(0x95c1, { kind: 'garbage', times: 1 });
    const summary = await rig.run('PTP-1', { session });
    expect(summary).toMatchObject({ offloaded: 1, failed: [] });
    expect(await archivedOf(rig, 'PTP-1')).toEqual(new Map([['a.bin', sha256(bytes)]]));
    await session.close();
  });

  it('is offloaded when it gives objects only whole, one at a time', async () => {
    const rig = await dock();
    const ptp = await camera('PTP-1');
    ptp.temper.unknown.add(0x95c1).add(0x101b);
    const files = new Map([1, 2, 3].map((index) => [`${index}.bin`, noise(6 * mib + index, index)]));
    for (const [path, bytes] of files) await ptp.put(path, bytes);
    const session = await ptp.session();
    expect(await rig.run('PTP-1', { session })).toMatchObject({ offloaded: 3, failed: [] });
    const wanted = new Map([...files].map(([path, bytes]) => [path, sha256(bytes)]));
    expect(await archivedOf(rig, 'PTP-1')).toEqual(wanted);
    // Each was sent once: no two copies took the device from each other.
    expect(ptp.camera.responder.asked.filter((operation) => operation === 0x1009)).toHaveLength(3);
    await session.close();
  });

  it('is refused as changed when it lies about the size of a recording', async () => {
    const rig = await dock();
    const ptp = await camera('PTP-1');
    await ptp.put('a.bin', noise(3 * mib));
    await ptp.put('b.bin', noise(1000));
    ptp.temper.sizeLies.set('a.bin', -1);
    const session = await ptp.session();
    const { offloaded, failed } = await rig.run('PTP-1', { session });
    expect(offloaded).toBe(1);
    expect(failed).toMatchObject([{ path: 'a.bin', error: { code: 'DOCK_RECORDING_CHANGED' } }]);
    await session.close();
  });

  it('is cleared of exactly what was proved (I3)', async () => {
    const rig = await dock({ erase: 'after-verified' });
    const ptp = await camera('PTP-1');
    await ptp.put('plain.bin', noise(2 * mib));
    await ptp.put('IMP/marked.bin', noise(1001));
    const session = await ptp.session();
    await rig.run('PTP-1', { session });
    await ptp.put('new.bin', noise(1002));
    const proved = [...(await rig.ledger.knownRecordings('PTP-1')).values()].every(
      ({ body }) => body.readBack === 'direct',
    );
    const cleared = await rig.offload.clear(await rig.request('PTP-1', { session }), never);
    // On a temporary folder in memory nothing was read back from a medium, and nothing may go.
    expect(cleared).toEqual(proved ? { erased: 1, kept: 2, waiting: 0 } : { erased: 0, kept: 3, waiting: 0 });
    await session.close();
  });
});
