/** Volumes of cameras, what is read from them and erased on them. */
import type { Text } from './text.js';

export const volumeMessages = {
  'media.volumes': { en: 'Volumes now: {volumes}', 'zh-CN': '当前存储卷：{volumes}' },
  'media.trouble': {
    en: 'The media root cannot be watched as it should be',
    'zh-CN': '无法正常监视介质挂载目录',
  },
  'media.recovered': { en: 'The media root is watched again', 'zh-CN': '介质挂载目录恢复正常' },
  'media.mounted': {
    en: 'Volume {device} ({fileSystem}) at port {port} is mounted read-only',
    'zh-CN': '端口 {port} 的存储卷 {device}（{fileSystem}）已以只读方式挂载',
  },
  'media.mounted-dirty': {
    en: 'Volume {device} ({fileSystem}) at port {port} was not put away in order; it is mounted read-only and not repaired',
    'zh-CN': '端口 {port} 的存储卷 {device}（{fileSystem}）未正常卸载；已以只读方式挂载，不作修复',
  },
  'media.unmounted': { en: 'The volume at port {port} is gone', 'zh-CN': '端口 {port} 的存储卷已移除' },
  'media.refused': { en: 'The volume at port {port} is not mounted', 'zh-CN': '端口 {port} 的存储卷未挂载' },
  'media.sealed': {
    en: 'The volume at port {port} had been left writable and is read-only again',
    'zh-CN': '端口 {port} 的存储卷曾处于可写状态，现已恢复只读',
  },
  'media.stranger': {
    en: 'Disk {device} at port {port} is in no configured bay and is left alone',
    'zh-CN': '端口 {port} 的磁盘 {device} 不属于任何已配置的充电位，不予处理',
  },
  'media.cleared': { en: '{path} was erased from the card', 'zh-CN': '已从存储卡清除 {path}' },
  'media.helper-serves': {
    en: 'Volumes at these USB ports are mounted: {ports}',
    'zh-CN': '挂载以下 USB 端口的存储卷：{ports}',
  },
  'media.helper-misses': {
    en: 'Volumes at these USB ports are mounted: {ports}; the hubs of these are not there: {missing}',
    'zh-CN': '挂载以下 USB 端口的存储卷：{ports}；以下端口的集线器未连接：{missing}',
  },
  'media.helper-alone': {
    en: 'This is the process of custodock-media.service: start that instead',
    'zh-CN': '本程序由 custodock-media.service 启动，请改为启动该服务',
  },
  'media.helper-config': {
    en: 'The configuration {file} cannot be used; ports stay as they were',
    'zh-CN': '配置 {file} 不可用，端口设置保持不变',
  },
  'media.helper-trouble': { en: 'A volume could not be handled', 'zh-CN': '存储卷处理失败' },
  'media.helper-step': {
    en: 'Port {port}: {step} took {tookMs} ms',
    'zh-CN': '端口 {port}：{step} 用时 {tookMs} 毫秒',
  },
  'media.helper-unhinted': {
    en: 'No hints about new devices any more ({because}); they are found by looking',
    'zh-CN': '不再收到新设备提示（{because}），改为定时查找',
  },
  'volume.refused': { en: 'The volume of the camera is not mounted', 'zh-CN': '设备的存储卷未挂载' },
  'volume.no-bay': {
    en: 'Volume {volume} belongs to no configured bay and is left alone',
    'zh-CN': '存储卷 {volume} 不属于任何已配置的充电位，不予处理',
  },
} as const satisfies Record<string, Text>;

export const volumeErrors = {
  DOCK_CAMERA_IDENTITY_MISSING: {
    en: 'The camera does not tell which one it is',
    'zh-CN': '无法得知设备标识',
  },
  DOCK_CAMERA_IDENTITY_UNCLEAR: {
    en: 'The card holds recordings of several cameras',
    'zh-CN': '存储卡内有多台设备的音像记录',
  },
  DOCK_CAMERA_IDENTITY_UNUSABLE: {
    en: 'What the camera says that it is cannot be its name',
    'zh-CN': '设备自报的标识不可用',
  },
  DOCK_ERASE_CHANGED: {
    en: 'What is on the camera is not what was proved; nothing was erased',
    'zh-CN': '设备上的内容与已校验的不一致，未清除',
  },
  DOCK_ERASE_DIRTY: {
    en: 'The card was not put away in order and is not written to; nothing was erased',
    'zh-CN': '存储卡未正常卸载，不作写入，未清除',
  },
  DOCK_ERASE_FAILED: {
    en: 'The camera did not erase the recording',
    'zh-CN': '设备未能清除该音像记录',
  },
  DOCK_ERASE_IMPORTANT: {
    en: 'An important recording is not erased from the camera',
    'zh-CN': '重要音像记录不会从设备上清除',
  },
  DOCK_ERASE_NO_PROOF: {
    en: 'Erasing was asked for without proof; nothing was erased',
    'zh-CN': '要求清除但未出示证明，未清除',
  },
  DOCK_ERASE_READ_ONLY: {
    en: 'The volume is mounted read-only; nothing was erased',
    'zh-CN': '存储卷以只读方式挂载，未清除',
  },
  DOCK_MEDIA_HELPER_GONE: {
    en: 'The media helper does not answer; nothing was erased',
    'zh-CN': '介质服务无应答，未清除',
  },
  DOCK_MEDIA_MISTAKEN: {
    en: 'Another volume than the expected one was mounted, and is unmounted again',
    'zh-CN': '挂载的存储卷与预期不符，已卸载',
  },
  DOCK_MEDIA_REQUEST: {
    en: 'The media helper cannot do what it was asked; nothing was erased',
    'zh-CN': '介质服务无法执行请求，未清除',
  },
  DOCK_MEDIA_TOOL: {
    en: 'A program of the system that handles volumes has failed',
    'zh-CN': '系统的存储卷处理程序执行失败',
  },
  DOCK_MEDIA_ROOT_GONE: {
    en: 'The folder where the volumes of cameras appear is missing',
    'zh-CN': '设备存储卷的挂载目录不存在',
  },
  DOCK_MEDIA_UNREADABLE: {
    en: 'It cannot be told which volumes are mounted',
    'zh-CN': '无法得知挂载了哪些存储卷',
  },
  DOCK_MEDIA_UNWATCHED: {
    en: 'Changes under the media root are seen late',
    'zh-CN': '介质挂载目录的变化会延迟发现',
  },
  DOCK_VOLUME_GONE: {
    en: 'The volume of the camera is gone',
    'zh-CN': '设备的存储卷已不存在',
  },
  DOCK_VOLUME_REFUSED: {
    en: 'The volume may not be read by this service',
    'zh-CN': '本服务无权读取该存储卷',
  },
  DOCK_VOLUME_UNFIT: {
    en: 'The card cannot be used as it is',
    'zh-CN': '存储卡无法使用',
  },
  DOCK_VOLUME_STALLED: {
    en: 'The volume does not answer',
    'zh-CN': '存储卷没有响应',
  },
  DOCK_VOLUME_UNREADABLE: {
    en: 'The volume cannot be read',
    'zh-CN': '无法读取存储卷',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const volumePhrases = {
  'one volume with vfat, exFAT or ext4, whole and used by nobody else':
    '一个完整且未被占用的 vfat、exFAT 或 ext4 存储卷',
  'unknown: {1}': '无法识别：{1:any}',
  'damaged: {1}': '已损坏：{1:any}',
  'unreadable: {1}': '无法读取：{1:any}',
  'not mounted: {1}': '挂载失败：{1:any}',
  'several: {1}': '有多个存储卷：{1}',
  'in use: {1}': '已被占用：{1}',
  '{1} bytes that can be read': '可读取的只有 {1} 字节',
  '{1} of {2} bytes on a device of {3}': '{1} 自称 {2} 字节，而设备只有 {3} 字节',
  'an exFAT boot sector that contradicts itself': 'exFAT 引导扇区自相矛盾',
  'an exFAT boot region that ends too early': 'exFAT 引导区不完整',
  'an exFAT boot region with a wrong checksum': 'exFAT 引导区校验和错误',
  'an ext superblock that contradicts itself': 'ext 超级块自相矛盾',
  'a journal of another device': '日志位于另一设备',
  'an ext superblock without blocks': 'ext 超级块未记录任何数据块',
  'a FAT boot sector that contradicts itself': 'FAT 引导扇区自相矛盾',
  'a FAT boot sector without room for a file': 'FAT 引导扇区所示容量放不下任何文件',
  'an encrypted volume (LUKS)': '加密存储卷（LUKS）',
  'the marks of {1} and of {2}': '同时带有 {1} 和 {2} 的标志',
  'an encrypted volume (BitLocker)': '加密存储卷（BitLocker）',
  'nothing but zeros': '全为零',
  'no file system that is known here': '未知的文件系统',
  'Keep the card as it is: nothing was written to it; have a technician look at it':
    '请原样保留存储卡（未对其写入），交技术人员检查',
  'an answer without end': '没有结尾的应答',
  'custodock-media.service to answer at {1}': 'custodock-media.service 在 {1} 处应答',
  'Start it: systemctl start custodock-media; why it stopped: journalctl -u custodock-media':
    '请启动：systemctl start custodock-media；停止原因：journalctl -u custodock-media',
  'a volume that was put away in order': '正常卸载的存储卷',
  '{1} that was not, at port {2}: {3}': '端口 {2} 的 {1} 存储卷未正常卸载：{3}',
  'Keep the recordings on the card: writing to it now could destroy what a specialist may still find':
    '音像记录保留在卡内：此时写入可能破坏尚可恢复的内容',
  'a recording to be read in {1} min, at port {2}': '{1} 分钟内读完端口 {2} 上的一个音像记录',
  'a card that is slower': '存储卡更慢',
  'the volume that the recording was seen on, mounted at port {1}': '列出该音像记录时的存储卷，挂载于端口 {1}',
  'another one, or none': '另一存储卷，或没有存储卷',
  'the volume {1} of port {2}, read-only': '端口 {2} 的存储卷 {1}，只读',
  'none that is seen here': '此处看不到存储卷',
  '{1} at {2}': '{1}，位于 {2:any}',
  'no port': '没有端口',
  'Nothing needs to be done if it passes; else look for a card that hangs: journalctl -k':
    '若能自行恢复则无需处理；否则请用 journalctl -k 查找无响应的存储卡',
  'Nothing needs to be done if it passes; else report it with the log of custodock-media':
    '如自行恢复则无需处理；否则请附 custodock-media 的日志上报',
  'the fields {1}': '字段 {1}',
  'no JSON': '不是 JSON',
  'no object': '不是对象',
  '{1} that is none': '无效的 {1}',
  'path that leads elsewhere': '指向别处的路径',
  'the clearing of one recording with its proof': '附证明清除一个音像记录的请求',
  'Check that custodock and custodock-media are of one version; nothing was erased':
    '请确认 custodock 与 custodock-media 版本一致；未清除任何内容',
  'the recording to be erased': '清除该音像记录',
  'Report this with the log of custodock-media; the recording may still be on the camera':
    '请附 custodock-media 的日志上报；音像记录可能仍在设备上',
  '{1} to succeed': '{1} 执行成功',
  'Look at the kernel log: journalctl -k; take the camera out and put it back':
    '请查看内核日志 journalctl -k；取出设备重新放入',
  'an identity of 1–64 letters, digits, dots, hyphens or underscores that begins with a letter or digit':
    '1–64 个字母、数字、点、连字符或下划线组成的标识，以字母或数字开头',
  'Give the camera a proper serial number with its maker’s tool, and put it in again':
    '请用厂商工具为设备设置规范的序列号，然后重新放入',
  'a mounted volume': '已挂载的存储卷',
  'Check that the camera is switched to disk mode, and put it in again': '请检查设备是否处于 U 盘模式，然后重新放入',
  'no volume': '没有存储卷',
  'a {1} volume': '{1} 存储卷',
  'a {1} volume and data pins': '{1} 存储卷及数据触点',
  'a serial number over data pins, file names with a device number, or a volume with a UUID':
    '数据触点提供的序列号、含设备编号的文件名，或带 UUID 的存储卷',
  'none of these': '均没有',
  'Dock the camera in a cradle with data pins, or have its maker’s tool give it a device number':
    '请将设备放入带数据触点的底座，或用厂商工具为其设置设备编号',
  'file names of one camera': '文件名均属同一台设备',
  'device numbers {1} and {2}': '设备编号 {1} 和 {2}',
  'Take the camera out: its card holds recordings of several cameras, have a technician sort them':
    '请取出设备：卡内有多台设备的音像记录，由技术人员将其分开',
  'a ledger entry that proves the copy of {1}': '证明 {1} 已采集的流水条目',
  'sha256 “{1}”, leaf “{2}”, sequence {3}': 'SHA-256“{1}”，校验值“{2}”，序号 {3}',
  'Report this as a defect of Custodock; the recording is still on the camera':
    '请作为 Custodock 的缺陷上报；音像记录仍在设备上',
  'a recording without the important mark': '未标为重要的音像记录',
  'Keep it on the camera: recordings that are marked important are never erased by the dock':
    '请保留在设备上：采集站从不清除标为重要的音像记录',
  'a path below the volume': '存储卷之下的路径',
  'SHA-256 {1}': 'SHA-256 {1}',
  'a file of {1} bytes, modified at {2} ms': '{1} 字节的文件，修改时间 {2} 毫秒',
  '{1} bytes, modified at {2} ms': '{1} 字节，修改时间 {2} 毫秒',
  'the file that was hashed': '计算校验值时的文件',
  'another, or one that changed meanwhile': '另一个文件，或期间已变化',
  'the volume {1} to be mounted writable': '存储卷 {1} 以可写方式挂载',
  'Nothing needs to be done: the recording stays on the camera': '无需处理：音像记录保留在设备上',
  'the camera to erase {1}': '设备清除 {1}',
  'Put the camera in again; the recording is safe in the archive': '请重新放入设备；该音像记录在档案库中是安全的',
  'Put the camera in again so that its card is listed and offloaded anew':
    '请重新放入设备，以便重新列出并采集卡内的音像记录',
  'to be allowed to read the volume {1}': '有权读取存储卷 {1}',
  'Mount the volume so that the service user of Custodock can read it (uid=, umask=)':
    '请在挂载时使 Custodock 的服务用户可读（uid=、umask=）',
  'a readable volume {1}': '可读取的存储卷 {1}',
  'the volume {1} to stay as it was found': '存储卷 {1} 保持不变',
  'Put the camera in again': '请重新放入设备',
  'another directory at its place': '原处已是另一目录',
  'its file system without its device': '只剩文件系统，设备已离开',
  'the volume {1} to answer': '存储卷 {1} 有响应',
  'Take the camera out and put it back; if it happens again, its card is failing':
    '请取出设备重新放入；若再次发生，其存储卡即将损坏',
  'to be told of changes in {1}': '收到 {1} 的变化通知',
  'Check fs.inotify.max_user_watches; until then changes are seen up to {1} ms late':
    '请检查 fs.inotify.max_user_watches；在此之前，发现变化最多延迟 {1} 毫秒',
  'no answer yet to the look before': '上一次查看尚无响应',
  'the folder {1}, where the volumes of cameras appear': '设备存储卷的挂载目录 {1}',
  'Start custodock-media.service, or correct media.root in the configuration':
    '请启动 custodock-media.service，或更正配置中的 media.root',
  'to see what is mounted under {1}': '查看 {1} 下挂载的内容',
  'Check the permissions of media.root for the service user': '请检查服务用户对 media.root 的权限',
} as const satisfies Record<string, string>;
