/** A simulated PTP camera at a port in memory, with a card of its own, for tests of the initiator and of the driver. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../daemon/runtime/clock.js';
import { ptpFamily } from '../../drivers/camera/ptp/driver.js';
import type { CameraFamily, CameraRecording, CameraSession, Listed } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { MemoryUsbCamera, type MemoryUsbOptions } from '../../drivers/simulated/ptp/memory-usb.js';
import type { Temper } from '../../drivers/simulated/ptp/temper.js';
import { VirtualClock } from './virtual-clock.js';

export const never = new AbortController().signal;
const modified = new Date('2026-03-02T08:00:00.000Z');

export class PtpRig {
  readonly camera: MemoryUsbCamera;
  readonly card: string;
  readonly family: CameraFamily;
  readonly #dir: string;

  private constructor(dir: string, options: Partial<MemoryUsbOptions>, clock: Clock) {
    this.#dir = dir;
    this.card = join(dir, 'card');
    this.camera = new MemoryUsbCamera({ card: this.card, clock, serial: 'PTP-1', ...options });
    this.family = ptpFamily({
      clock,
      open: this.camera.open,
      find: this.camera.find,
      maxRecordings: () => 200_000,
      timeZone: () => 'Asia/Shanghai',
    });
  }

  static async make(options: Partial<MemoryUsbOptions> = {}, clock: Clock = systemClock): Promise<PtpRig> {
    const dir = await mkdtemp(join(tmpdir(), 'custodock-ptp-'));
    await mkdir(join(dir, 'card'));
    return new PtpRig(dir, options, clock);
  }

  /** On a clock that waits for the simulated device, but for nobody else. */
  static async virtual(options: Partial<MemoryUsbOptions> = {}): Promise<{ rig: PtpRig; clock: VirtualClock }> {
    let rig: PtpRig | undefined;
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const clock = new VirtualClock(undefined, async () => {
      do {
        for (let turns = 0; turns < 4; turns += 1) await turn();
      } while ((rig?.camera.responder.objects.reading ?? 0) > 0);
    });
    rig = await PtpRig.make(options, clock);
    return { rig, clock };
  }

  get temper(): Temper {
    return this.camera.responder.temper;
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    const full = join(this.card, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, bytes);
    await utimes(full, modified, modified);
  }

  session(signal: AbortSignal = never): Promise<CameraSession> {
    return this.family.open({ usb: this.camera.device }, signal);
  }

  async remove(): Promise<void> {
    this.camera.pull();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

export async function listedBy(session: CameraSession): Promise<readonly Listed[]> {
  const all: Listed[] = [];
  for await (const listed of session.recordings(never)) all.push(listed);
  return all;
}

export async function recordingsOf(session: CameraSession): Promise<readonly CameraRecording[]> {
  return (await listedBy(session)).flatMap((listed) => ('recording' in listed ? [listed.recording] : []));
}

export async function hashOver(session: CameraSession, recording: CameraRecording): Promise<string> {
  const source = session.source(recording);
  if (source.kind !== 'session') throw new Error('PTP has no files');
  const hash = createHash('sha256');
  for (let at = 0; ; ) {
    const bytes = await source.read(new Uint8Array(1 << 20), at, never);
    if (bytes.length === 0) return hash.digest('hex');
    hash.update(bytes);
    at += bytes.length;
  }
}

/** The outcome and how long it took on a clock that the test drives, ms. */
export async function timed<T>(
  clock: VirtualClock,
  work: Promise<T>,
): Promise<{ value?: T; error?: unknown; tookMs: number }> {
  const startedMs = clock.monotonicMs();
  let outcome: { value?: T; error?: unknown } | undefined;
  work.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  for (let turns = 0; outcome === undefined; turns += 1) {
    if (turns > 20_000)
      throw new Error(`no end within ${clock.monotonicMs() - startedMs} ms: ${clock.waiting().join()}`);
    await clock.advance(20);
  }
  return { ...outcome, tookMs: clock.monotonicMs() - startedMs };
}
