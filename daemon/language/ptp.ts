/** Cameras that are spoken to over PTP or MTP, and recordings that come over a protocol. */
import type { ErrorText } from './text.js';

export const ptpErrors = {
  DOCK_RECORDING_BAD_PLACE: {
    en: 'A part of the recording cannot be read',
    'zh-CN': '音像记录的一部分无法读取',
    todo: { 'zh-CN': '取出设备重新放入；若仍如此，保留设备，由专业人员读取' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
