/** Every error code of the project in the operator's language. A test holds this table against the codes in the source. */
import { DockError, type DockErrorCode, messageOf } from '../../drivers/contract/error.js';
import { bayErrors } from './bay.js';
import { baysErrors } from './bays.js';
import { centralErrors } from './central.js';
import { configErrors } from './config.js';
import { consoleErrors } from './console.js';
import { controlErrors } from './control.js';
import { cradleErrors } from './cradle.js';
import { custodyErrors } from './custody.js';
import { demoErrors } from './demo.js';
import { dockErrors } from './dock.js';
import type { Language } from './messages.js';
import { offloadErrors } from './offload.js';
import { translated } from './phrases.js';
import { ptpErrors } from './ptp.js';
import type { Text } from './text.js';
import { usbErrors } from './usb.js';
import { volumeErrors } from './volume.js';

export const errorTexts: Readonly<Record<DockErrorCode, Text>> = {
  ...bayErrors,
  ...baysErrors,
  ...centralErrors,
  ...configErrors,
  ...consoleErrors,
  ...controlErrors,
  ...cradleErrors,
  ...custodyErrors,
  ...demoErrors,
  ...dockErrors,
  ...offloadErrors,
  ...ptpErrors,
  ...usbErrors,
  ...volumeErrors,
};

/** An error in one readable line: what happened, what was expected and found, what to do, and the code. */
export function describeError(language: Language, error: unknown): string {
  if (!(error instanceof DockError)) return messageOf(error);
  const what = describeCode(language, error.code);
  const [expected, found, todo] = [error.expected, error.found, error.todo].map((text) => translated(language, text));
  return language === 'zh-CN'
    ? `${what}（应为：${expected}；实为：${found}）。${todo}。[${error.code}]`
    : `${what} (expected ${expected}; found ${found}). ${todo}. [${error.code}]`;
}

/** What happened, by its code; that of a version which knows more is said as it is. */
export function describeCode(language: Language, code: string): string {
  return Object.hasOwn(errorTexts, code) ? (errorTexts[code as DockErrorCode]?.[language] ?? code) : code;
}
