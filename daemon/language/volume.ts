/** Volumes of cameras, what is read from them and erased on them. */
import type { ErrorText, Text } from './text.js';

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
    en: 'Disk {device} at port {port} is behind no configured hub and is left alone',
    'zh-CN': '端口 {port} 的磁盘 {device} 不在已配置的集线器之后，不予处理',
  },
  'media.cleared': { en: '{path} was erased from the card', 'zh-CN': '已从存储卡清除 {path}' },
  'media.helper-hubs': {
    en: 'Volumes behind these hubs are mounted: {hubs}',
    'zh-CN': '挂载以下集线器之后的存储卷：{hubs}',
  },
  'media.helper-alone': {
    en: 'This is the process of custodock-media.service: start that instead',
    'zh-CN': '本程序由 custodock-media.service 启动，请改为启动该服务',
  },
  'media.helper-config': {
    en: 'The configuration {file} cannot be used; hubs stay as they were',
    'zh-CN': '配置 {file} 不可用，集线器设置保持不变',
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
    todo: { 'zh-CN': '将设备放入带数据触点的底座，或用厂商工具为其设置设备编号' },
  },
  DOCK_CAMERA_IDENTITY_UNCLEAR: {
    en: 'The card holds recordings of several cameras',
    'zh-CN': '存储卡内有多台设备的音像记录',
    todo: { 'zh-CN': '取出设备，由技术人员将卡内的音像记录分开' },
  },
  DOCK_CAMERA_IDENTITY_UNUSABLE: {
    en: 'What the camera says that it is cannot be its name',
    'zh-CN': '设备自报的标识不可用',
    todo: { 'zh-CN': '用厂商工具为设备设置规范的序列号，然后重新放入' },
  },
  DOCK_ERASE_CHANGED: {
    en: 'What is on the camera is not what was proved; nothing was erased',
    'zh-CN': '设备上的内容与已校验的不一致，未清除',
    todo: { 'zh-CN': '取出设备重新放入，重新列出并采集卡内的音像记录' },
  },
  DOCK_ERASE_DIRTY: {
    en: 'The card was not put away in order and is not written to; nothing was erased',
    'zh-CN': '存储卡未正常卸载，不作写入，未清除',
    todo: { 'zh-CN': '音像记录保留在卡内：此时写入可能破坏尚可恢复的内容' },
  },
  DOCK_ERASE_FAILED: {
    en: 'The camera did not erase the recording',
    'zh-CN': '设备未能清除该音像记录',
    todo: { 'zh-CN': '取出设备重新放入；该音像记录在档案库中是安全的' },
  },
  DOCK_ERASE_IMPORTANT: {
    en: 'An important recording is not erased from the camera',
    'zh-CN': '重要音像记录不会从设备上清除',
    todo: { 'zh-CN': '保留在设备上：采集站从不清除标为重要的音像记录' },
  },
  DOCK_ERASE_NO_PROOF: {
    en: 'Erasing was asked for without proof; nothing was erased',
    'zh-CN': '要求清除但未出示证明，未清除',
    todo: { 'zh-CN': '请作为 Custodock 的缺陷上报；音像记录仍在设备上' },
  },
  DOCK_ERASE_READ_ONLY: {
    en: 'The volume is mounted read-only; nothing was erased',
    'zh-CN': '存储卷以只读方式挂载，未清除',
    todo: { 'zh-CN': '无需处理：音像记录保留在设备上' },
  },
  DOCK_MEDIA_HELPER_GONE: {
    en: 'The media helper does not answer; nothing was erased',
    'zh-CN': '介质服务无应答，未清除',
    todo: { 'zh-CN': '请启动：systemctl start custodock-media；停止原因：journalctl -u custodock-media' },
  },
  DOCK_MEDIA_MISTAKEN: {
    en: 'Another volume than the expected one was mounted, and is unmounted again',
    'zh-CN': '挂载的存储卷与预期不符，已卸载',
    todo: { 'zh-CN': '如自行恢复则无需处理；否则请附 custodock-media 的日志上报' },
  },
  DOCK_MEDIA_REQUEST: {
    en: 'The media helper cannot do what it was asked; nothing was erased',
    'zh-CN': '介质服务无法执行请求，未清除',
    todo: { 'zh-CN': '请确认 custodock 与 custodock-media 版本一致' },
  },
  DOCK_MEDIA_TOOL: {
    en: 'A program of the system that handles volumes has failed',
    'zh-CN': '系统的存储卷处理程序执行失败',
    todo: { 'zh-CN': '请查看内核日志 journalctl -k；取出设备重新放入' },
  },
  DOCK_MEDIA_ROOT_GONE: {
    en: 'The folder where the volumes of cameras appear is missing',
    'zh-CN': '设备存储卷的挂载目录不存在',
    todo: { 'zh-CN': '启动 custodock-media.service，或更正配置中的 media.root' },
  },
  DOCK_MEDIA_UNREADABLE: {
    en: 'It cannot be told which volumes are mounted',
    'zh-CN': '无法得知挂载了哪些存储卷',
    todo: { 'zh-CN': '检查服务用户对 media.root 的权限' },
  },
  DOCK_MEDIA_UNWATCHED: {
    en: 'Changes under the media root are seen late',
    'zh-CN': '介质挂载目录的变化会延迟发现',
    todo: { 'zh-CN': '检查 fs.inotify.max_user_watches；在此之前变化按定时扫描发现' },
  },
  DOCK_VOLUME_GONE: {
    en: 'The volume of the camera is gone',
    'zh-CN': '设备的存储卷已不存在',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_VOLUME_REFUSED: {
    en: 'The volume may not be read by this service',
    'zh-CN': '本服务无权读取该存储卷',
    todo: { 'zh-CN': '挂载时使 Custodock 的服务用户可读（uid=、umask=）' },
  },
  DOCK_VOLUME_UNFIT: {
    en: 'The card cannot be used as it is',
    'zh-CN': '存储卡无法使用',
    todo: { 'zh-CN': '请原样保留存储卡（未对其写入），交技术人员检查' },
  },
  DOCK_VOLUME_STALLED: {
    en: 'The volume does not answer',
    'zh-CN': '存储卷没有响应',
    todo: { 'zh-CN': '取出设备重新放入；若再次发生，其存储卡即将损坏' },
  },
  DOCK_VOLUME_UNREADABLE: {
    en: 'The volume cannot be read',
    'zh-CN': '无法读取存储卷',
    todo: { 'zh-CN': '取出设备重新放入；若仍如此，请保留存储卡并交专业人员读取' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
