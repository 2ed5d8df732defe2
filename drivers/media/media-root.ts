/**
 * Watches the media root: says which volumes are there whenever that differs.
 *
 * Level, not edge: hints and the timer only cause a look, the difference of two looks is the truth. Looks never overlap. The root may
 * vanish, come back or be mounted over at any time. Must never write.
 */
import type { Volume } from '../contract/camera.js';
import type { Clock, Timer } from '../contract/clock.js';
import { DockError } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import type { RefusedPort } from './helper/plan.js';
import { chokidarHints, type Hints, type WatchHints } from './hints.js';
import { type MediaFacts, MediaLooks, type MediaOptions } from './volumes.js';

export interface MediaWatchOptions extends MediaOptions {
  /** ms between looks even when nothing was hinted. */
  readonly rescanMs: number;
  readonly clock: Clock;
  /** All volumes that are there, sorted by name; called after the first look that worked and whenever the list differs. */
  readonly onVolumes: (volumes: readonly Volume[]) => void;
  /** Ports whose volumes cannot be mounted, and why; called whenever that differs. */
  readonly onRefused?: (refused: readonly RefusedPort[]) => void;
  /** Said once per trouble, and once with null when it is over. */
  readonly onTrouble: (error: DockError | null) => void;
  readonly facts?: MediaFacts;
  readonly watchHints?: WatchHints;
}

export interface MediaWatch {
  /** Looks now; resolves when a look that began after this call is over. */
  rescan(): Promise<void>;
  /** No callback comes any more once this was called. */
  stop(): Promise<void>;
}

/** Starts looking at once. */
export function watchMedia(options: MediaWatchOptions): MediaWatch {
  const root = new MediaRoot(options);
  void root.rescan();
  return root;
}

class MediaRoot implements MediaWatch {
  readonly #options: MediaWatchOptions;
  readonly #looks: MediaLooks;
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  /** The volumes last told, as text; undefined: none yet. */
  #told: string | undefined;
  #toldRefused = '[]';
  #trouble: DockError | null = null;
  #hints: Hints | undefined;
  #hintsOn: string | undefined;
  #hintsEnded: DockError | undefined;

  constructor(options: MediaWatchOptions) {
    this.#options = options;
    this.#looks = new MediaLooks(options, options.clock, options.facts);
  }

  rescan(): Promise<void> {
    if (this.#stopped) return this.#running;
    // One look runs and at most one waits: it sees whatever happened before it begins.
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      this.#running = this.#look();
      return this.#running;
    });
    return this.#waiting;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#waiting;
    await this.#running;
    await this.#unwatch();
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    this.#timer?.cancel();
    const ended = this.#hintsEnded;
    this.#hintsEnded = undefined;
    if (ended !== undefined) await this.#unwatch();
    let trouble: DockError | undefined;
    try {
      const look = await this.#looks.look();
      await this.#watch(look.rootId);
      if (this.#stopped) return;
      this.#tell(look.volumes);
      this.#tellRefused(look.refused);
      trouble = look.stalled;
    } catch (error) {
      if (!(error instanceof DockError)) throw error;
      if (this.#stopped) return;
      // Without its root no volume is there. Where only the look failed, what was seen last stands: not seeing is not seeing nothing.
      if (error.code === 'DOCK_MEDIA_ROOT_GONE') {
        await this.#unwatch();
        if (this.#stopped) return;
        this.#tell([]);
      }
      trouble = error;
    }
    this.#report(trouble ?? ended ?? null);
    this.#timer = this.#options.clock.timer('media.rescan', this.#options.rescanMs, () => void this.rescan());
  }

  #tell(volumes: readonly Volume[]): void {
    const text = JSON.stringify(volumes);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onVolumes(volumes);
  }

  #tellRefused(refused: readonly RefusedPort[]): void {
    const text = JSON.stringify(refused);
    if (text === this.#toldRefused) return;
    this.#toldRefused = text;
    this.#options.onRefused?.(refused);
  }

  #report(trouble: DockError | null): void {
    const before = this.#trouble;
    this.#trouble = trouble;
    if (before?.code === trouble?.code && before?.expected === trouble?.expected) return;
    this.#options.onTrouble(trouble);
  }

  /** Watches the directory that is the root now, which may be another than at the last look. */
  async #watch(rootId: string): Promise<void> {
    if (this.#hintsOn === rootId) return;
    await this.#unwatch();
    if (this.#stopped) return;
    this.#hintsOn = rootId;
    this.#hints = (this.#options.watchHints ?? chokidarHints)(this.#options.root, {
      hint: () => {
        if (this.#hintsOn === rootId) void this.rescan();
      },
      ended: (because) => {
        if (this.#hintsOn === rootId) this.#hintsEnded = hintsLost(this.#options, because);
      },
    });
  }

  async #unwatch(): Promise<void> {
    const hints = this.#hints;
    this.#hints = undefined;
    this.#hintsOn = undefined;
    await hints?.close();
  }
}

function hintsLost({ root, rescanMs }: MediaWatchOptions, because: Phrase): DockError {
  return new DockError('DOCK_MEDIA_UNWATCHED', {
    expected: phrase`to be told of changes in ${root}`,
    found: because,
    todo: phrase`Check fs.inotify.max_user_watches; until then changes are seen up to ${rescanMs} ms late`,
    retry: 'now',
  });
}
