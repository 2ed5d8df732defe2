/** USB: what is on it, and speaking to a device. */
import type { ErrorText, Text } from './text.js';

export const usbMessages = {
  'usb.devices': { en: 'USB devices now: {devices}', 'zh-CN': '当前 USB 设备：{devices}' },
  'usb.trouble': { en: 'The USB cannot be seen as it should be', 'zh-CN': '无法正常查看 USB 设备' },
  'usb.recovered': { en: 'The USB is seen again', 'zh-CN': 'USB 恢复正常' },
} as const satisfies Record<string, Text>;

const replug = '取出设备重新放入；若再次发生，请检查插头和集线器';

export const usbErrors = {
  DOCK_USB_ABSENT: {
    en: 'This machine shows no USB',
    'zh-CN': '本机没有可见的 USB',
    todo: { 'zh-CN': '请确认本机具有 USB，且本服务可以读取 /sys' },
  },
  DOCK_USB_UNREADABLE: {
    en: 'What the kernel says of a USB device cannot be read',
    'zh-CN': '无法读取内核提供的 USB 设备信息',
    todo: { 'zh-CN': '请确认本服务可以读取 /sys；若可以，请上报' },
  },
  DOCK_USB_TIMEOUT: {
    en: 'The USB device does not answer in time',
    'zh-CN': 'USB 设备未及时应答',
    todo: { 'zh-CN': replug },
  },
  DOCK_USB_STALL: { en: 'The USB device refuses a request', 'zh-CN': 'USB 设备拒绝请求', todo: { 'zh-CN': replug } },
  DOCK_USB_OVERRUN: {
    en: 'The USB device sends more than was asked for',
    'zh-CN': 'USB 设备发送的数据超出请求',
    todo: { 'zh-CN': replug },
  },
  DOCK_USB_GONE: { en: 'The USB device is gone', 'zh-CN': 'USB 设备已不存在', todo: { 'zh-CN': replug } },
  DOCK_USB_FAILED: { en: 'A USB transfer failed', 'zh-CN': 'USB 传输失败', todo: { 'zh-CN': replug } },
  DOCK_USB_DENIED: {
    en: 'The USB device may not be opened',
    'zh-CN': '没有打开 USB 设备的权限',
    todo: { 'zh-CN': '请安装 Custodock 的 udev 规则并重新插入设备；检查服务单元中的 DeviceAllow=char-usb_device' },
  },
  DOCK_USB_BUSY: {
    en: 'Another program has the USB device',
    'zh-CN': 'USB 设备被其他程序占用',
    todo: { 'zh-CN': '请结束占用该设备的程序（gvfs、gphoto2、adb），可用 custodock doctor 检查' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
