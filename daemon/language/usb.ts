/** The USB itself. */
import type { ErrorText } from './text.js';

export const usbErrors = {
  DOCK_USB_BUSY: {
    en: 'Another program has the USB device',
    'zh-CN': 'USB 设备被其他程序占用',
    todo: { 'zh-CN': '结束占用该设备的程序' },
  },
  DOCK_USB_GONE: {
    en: 'The USB device is gone',
    'zh-CN': 'USB 设备已断开',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_USB_OVERRUN: {
    en: 'The USB device sent more than it was asked for',
    'zh-CN': 'USB 设备发送的数据超出请求',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_USB_STALL: {
    en: 'The USB device refused a transfer',
    'zh-CN': 'USB 设备拒绝传输',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_USB_TIMEOUT: {
    en: 'The USB device does not answer',
    'zh-CN': 'USB 设备没有响应',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
