import type { Text } from './text.js';

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
  },
  DOCK_LEDGER_CORRUPT: {
    en: 'The ledger file is damaged or is not a ledger',
    'zh-CN': '流水文件已损坏，或不是流水文件',
  },
  DOCK_LEDGER_NEWER: {
    en: 'The ledger was written by a newer version of the software',
    'zh-CN': '流水由更新版本的软件写入',
  },
  DOCK_LEDGER_OTHER_DOCK: {
    en: 'The ledger belongs to another dock',
    'zh-CN': '流水属于另一台采集站',
  },
  DOCK_LEDGER_UNREACHABLE: {
    en: 'The ledger cannot be opened or written',
    'zh-CN': '流水无法打开或写入',
  },
  DOCK_LEDGER_FULL: {
    en: 'The disk that holds the ledger is full',
    'zh-CN': '流水所在磁盘已满',
  },
  DOCK_LEDGER_FAILED: {
    en: 'The disk failed while the ledger was written',
    'zh-CN': '写入流水时磁盘出错',
  },
  DOCK_LEDGER_STALLED: {
    en: 'The disk that holds the ledger does not answer',
    'zh-CN': '流水所在磁盘无响应',
  },
  DOCK_LEDGER_UNANSWERED: {
    en: 'The ledger could not be read in time',
    'zh-CN': '流水未能及时读出',
  },
  DOCK_LEDGER_OVERLOADED: {
    en: 'More is to be entered than the disk can take',
    'zh-CN': '待写入的流水过多，磁盘写入跟不上',
  },
  DOCK_LEDGER_CHECK_FAILED: {
    en: 'The check of the ledger came to no finding',
    'zh-CN': '流水校验未能得出结果',
  },
  DOCK_LEDGER_CLOSED: {
    en: 'The ledger was closed',
    'zh-CN': '流水已关闭',
  },
  DOCK_LEDGER_REFUSED: {
    en: 'The ledger refused a change that would break it',
    'zh-CN': '流水拒绝了会破坏其完整性的改动',
  },
  DOCK_LEDGER_ENTRY_INVALID: {
    en: 'What was to be entered is not a proper entry',
    'zh-CN': '待写入的内容不符合流水格式',
  },
  DOCK_LEDGER_QUERY_INVALID: {
    en: 'The ledger was asked for something that it cannot have',
    'zh-CN': '对流水的查询超出允许范围',
  },
  DOCK_LEDGER_BROKEN: {
    en: 'The ledger is not what was written: entries were changed after they were made',
    'zh-CN': '流水与写入时不一致：有条目在写入后被改动',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const custodyPhrases = {
  'a finite number': '有限数值',
  'an integer below 2^53, or a string': '小于 2^53 的整数，或文本',
  'at most {1} levels': '至多 {1} 层',
  'a deeper document': '层数更多的文档',
  'a JSON value': 'JSON 取值',
  'a value of type {1}': '类型为 {1} 的取值',
  'well-formed Unicode': '有效的 Unicode 文本',
  'a plain object': '普通对象',
  'an instance': '类的实例',
  'Report this as a defect: what is entered must have one exact form':
    '这是软件缺陷，请反馈：写入流水的内容必须有唯一确定的格式',
  'leaf hash {1}': '校验值 {1}',
  'a JSON document': 'JSON 文档',
  'an entry that says {1}': '自身编号为 {1} 的条目',
  'one that says {1}': '自身编号为 {1}',
  'an entry that follows {1}': '紧接 {1} 的条目',
  'canonical JSON (RFC 8785)': '规范格式的 JSON（RFC 8785）',
  'another form of the same document': '同一文档的其他写法',
  'the envelope of an entry': '流水条目应有的外层字段',
  'dock {1}, epoch {2}': '采集站 {1} 第 {2} 期',
  'a body of {1}': '{1} 应有的内容',
  'it ended without an answer': '线程结束而未给出结果',
  'a check that ends with a finding': '校验得出结果',
  'Check the ledger by command: custodock ledger check': '请用命令重新校验：custodock ledger check',
  'no head': '没有末条记载',
  'entries up to {1}, where the head is': '至末条记载的第 {1} 条为止',
  'entries up to {1}': '至第 {1} 条为止',
  'entries up to {1}, as a register says': '至台账记载的第 {1} 条为止',
  another: '内容不同',
  'nothing beside the ledger': '流水之外没有其他内容',
  'leaf hash {1}, as the head says': '校验值 {1}（末条记载）',
  'a sound SQLite file': '完好的 SQLite 文件',
  'the tables and indexes of this version': '本版本的数据表和索引',
  'others: the next start of the dock builds them again': '与本版本不同：采集站下次启动时重新生成',
  '{1} as the entries say': '{1} 与流水一致',
  '{1} is missing': '缺少 {1}',
  '{1} does not follow from the entries': '{1} 无流水依据',
  'room for the ledger on its disk': '流水所在磁盘有可用空间',
  'Free some space on the disk that holds the ledger': '请释放流水所在磁盘的空间',
  'a ledger that no other program uses': '流水未被其他程序占用',
  'Stop the other program that holds the ledger open': '请停止占用流水的程序',
  'a ledger that can be opened and written': '流水可打开、可写入',
  'Check that the folder of the ledger exists, is mounted read-write and belongs to the user of the daemon':
    '请检查流水所在目录是否存在、是否以读写方式挂载、是否归服务用户所有',
  'an entry that fits the ledger': '与流水相符的条目',
  'Report this as a defect: the ledger refused a change that would break it':
    '这是软件缺陷，请反馈：流水拒绝了会破坏其完整性的改动',
  'a disk that keeps what is written': '磁盘可靠保存写入的内容',
  'Check the disk that holds the ledger, then restart the service': '请检查流水所在磁盘，然后重新启动服务',
  'a sound ledger': '完好的流水',
  '{1} (file {2})': '{1:any}（文件 {2}）',
  'Keep the file as evidence, do not repair it; restore the disk or move the ledger away and tell the custodian':
    '请原样保留该文件作为证据，不要修复；恢复磁盘或将流水移走，并报告管理人员',
  'at most {1} facts and {2} bytes waiting': '等待写入的至多 {1} 项、{2} 字节',
  '{1} facts and {2} bytes': '{1} 项、{2} 字节',
  'Check the disk that holds the ledger: it does not keep up': '请检查流水所在磁盘：写入速度跟不上',
  'a commit within {1} ms': '{1} 毫秒内完成写入',
  'no answer from the disk': '磁盘无响应',
  'a transaction that succeeds or fails as a whole': '事务整体成功或整体失败',
  'a ledger that no other daemon uses': '流水未被其他采集站进程占用',
  'another process holds {1}': '{1} 被其他进程占用',
  'Stop the other daemon, or give this one a state folder of its own':
    '请停止另一采集站进程，或为本采集站指定单独的状态目录',
  '{1} ({2}, file {3})': '{1:any}（{2}，文件 {3}）',
  'a write-ahead file, but no ledger': '有预写日志文件，但没有流水文件',
  'the ledger of dock {1}': '采集站 {1} 的流水',
  'that of dock {1} ({2})': '采集站 {1} 的流水（{2}）',
  'Set the name of the dock in the configuration as it was, or give this dock a ledger of its own':
    '请在配置中恢复原采集站名称，或为本采集站使用单独的流水',
  'a folder {1} that can be written': '可写的目录 {1}',
  'to look at {1}': '可访问 {1}',
  'Check the disk that holds the ledger': '请检查流水所在磁盘',
  'entry {1} of kind camera.clock-set or camera.clock-set-blindly':
    '第 {1} 条类别为 camera.clock-set 或 camera.clock-set-blindly',
  'entry {1} of kind recording.offloaded': '第 {1} 条类别为 recording.offloaded',
  'an answer of the ledger within {1} ms': '{1} 毫秒内读出流水',
  'none from the disk': '磁盘无响应',
  '{1} between {2} and {3}': '{1} 介于 {2} 与 {3} 之间',
  'Ask for at most {1} at a time': '请将每次查询限制在 {1} 条以内',
  'a database of another program, or an empty one': '其他程序的数据库，或空数据库',
  'a ledger of layout {1} or older': '结构版本不高于 {1} 的流水',
  'layout {1} ({2})': '结构版本 {1}（{2}）',
  'Install the version of the software that wrote this ledger, or a newer one':
    '请安装写入该流水的软件版本或更新的版本',
  'layout {1}, which there has never been': '从未有过的结构版本 {1}',
  'a position between 0 and {1}': '0 至 {1} 之间的位置',
  '{1} as the position of {2}': '{2} 的位置为 {1}',
  'Compare the ledger with the centre: one of them knows entries that the other does not':
    '请将本站流水与中心平台比对：其中一方有另一方没有的条目',
  'an open ledger': '流水处于打开状态',
  'a ledger that was closed': '流水已关闭',
  'Report this as a defect: something was entered after the stop': '这是软件缺陷，请反馈：停止后仍有内容要写入流水',
  'a known kind of entry': '已知的流水类别',
  'a time of entry': '记入时间',
  'only the fields of {1}': '仅含 {1} 的字段',
  'others as well': '还有其他字段',
  'entry {1} with leaf hash {2}': '第 {1} 条的校验值为 {2}',
  'entry {1} as JSON': '第 {1} 条为 JSON',
  'Keep the ledger as it is, run `custodock ledger check` and tell the custodian: entries were changed after they were made':
    '请原样保留流水，运行 custodock ledger check，并报告管理人员：有条目在写入后被改动',
} as const satisfies Record<string, string>;
