/** Every error code of the project in the operator's language. A test holds this table against the codes in the source. */
import { DockError, type DockErrorCode, messageOf } from '../../drivers/contract/error.js';
import { bayErrors } from './bay.js';
import { centralErrors } from './central.js';
import { configErrors } from './config.js';
import { consoleErrors } from './console.js';
import { cradleErrors } from './cradle.js';
import { custodyErrors } from './custody.js';
import { demoErrors } from './demo.js';
import { dockErrors } from './dock.js';
import type { Language } from './messages.js';
import { offloadErrors } from './offload.js';
import { ptpErrors } from './ptp.js';
import type { ErrorText } from './text.js';
import { volumeErrors } from './volume.js';

export const errorTexts: Readonly<Record<DockErrorCode, ErrorText>> = {
  ...bayErrors,
  ...centralErrors,
  ...configErrors,
  ...consoleErrors,
  ...cradleErrors,
  ...custodyErrors,
  ...demoErrors,
  ...dockErrors,
  ...offloadErrors,
  ...ptpErrors,
  ...volumeErrors,
};

/** An error in one readable line: what happened, what was expected and found, what to do, and the code. */
export function describeError(language: Language, error: unknown): string {
  if (!(error instanceof DockError)) return messageOf(error);
  const { code, expected, found } = error;
  const { what, todo } = errorInWords(language, error);
  return language === 'zh-CN'
    ? `${what}（应为：${expected}；实为：${found}）。${todo}。[${code}]`
    : `${what} (expected ${expected}; found ${found}). ${todo}. [${code}]`;
}

/** What happened and what to do about it, without what was expected and found, which are in the words of whoever raised the error. */
export function errorInWords(language: Language, error: DockError): { readonly what: string; readonly todo: string } {
  const text = errorTexts[error.code];
  const todo = language === 'en' ? error.todo : (text?.todo[language] ?? error.todo);
  return { what: text?.[language] ?? error.code, todo };
}
