/** Lights on a screen: on a terminal a symbol for the pattern beside the colour's name, in a file the words (D5). Pure. */
import type { LightPattern } from '../../drivers/contract/cradle.js';
import { type Language, say } from '../language/messages.js';
import { type Span, span, type Tone } from './line.js';

type Colour = 'off' | 'amber' | 'green' | 'red' | 'white';

/** Breathing is half full, steady is full, flashing is ringed: told apart without colours too. */
const shown: Readonly<Record<LightPattern, { readonly symbol: string; readonly colour: Colour; readonly tone: Tone }>> =
  {
    off: { symbol: '○', colour: 'off', tone: 'dim' },
    'amber-breathing': { symbol: '◐', colour: 'amber', tone: 'amber' },
    'green-steady': { symbol: '●', colour: 'green', tone: 'green' },
    'green-flashing': { symbol: '◉', colour: 'green', tone: 'green' },
    'red-flashing': { symbol: '◉', colour: 'red', tone: 'red' },
    'red-steady': { symbol: '●', colour: 'red', tone: 'red' },
    'white-flashing': { symbol: '◉', colour: 'white', tone: 'white' },
  };

export function lightTone(light: LightPattern): Tone {
  return shown[light].tone;
}

export function lightSpan(light: LightPattern, language: Language, symbols: boolean): Span {
  const { symbol, colour, tone } = shown[light];
  return symbols
    ? span(`${symbol} ${say(language, `status.colour.${colour}`)}`, tone)
    : span(say(language, `status.light.${light}`), tone);
}
