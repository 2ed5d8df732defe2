import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { blockBytes, blocksPerCopy } from '../../daemon/offload/blocks.js';
import type { Copier, CopyJob } from '../../daemon/offload/copier.js';
import { createLocalCopier, defaultWatch } from '../../daemon/offload/local-copier.js';
import { createThreadCopier } from '../../daemon/offload/thread-copier.js';
import { badPlace, cameraGone, recordingGone, type SessionSource } from '../../drivers/contract/camera.js';
import { DockError, type DockErrorCode } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { CopyRig, folder, noise, sha256 } from '../support/copy-rig.js';

// Threads are started from the built code: Node 20 cannot start a thread from TypeScript.
const script = new URL('../../dist/daemon/offload/worker.js', import.meta.url);
const salvage = { readRetries: 0, searchMs: 1_000, ranges: 16 };
const mib = 1 << 20;
const modifiedMs = Date.UTC(2026, 2, 2, 8);

const rigs: CopyRig[] = [];
const copiers: Copier[] = [];
afterEach(async () => {
  for (const copier of copiers.splice(0)) await copier.stop();
  for (const rig of rigs.splice(0)) await rig.remove();
});

function fault(code: DockErrorCode): DockError {
  return new DockError(code, {
    expected: verbatim('bytes'),
    found: verbatim('none'),
    todo: verbatim('Put it in again'),
    retry: 'after-redocking',
  });
}

function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** A recording that a session holds in memory, and everything that was asked of it. */
class Recording implements SessionSource {
  readonly kind = 'session';
  inOrder = false;
  readonly asked: { at: number; signal: AbortSignal; bytes?: Uint8Array }[] = [];
  readBytes = 0;
  open = 0;
  mostOpen = 0;
  /** Reads that came with memory in which nothing had been yet. */
  fresh = 0;
  /** Called before each read; may throw or wait. */
  before: (at: number, lengthBytes: number) => Promise<void> = () => Promise.resolve();
  sizeBytes: number;
  modifiedMs = modifiedMs;
  readonly #content: Buffer;

  constructor(content: Buffer) {
    this.#content = content;
    this.sizeBytes = content.length;
  }

  async read(memory: Uint8Array<ArrayBuffer>, at: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (memory.every((byte) => byte === 0)) this.fresh += 1;
    const asked: (typeof this.asked)[number] = { at, signal };
    this.asked.push(asked);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    try {
      await untilAborted(this.before(at, memory.length), signal);
      const bytes = memory.subarray(0, Math.max(0, this.#content.length - at));
      bytes.set(this.#content.subarray(at, at + bytes.length));
      this.readBytes += bytes.length;
      asked.bytes = bytes;
      return bytes;
    } finally {
      this.open -= 1;
    }
  }

  identity(): Promise<{ sizeBytes: number; modifiedMs: number }> {
    return Promise.resolve({ sizeBytes: this.sizeBytes, modifiedMs: this.modifiedMs });
  }
}

async function begin(kind: 'local' | 'threads', watch = defaultWatch): Promise<{ rig: CopyRig; copier: Copier }> {
  const rig = await CopyRig.make({ salvage });
  rigs.push(rig);
  const copier =
    kind === 'local'
      ? createLocalCopier(rig.tools, watch)
      : createThreadCopier({ threads: 1, copiesAtOnce: 4, salvage, script });
  copiers.push(copier);
  return { rig, copier };
}

function jobOf(rig: CopyRig, source: Recording): CopyJob {
  const { sizeBytes } = source;
  return {
    source,
    camera: 'cam',
    recording: {
      path: Buffer.from('a.bin'),
      displayPath: 'a.bin',
      sizeBytes,
      modifiedMs,
      kind: 'video',
      important: false,
    },
    sizeBytes,
    archive: rig.archive,
    part: 'ab'.repeat(16),
    finalPath: `${folder}/a.bin`,
    alternatePath: `${folder}/b.bin`,
  };
}

describe.each(['local', 'threads'] as const)('a recording that its session reads out (%s)', (kind) => {
  it('is copied, proved and published like a file, a few blocks at a time', async () => {
    const { rig, copier } = await begin(kind);
    const bytes = noise(11 * mib + 5);
    const source = new Recording(bytes);
    const result = await copier.start(jobOf(rig, source), () => undefined).result;
    expect(result).toMatchObject({ sha256: sha256(bytes), sourceRead: 'protocol', label: 'complete', resumedBytes: 0 });
    expect((await rig.stored(result.archivePath)).equals(bytes)).toBe(true);
    expect(source.mostOpen).toBeLessThanOrEqual(blocksPerCopy / 2);
    expect(await rig.left()).toEqual([]);
  });

  it('begins anew where the camera would send all of it again: it is never asked for anything out of order', async () => {
    const { rig, copier } = await begin(kind);
    const bytes = noise(24 * mib + 5);
    const first = new Recording(bytes);
    first.inOrder = true;
    first.before = async (at) => {
      if (at >= 13 * mib) throw fault(cameraGone);
    };
    await expect(copier.start(jobOf(rig, first), () => undefined).result).rejects.toMatchObject({ code: cameraGone });
    // Whose part it is stays known.
    expect(await rig.left()).toContain(`${jobOf(rig, first).part}.notes`);
    const second = new Recording(bytes);
    second.inOrder = true;
    const result = await copier.start(jobOf(rig, second), () => undefined).result;
    expect(result).toMatchObject({ sha256: sha256(bytes), resumedBytes: 0 });
    const places = second.asked.map(({ at }) => at);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBe(0);
  });

  it('goes on where it stopped when the camera went, and reads only the rest', async () => {
    const { rig, copier } = await begin(kind);
    const bytes = noise(24 * mib + 5);
    const first = new Recording(bytes);
    first.before = async (at) => {
      if (at >= 13 * mib) throw fault(cameraGone);
    };
    await expect(copier.start(jobOf(rig, first), () => undefined).result).rejects.toMatchObject({ code: cameraGone });
    expect(await rig.published()).toEqual([]);
    const second = new Recording(bytes);
    const result = await copier.start(jobOf(rig, second), () => undefined).result;
    expect(result).toMatchObject({ sha256: sha256(bytes), sourceRead: 'protocol' });
    // Over a protocol the camera is asked seldom whether it still is that recording; only what came before that is gone on with.
    expect(result.resumedBytes).toBeGreaterThanOrEqual(5 * mib);
    expect(second.readBytes).toBe(bytes.length - result.resumedBytes);
  });

  it('ends at once when it is cancelled, though a read hangs, and its reads are told', async () => {
    const { rig, copier } = await begin(kind);
    const source = new Recording(noise(24 * mib));
    let reached: () => void = () => undefined;
    const hangs = new Promise<void>((resolve) => {
      reached = resolve;
    });
    source.before = (at) => (at < 9 * mib ? Promise.resolve() : new Promise(() => reached()));
    const copy = copier.start(jobOf(rig, source), () => undefined);
    await hangs;
    const reason = new Error('taken out');
    copy.cancel(reason);
    await expect(copy.result).rejects.toBe(reason);
    await copy.released;
    while (source.asked.some(({ signal, bytes }) => bytes === undefined && !signal.aborted)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // What was copied before is there for the next time.
    source.before = () => Promise.resolve();
    const result = await copier.start(jobOf(rig, source), () => undefined).result;
    expect(result.resumedBytes).toBeGreaterThanOrEqual(8 * mib);
  });

  it('waits while it is paused', async () => {
    const { rig, copier } = await begin(kind);
    const bytes = noise(24 * mib);
    const source = new Recording(bytes);
    const copy = copier.start(jobOf(rig, source), () => undefined);
    copy.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const readWhilePaused = source.readBytes;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(source.readBytes).toBe(readWhilePaused);
    expect(readWhilePaused).toBeLessThan(bytes.length);
    copy.resume();
    expect((await copy.result).sha256).toBe(sha256(bytes));
  });

  it('keeps what can be read around a bad place, and names what cannot', async () => {
    const { rig, copier } = await begin(kind);
    const bytes = noise(3 * mib);
    const source = new Recording(bytes);
    const bad = 1_500_000;
    source.before = async (at, lengthBytes) => {
      if (at <= bad && at + lengthBytes > bad) throw fault(badPlace);
    };
    const result = await copier.start(jobOf(rig, source), () => undefined).result;
    const from = Math.floor(bad / 4096) * 4096;
    expect(result).toMatchObject({ label: 'incomplete', missing: [{ from, to: from + 4096 }] });
    const wanted = Buffer.from(bytes).fill(0, from, from + 4096);
    expect((await readFile(join(rig.archive, result.archivePath))).equals(wanted)).toBe(true);
  });

  it('is refused when the camera describes it differently now, before or after', async () => {
    const { rig, copier } = await begin(kind);
    const source = new Recording(noise(3 * mib));
    const job = jobOf(rig, source);
    source.modifiedMs += 1_000;
    await expect(copier.start(job, () => undefined).result).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED' });
    source.modifiedMs = modifiedMs;
    source.before = async () => {
      source.sizeBytes = 4 * mib;
    };
    await expect(copier.start(job, () => undefined).result).rejects.toMatchObject({ code: 'DOCK_RECORDING_CHANGED' });
    expect(await rig.published()).toEqual([]);
  });

  it('carries over that the recording is gone', async () => {
    const { rig, copier } = await begin(kind);
    const source = new Recording(noise(1000));
    source.before = () => Promise.reject(fault(recordingGone));
    await expect(copier.start(jobOf(rig, source), () => undefined).result).rejects.toMatchObject({
      code: recordingGone,
      retry: 'after-redocking',
    });
  });
});

describe('a session that hangs', () => {
  it('is given up as a stalled camera, and its copy lets go of the part', async () => {
    const { rig, copier } = await begin('local', { stallMs: 200, cancelMs: 100 });
    const source = new Recording(noise(5 * mib));
    source.before = (at) => (at < 2 * mib ? Promise.resolve() : new Promise(() => undefined));
    const copy = copier.start(jobOf(rig, source), () => undefined);
    await expect(copy.result).rejects.toMatchObject({ code: 'DOCK_CAMERA_STALLED' });
    await copy.released;
  });
});

describe('between the threads', () => {
  it('memory is handed over, not copied, and the same goes back and forth', async () => {
    const { rig, copier } = await begin('threads');
    const source = new Recording(noise(24 * mib));
    await copier.start(jobOf(rig, source), () => undefined).result;
    expect(source.asked).toHaveLength((24 * mib) / blockBytes);
    expect(source.asked.every(({ bytes }) => bytes?.length === 0)).toBe(true);
    expect(source.fresh).toBeLessThanOrEqual(blocksPerCopy / 2);
  });
});
