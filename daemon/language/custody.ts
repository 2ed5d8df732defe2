import type { ErrorText, Text } from './text.js';

export const custodyMessages = {
  'ledger.opened': {
    en: 'Ledger opened at entry {seq}, epoch {epoch}',
    'zh-CN': '流水已打开，当前第 {seq} 条，第 {epoch} 期',
  },
  'ledger.created': { en: 'New ledger created', 'zh-CN': '已建立新的流水' },
  'ledger.registers-rebuilt': {
    en: 'Registers were of another version and were built again from {entries} entries',
    'zh-CN': '台账由其他版本建立，已根据 {entries} 条流水重新生成',
  },
  'ledger.checked': {
    en: 'Ledger check finished: {entries} entries, no trouble found ({entriesPerSecond} entries/s)',
    'zh-CN': '流水校验完成：共 {entries} 条，未发现异常（每秒 {entriesPerSecond} 条）',
  },
  'ledger.broken': {
    en: 'Ledger check failed: {problem}',
    'zh-CN': '流水校验未通过：{problem}',
  },
  'ledger.problem.edited': {
    en: 'entry {seq} was changed after it was made',
    'zh-CN': '第 {seq} 条在写入后被改动',
  },
  'ledger.problem.deleted': { en: 'entry {seq} is missing', 'zh-CN': '第 {seq} 条缺失' },
  'ledger.problem.reordered': {
    en: 'entry {seq} is not at its own place',
    'zh-CN': '第 {seq} 条的位置与其自身编号不符',
  },
  'ledger.problem.truncated': {
    en: 'the end of the ledger is missing, from entry {seq} on',
    'zh-CN': '流水末尾缺失，自第 {seq} 条起',
  },
  'ledger.problem.added': {
    en: 'entries were added from outside, from entry {seq} on',
    'zh-CN': '有从外部添加的条目，自第 {seq} 条起',
  },
  'ledger.problem.foreign': {
    en: 'entry {seq} is of another dock or epoch',
    'zh-CN': '第 {seq} 条属于其他采集站或其他期',
  },
  'ledger.problem.not-canonical': {
    en: 'entry {seq} is not in its one exact form',
    'zh-CN': '第 {seq} 条不是规范格式',
  },
  'ledger.problem.not-an-entry': {
    en: 'entry {seq} is not one that the software would have made',
    'zh-CN': '第 {seq} 条不是本软件可能写入的内容',
  },
  'ledger.problem.register': {
    en: 'a register differs from the entries; the entries themselves are sound',
    'zh-CN': '台账与流水不一致；流水本身完好',
  },
  'ledger.problem.unprotected': {
    en: 'the protection of the entries against changes was removed or altered',
    'zh-CN': '流水的防改动保护被移除或更改',
  },
  'ledger.problem.file': { en: 'the file itself is damaged', 'zh-CN': '流水文件本身已损坏' },
} as const satisfies Record<string, Text>;

export const custodyErrors = {
  DOCK_LEDGER_LOCKED: {
    en: 'The ledger is in use by another program',
    'zh-CN': '流水正被其他程序占用',
    todo: { 'zh-CN': '请停止占用流水的程序，或为本采集站指定单独的状态目录' },
  },
  DOCK_LEDGER_CORRUPT: {
    en: 'The ledger file is damaged or is not a ledger',
    'zh-CN': '流水文件已损坏，或不是流水文件',
    todo: { 'zh-CN': '请原样保留该文件作为证据，不要修复；检查磁盘或将其移走，并报告管理人员' },
  },
  DOCK_LEDGER_NEWER: {
    en: 'The ledger was written by a newer version of the software',
    'zh-CN': '流水由更新版本的软件写入',
    todo: { 'zh-CN': '请安装写入该流水的软件版本或更新的版本' },
  },
  DOCK_LEDGER_OTHER_DOCK: {
    en: 'The ledger belongs to another dock',
    'zh-CN': '流水属于另一台采集站',
    todo: { 'zh-CN': '请在配置中恢复原采集站名称，或为本采集站使用单独的流水' },
  },
  DOCK_LEDGER_UNREACHABLE: {
    en: 'The ledger cannot be opened or written',
    'zh-CN': '流水无法打开或写入',
    todo: { 'zh-CN': '请检查流水所在目录是否存在、是否以读写方式挂载、是否归服务用户所有' },
  },
  DOCK_LEDGER_FULL: {
    en: 'The disk that holds the ledger is full',
    'zh-CN': '流水所在磁盘已满',
    todo: { 'zh-CN': '请释放流水所在磁盘的空间' },
  },
  DOCK_LEDGER_FAILED: {
    en: 'The disk failed while the ledger was written',
    'zh-CN': '写入流水时磁盘出错',
    todo: { 'zh-CN': '请检查流水所在磁盘，然后重新启动服务' },
  },
  DOCK_LEDGER_STALLED: {
    en: 'The disk that holds the ledger does not answer',
    'zh-CN': '流水所在磁盘无响应',
    todo: { 'zh-CN': '请检查流水所在磁盘，然后重新启动服务' },
  },
  DOCK_LEDGER_UNANSWERED: {
    en: 'The ledger could not be read in time',
    'zh-CN': '流水未能及时读出',
    todo: { 'zh-CN': '请检查流水所在磁盘' },
  },
  DOCK_LEDGER_OVERLOADED: {
    en: 'More is to be entered than the disk can take',
    'zh-CN': '待写入的流水过多，磁盘写入跟不上',
    todo: { 'zh-CN': '请检查流水所在磁盘的写入速度' },
  },
  DOCK_LEDGER_CHECK_FAILED: {
    en: 'The check of the ledger came to no finding',
    'zh-CN': '流水校验未能得出结果',
    todo: { 'zh-CN': '请用命令重新校验：custodock ledger check' },
  },
  DOCK_LEDGER_CLOSED: {
    en: 'The ledger was closed',
    'zh-CN': '流水已关闭',
    todo: { 'zh-CN': '这是软件缺陷，请反馈：停止后仍有内容要写入流水' },
  },
  DOCK_LEDGER_REFUSED: {
    en: 'The ledger refused a change that would break it',
    'zh-CN': '流水拒绝了会破坏其完整性的改动',
    todo: { 'zh-CN': '这是软件缺陷，请反馈' },
  },
  DOCK_LEDGER_ENTRY_INVALID: {
    en: 'What was to be entered is not a proper entry',
    'zh-CN': '待写入的内容不符合流水格式',
    todo: { 'zh-CN': '这是软件缺陷，请反馈' },
  },
  DOCK_LEDGER_QUERY_INVALID: {
    en: 'The ledger was asked for something that it cannot have',
    'zh-CN': '对流水的查询超出允许范围',
    todo: { 'zh-CN': '请缩小查询范围；若涉及中心平台的位置，请核对双方流水' },
  },
  DOCK_LEDGER_BROKEN: {
    en: 'The ledger is not what was written: entries were changed after they were made',
    'zh-CN': '流水与写入时不一致：有条目在写入后被改动',
    todo: { 'zh-CN': '请原样保留流水，运行 custodock ledger check，并报告管理人员' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
