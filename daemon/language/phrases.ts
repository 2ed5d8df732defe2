/**
 * What an error expected, found and asks to be done, and other findings, in the operator's language.
 *
 * They reach this place as English text: out of an error, from another thread, over the socket, or out of an entry that was made
 * years ago. A text is recognised by its template, `an answer within {1} ms`, and said in Chinese with the same values. What no
 * template fits (a path, a name, a message of the system) stays as it is. A test holds the table against every `phrase` of the source.
 *
 * In the Chinese text `{1}` is shown as it came; `{1:phrase}` is a phrase itself, without which the template does not fit; `{1:any}`
 * is said in Chinese where it is a phrase.
 */
import { bayPhrases } from './bay.js';
import { baysPhrases } from './bays.js';
import { centralPhrases } from './central.js';
import { commonPhrases } from './common.js';
import { configPhrases } from './config.js';
import { consolePhrases } from './console.js';
import { controlPhrases } from './control.js';
import { cradlePhrases } from './cradle.js';
import { custodyPhrases } from './custody.js';
import { demoPhrases } from './demo.js';
import { dockPhrases } from './dock.js';
import type { Language } from './messages.js';
import { offloadPhrases } from './offload.js';
import { optionPhrases } from './options.js';
import { ptpPhrases } from './ptp.js';
import { usbPhrases } from './usb.js';
import { volumePhrases } from './volume.js';

/** By area: a template belongs to one of them. */
export const phraseTables: readonly Readonly<Record<string, string>>[] = [
  bayPhrases,
  baysPhrases,
  centralPhrases,
  commonPhrases,
  configPhrases,
  consolePhrases,
  controlPhrases,
  cradlePhrases,
  custodyPhrases,
  demoPhrases,
  dockPhrases,
  offloadPhrases,
  optionPhrases,
  ptpPhrases,
  usbPhrases,
  volumePhrases,
];

/** Longer texts are not ours. */
const longestPhrase = 4_000;
/** Looks at phrases within phrases in one text: what a device or broker says must not cost time (I11). */
const mostLooks = 100;

interface Template {
  /** What stands before, between and behind the values. */
  readonly literals: readonly string[];
  readonly words: number;
  readonly chinese: string;
}

/** `words`: characters of the text that are known as ours; punctuation alone, which anybody writes, is none. */
interface Said {
  readonly chinese: string;
  readonly words: number;
}

const whole = new Map<string, Said>();
const withValues: Template[] = [];

for (const [english, chinese] of phraseTables.flatMap((table) => Object.entries(table))) {
  const literals = english.split(/\{\d\}/);
  const literal = literals.join('');
  const words = /[a-z]/i.test(literal) ? literal.length : 0;
  if (literals.length === 1) whole.set(english, { chinese, words });
  else withValues.push({ literals, words, chinese });
}
/** Of two that know as much the one with more punctuation is meant: brackets before the comma of a list. */
const lengthOf = ({ literals }: Template): number => literals.join('').length;
withValues.sort((a, b) => lengthOf(b) - lengthOf(a));

/** `text`, which our own code has written in English, in `language`. */
export function translated(language: Language, text: string): string {
  if (language === 'en' || text.length > longestPhrase) return text;
  return inChinese(text, new Map())?.chinese ?? text;
}

/** By the template that leaves the least of `text` unknown; undefined: no phrase. `seen`: what was looked at before. */
function inChinese(text: string, seen: Map<string, Said | undefined>): Said | undefined {
  const exact = whole.get(text);
  if (exact !== undefined) return exact;
  if (seen.has(text) || seen.size >= mostLooks) return seen.get(text);
  seen.set(text, undefined);
  let best: Said | undefined;
  for (const template of withValues) {
    const values = valuesOf(text, template.literals);
    const said = values === undefined ? undefined : sayWith(template, values, seen);
    if (said !== undefined && said.words > (best?.words ?? -1)) best = said;
  }
  seen.set(text, best);
  return best;
}

/** Undefined: where a phrase belongs there is none. */
function sayWith(template: Template, values: readonly string[], seen: Map<string, Said | undefined>): Said | undefined {
  let { words } = template;
  let fits = true;
  const chinese = template.chinese.replaceAll(/\{(\d)(?::(phrase|any))?\}/g, (_, number: string, kind?: string) => {
    const value = values[Number(number) - 1] ?? '';
    const inner = kind === undefined || !fits ? undefined : inChinese(value, seen);
    if (kind === 'phrase' && inner === undefined) fits = false;
    words += inner?.words ?? 0;
    return inner?.chinese ?? value;
  });
  return fits ? { chinese, words } : undefined;
}

/** What stands between `literals` in `text`, in one pass from the end, where fewer words of others stand; undefined: it is another text. */
function valuesOf(text: string, literals: readonly string[]): string[] | undefined {
  const first = literals[0] ?? '';
  const last = literals.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
  const values: string[] = [];
  let end = text.length - last.length;
  for (const literal of literals.slice(1, -1).reverse()) {
    const at = text.lastIndexOf(literal, end - literal.length);
    if (at < first.length || end < literal.length) return undefined;
    values.unshift(text.slice(at + literal.length, end));
    end = at;
  }
  values.unshift(text.slice(first.length, end));
  return values;
}
