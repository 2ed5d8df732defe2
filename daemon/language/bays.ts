/** `custodock bays map`. */
import type { Text } from './text.js';

export const baysTexts = {
  'bays.begin': {
    en: '{bays} bays. Take every camera out first. For each bay, put a camera in and press Enter; one camera will do.',
    'zh-CN': '共 {bays} 个充电位。请先取出全部设备。逐位放入一台设备并按回车键，可用同一台设备依次进行。',
  },
  'bays.ask': {
    en: 'Bay {bay} (now {port}): put a camera in and press Enter; s leaves it as it is, q ends without writing:',
    'zh-CN': '充电位 {bay}（当前 {port}）：放入设备后按回车键；输入 s 保持不变，输入 q 结束且不写入：',
  },
  'bays.found': { en: 'Bay {bay} is at {port} ({device}).', 'zh-CN': '充电位 {bay} 位于 {port}（{device}）。' },
  'bays.none': {
    en: 'Nothing new was seen on the USB. Take the camera out, check its plug, put it in again, then press Enter.',
    'zh-CN': 'USB 上没有发现新设备。请取出设备，检查插头，重新放入后再按回车键。',
  },
  'bays.several': {
    en: 'Several came at once: {ports}. Take all out but the camera of this bay, and put that in again.',
    'zh-CN': '同时发现多处：{ports}。请只保留此充电位的设备，并将其重新放入。',
  },
  'bays.taken': {
    en: 'That was the port of bay {other} ({port}). Put the camera into the right bay.',
    'zh-CN': '该端口（{port}）属于充电位 {other}，请将设备放入正确的充电位。',
  },
  'bays.ended': { en: 'Ended; nothing was written.', 'zh-CN': '已结束，未写入任何内容。' },
  'bays.unchanged': { en: 'Nothing to change in {file}.', 'zh-CN': '{file} 无需更改。' },
  'bays.written': {
    en: '{bays} bays written to {file}; the file before is {backup}. Takes effect with: systemctl restart custodock',
    'zh-CN': '已将 {bays} 个充电位写入 {file}，原文件保存为 {backup}。执行 systemctl restart custodock 后生效',
  },
} as const satisfies Record<string, Text>;

export const baysErrors = {
  DOCK_BAYS_NONE: {
    en: 'There are no bays to map',
    'zh-CN': '没有可映射的充电位',
  },
  DOCK_BAYS_OLD_CONFIG: {
    en: 'The configuration has to be migrated first',
    'zh-CN': '须先迁移配置',
  },
  DOCK_BAYS_CONFLICT: {
    en: 'The ports found contradict the rest of the configuration; nothing was written',
    'zh-CN': '所得端口与配置其余部分矛盾，未写入',
  },
  DOCK_BAYS_NOT_WRITTEN: {
    en: 'The configuration could not be written',
    'zh-CN': '无法写入配置',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const baysPhrases = {
  'USB devices under /sys/bus/usb': '/sys/bus/usb 下有 USB 设备',
  'Run the command on the dock itself': '请在采集站本机上运行该命令',
  'cradles with bays in the configuration': '配置中有底座及其充电位',
  'Write the cradles and the slots of their bays into the configuration first': '请先在配置中填写底座及其充电位的槽位',
  'a configuration of the present version': '当前版本的配置',
  'one that cannot be used': '无法使用的配置',
  'Run custodock config migrate, then map the bays again': '请运行 custodock config migrate，然后重新映射',
  'each USB port behind one bay': '每个 USB 端口只对应一个充电位',
  'Map all bays, or correct the ports of those that were left as they are':
    '请映射全部充电位，或更正保持不变的充电位的端口',
  'to write {1}': '可写入 {1}',
  'Run the command as root': '请以 root 身份运行该命令',
  '{1} as it was when the mapping began': '{1} 自映射开始后未被更改',
  'a file that was changed meanwhile': '文件在此期间已被更改',
  'Map the bays again': '请重新映射',
} as const satisfies Record<string, string>;
