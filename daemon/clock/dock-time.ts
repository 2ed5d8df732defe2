/**
 * The dock's own time and how far it can be believed, kept up to date: looked at every few seconds, and not believed from a step of
 * the wall clock against the monotonic one until something has vouched for the time after it, also when the step came before this
 * run of the daemon. Supplies the time of every ledger entry.
 */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/schema.js';
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { messageOf } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { EntryTime } from '../custody/entry.js';
import type { Log } from '../runtime/log.js';
import type { ProgressBoard } from '../runtime/progress.js';
import { type ClockTrust, judgeClock, stampsOf, type TrustEvidence, worthlessOf } from './trust.js';
import { disciplinedFile, gatherTrustEvidence } from './trust-evidence.js';

const lookEveryMs = 5_000;
/** Slewing moves the wall clock by 2.5 ms between two looks (500 ppm, adjtimex(2)); more than this is a step, ms. */
const steppedMs = 50;
/** How often a vouched-for time is noted for the RTC's sake. */
const noteEveryMs = 600_000;

export interface DockTimeOptions {
  readonly config: Config['clock'];
  readonly stateDir: string;
  readonly bootId: string;
  /** Monotonic milliseconds since boot at our monotonic zero. */
  readonly bootOffsetMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly board: ProgressBoard;
  /** Where evidence comes from: the machine, or the simulation. */
  readonly gather?: (config: Config['clock']) => Promise<TrustEvidence>;
}

export class DockTime {
  readonly #options: DockTimeOptions;
  readonly #stopped = new AbortController();
  #config: Config['clock'];
  #trust: ClockTrust = { trusted: false, source: 'none', errorMs: null, detail: phrase`not looked yet` };
  /** Wall clock minus monotonic clock, and the monotonic clock, when it was last looked; undefined: never yet. */
  #looked: { readonly differenceMs: number; readonly monotonicMs: number } | undefined;
  /** The stamps of the network that the last look found. */
  #stamps: readonly number[] = [];
  #worthless: readonly number[] = [];
  /** What the wall clock showed right after its last step, as far as looks can tell; null: it never stepped. */
  #steppedToMs: number | null = null;
  #notedAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<(trust: ClockTrust) => void>();

  constructor(options: DockTimeOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** The judgement of the last look, unless the wall clock has stepped since: what was judged then is not the time now. */
  get trust(): ClockTrust {
    const stepMs = this.#stepMs(this.#wallMinusMonotonicMs());
    if (!this.#trust.trusted || Math.abs(stepMs) <= steppedMs) return this.#trust;
    return {
      trusted: false,
      source: 'none',
      errorMs: null,
      detail: phrase`the clock stepped by ${Math.round(stepMs)} ms`,
    };
  }

  /** Says each change of `trusted` or `source`; must not throw. */
  onChange(listener: (trust: ClockTrust) => void): void {
    this.#listeners.add(listener);
  }

  reconfigure(config: Config['clock']): void {
    this.#config = config;
  }

  /** The time of an entry made now. */
  readonly entryTime = (): EntryTime => {
    const { clock, bootId, bootOffsetMs } = this.#options;
    const { trusted, source, errorMs } = this.trust;
    return {
      utc: new Date(clock.wallMs()).toISOString(),
      boot: bootId,
      monotonicMs: Math.floor(clock.monotonicMs() + bootOffsetMs),
      trusted,
      source,
      errorMs,
    };
  };

  /** `before`: the time of the last entry of the run before; undefined: there was none. */
  async start(before?: EntryTime): Promise<void> {
    this.#steppedToMs = before === undefined ? null : this.#steppedSince(before);
    await this.#look();
    this.#running = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const progress = this.#options.board.watch('time', 6 * lookEveryMs);
    for (;;) {
      try {
        await sleep(clock, 'dock-time.look', lookEveryMs, this.#stopped.signal);
      } catch {
        // Only the stop ends this sleep early.
        break;
      }
      await this.#look();
      progress.report();
    }
    progress.end();
  }

  async #look(): Promise<void> {
    const { clock, log, stateDir } = this.#options;
    const gather = this.#options.gather ?? ((config) => gatherTrustEvidence(config.trust, stateDir));
    let trust: ClockTrust;
    // Before the evidence is gathered: a step meanwhile must not pass for judged.
    const differenceMs = this.#wallMinusMonotonicMs();
    const looked = { differenceMs, monotonicMs: clock.monotonicMs() };
    let beforeStep: readonly number[] = [];
    if (this.#looked !== undefined && Math.abs(this.#stepMs(differenceMs)) > steppedMs) {
      this.#steppedToMs = this.#looked.monotonicMs + differenceMs;
      beforeStep = this.#stamps;
    }
    try {
      const evidence = await gather(this.#config);
      const stamps = stampsOf(evidence);
      const wallMs = clock.wallMs();
      this.#worthless = worthlessOf(stamps, wallMs, this.#worthless, beforeStep);
      this.#stamps = stamps;
      trust = judgeClock(evidence, this.#config, wallMs, {
        steppedToMs: this.#steppedToMs,
        worthless: this.#worthless,
      });
    } catch (error) {
      trust = { trusted: false, source: 'none', errorMs: null, detail: messageOf(error) };
    }
    const changed = trust.trusted !== this.#trust.trusted || trust.source !== this.#trust.source;
    this.#trust = trust;
    this.#looked = looked;
    if (changed) {
      if (trust.trusted)
        log.info('clock.trusted', { source: trust.source, errorMs: trust.errorMs ?? '?', detail: trust.detail });
      else log.warn('clock.not-trusted', { detail: trust.detail });
      for (const listener of this.#listeners) listener(trust);
    }
    await this.#noteDiscipline(trust);
  }

  /**
   * From when on a synchronisation vouches for the time again, as the wall clock tells it now; null: nothing speaks against any.
   * A stamp of the network outlives the daemon: alone it would vouch for whatever the clock was set to since.
   */
  #steppedSince({ boot, monotonicMs, utc, trusted }: EntryTime): number | null {
    const { bootId, bootOffsetMs, clock } = this.#options;
    // Nothing that vouches for the time by a stamp outlives a boot.
    if (boot !== bootId) return null;
    const wallMinusBootMs = this.#wallMinusMonotonicMs() - bootOffsetMs;
    const stepMs = wallMinusBootMs - (Date.parse(utc) - monotonicMs);
    // Set while nobody looked: by a synchronisation, or by hand after one. Or not believed at the end, and a stamp that was ahead of a clock that
    // was set back looks now as if it had come meanwhile. Only a new one can tell.
    return trusted && Math.abs(stepMs) <= steppedMs ? null : clock.wallMs();
  }

  #stepMs(differenceMs: number): number {
    return this.#looked === undefined ? 0 : differenceMs - this.#looked.differenceMs;
  }

  #wallMinusMonotonicMs(): number {
    const { clock } = this.#options;
    return clock.wallMs() - clock.monotonicMs();
  }

  /** Only what the network vouched for may later be believed from the RTC. */
  async #noteDiscipline(trust: ClockTrust): Promise<void> {
    if (trust.source !== 'timesyncd' && trust.source !== 'chrony') return;
    const { clock, stateDir, log } = this.#options;
    if (clock.monotonicMs() - this.#notedAtMs < noteEveryMs) return;
    const file = disciplinedFile(stateDir);
    const seconds = clock.wallMs() / 1000;
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, '');
      await utimes(file, seconds, seconds);
      this.#notedAtMs = clock.monotonicMs();
    } catch (error) {
      log.warn('clock.discipline-not-noted', {}, error);
    }
  }
}
