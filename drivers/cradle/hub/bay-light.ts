/**
 * The light of one bay that is made of LEDs: shows what is wished, renews promises, and puts right what was changed behind its back.
 *
 * One change at a time and the latest wins; a trouble is told once and tried again.
 */

import type { LightPattern } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import type { LedFolder } from './leds.js';
import { isPromise, type Led, type Program, programsOf } from './rhythms.js';

export class BayLight {
  readonly #folder: LedFolder;
  readonly #names: readonly string[];
  readonly #onTrouble: (error: DockError) => void;
  #wanted: LightPattern | 'fallback' = 'off';
  #playing:
    | {
        readonly light: LightPattern | 'fallback';
        readonly leds: readonly Led[];
        readonly programs: readonly Program[];
      }
    | undefined;
  #told: string | undefined;
  #working: Promise<void> | undefined;

  constructor(folder: LedFolder, names: readonly string[], onTrouble: (error: DockError) => void) {
    this.#folder = folder;
    this.#names = names;
    this.#onTrouble = onTrouble;
  }

  /** What the LEDs have been given; a bay without LEDs has whatever is wished. */
  get shows(): LightPattern | 'fallback' {
    return this.#playing?.light ?? (this.#names.length === 0 ? this.#wanted : 'off');
  }

  show(light: LightPattern | 'fallback'): void {
    this.#wanted = light;
    this.#work();
  }

  /** Says again what is promised; once more from the beginning where it was not taken before. */
  renew(): void {
    this.#work(async () => {
      const { light, leds, programs } = this.#playing ?? {};
      if (light === undefined || leds === undefined || programs === undefined || !isPromise(light)) return;
      await each(leds, programs, (led, program) => this.#folder.renew(led, program));
    });
  }

  /** Looks whether the LEDs still do what they were given. */
  check(): void {
    this.#work(async () => {
      const { leds = [], programs = [] } = this.#playing ?? {};
      await each(leds, programs, async (led, program) => {
        if (!(await this.#folder.plays(led, program))) this.#playing = undefined;
      });
    });
  }

  /** When everything that was asked has been done or has failed. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  #work(first: () => Promise<void> = async () => undefined): void {
    if (this.#names.length === 0 || this.#working !== undefined) return;
    this.#working = this.#do(first).finally(() => {
      this.#working = undefined;
      // Wished meanwhile. After a failure the next renewal tries again.
      if (this.#playing !== undefined && this.#playing.light !== this.#wanted) this.#work();
    });
  }

  async #do(first: () => Promise<void>): Promise<void> {
    try {
      await first();
      const light = this.#wanted;
      if (this.#playing?.light === light) {
        this.#told = undefined;
        return;
      }
      const leds = this.#playing?.leds ?? (await Promise.all(this.#names.map((name) => this.#folder.prepare(name))));
      const programs = programsOf(light, leds);
      await each(leds, programs, (led, program) => this.#folder.play(led, program));
      this.#playing = { light, leds, programs };
      this.#told = undefined;
    } catch (error) {
      if (!(error instanceof DockError)) throw error;
      this.#playing = undefined;
      if (this.#told === error.code) return;
      this.#told = error.code;
      this.#onTrouble(error);
    }
  }
}

async function each(
  leds: readonly Led[],
  programs: readonly Program[],
  act: (led: Led, program: Program) => Promise<void>,
): Promise<void> {
  await Promise.all(
    leds.map((led, index) => {
      const program = programs[index];
      return program === undefined ? undefined : act(led, program);
    }),
  );
}
