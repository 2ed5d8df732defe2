/** The `custodock` command and the console socket. Doctor and usage texts have files of their own beside this one. */
import { baysTexts } from './bays.js';
import { doctorTexts } from './doctor.js';
import { statusTexts } from './status.js';
import type { Text } from './text.js';
import { usageTexts } from './usage.js';

export const consoleMessages = {
  ...baysTexts,
  ...statusTexts,
  ...doctorTexts,
  ...usageTexts,
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

  'console.identify.on': { en: 'Bay {bay} flashes white.', 'zh-CN': '充电位 {bay} 正在闪白光。' },
  'console.identify.off': { en: 'Bay {bay} shows its own light again.', 'zh-CN': '充电位 {bay} 已恢复原来的灯。' },

  'console.column.seq': { en: 'SEQ', 'zh-CN': '序号' },
  'console.column.recorded': { en: 'RECORDED', 'zh-CN': '录制时间' },
  'console.column.entered': { en: 'ENTERED', 'zh-CN': '记入时间' },
  'console.column.kind': { en: 'KIND', 'zh-CN': '类别' },
  'console.column.camera': { en: 'CAMERA', 'zh-CN': '设备' },
  'console.column.bay': { en: 'BAY', 'zh-CN': '充电位' },
  'console.column.size': { en: 'SIZE', 'zh-CN': '大小' },
  'console.column.marks': { en: 'MARKS', 'zh-CN': '标记' },
  'console.column.archive-path': { en: 'IN THE ARCHIVE', 'zh-CN': '档案库位置' },
  'console.column.detail': { en: 'DETAIL', 'zh-CN': '内容' },
  'console.table.hidden': {
    en: 'No room here for: {columns}',
    'zh-CN': '因宽度不足未显示：{columns}',
  },
  'console.column.leaf': { en: 'LEAF', 'zh-CN': '校验值' },
  'console.column.brought-by': { en: 'BROUGHT BY', 'zh-CN': '使用人员' },
  'console.column.out-since': { en: 'OUT SINCE', 'zh-CN': '领用时间' },
  'console.column.arrived': { en: 'BACK', 'zh-CN': '交回时间' },
  'console.column.recordings': { en: 'REC', 'zh-CN': '记录数' },
  'console.column.verdict': { en: 'VERDICT', 'zh-CN': '结论' },
  'console.column.left': { en: 'TAKEN', 'zh-CN': '取出时间' },
  'console.column.taken-by': { en: 'TAKEN BY', 'zh-CN': '取出人员' },

  'console.mark.important': { en: 'important', 'zh-CN': '重要' },
  'console.mark.zero-length': { en: 'empty file', 'zh-CN': '空文件' },
  'console.mark.truncated': { en: 'truncated', 'zh-CN': '未正常结束' },
  'console.mark.incomplete': { en: 'incomplete', 'zh-CN': '不完整' },
  'console.mark.cached': { en: 'read back from cache', 'zh-CN': '仅缓存回读' },
  'console.mark.erased': { en: 'erased on camera', 'zh-CN': '设备上已清除' },

  'console.verdict.ready': { en: 'ready', 'zh-CN': '可领用' },
  'console.verdict.not-ready': { en: 'not ready', 'zh-CN': '不可领用' },
  'console.verdict.none': { en: 'none', 'zh-CN': '未判定' },
  'console.verdict.refused': { en: 'refused', 'zh-CN': '拒绝接收' },

  'console.previous-stop.first-start': { en: 'first start', 'zh-CN': '首次启动' },
  'console.previous-stop.clean': { en: 'after a clean stop', 'zh-CN': '上次正常停止' },
  'console.previous-stop.unclean': { en: 'after an unclean stop', 'zh-CN': '上次非正常停止' },
  'console.clock-left.within-tolerance': { en: 'close enough', 'zh-CN': '偏差在允许范围内' },
  'console.clock-left.dock-clock-not-trusted': { en: 'dock clock not trusted', 'zh-CN': '采集站时间不可信' },
  'console.clock-left.camera-has-no-clock': { en: 'camera tells no clock', 'zh-CN': '设备不提供时钟' },
  'console.clock-left.failed': { en: 'failed', 'zh-CN': '校时失败' },
  'console.erased.found-gone': { en: 'found gone', 'zh-CN': '已不在设备上' },

  'console.recordings.none': { en: 'No recordings.', 'zh-CN': '没有音像记录。' },
  'console.recordings.more': { en: 'Earlier ones: --before {seq}', 'zh-CN': '更早的记录：--before {seq}' },
  'console.ledger.none': { en: 'No entries.', 'zh-CN': '没有流水。' },
  'console.ledger.untrusted': {
    en: "~ the dock's clock was not trusted then",
    'zh-CN': '~ 当时采集站时间不可信',
  },
  'console.custody.none': { en: 'No dockings yet.', 'zh-CN': '尚无交接记录。' },

  'console.check.by-dock': { en: 'Checked by the running dock.', 'zh-CN': '由正在运行的采集站校验。' },
  'console.check.by-command': {
    en: 'The dock is not running; the file was checked as it lies.',
    'zh-CN': '采集站未运行，直接校验流水文件。',
  },
  'console.check.what': {
    en: 'Ledger of {dock}, epoch {epoch}: {entries} entries in {took} ({rate} entries/s)',
    'zh-CN': '采集站 {dock} 第 {epoch} 期流水：{entries} 条，用时 {took}（每秒 {rate} 条）',
  },
  'console.check.clean': { en: 'Clean. Head', 'zh-CN': '校验无异常。末条' },
  'console.check.broken': { en: 'BROKEN: {problem}', 'zh-CN': '校验未通过：{problem}' },
  'console.check.evidence': {
    en: 'expected {expected}; found {found}',
    'zh-CN': '应为：{expected:phrase}；实为：{found:phrase}',
  },
  'console.check.todo': {
    en: 'Keep the disk as it is, tell the custodian, and compare with what the centre has',
    'zh-CN': '请保持磁盘原状，报告管理人员，并与中心平台留存的流水比对',
  },

  'console.config.fine': { en: '{file}: nothing wrong', 'zh-CN': '{file}：配置无误' },
  'console.config.summary': {
    en: 'dock {dock} of {bureau}: {cradles} cradles on {lines} lines, {bays} bays, {cameras} cameras; centre {centre}; erase: {erase}',
    'zh-CN':
      '采集站 {dock}（{bureau}）：底座 {cradles} 个（线路 {lines} 条），充电位 {bays} 个，记录设备 {cameras} 台；中心平台 {centre}；清除策略 {erase}',
  },
  'console.config.old': {
    en: 'Version {from} is used as version {to}; custodock config migrate rewrites it, with a backup:',
    'zh-CN': '版本 {from} 按版本 {to} 使用；可用 custodock config migrate 改写并保留备份：',
  },
  'console.config.current': { en: '{file} has the current version.', 'zh-CN': '{file} 已是当前版本。' },
  'console.config.wrong': { en: '{file}: {problems} problems', 'zh-CN': '{file}：{problems} 处问题' },
} as const satisfies Record<string, Text>;

export const consoleErrors = {
  DOCK_ALREADY_RUNNING: {
    en: 'The dock is already running',
    'zh-CN': '采集站已在运行',
  },
  DOCK_NOT_RUNNING: {
    en: 'The dock is not running',
    'zh-CN': '采集站未运行',
  },
  DOCK_CONSOLE_FORBIDDEN: {
    en: 'This user may not talk to the dock',
    'zh-CN': '当前用户无权访问采集站',
  },
  DOCK_CONSOLE_SOCKET: {
    en: 'The console socket cannot be made',
    'zh-CN': '无法建立控制台套接字',
  },
  DOCK_CONSOLE_SILENT: {
    en: 'The dock runs but does not answer',
    'zh-CN': '采集站在运行但没有应答',
  },
  DOCK_CONSOLE_BUSY: {
    en: 'Too many are talking to the dock at once',
    'zh-CN': '同时访问采集站的客户端过多',
  },
  DOCK_CONSOLE_LATE: {
    en: 'The dock did not finish the answer in time',
    'zh-CN': '采集站未能在期限内完成应答',
  },
  DOCK_CONSOLE_REQUEST: {
    en: 'The dock was asked for something that it does not know',
    'zh-CN': '向采集站提出的请求无法识别',
  },
  DOCK_CONSOLE_REPLY: {
    en: 'The answer of the dock cannot be read',
    'zh-CN': '无法读取采集站的应答',
  },
  DOCK_CONSOLE_NO_BAY: {
    en: 'There is no such bay',
    'zh-CN': '没有这个充电位',
  },
  DOCK_CONSOLE_FAILED: {
    en: 'The dock failed to answer',
    'zh-CN': '采集站应答失败',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const consolePhrases = {
  'a state of a sensible length': '长度合理的状态',
  'it ended while it was watched': '查看期间连接结束',
  'an answer of the dock': '采集站的应答',
  'status {1}': 'HTTP 状态 {1}',
  'no socket at {1}': '{1} 处没有套接字',
  'nobody answers at {1}': '{1} 处无人应答',
  'permission to open {1}': '有权打开 {1}',
  'Add this user to the group custodock and log in again, or use sudo':
    '请将当前用户加入 custodock 用户组后重新登录，或使用 sudo',
  'the connection was closed at once: too many at a time, or the dock is stopping':
    '连接立即被关闭：同时访问过多，或采集站正在停止',
  'Close another custodock status --watch and try again': '请关闭其他 custodock status --watch 后重试',
  'an answer at {1}': '{1} 处应答',
  'Use the same version of command and daemon': '请使用相同版本的 custodock 命令与采集站',
  'a running dock': '采集站正在运行',
  'Start it: systemctl start custodock; if it does not start, run custodock doctor':
    '请启动采集站：systemctl start custodock；若无法启动，请运行 custodock doctor',
  'an answer of a sensible length': '长度合理的应答',
  'Wait and try again; if it stays silent, look at the log: journalctl -u custodock':
    '请稍候重试；若持续无应答，请查看日志：journalctl -u custodock',
  'an unreadable list': '无法识别的列表',
  'a bay of this dock: {1}': '本采集站的充电位：{1}',
  'Look up the names of the bays with custodock status': '请用 custodock status 查看充电位名称',
  'a path that the console has': '控制台支持的路径',
  '{1} for this path': '该路径应使用 {1}',
  'each parameter once': '每个参数只出现一次',
  'a path in percent-encoded UTF-8': '按百分号编码的 UTF-8 路径',
  'a JSON body': 'JSON 格式的正文',
  'Check the arguments; use the same version of command and daemon':
    '请核对参数；若命令与采集站版本不同，请使用相同版本',
  'a path of at most {1} bytes': '长度不超过 {1} 字节的路径',
  '{1} bytes: {2}': '{1} 字节：{2}',
  'to listen there': '可在该处监听',
  'a socket, or nothing': '套接字，或不存在',
  'another kind of file: {1}': '其他类型的文件：{1}',
  'to remove a stale socket': '可清除遗留的套接字',
  'a body of at most {1} bytes': '长度不超过 {1} 字节的正文',
  'a longer one': '超过此长度',
  'no other daemon with this run directory': '没有其他采集站进程使用此运行目录',
  'one that answers at {1}': '{1} 处已有进程应答',
  'Look at it with custodock status, or stop it first: systemctl stop custodock':
    '请用 custodock status 查看正在运行的采集站，或先停止它：systemctl stop custodock',
  'Check that dock.runDir of the configuration exists, can be written and is short':
    '请检查配置中的 dock.runDir 是否存在、可写且路径较短',
  'Ask for less at once; if it happens again, check the disk': '请缩小查询范围后重试；若再次出现，请检查磁盘',
  'at most {1} streams of the status at once': '同时查看状态的客户端至多 {1} 个',
  'Report this with the log: journalctl -u custodock': '请附日志上报：journalctl -u custodock',
} as const satisfies Record<string, string>;
