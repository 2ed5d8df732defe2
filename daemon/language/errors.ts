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
  ...volumeErrors,
};

/** An error in one readable line: what happened, what was expected and found, what to do, and the code. */
export function describeError(language: Language, error: unknown): string {
  if (!(error instanceof DockError)) return messageOf(error);
  const text = errorTexts[error.code];
  if (language === 'zh-CN') {
    const what = text?.['zh-CN'] ?? error.code;
    return `${what}（应为：${error.expected}；实为：${error.found}）。${text?.todo['zh-CN'] ?? error.todo}。[${error.code}]`;
  }
  return `${text?.en ?? error.code} (expected ${error.expected}; found ${error.found}). ${error.todo}. [${error.code}]`;
}
