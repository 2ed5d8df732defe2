/** What `custodock help` and wrong arguments say. */
import type { Text } from './text.js';

export const usageTexts = {
  'usage.title': {
    en: 'custodock – docking station for enforcement cameras',
    'zh-CN': 'custodock – 执法记录设备采集站',
  },
  'usage.usage': { en: 'Usage: custodock {command}', 'zh-CN': '用法：custodock {command}' },
  'usage.command': { en: 'COMMAND [OPTIONS]', 'zh-CN': '命令 [选项]' },
  'usage.options': { en: '[OPTIONS]', 'zh-CN': '[选项]' },
  'usage.commands': { en: 'Commands', 'zh-CN': '命令' },
  'usage.own-options': { en: 'Options', 'zh-CN': '选项' },
  'usage.common-options': { en: 'Options of every command', 'zh-CN': '通用选项' },
  'usage.exit-codes': {
    en: 'Exit codes: 0 fine, 1 something is wrong and was said, 64 wrong arguments, 70 defect, 75 hardware missing, 78 configuration unusable',
    'zh-CN': '退出码：0 正常，1 发现并已说明问题，64 参数错误，70 软件缺陷，75 硬件缺失，78 配置不可用',
  },
  'usage.more': {
    en: 'More on a command: custodock help COMMAND',
    'zh-CN': '查看某个命令的说明：custodock help 命令',
  },

  'usage.command.run': { en: 'run the dock (what the service does)', 'zh-CN': '运行采集站（系统服务即执行此命令）' },
  'usage.command.status': {
    en: 'every bay: light, camera, progress, what to do',
    'zh-CN': '查看各充电位：灯、设备、进度、处理办法',
  },
  'usage.command.recordings': {
    en: 'recordings in the archive, the latest first',
    'zh-CN': '列出档案库中的音像记录，最近的在前',
  },
  'usage.command.ledger list': {
    en: 'entries of the ledger, by default the latest',
    'zh-CN': '列出流水，默认为最近的',
  },
  'usage.command.ledger check': {
    en: 'prove the whole ledger, whether the dock runs or not',
    'zh-CN': '校验全部流水，采集站运行与否均可',
  },
  'usage.command.custody': {
    en: 'usage ledger: which camera, who, when, what (M4)',
    'zh-CN': '使用情况台账：设备、使用人员、交接时间、记录内容',
  },
  'usage.command.identify': { en: 'let the light of a bay flash white', 'zh-CN': '使某个充电位的灯闪白光，便于查找' },
  'usage.command.bays map': {
    en: 'find out which USB port is behind each bay, and write it',
    'zh-CN': '逐位确定各充电位对应的 USB 端口并写入配置',
  },
  'usage.command.config check': {
    en: 'everything that is wrong with the configuration',
    'zh-CN': '检查配置，列出全部错误',
  },
  'usage.command.config schema': {
    en: 'JSON Schema of the configuration, for editors',
    'zh-CN': '输出配置的 JSON Schema，供编辑器使用',
  },
  'usage.command.config example': { en: 'a commented configuration to begin with', 'zh-CN': '输出带注释的配置示例' },
  'usage.command.config migrate': {
    en: 'rewrite a configuration of an older version, with a backup',
    'zh-CN': '将旧版本配置改写为当前版本，并保留备份',
  },
  'usage.command.doctor': {
    en: 'check what usually goes wrong: ports, disks, clock, broker, …',
    'zh-CN': '检查常见问题：串口、磁盘、时钟、中心平台等',
  },
  'usage.command.demo': {
    en: 'a whole dock on simulated hardware; needs nothing',
    'zh-CN': '在模拟硬件上演示整个采集站，无需任何设备',
  },
  'usage.command.version': { en: 'the version', 'zh-CN': '显示版本' },
  'usage.command.help': { en: 'this text, or that of one command', 'zh-CN': '显示本说明或某个命令的说明' },

  'usage.option.config': { en: 'configuration; default {default}', 'zh-CN': '配置文件，默认 {default}' },
  'usage.option.language': {
    en: "default: that of the configuration, else the environment's",
    'zh-CN': '显示语言，默认取自配置，其次取自系统环境',
  },
  'usage.option.json': { en: 'JSON instead of text', 'zh-CN': '以 JSON 格式输出' },
  'usage.option.help': { en: 'explain the command', 'zh-CN': '显示命令说明' },
  'usage.option.watch': { en: 'go on until interrupted', 'zh-CN': '持续显示，直至中断' },
  'usage.option.camera': { en: 'only of this camera', 'zh-CN': '仅此设备' },
  'usage.option.bay': { en: 'only from this bay', 'zh-CN': '仅此充电位' },
  'usage.option.important': { en: 'only those marked as important', 'zh-CN': '仅重要标记的记录' },
  'usage.option.before': { en: 'only before this entry: the next page', 'zh-CN': '仅此序号之前的记录（翻页）' },
  'usage.option.from': { en: 'from this entry on', 'zh-CN': '自此序号起' },
  'usage.option.limit': { en: 'at most so many, 1–1000; default 100', 'zh-CN': '最多条数，1–1000，默认 100' },
  'usage.option.off': { en: 'end it', 'zh-CN': '结束闪烁' },
  'usage.option.once': { en: 'end when everything is done, with an exit code', 'zh-CN': '完成后自动结束并给出退出码' },
  'usage.option.media': {
    en: 'a folder or mounted card is put in as a camera; it is only read; may be repeated',
    'zh-CN': '将某个文件夹或已挂载的存储卡作为一台设备放入，只读不写，可重复',
  },
  'usage.option.broker': {
    en: "mqtt://host:port of one's own broker instead of the embedded one",
    'zh-CN': '使用指定的消息服务器（mqtt://主机:端口），而非内置的',
  },

  'usage.error.no-command': { en: 'A command is missing.', 'zh-CN': '缺少命令。' },
  'usage.error.unknown-command': { en: 'There is no command “{command}”.', 'zh-CN': '没有“{command}”命令。' },
  'usage.error.incomplete': { en: '“{command}” what? {commands}', 'zh-CN': '“{command}”命令不完整，可用：{commands}' },
  'usage.error.unknown-option': { en: 'There is no option {option}.', 'zh-CN': '没有 {option} 选项。' },
  'usage.error.foreign-option': {
    en: '{option} is no option of “{command}”.',
    'zh-CN': '“{command}”命令没有 {option} 选项。',
  },
  'usage.error.option-value': {
    en: '{option}: a value is missing, or one was given where none belongs.',
    'zh-CN': '{option} 缺少取值，或不应带取值。',
  },
  'usage.error.value': {
    en: '{option}: expected {expected}, found {found}.',
    'zh-CN': '{option} 应为 {expected}，实为 {found}。',
  },
  'usage.error.operand': {
    en: '“{command}” does not take “{operand}”.',
    'zh-CN': '“{command}”命令不接受“{operand}”。',
  },
  'usage.error.no-operand': { en: '“{command}” needs {operand}.', 'zh-CN': '“{command}”命令缺少 {operand}。' },
  'usage.error.hint': { en: 'See: custodock help', 'zh-CN': '请参阅：custodock help' },
} as const satisfies Record<string, Text>;
