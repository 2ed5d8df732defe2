/**
 * Runs copies in this thread, each under watch: paused, cancelled, and given up when nothing moves.
 *
 * A read that hangs in the kernel cannot be taken back. The copy is then given up from outside: its caller hears at once,
 * and the copy itself ends, without another read or note, when the kernel lets go of it.
 */
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Copier, CopyProgress, RunningCopy } from './copier.js';
import { copyRecording } from './copy.js';
import type { CopyControl, CopyTools } from './copying.js';
import { takeInPart } from './take-in.js';

export interface WatchLimits {
  /** No byte for so long, and the copy is given up, ms. Above the 30 s after which the kernel resets a USB device. */
  readonly stallMs: number;
  /** How long a cancelled copy may take to leave its notes, ms. */
  readonly cancelMs: number;
}

export const defaultWatch: WatchLimits = { stallMs: 45_000, cancelMs: 2_000 };

/** Progress is told at most four times a second. */
const progressEveryMs = 250;

export function createLocalCopier(tools: CopyTools, limits: WatchLimits = defaultWatch): Copier {
  const running = new Set<WatchedCopy<unknown>>();
  const watch = <R>(
    work: (control: CopyControl) => Promise<R>,
    progress: (now: CopyProgress) => void,
    wholeBytes: number,
  ): RunningCopy<R> => {
    const copy = new WatchedCopy(work, tools.clock, limits, progress, wholeBytes);
    running.add(copy);
    const remove = (): void => {
      running.delete(copy);
    };
    copy.result.then(remove, remove);
    return copy;
  };
  return {
    start: (job, progress) => watch((control) => copyRecording(job, tools, control), progress, job.sizeBytes),
    takeIn: (job, progress) => watch((control) => takeInPart(job, tools, control), progress, job.sizeBytes),
    async stop() {
      const copies = [...running];
      for (const copy of copies) copy.cancel(new Error('the copier was stopped'));
      await Promise.allSettled(copies.map((copy) => copy.result));
    },
  };
}

class WatchedCopy<R> implements RunningCopy<R> {
  readonly result: Promise<R>;
  readonly released: Promise<void>;
  readonly #clock: Clock;
  readonly #limits: WatchLimits;
  readonly #tell: (now: CopyProgress) => void;
  readonly #wholeBytes: number;
  readonly #abort = new AbortController();
  #pause: { readonly until: Promise<void>; readonly end: () => void; readonly sinceMs: number } | undefined;
  #giveUp: (error: unknown) => void = () => undefined;
  #timer: Timer | undefined;
  #movedMs: number;
  #toldMs: number;
  #toldWhole = false;
  #over = false;
  /** Steps at the archive that have not come back. */
  #steps = 0;
  #release: () => void = () => undefined;

  constructor(
    begin: (control: CopyControl) => Promise<R>,
    clock: Clock,
    limits: WatchLimits,
    tell: (now: CopyProgress) => void,
    wholeBytes: number,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#tell = tell;
    this.#wholeBytes = wholeBytes;
    this.#movedMs = this.#clock.monotonicMs();
    this.#toldMs = this.#movedMs;
    this.released = new Promise((resolve) => {
      this.#release = resolve;
    });
    const work = begin({
      signal: this.#abort.signal,
      archiveStep: (step) => this.#archiveStep(step),
      progress: (now) => this.#moved(now),
      alive: () => {
        this.#movedMs = this.#clock.monotonicMs();
      },
      paused: () => this.#pause?.until,
    });
    const givenUp = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
    });
    this.result = Promise.race([work, givenUp]).finally(() => this.#end());
    this.#watch();
  }

  cancel(reason: unknown): void {
    if (this.#over || this.#abort.signal.aborted) return;
    this.#abort.abort(reason);
    this.#endPause();
    this.#timer?.cancel();
    this.#timer = this.#clock.timer('offload.cancel', this.#limits.cancelMs, () => {
      this.#end();
      this.#giveUp(reason);
    });
  }

  pause(): void {
    if (this.#pause !== undefined || this.#abort.signal.aborted) return;
    let end: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#pause = { until, end, sinceMs: this.#clock.monotonicMs() };
  }

  /** Waiting is no stall, but it does not end one either: a read that hangs is given up however often others go ahead. */
  resume(): void {
    if (this.#pause !== undefined) this.#movedMs += this.#clock.monotonicMs() - this.#pause.sinceMs;
    this.#endPause();
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
    if (this.#steps === 0) this.#release();
  }

  /** Counted while nobody has given the copy up, refused afterwards: what is under way then is the last that touches the part. */
  async #archiveStep<T>(step: () => Promise<T>): Promise<T> {
    if (this.#over) throw this.#abort.signal.reason ?? new Error('the copy has ended');
    this.#steps += 1;
    try {
      return await step();
    } finally {
      this.#steps -= 1;
      if (this.#over && this.#steps === 0) this.#release();
    }
  }

  #endPause(): void {
    this.#pause?.end();
    this.#pause = undefined;
  }

  #moved(now: CopyProgress): void {
    this.#movedMs = this.#clock.monotonicMs();
    const becameWhole = now.copiedBytes >= this.#wholeBytes && !this.#toldWhole;
    if (this.#movedMs - this.#toldMs < progressEveryMs && !becameWhole) return;
    this.#toldWhole ||= becameWhole;
    this.#toldMs = this.#movedMs;
    this.#tell(now);
  }

  #watch(): void {
    const quietMs = this.#clock.monotonicMs() - this.#movedMs;
    const leftMs = this.#pause === undefined ? this.#limits.stallMs - quietMs : this.#limits.stallMs;
    if (leftMs > 0) {
      this.#timer = this.#clock.timer('offload.stall', leftMs, () => this.#watch());
      return;
    }
    const error = this.#stalled();
    this.#end();
    this.#abort.abort(error);
    this.#giveUp(error);
  }

  #stalled(): DockError {
    const expected = phrase`a byte within ${this.#limits.stallMs / 1000} s`;
    return this.#steps > 0
      ? new DockError('DOCK_ARCHIVE_STALLED', {
          expected,
          found: phrase`none from the archive disk`,
          todo: phrase`Check the archive disk for errors (journalctl -k, smartctl)`,
          retry: 'now',
        })
      : new DockError('DOCK_CAMERA_STALLED', {
          expected,
          found: phrase`none from the camera`,
          todo: phrase`Take the camera out and put it in again`,
          retry: 'after-redocking',
        });
  }
}
