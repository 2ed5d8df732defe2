/** The `custodock` command and the console socket. Doctor and usage texts have files of their own beside this one. */
import { statusTexts } from './status.js';
import type { ErrorText, Text } from './text.js';

export const consoleMessages = {
  ...statusTexts,
  'console.listening': { en: 'Console at {path}', 'zh-CN': '控制台已就绪：{path}' },
  'console.stale-socket': {
    en: 'Removed the console socket of a daemon that is no longer there: {path}',
    'zh-CN': '已清除上次运行遗留的控制台套接字：{path}',
  },
  'console.trouble': { en: 'Console: a request failed', 'zh-CN': '控制台请求处理失败' },
  'console.slow-reader': {
    en: 'Console: a reader of the status did not keep up and was dropped',
    'zh-CN': '控制台：有客户端长时间不接收状态，已断开',
  },
} as const satisfies Record<string, Text>;

export const consoleErrors = {
  DOCK_ALREADY_RUNNING: {
    en: 'The dock is already running',
    'zh-CN': '采集站已在运行',
    todo: { 'zh-CN': '请用 custodock status 查看正在运行的采集站，或先停止它：systemctl stop custodock' },
  },
  DOCK_NOT_RUNNING: {
    en: 'The dock is not running',
    'zh-CN': '采集站未运行',
    todo: { 'zh-CN': '请启动采集站：systemctl start custodock；若无法启动，请运行 custodock doctor' },
  },
  DOCK_CONSOLE_FORBIDDEN: {
    en: 'This user may not talk to the dock',
    'zh-CN': '当前用户无权访问采集站',
    todo: { 'zh-CN': '请将当前用户加入 custodock 用户组后重新登录，或使用 sudo' },
  },
  DOCK_CONSOLE_SOCKET: {
    en: 'The console socket cannot be made',
    'zh-CN': '无法建立控制台套接字',
    todo: { 'zh-CN': '请检查配置中的 dock.runDir 是否存在、可写且路径较短' },
  },
  DOCK_CONSOLE_SILENT: {
    en: 'The dock runs but does not answer',
    'zh-CN': '采集站在运行但没有应答',
    todo: { 'zh-CN': '请稍候重试；若持续无应答，请查看日志：journalctl -u custodock' },
  },
  DOCK_CONSOLE_BUSY: {
    en: 'Too many are talking to the dock at once',
    'zh-CN': '同时访问采集站的客户端过多',
    todo: { 'zh-CN': '请关闭其他 custodock status --watch 后重试' },
  },
  DOCK_CONSOLE_LATE: {
    en: 'The dock did not finish the answer in time',
    'zh-CN': '采集站未能在期限内完成应答',
    todo: { 'zh-CN': '请缩小查询范围后重试；若持续出现，请检查磁盘' },
  },
  DOCK_CONSOLE_REQUEST: {
    en: 'The dock was asked for something that it does not know',
    'zh-CN': '向采集站提出的请求无法识别',
    todo: { 'zh-CN': '请核对参数；若命令与采集站版本不同，请使用相同版本' },
  },
  DOCK_CONSOLE_REPLY: {
    en: 'The answer of the dock cannot be read',
    'zh-CN': '无法读取采集站的应答',
    todo: { 'zh-CN': '请核对 custodock 命令与采集站版本是否一致' },
  },
  DOCK_CONSOLE_NO_BAY: {
    en: 'There is no such bay',
    'zh-CN': '没有这个充电位',
    todo: { 'zh-CN': '请用 custodock status 查看充电位名称' },
  },
  DOCK_CONSOLE_FAILED: {
    en: 'The dock failed to answer',
    'zh-CN': '采集站应答失败',
    todo: { 'zh-CN': '请附日志上报：journalctl -u custodock' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
