/**
 * Everything that users read, in both languages side by side, so that neither can be forgotten (a missing one is a type error).
 *
 * One file an area. `{name}` in a text is replaced by the field of that name; `{bay}` and other places come from the log's fields.
 * `{name:phrase}` in a Chinese text: the field is a phrase in English, and is said in Chinese.
 */
import { bayMessages } from './bay.js';
import { centralMessages } from './central.js';
import { configMessages } from './config.js';
import { consoleMessages } from './console.js';
import { controlMessages } from './control.js';
import { cradleMessages } from './cradle.js';
import { custodyMessages } from './custody.js';
import { demoMessages } from './demo.js';
import { dockMessages } from './dock.js';
import { offloadMessages } from './offload.js';
import { translated } from './phrases.js';
import { ptpMessages } from './ptp.js';
import { usbMessages } from './usb.js';
import { volumeMessages } from './volume.js';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

export const messages = {
  ...bayMessages,
  ...centralMessages,
  ...configMessages,
  ...consoleMessages,
  ...controlMessages,
  ...cradleMessages,
  ...custodyMessages,
  ...demoMessages,
  ...dockMessages,
  ...offloadMessages,
  ...ptpMessages,
  ...usbMessages,
  ...volumeMessages,
};

export type MessageKey = keyof typeof messages;

/** Names of the fields that the text of `key` shows by itself. */
export function placeholders(key: MessageKey): ReadonlySet<string> {
  return new Set(Array.from(messages[key].en.matchAll(placeholder), ([, name]) => name ?? ''));
}

const placeholder = /\{(\w+)(:phrase)?\}/g;

/** The text of `key` with its placeholders filled; a field that is missing stays visible as `{name}`. */
export function say(
  language: Language,
  key: MessageKey,
  fields: Readonly<Record<string, string | number | boolean | null | undefined>> = {},
): string {
  const text: string = messages[key][language];
  return text.replace(placeholder, (whole, name: string, phrase?: string) => {
    const value = fields[name];
    if (value === undefined || value === null) return whole;
    return phrase === undefined ? String(value) : translated(language, String(value));
  });
}
