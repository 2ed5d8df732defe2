/**
 * The configuration that is in force while the dock runs, and its replacement by a new one.
 *
 * A file that is wrong leaves the old configuration in force. Must never be half old and half new: what needs a restart
 * is named and waits.
 */
import { type ConfigDifference, configDifference } from './difference.js';
import { type LoadedConfig, loadConfig } from './load.js';
import type { ConfigProblem } from './problem.js';
import type { Config } from './schema.js';

export type Reload =
  | { readonly kind: 'unchanged' }
  | ({ readonly kind: 'applied' } & ConfigDifference)
  /** `again`: the same problems were found by the reload before; they need no second report. */
  | { readonly kind: 'refused'; readonly problems: readonly ConfigProblem[]; readonly again: boolean };

export class LiveConfig {
  readonly #file: string;
  readonly #load: (file: string) => Promise<LoadedConfig>;
  #current: Config;
  #waiting: string = '';
  #refused: string = '';
  #tail: Promise<unknown> = Promise.resolve();

  constructor(file: string, initial: Config, load: (file: string) => Promise<LoadedConfig> = loadConfig) {
    this.#file = file;
    this.#current = initial;
    this.#load = load;
  }

  get current(): Config {
    return this.#current;
  }

  /** Reads the file again. Several at a time take turns, so that the last word is that of the newest file. */
  reload(): Promise<Reload> {
    const turn = this.#tail.then(() => this.#reload());
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #reload(): Promise<Reload> {
    const loaded = await this.#load(this.#file);
    if (!loaded.ok) {
      const text = loaded.problems.map(({ error }) => error.message).join('\n');
      const again = text === this.#refused;
      this.#refused = text;
      return { kind: 'refused', problems: loaded.problems, again };
    }
    this.#refused = '';
    const difference = configDifference(this.#current, loaded.config);
    const waiting = difference.restart.join('\n');
    const unchanged = difference.live.length === 0 && waiting === this.#waiting;
    this.#waiting = waiting;
    if (unchanged) return { kind: 'unchanged' };
    this.#current = difference.applied;
    return { kind: 'applied', ...difference };
  }
}
