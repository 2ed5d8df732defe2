import type { Text } from './text.js';

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
  'offload.part-failed': {
    en: 'What an interrupted copy left ({part}) of a recording that is not on the camera any more could not be taken in; it is kept as it is',
    'zh-CN': '中断采集留下的部分（{part}）所属的音像记录已不在记录设备上，未能收入存档；按原样保留',
  },
  'offload.announcement-left': {
    en: 'A mark beside part {part} could not be removed; the recording is safe',
    'zh-CN': '未能删除部分文件 {part} 旁的标记；该音像记录已安全保存',
  },
  'offload.unread': { en: 'Cannot be listed ({reason}): {path}', 'zh-CN': '无法列出（{reason:phrase}）：{path}' },
} as const satisfies Record<string, Text>;

export const offloadErrors = {
  DOCK_ARCHIVE_FULL: {
    en: 'The archive has no room',
    'zh-CN': '档案库空间不足',
  },
  DOCK_ARCHIVE_GONE: {
    en: 'The archive is not there',
    'zh-CN': '找不到档案库',
  },
  DOCK_ARCHIVE_READ_ONLY: {
    en: 'The archive is read-only',
    'zh-CN': '档案库为只读，无法写入',
  },
  DOCK_ARCHIVE_REFUSED: {
    en: 'The archive refuses to be written',
    'zh-CN': '档案库拒绝写入',
  },
  DOCK_ARCHIVE_WRITE: {
    en: 'The archive disk lost what was written',
    'zh-CN': '档案库磁盘读写出错',
  },
  DOCK_ARCHIVE_STALLED: {
    en: 'The archive disk does not answer',
    'zh-CN': '档案库磁盘无响应',
  },
  DOCK_ARCHIVE_NAME_TAKEN: {
    en: 'A foreign file has the name of a recording',
    'zh-CN': '档案库中已有同名的外来文件',
  },
  DOCK_COPY_DIFFERS: {
    en: 'The stored copy is not what the camera gave',
    'zh-CN': '档案库中的副本与记录设备上的内容不一致',
  },
  DOCK_CAMERA_GONE: {
    en: 'The camera was taken out during offload',
    'zh-CN': '采集过程中记录设备被取出',
  },
  DOCK_CAMERA_STALLED: {
    en: 'The camera gives no more data',
    'zh-CN': '记录设备停止传输数据',
  },
  DOCK_CAMERA_UNREADABLE: {
    en: 'The recordings of this camera cannot be read',
    'zh-CN': '无法读取该记录设备上的音像记录',
  },
  DOCK_RECORDING_CHANGED: {
    en: 'The recording changed while it was copied',
    'zh-CN': '音像记录在采集过程中发生了变化',
  },
  DOCK_RECORDING_GONE: {
    en: 'The recording is not on the camera any more',
    'zh-CN': '记录设备上已找不到该音像记录',
  },
  DOCK_RECORDING_UNREADABLE: {
    en: 'The recording cannot be read',
    'zh-CN': '无法读取该音像记录',
  },
  DOCK_RECORDING_BUSY: {
    en: 'The same recording is being copied already',
    'zh-CN': '同一音像记录正在采集中',
  },
  DOCK_OFFLOAD_THREAD: {
    en: 'A copying thread ended unexpectedly',
    'zh-CN': '采集线程意外退出',
  },
  DOCK_OFFLOAD_MEMORY: {
    en: 'Copies that stand still hold all the memory for copying',
    'zh-CN': '采集所用内存被停滞的任务占满',
  },
  DOCK_OFFLOAD_FAILED: {
    en: 'The copy failed in an unforeseen way',
    'zh-CN': '采集时发生意外错误',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const offloadPhrases = {
  'an answer of the archive disk within {1} s': '档案库磁盘在 {1} 秒内响应',
  'Check the archive disk for errors (journalctl -k, smartctl)':
    '请检查档案库磁盘是否有故障（journalctl -k、smartctl）',
  'the archive at {1}, marked by {2}': '{1} 处的档案库（以 {2} 为标记）',
  'nothing with that mark': '没有带此标记的目录',
  'Check that the archive disk is connected and mounted': '请检查档案库磁盘是否已连接并挂载',
  'more than the {1} that stay free': '剩余空间多于预留的 {1}',
  '{1} free': '剩余 {1}',
  'Make room on the archive disk, or enlarge it': '请清理档案库磁盘空间或扩容',
  'a file system with hard links, such as ext4, XFS or Btrfs': '支持硬链接的文件系统，如 ext4、XFS 或 Btrfs',
  'Put the archive on such a file system': '请将档案库放在此类文件系统上',
  'room in the archive': '档案库有可用空间',
  'Make room on the archive disk': '请清理档案库磁盘空间',
  'Check the archive disk: Linux turns it read-only after an error':
    '请检查档案库磁盘：磁盘出错后 Linux 会将其转为只读',
  'a writable archive': '可写的档案库',
  'the archive where it was': '档案库仍在原处',
  'Give the service user of Custodock the archive folder, on a file system that knows hard links':
    '请为 Custodock 服务用户授予档案库目录的写权限，并使用支持硬链接的文件系统',
  'an archive that this service may write': '本服务有权写入的档案库',
  'the archive to keep what was written': '档案库可靠保存写入的内容',
  'a free name in the archive': '档案库中未被占用的文件名',
  'entries or other files under all names for {1} in {2}': '{2} 中 {1} 的全部候选文件名均已被占用',
  'Look where these files come from: nothing but Custodock writes to the archive':
    '请查明这些文件的来源：除 Custodock 外不应有任何程序写入档案库',
  'memory for one more copy within {1} s': '{1} 秒内有内存可供再采集一个音像记录',
  'all of it held by copies whose camera or disk does not answer': '内存全部被设备或磁盘无响应的采集占用',
  'Take out the cameras that stand still; if there are none, check the archive disk (journalctl -k, smartctl)':
    '请取出停滞的设备；如无此类设备，请检查档案库磁盘（journalctl -k、smartctl）',
  'SHA-256 {1} of the first {2} bytes, as they came from the camera': '前 {2} 字节读自记录设备时的 SHA-256 为 {1}',
  'something else, read back from the archive': '从档案库读回的内容与之不同',
  'SHA-256 {1} as it came from the camera': '从设备读出时的 SHA-256 {1}',
  '{1}, read back from the archive ({2})': '从档案库回读为 {1:any}（{2}）',
  'another length': '长度不同',
  'Check memory and archive disk of the dock': '请检查采集站的内存和档案库磁盘',
  'the recording that was listed': '文件列表中的音像记录',
  'Put the camera in again so that its card is listed anew': '请重新放入设备，以便重新读取文件列表',
  'the camera to stay until everything is copied': '采集完成之前设备不取出',
  'Put the camera in again: copying goes on where it stopped': '请重新放入设备，将从中断处继续采集',
  'a readable recording': '可读取的音像记录',
  'Put the camera in again; if it stays so, keep the card and have it read by a specialist':
    '请重新放入设备；若仍如此，请保留存储卡并交专业人员读取',
  'recordings that can be read': '可读取的音像记录',
  '{1} in a row that cannot; last: {2}': '连续 {1} 个无法读取，最后一个：{2:any}',
  'Stop recording on the camera and put it in again': '请停止录制后重新放入设备',
  'one copy of a recording at a time': '同一音像记录同时只采集一份',
  'the same recording of the same camera is being copied in another bay, or the archive disk still holds an earlier copy':
    '同一设备的同一音像记录正在其他充电位采集，或档案库磁盘尚未放开上一次采集',
  'Check that no two cameras have the same identity, and the archive disk for errors (journalctl -k, smartctl)':
    '请检查是否有两台设备使用了相同的标识，并检查档案库磁盘是否有故障（journalctl -k、smartctl）',
  'the end of the file after {1}': '文件在 {1} 字节处结束',
  'a file of {1} bytes, written {2}': '{1} 字节的文件，写入时间 {2}',
  '{1} bytes, written {2}': '{1} 字节，写入时间 {2}',
  'something that is not a file': '不是文件',
  '{1} bytes, unchanged while they are read': '{1} 字节，读取期间保持不变',
  '{1} bytes, written again meanwhile': '{1} 字节，期间又被写入',
  'a byte within {1} s': '{1} 秒内有数据',
  'none from the archive disk': '档案库磁盘无响应',
  'none from the camera': '设备没有数据',
  'Take the camera out and put it in again': '请取出设备重新放入',
  'room for {1} beside the {2} that stay free': '除预留的 {2} 外还可容纳 {1}',
  'room for {1}': '可容纳 {1}',
  'a copy, or an error that says why not': '采集成功，或说明原因的错误',
  'Report this with the log; the recording stays on the camera': '请附日志上报；音像记录仍在设备上',
  '{1} bytes on the archive disk': '档案库磁盘上有 {1} 字节',
  'other files under {1} and its alternative': '{1} 及其备选文件名均已被占用',
  'no readable place left: the camera was taken out, or its medium is dead':
    '没有任何可读的区段：设备已取出，或存储介质已损坏',
  'more than {1} unreadable ranges': '无法读取的区段超过 {1} 处',
  unreadable: '无法读取',
  'too-deep': '目录层次过深',
  'too-many': '文件过多',
  'it ended with code {1}': '线程退出，代码 {1}',
  'it ended with code {1}: {2}': '线程退出，代码 {1}：{2}',
  'a copying thread that stays': '采集线程持续运行',
  'Report this with the log; the copy is tried again': '请附日志上报；系统会自动重试',
  'at most {1} bytes from the session': '会话至多提供 {1} 字节',
  'Report this as a defect of Custodock; the recording stays on the camera':
    '请作为 Custodock 的缺陷上报；音像记录保留在设备上',
  'at most {1} reads of one copy at once': '同一采集任务至多同时读取 {1} 处',
  'the bytes of {1}': '{1} 的数据',
  'the bytes of {1} from {2} on': '{1} 自第 {2} 字节起的数据',
  '{1} bytes of {2}': '{2} 的 {1} 字节',
  'Put the camera in again; if it stays so, keep it and have its card read by a specialist':
    '请取出设备重新放入；若仍如此，请保留设备，由专业人员读取其存储卡',
} as const satisfies Record<string, string>;
