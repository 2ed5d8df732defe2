/** USB: what is on it, and speaking to a device. */
import type { Text } from './text.js';

export const usbMessages = {
  'usb.devices': { en: 'USB devices now: {devices}', 'zh-CN': '当前 USB 设备：{devices}' },
  'usb.trouble': { en: 'The USB cannot be seen as it should be', 'zh-CN': '无法正常查看 USB 设备' },
  'usb.recovered': { en: 'The USB is seen again', 'zh-CN': 'USB 恢复正常' },
} as const satisfies Record<string, Text>;

export const usbErrors = {
  DOCK_USB_ABSENT: {
    en: 'This machine shows no USB',
    'zh-CN': '本机没有可见的 USB',
  },
  DOCK_USB_UNREADABLE: {
    en: 'What the kernel says of a USB device cannot be read',
    'zh-CN': '无法读取内核提供的 USB 设备信息',
  },
  DOCK_USB_TIMEOUT: {
    en: 'The USB device does not answer in time',
    'zh-CN': 'USB 设备未及时应答',
  },
  DOCK_USB_STALL: { en: 'The USB device refuses a request', 'zh-CN': 'USB 设备拒绝请求' },
  DOCK_USB_OVERRUN: {
    en: 'The USB device sends more than was asked for',
    'zh-CN': 'USB 设备发送的数据超出请求',
  },
  DOCK_USB_GONE: { en: 'The USB device is gone', 'zh-CN': 'USB 设备已不存在' },
  DOCK_USB_FAILED: { en: 'A USB transfer failed', 'zh-CN': 'USB 传输失败' },
  DOCK_USB_DENIED: {
    en: 'The USB device may not be opened',
    'zh-CN': '没有打开 USB 设备的权限',
  },
  DOCK_USB_BUSY: {
    en: 'Another program has the USB device',
    'zh-CN': 'USB 设备被其他程序占用',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const usbPhrases = {
  'USB devices under {1}': '{1} 下有 USB 设备',
  'Check that this machine has USB and that the service may see /sys': '请确认本机具有 USB，且本服务可以读取 /sys',
  'to read what the kernel says of USB device {1}': '可读取内核提供的 USB 设备 {1} 的信息',
  'Check that the service may read /sys; report it if it may': '请确认本服务可以读取 /sys；若可以，请上报',
  '{1}, USB device {2}': '{1:any}（USB 设备 {2}）',
  '{1} within {2} ms': '{1:phrase}（{2} 毫秒内）',
  '{1}, {2} bytes': '{1:phrase}，{2} 字节',
  'a transfer on endpoint {1} within {2} ms': '端点 {1} 在 {2} 毫秒内完成传输',
  'an interface {1}': '存在接口 {1}',
  'an endpoint {1}': '存在端点 {1}',
  'the device that was seen': '此前发现的设备',
  'device {1} on bus {2}': '总线 {2} 上的设备 {1}',
  'to be the only connection': '仅由此处连接',
  'to open': '可打开',
  "to take interface {1} from the kernel's driver": '可从内核驱动接管接口 {1}',
  'to give interface {1} back': '可归还接口 {1}',
  'to claim interface {1}': '可占用接口 {1}',
  'to clear the halt of endpoint {1}': '可解除端点 {1} 的停止状态',
  'to reset its port': '可复位其端口',
  'to release': '可释放',
  'libusb to start, for USB device {1}': 'libusb 可启动（USB 设备 {1}）',
  'libusb says {1}': 'libusb 返回 {1}',
  'libusb says nothing': 'libusb 未说明原因',
  'Check that the unit allows AF_NETLINK in RestrictAddressFamilies= and that /dev/bus/usb is there':
    '请确认服务单元的 RestrictAddressFamilies= 允许 AF_NETLINK，且 /dev/bus/usb 存在',
  'Take the camera out and put it back; if it happens again, check its plug and the hub':
    '请取出设备重新放入；若再次发生，请检查插头和集线器',
  'no end within that time': '在此时间内未结束',
  'the endpoint is halted': '端点已停止',
  'more bytes than were asked for': '收到的字节多于请求',
  'the device is not there any more': '设备已不存在',
  'no permission': '没有权限',
  'Install the udev rules of Custodock and plug the device in again; check DeviceAllow=char-usb_device in the unit':
    '请安装 Custodock 的 udev 规则并重新插入设备；检查服务单元中的 DeviceAllow=char-usb_device',
  'another program has it': '被其他程序占用',
  'End the program that uses the camera (gvfs, gphoto2, adb); custodock doctor names what is missing against it':
    '请结束占用该设备的程序（gvfs、gphoto2、adb）；custodock doctor 会指出缺少哪些防护',
  'it was cancelled by a reset': '因复位而取消',
  'Try again': '请重试',
  'the connection is closed': '连接已关闭',
  'Open the device anew': '请重新打开该设备',
  'endpoint {1}': '端点 {1}',
  'the device at {1} to stay': '{1} 处的设备保持连接',
  'it left the bus': '设备已离开总线',
  'a free interface at {1}': '{1} 处的接口未被占用',
  'End the program that has it': '请结束占用它的程序',
  '{1} to go on': '{1:any} 继续传输',
  'a transfer within {1} ms': '在 {1} 毫秒内完成传输',
  'no end of the transfer in time': '传输未及时结束',
  'a halted endpoint': '端点已停止',
  'no device': '没有设备',
  'a transfer': '一次传输',
} as const satisfies Record<string, string>;
