import type { ErrorText, Text } from './text.js';

export const offloadMessages = {
  'archive.recovered': { en: 'The archive can be used again', 'zh-CN': '档案库已恢复可用' },
  'offload.planned': {
    en: 'Offload begins: {toCopy} to copy ({size}), {alreadySafe} already safe, {refused} without room',
    'zh-CN': '开始采集：待采集 {toCopy} 个（{size}），已在档案库 {alreadySafe} 个，空间不足 {refused} 个',
  },
  'offload.recording-safe': {
    en: 'Recording {path} is in the archive: {archivePath} ({label}, read back {readBack})',
    'zh-CN': '音像记录 {path} 已入档案库：{archivePath}（{label}，回读方式 {readBack}）',
  },
  'offload.kept.zero-length': {
    en: 'Recording {path} is an empty file; it is kept as it is',
    'zh-CN': '音像记录 {path} 为空文件，已按原样保存',
  },
  'offload.kept.truncated': {
    en: 'Recording {path} was not ended properly; it is kept as it is',
    'zh-CN': '音像记录 {path} 未正常结束，已按原样保存',
  },
  'offload.kept.incomplete': {
    en: 'Recording {path} could not be read completely: {missing} are missing; the rest is kept',
    'zh-CN': '音像记录 {path} 部分内容无法读取：缺失 {missing}，其余内容已保存',
  },
  'offload.recording-failed': {
    en: 'Recording {path} could not be offloaded',
    'zh-CN': '音像记录 {path} 采集失败',
  },
  'offload.retried': {
    en: 'Copy of {path} failed and is tried again at once (attempt {attempt})',
    'zh-CN': '音像记录 {path} 复制失败，立即重试（第 {attempt} 次）',
  },
  'offload.ended': {
    en: 'Offload ended: {offloaded} offloaded, {alreadySafe} were safe before, {failed} failed',
    'zh-CN': '采集结束：本次采集 {offloaded} 个，此前已采集 {alreadySafe} 个，失败 {failed} 个',
  },
  'offload.lost-from-archive': {
    en: '{count} recordings have an entry but are missing from the archive; those still on the camera are copied again',
    'zh-CN': '有 {count} 个音像记录在流水中有记载，但档案库中缺失；记录设备上仍有的将重新采集',
  },
  'offload.unentered-file': {
    en: 'The archive has a file without an entry: {archivePath}; it is left as it is',
    'zh-CN': '档案库中有一个文件在流水中无记载：{archivePath}；保持原样，未作处理',
  },
  'offload.unentered-files': {
    en: 'The archive has {count} files without an entry',
    'zh-CN': '档案库中共有 {count} 个文件在流水中无记载',
  },
  'offload.erase-refused': {
    en: 'Recording {path} was not erased from the camera',
    'zh-CN': '音像记录 {path} 未从记录设备中清除',
  },
  'offload.found-gone': {
    en: 'Recording {path} was being erased when the dock stopped or the camera was taken, and is not on the camera any more',
    'zh-CN': '音像记录 {path} 在清除过程中中断（采集站停止或记录设备被取出），现已不在记录设备上',
  },
  'offload.erase-waits': {
    en: '{waiting} recordings stay on the camera until the ledger is checked and found in order',
    'zh-CN': '{waiting} 个音像记录暂留在记录设备上，待流水校验完成且无误后再清除',
  },
  'offload.part-taken-in': {
    en: 'Recording {path} is not on the camera any more as it was: its first {safe} of {of} are kept in the archive as {archivePath}',
    'zh-CN': '音像记录 {path} 已不在记录设备上或已改变：此前采集到的前 {safe}（共 {of}）已存入档案库 {archivePath}',
  },
  'offload.part-held': {
    en: 'What an interrupted copy had got of {path} is whole in the archive: {archivePath}',
    'zh-CN': '{path} 中断采集所得部分已完整存于档案库：{archivePath}',
  },
  'offload.part-unproved': {
    en: 'Recording {path} is not on the camera any more; nothing of what an interrupted copy left ({part}) can be proved, and it is kept as it is',
    'zh-CN': '音像记录 {path} 已不在记录设备上；中断采集留下的部分（{part}）无法验证，按原样保留',
  },
  'offload.announcement-left': {
    en: 'A mark beside part {part} could not be removed; the recording is safe',
    'zh-CN': '未能删除部分文件 {part} 旁的标记；该音像记录已安全保存',
  },
  'offload.unread': { en: 'Cannot be listed ({reason}): {path}', 'zh-CN': '无法列出（{reason}）：{path}' },
} as const satisfies Record<string, Text>;

export const offloadErrors = {
  DOCK_ARCHIVE_FULL: {
    en: 'The archive has no room',
    'zh-CN': '档案库空间不足',
    todo: { 'zh-CN': '请清理档案库磁盘空间或扩容' },
  },
  DOCK_ARCHIVE_GONE: {
    en: 'The archive is not there',
    'zh-CN': '找不到档案库',
    todo: { 'zh-CN': '请检查档案库磁盘是否已连接并挂载' },
  },
  DOCK_ARCHIVE_READ_ONLY: {
    en: 'The archive is read-only',
    'zh-CN': '档案库为只读，无法写入',
    todo: { 'zh-CN': '请检查档案库磁盘：磁盘出错后 Linux 会将其转为只读' },
  },
  DOCK_ARCHIVE_REFUSED: {
    en: 'The archive refuses to be written',
    'zh-CN': '档案库拒绝写入',
    todo: { 'zh-CN': '请为 Custodock 服务用户授予档案库目录的写权限，并使用支持硬链接的文件系统' },
  },
  DOCK_ARCHIVE_WRITE: {
    en: 'The archive disk lost what was written',
    'zh-CN': '档案库磁盘读写出错',
    todo: { 'zh-CN': '请检查档案库磁盘是否有故障（journalctl -k、smartctl）' },
  },
  DOCK_ARCHIVE_STALLED: {
    en: 'The archive disk does not answer',
    'zh-CN': '档案库磁盘无响应',
    todo: { 'zh-CN': '请检查档案库磁盘是否有故障（journalctl -k、smartctl）' },
  },
  DOCK_ARCHIVE_NAME_TAKEN: {
    en: 'A foreign file has the name of a recording',
    'zh-CN': '档案库中已有同名的外来文件',
    todo: { 'zh-CN': '请查明该文件的来源：除 Custodock 外不应有任何程序写入档案库' },
  },
  DOCK_COPY_DIFFERS: {
    en: 'The stored copy is not what the camera gave',
    'zh-CN': '档案库中的副本与记录设备上的内容不一致',
    todo: { 'zh-CN': '请检查采集站的内存和档案库磁盘' },
  },
  DOCK_CAMERA_GONE: {
    en: 'The camera was taken out during offload',
    'zh-CN': '采集过程中记录设备被取出',
    todo: { 'zh-CN': '请重新放入记录设备，将从中断处继续采集' },
  },
  DOCK_CAMERA_STALLED: {
    en: 'The camera gives no more data',
    'zh-CN': '记录设备停止传输数据',
    todo: { 'zh-CN': '请取出记录设备后重新放入' },
  },
  DOCK_CAMERA_UNREADABLE: {
    en: 'The recordings of this camera cannot be read',
    'zh-CN': '无法读取该记录设备上的音像记录',
    todo: { 'zh-CN': '请重新放入；如仍无法读取，请妥善保管存储卡并交专业人员处理' },
  },
  DOCK_RECORDING_CHANGED: {
    en: 'The recording changed while it was copied',
    'zh-CN': '音像记录在采集过程中发生了变化',
    todo: { 'zh-CN': '请停止录制后重新放入记录设备' },
  },
  DOCK_RECORDING_GONE: {
    en: 'The recording is not on the camera any more',
    'zh-CN': '记录设备上已找不到该音像记录',
    todo: { 'zh-CN': '请重新放入记录设备，以便重新读取文件列表' },
  },
  DOCK_RECORDING_UNREADABLE: {
    en: 'The recording cannot be read',
    'zh-CN': '无法读取该音像记录',
    todo: { 'zh-CN': '请重新放入；如仍无法读取，请妥善保管存储卡并交专业人员处理' },
  },
  DOCK_RECORDING_BUSY: {
    en: 'The same recording is being copied already',
    'zh-CN': '同一音像记录正在采集中',
    todo: {
      'zh-CN': '请检查是否有两台记录设备使用了相同的标识，并检查档案库磁盘是否有故障（journalctl -k、smartctl）',
    },
  },
  DOCK_OFFLOAD_THREAD: {
    en: 'A copying thread ended unexpectedly',
    'zh-CN': '采集线程意外退出',
    todo: { 'zh-CN': '系统会自动重试；请将日志提交给技术支持' },
  },
  DOCK_OFFLOAD_MEMORY: {
    en: 'Copies that stand still hold all the memory for copying',
    'zh-CN': '采集所用内存被停滞的任务占满',
    todo: { 'zh-CN': '请取出停滞的记录设备；如无此类设备，请检查档案库磁盘（journalctl -k、smartctl）' },
  },
  DOCK_OFFLOAD_FAILED: {
    en: 'The copy failed in an unforeseen way',
    'zh-CN': '采集时发生意外错误',
    todo: { 'zh-CN': '音像记录仍在记录设备上；请将日志提交给技术支持' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
