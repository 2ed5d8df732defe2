/**
 * The lights of D5 as programs for LEDs of the kernel (its trigger `pattern`). Pure.
 *
 * Rhythms differ, not only colours; a bay with one LED can tell every light by its rhythm alone, and there steady means *take it* and nothing
 * else. An LED that is red or amber never says that a camera is ready.
 *
 * Green is a promise, and its program ends by itself: unless it is started anew in time, the LED goes out (I12).
 */
import type { LightPattern } from '../../contract/cradle.js';

export const colours = ['red', 'green', 'blue', 'white', 'amber', 'yellow', 'orange'] as const;
export type Colour = (typeof colours)[number];

export interface Led {
  readonly name: string;
  /** 1 for LEDs that are only on or off. */
  readonly maxBrightness: number;
  /** Of an LED that mixes colours: what its intensities stand for, in their order. */
  readonly mixes?: readonly string[];
}

/** What one LED is to do. */
export interface Program {
  /** For the file `pattern`: brightness and ms, in pairs. */
  readonly pattern: string;
  /** For the file `repeat`: -1 for ever. Writing it starts the program anew. */
  readonly repeat: number;
  /** For the file `multi_intensity`, where the LED mixes colours. */
  readonly intensities?: string;
}

/** How long a promise holds without being renewed, ms: as long as a cradle waits before it shows its own light (D5). */
export const promiseMs = 5_000;
/** Promises are renewed this often, ms: a whole number of rounds of every rhythm that is one, so that it goes on where it was. */
export const renewMs = 2_000;

type Light = LightPattern | 'fallback';
/** 1 is full brightness; `fades`: from each step to the next, instead of stepping. */
interface Rhythm {
  readonly steps: readonly (readonly [level: 0 | 1, ms: number])[];
  readonly fades?: true;
}

const rhythms = {
  off: { steps: [[0, 1_000]] },
  steady: { steps: [[1, 1_000]] },
  breathing: {
    steps: [
      [0, 1_000],
      [1, 1_000],
    ],
    fades: true,
  },
  even: {
    steps: [
      [1, 500],
      [0, 500],
    ],
  },
  quick: {
    steps: [
      [1, 200],
      [0, 200],
    ],
  },
  twice: {
    steps: [
      [1, 150],
      [0, 150],
      [1, 150],
      [0, 1_050],
    ],
  },
  thrice: {
    steps: [
      [1, 100],
      [0, 100],
      [1, 100],
      [0, 100],
      [1, 100],
      [0, 900],
    ],
  },
  slow: {
    steps: [
      [1, 500],
      [0, 4_500],
    ],
  },
  /** Dark for as long as it is renewed; then slow. */
  afterPromise: {
    steps: [
      [0, promiseMs],
      [1, 500],
    ],
  },
} as const satisfies Record<string, Rhythm>;

type Shade = 'red' | 'green' | 'amber' | 'white';
const shown: Readonly<Record<Light, { readonly shade: Shade; readonly rhythm: Rhythm; readonly alone?: Rhythm }>> = {
  off: { shade: 'white', rhythm: rhythms.off },
  'amber-breathing': { shade: 'amber', rhythm: rhythms.breathing },
  'green-steady': { shade: 'green', rhythm: rhythms.steady },
  'green-flashing': { shade: 'green', rhythm: rhythms.even },
  'red-flashing': { shade: 'red', rhythm: rhythms.quick },
  'red-steady': { shade: 'red', rhythm: rhythms.steady, alone: rhythms.twice },
  'white-flashing': { shade: 'white', rhythm: rhythms.thrice },
  fallback: { shade: 'red', rhythm: rhythms.slow },
};

/** Programs for the LEDs of one bay, in their order. */
export function programsOf(light: Light, leds: readonly Led[]): readonly Program[] {
  const { shade, rhythm, alone } = shown[light];
  const tellsColours = leds.some((led) => has(led, 'red')) && leds.some((led) => has(led, 'green'));
  const lit = new Set(light === 'off' ? [] : litFor(shade, leds));
  const promise = isPromise(light);
  return leds.map((led): Program => {
    const colour = led.mixes === undefined ? {} : { intensities: intensitiesOf(shade, led.mixes, led.maxBrightness) };
    if (lit.has(led)) {
      const plays = tellsColours ? rhythm : (alone ?? rhythm);
      return { ...colour, ...(promise ? endingProgram(plays, led) : endlessProgram(plays, led)) };
    }
    const waits = promise && led.mixes === undefined && has(led, 'red');
    return { ...colour, ...endlessProgram(waits ? rhythms.afterPromise : rhythms.off, led) };
  });
}

/** Whether this light says something of a camera that ends with the dock's word for it. */
export function isPromise(light: Light): boolean {
  return light.startsWith('green');
}

/** Colour of an LED by its name, as the kernel's convention has it (`device:colour:function`); undefined: it has one of its own. */
export function colourOf(name: string): Colour | undefined {
  const words = name.toLowerCase().split(/[^a-z]+/);
  return colours.find((colour) => words.includes(colour));
}

function has({ name, mixes }: Led, colour: Colour): boolean {
  return mixes === undefined ? colourOf(name) === colour : mixes.includes(colour);
}

/** Which LEDs are lit for a shade: the nearest that there is. For green nothing that could be taken for red. */
function litFor(shade: Shade, leds: readonly Led[]): readonly Led[] {
  const mixing = leds.filter(({ mixes }) => mixes !== undefined);
  if (mixing.length > 0) {
    const able = shade === 'green' ? mixing.filter((led) => has(led, 'green')) : mixing;
    if (able.length > 0) return able;
  }
  const of = (...wanted: readonly Colour[]): readonly Led[] =>
    leds.filter((led) => wanted.some((colour) => has(led, colour)));
  const plain = leds.filter(({ name, mixes }) => mixes === undefined && colourOf(name) === undefined);
  const first = (...choices: readonly (readonly Led[])[]): readonly Led[] =>
    choices.find((choice) => choice.length > 0) ?? [];
  const yellowish = of('amber', 'yellow', 'orange');
  switch (shade) {
    case 'green':
      return first(of('green'), plain, of('white', 'blue'));
    case 'red':
      return first(of('red'), yellowish, plain, leds);
    case 'amber': {
      const both = of('red', 'green');
      return first(yellowish, of('red').length > 0 && of('green').length > 0 ? both : [], plain, leds);
    }
    case 'white':
      return first(of('white'), leds);
  }
}

const mixtures: Readonly<Record<Shade, Readonly<Record<string, number>>>> = {
  red: { red: 1, amber: 0.5 },
  green: { green: 1 },
  amber: { red: 1, green: 0.4, amber: 1 },
  white: { red: 1, green: 1, blue: 1, white: 1 },
};

function intensitiesOf(shade: Shade, mixes: readonly string[], most: number): string {
  return mixes.map((colour) => Math.round((mixtures[shade][colour] ?? 0) * most)).join(' ');
}

/**
 * Pairs for the kernel: it fades from each pair to the next over the time of the first, unless the next has no time of its own: then it
 * steps. At least two pairs.
 */
function pairs({ steps, fades }: Rhythm, { maxBrightness }: Led): string[] {
  return steps.flatMap(([level, ms]) =>
    fades === true
      ? [`${level * maxBrightness} ${ms}`]
      : [`${level * maxBrightness} ${ms}`, `${level * maxBrightness} 0`],
  );
}

function endlessProgram(rhythm: Rhythm, led: Led): Program {
  return { pattern: pairs(rhythm, led).join(' '), repeat: -1 };
}

/** As many rounds as fill the time of a promise, and dark at the end, where it stays. */
function endingProgram(rhythm: Rhythm, led: Led): Program {
  const roundMs = rhythm.steps.reduce((sum, [, ms]) => sum + ms, 0);
  const rounds = Array.from({ length: Math.floor(promiseMs / roundMs) }, () => pairs(rhythm, led)).flat();
  return { pattern: [...rounds, '0 100', '0 0'].join(' '), repeat: 1 };
}
