/**
 * Counts what one offload has done and how fast, for progress and ETA.
 *
 * Half of a recording's bytes count as done when they are copied, the other half when they are proved.
 */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import type { CopyProgress } from './copier.js';
import { type BayPace, finishTimesMs, Throughput } from './eta.js';
import type { OffloadProgress } from './offload.js';

export class OffloadMeter {
  readonly #clock: Clock;
  readonly #throughput = new Throughput();
  readonly #running = new Map<CameraRecording, number>();
  #recordings = 0;
  #totalBytes = 0;
  #safe = 0;
  #failed = 0;
  #endedBytes = 0;
  #best = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(toCopy: readonly CameraRecording[], refused: readonly CameraRecording[]): void {
    this.#recordings = toCopy.length + refused.length;
    this.#failed = refused.length;
    this.#totalBytes = toCopy.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#note();
  }

  moved(recording: CameraRecording, { copiedBytes, verifiedBytes }: CopyProgress): void {
    this.#running.set(recording, (copiedBytes + verifiedBytes) / 2);
    this.#note();
  }

  ended(recording: CameraRecording, safe: boolean): void {
    this.#running.delete(recording);
    this.#endedBytes += recording.sizeBytes;
    if (safe) this.#safe += 1;
    else this.#failed += 1;
    this.#note();
  }

  get pace(): BayPace {
    const bytesPerSecond = this.#throughput.bytesPerSecond(this.#clock.monotonicMs(), this.#doneBytes()) ?? 0;
    this.#best = Math.max(this.#best, bytesPerSecond);
    return { remainingBytes: this.#totalBytes - this.#doneBytes(), bytesPerSecond, bestBytesPerSecond: this.#best };
  }

  /** @param all the meters of all offloads under way, this one too: they share the disk */
  progress(all: Iterable<OffloadMeter>): OffloadProgress {
    const meters = [...all];
    const etas = finishTimesMs(meters.map((meter) => meter.pace));
    const [current] = this.#running.keys();
    return {
      recordings: { total: this.#recordings, done: this.#safe, failed: this.#failed },
      bytes: { total: this.#totalBytes, done: Math.floor(this.#doneBytes()) },
      bytesPerSecond: Math.round(this.pace.bytesPerSecond),
      etaMs: etas[meters.indexOf(this)] ?? null,
      current: current?.displayPath ?? null,
    };
  }

  #doneBytes(): number {
    let running = 0;
    for (const bytes of this.#running.values()) running += bytes;
    return Math.min(this.#totalBytes, this.#endedBytes + running);
  }

  #note(): void {
    this.#throughput.note(this.#clock.monotonicMs(), this.#doneBytes());
  }
}
