import type { Text } from './text.js';

export const dockMessages = {
  'service.started': {
    en: 'Service {service} started in {tookMs} ms',
    'zh-CN': '服务 {service} 已启动，用时 {tookMs} 毫秒',
  },
  'service.stopped': {
    en: 'Service {service} stopped in {tookMs} ms',
    'zh-CN': '服务 {service} 已停止，用时 {tookMs} 毫秒',
  },
  'service.stop-failed': { en: 'Service {service} did not stop cleanly', 'zh-CN': '服务 {service} 未能正常停止' },
  'service.stalled': { en: 'Service {service} makes no progress', 'zh-CN': '服务 {service} 停滞' },
  'service.moving': { en: 'Service {service} makes progress again', 'zh-CN': '服务 {service} 已恢复运行' },
  'dock.stood-still': { en: 'The dock stood still for {ms} ms', 'zh-CN': '采集站停顿了 {ms} 毫秒' },
  'service.notify-failed': {
    en: 'Systemd cannot be told about the state of the dock',
    'zh-CN': '无法向 systemd 报告采集站状态',
  },
  'dock.ready': {
    en: 'Dock {dock} works: {bays} bays, ledger at {seq}',
    'zh-CN': '采集站 {dock} 已就绪：{bays} 个充电位，流水 {seq} 条',
  },
  'dock.unconfigured': { en: 'This dock is not configured yet', 'zh-CN': '本采集站尚未配置' },
  'dock.unconfigured.status': {
    en: 'NOT CONFIGURED: edit {file}, then run custodock config check; what to do: custodock doctor',
    'zh-CN': '尚未配置：请编辑 {file}，再运行 custodock config check；详见 custodock doctor',
  },
  'dock.unconfigured.unusable': {
    en: 'NOT CONFIGURED: {problems} mistakes in {file}; see them with custodock config check',
    'zh-CN': '尚未配置：{file} 中有 {problems} 处错误，请用 custodock config check 查看',
  },
  'dock.configured': { en: '{file} is a configuration now: starting', 'zh-CN': '{file} 已配置，正在启动' },
  'dock.not-started': { en: 'The dock could not start', 'zh-CN': '采集站无法启动' },
  'dock.stopping': { en: 'Stopping ({signal})', 'zh-CN': '正在停止（{signal}）' },
  'dock.failed': { en: 'The dock cannot go on and stops', 'zh-CN': '采集站无法继续运行，正在停止' },
  'dock.broken': { en: 'The dock has ended', 'zh-CN': '采集站已终止' },
  'process.killed': { en: 'The process did not end by itself and is killed', 'zh-CN': '进程未能自行结束，现强制终止' },
  'dock.stopped': { en: 'Stopped', 'zh-CN': '已停止' },
  'archive.unusable': { en: 'The archive cannot be used', 'zh-CN': '档案库不可用' },
  'ledger.broken': { en: 'The ledger is broken', 'zh-CN': '流水校验不通过' },
  'ledger.check-failed': { en: 'The ledger could not be checked', 'zh-CN': '无法校验流水' },
} as const satisfies Record<string, Text>;

export const dockErrors = {
  DOCK_BOOT_ID: {
    en: 'The boot id of the kernel cannot be read',
    'zh-CN': '无法读取内核启动标识',
  },
  DOCK_BROKEN: {
    en: 'An error that nobody foresaw',
    'zh-CN': '出现未预料的错误',
  },
  DOCK_NOT_CONFIGURED: {
    en: 'The configuration is still the example that came with the package',
    'zh-CN': '配置仍为软件包自带的示例',
  },
  DOCK_PROCESS_HELD: {
    en: 'An operation does not come back and holds the process',
    'zh-CN': '有操作一直未返回，致使进程无法结束',
  },
  DOCK_DATAGRAM: {
    en: 'A message to a system service could not be sent',
    'zh-CN': '发往系统服务的消息未能送出',
  },
  DOCK_NOTIFY_ABSTRACT: {
    en: 'The notify socket is an abstract one, which cannot be reached',
    'zh-CN': '通知套接字为抽象套接字，无法访问',
  },
  DOCK_SERVICE_STALLED: {
    en: 'A service of the dock has stalled',
    'zh-CN': '采集站的一个服务停滞',
  },
  DOCK_SERVICE_STOP_LATE: {
    en: 'A service of the dock did not stop in time',
    'zh-CN': '采集站的一个服务未在期限内停止',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const dockPhrases = {
  'a configuration of this dock': '本采集站的配置',
  'the example in {1}': '{1} 中的示例',
  'Edit {1}: dock, cradles, cameras, central; it is taken over once custodock config check finds it in order':
    '请编辑 {1} 中的 dock、cradles、cameras、central；custodock config check 通过后自动生效',
  'a boot id in {1}': '{1} 中的内核启动标识',
  'Mount /proc and allow the service to read it (ProcSubset=all)': '请挂载 /proc 并允许本服务读取（ProcSubset=all）',
  '"{1}", which is not an absolute path of at most {2} bytes': '“{1}”，不是长度不超过 {2} 字节的绝对路径',
  'a datagram socket that takes messages at {1}': '{1} 处可接收消息的数据报套接字',
  'Check that systemd and systemd-journald are running and that the unit may reach their sockets':
    '请检查 systemd 与 systemd-journald 是否运行，以及本服务能否访问其套接字',
  'no error that nobody foresaw': '没有未预料的错误',
  'Report this with the log; what is entered is safe, and the next start resumes':
    '请附日志上报；已记入流水的内容不受影响，下次启动时继续',
  'a process that ends within {1} ms': '进程在 {1} 毫秒内结束',
  'an operation that does not come back, most likely of a card or a disk that hangs':
    '有操作一直未返回，很可能是存储卡或磁盘无响应',
  'Take out the camera that hangs, or check the disks; what is entered is safe, and the next start resumes':
    '请取出无响应的设备，或检查磁盘；已记入流水的内容不受影响，下次启动时继续',
  'NOTIFY_SOCKET as a path, as systemd has set it since version 226':
    'NOTIFY_SOCKET 为路径（systemd 自 226 版起如此设置）',
  'the abstract socket {1}': '抽象套接字 {1}',
  'Start the dock by systemd itself, not by a supervisor with an abstract notify socket':
    '请由 systemd 直接启动采集站服务，不要经由使用抽象套接字的进程管理器',
  '{1} to stop within {2} ms': '服务 {1} 在 {2} 毫秒内停止',
  'it is still running and has been left behind': '仍在运行，不再等待',
  'Report this with the log of the last minute; nothing is lost, the next start resumes':
    '请附最后一分钟的日志上报；数据未丢失，下次启动时继续',
  'progress of {1} every {2} ms': '服务 {1} 每 {2} 毫秒有进展',
  'Wait: systemd restarts the dock when this lasts; report it with the log if it comes again':
    '请等待：若持续停滞，systemd 将重启采集站；若再次出现，请附日志上报',
  'not looked yet': '尚未检查',
  'the clock stepped by {1} ms': '时钟跳变 {1} 毫秒',
  'operator: the configuration vouches for the clock': 'operator：配置中声明由人员对时间负责',
  'timesyncd: not synchronised since boot': 'timesyncd：开机后尚未同步',
  'timesyncd: {1}': 'timesyncd：{1:phrase}',
  'timesyncd: synchronised {1} s ago': 'timesyncd：{1} 秒前已同步',
  'chrony: no answer': 'chrony：无应答',
  'chrony: not synchronised': 'chrony：未同步',
  'chrony: synchronised': 'chrony：已同步',
  'chrony: {1}': 'chrony：{1:phrase}',
  'rtc: none': 'rtc：未安装',
  'rtc: never disciplined by this dock': 'rtc：本采集站从未校准过',
  'rtc: behind the time at which it was last disciplined': 'rtc：时间早于最近一次校准的时刻',
  'rtc: disciplined {1} h ago': 'rtc：{1} 小时前校准',
  'synchronised in the future: the clock was set back': '同步时刻晚于当前时间：时钟被调回',
  'not synchronised since the clock was set': '时钟被调整后尚未同步',
} as const satisfies Record<string, string>;
