/**
 * LEDs of the kernel (/sys/class/leds): finds out what they are, and hands them programs.
 *
 * The trigger `pattern` is set where it is not: it plays without us, and stops without us (I12). An LED without it gets no program at all,
 * for nothing would put it out when the dock dies.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DockError, errnoOf, messageOf } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import type { Led, Program } from './rhythms.js';

export class LedFolder {
  readonly #folder: string;

  /** `folder`: /sys/class/leds, or one that looks like it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Fails with DOCK_LED_MISSING, DOCK_LED_DENIED, DOCK_LED_NO_PATTERN or DOCK_LED_FAILED. */
  async prepare(name: string): Promise<Led> {
    try {
      const maxBrightness = Number(await this.#read(name, 'max_brightness'));
      const triggers = (await this.#read(name, 'trigger')).split(/\s+/);
      if (!triggers.some((trigger) => trigger === 'pattern' || trigger === '[pattern]'))
        throw noPattern(name, triggers);
      // Only where it is not the trigger yet: choosing it anew makes its files anew, which then belong to root.
      if (!triggers.includes('[pattern]')) await this.#write(name, 'trigger', 'pattern');
      const mixes = await this.#mixes(name);
      const led = { name, maxBrightness: Number.isFinite(maxBrightness) ? Math.max(1, maxBrightness) : 1 };
      return mixes === undefined ? led : { ...led, mixes };
    } catch (error) {
      throw ledFault(name, error);
    }
  }

  async play({ name }: Led, { pattern, repeat, intensities }: Program): Promise<void> {
    try {
      if (intensities !== undefined) await this.#write(name, 'multi_intensity', intensities);
      // In this order: a program that has ended leaves no rounds over, and the next would not begin.
      await this.#write(name, 'repeat', String(repeat));
      await this.#write(name, 'pattern', pattern);
    } catch (error) {
      throw ledFault(name, error);
    }
  }

  /** Starts the program that the LED has from its beginning. */
  async renew({ name }: Led, { repeat }: Program): Promise<void> {
    try {
      await this.#write(name, 'repeat', String(repeat));
    } catch (error) {
      throw ledFault(name, error);
    }
  }

  /** Whether the LED still has this program: its driver may have been loaded anew, or somebody else has touched it. */
  async plays({ name }: Led, { pattern }: Program): Promise<boolean> {
    try {
      return (await this.#read(name, 'pattern')).trim() === pattern;
    } catch (error) {
      throw ledFault(name, error);
    }
  }

  async #mixes(name: string): Promise<readonly string[] | undefined> {
    try {
      return (await this.#read(name, 'multi_index')).trim().split(/\s+/);
    } catch (error) {
      // LEDs of one colour have no such file.
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #read(name: string, file: string): Promise<string> {
    return readFile(join(this.#folder, name, file), 'latin1');
  }

  #write(name: string, file: string, text: string): Promise<void> {
    // Not created where it is missing: outside sysfs that would hide that there is no such LED.
    return writeFile(join(this.#folder, name, file), `${text}\n`, { flag: 'r+' });
  }
}

function noPattern(name: string, triggers: readonly string[]): DockError {
  return new DockError('DOCK_LED_NO_PATTERN', {
    expected: phrase`the trigger pattern at LED ${name}`,
    found: printable(triggers.join(' ')),
    todo: phrase`Load the kernel module ledtrig-pattern (modprobe ledtrig-pattern)`,
    retry: 'now',
  });
}

function ledFault(name: string, cause: unknown): DockError {
  if (cause instanceof DockError) return cause;
  const raise = (code: `DOCK_LED_${string}`, todo: Phrase): DockError =>
    new DockError(code, {
      expected: phrase`LED ${name} to take its light`,
      found: messageOf(cause),
      todo,
      retry: 'now',
      cause,
    });
  switch (errnoOf(cause)) {
    case 'ENOENT':
    case 'ENODEV':
      return raise('DOCK_LED_MISSING', phrase`Compare cradles[].bays[].leds with the names in /sys/class/leds`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return raise(
        'DOCK_LED_DENIED',
        phrase`Give the LED a name that begins with custodock, install the udev rules, and check ReadWritePaths= in the unit`,
      );
    default:
      return raise('DOCK_LED_FAILED', phrase`Check the driver of the LED in the log of the kernel`);
  }
}
