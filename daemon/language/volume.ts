/** Volumes of cameras, what is read from them and erased on them. */
import type { ErrorText, Text } from './text.js';

export const volumeMessages = {
  'media.volumes': { en: 'Volumes now: {volumes}', 'zh-CN': '当前存储卷：{volumes}' },
  'media.trouble': {
    en: 'The media root cannot be watched as it should be',
    'zh-CN': '无法正常监视介质挂载目录',
  },
  'media.recovered': { en: 'The media root is watched again', 'zh-CN': '介质挂载目录恢复正常' },
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
